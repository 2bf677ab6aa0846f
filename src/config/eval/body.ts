/**
 * A body of statements after evaluation: what the schema decodes. Every name and value keeps its place in the source.
 */
import type { Span } from '#config/diag/diagnostic.ts';
import type { Value } from './value.ts';

export interface EvaluatedAttr {
  readonly kind: 'attr';
  readonly name: string;
  readonly nameSpan: Span;
  /** undefined: the expression could not be evaluated, which has been reported already. */
  readonly value: Value | undefined;
  readonly valueSpan: Span;
  /** Where the value came from, so that a mistake deep inside a literal is shown where it is. */
  readonly source: ValueSource;
}

export interface EvaluatedBlock {
  readonly kind: 'block';
  /** Dotted name, as written. */
  readonly name: string;
  readonly nameSpan: Span;
  /** Empty when there is none. */
  readonly label: string;
  readonly body: EvaluatedBody;
}

export type EvaluatedBody = readonly (EvaluatedAttr | EvaluatedBlock)[];

export interface ValueSource {
  /**
   * The source text and position of the innermost literal element that `path` leads to, and the rest of the path. `within`: a part
   * of the text that the element is, whose position is wanted instead where it can be told.
   */
  locate(
    path: readonly (string | number)[],
    within?: { readonly start: number; readonly end: number },
  ): {
    readonly text: string;
    readonly span: Span;
    readonly rest: readonly (string | number)[];
    /** What a function had to say about a value in there; the help for whatever is wrong with it. */
    readonly remark: string | undefined;
  };
}
