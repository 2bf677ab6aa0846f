/**
 * What is wrong with one value, as a leaf type sees it: it knows no positions, only the path into the value.
 */
export interface Problem {
  /** List positions and object keys, outermost first; empty: the value itself. */
  readonly path: readonly (string | number)[];
  /** Follows the value's text in the message: `should be string, got bool`. */
  readonly message: string;
  readonly help?: string;
  /** Of a text: where in it the mistake is, in UTF-16 units. */
  readonly within?: { readonly start: number; readonly end: number };
}

/** The result of a decode that failed. Holds at least one problem. */
export class Fault {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    this.problems = problems;
  }
}

export function fault(message: string, help?: string): Fault {
  return new Fault([help === undefined ? { path: [], message } : { path: [], message, help }]);
}

/** The problems of an element as problems of the list or object that holds it. */
export function under(key: string | number, inner: Fault): readonly Problem[] {
  return inner.problems.map((problem) => ({ ...problem, path: [key, ...problem.path] }));
}
