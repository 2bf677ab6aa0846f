/** The two ways in which OTTL fails: a text that cannot be used, and an expression that fails on the data. */

/** Why a text is no OTTL, or names what is not there. For whoever wrote it; offsets count UTF-16 units of the text. */
export class OttlError extends Error {
  readonly text: string;
  /** Where it is wrong; equal ends are a point, maybe the end of the text. */
  readonly start: number;
  readonly end: number;
  readonly help: string | undefined;

  constructor(what: string, text: string, start: number, end = start, help?: string) {
    super(what);
    this.name = 'OttlError';
    this.text = text;
    this.start = start;
    this.end = Math.max(start, end);
    this.help = help;
  }

  /** The message with its place in the text, in one line: `... at offset 5, after "name "`. */
  get located(): string {
    const before = this.text.slice(Math.max(0, this.start - SHOWN), this.start);
    return `${this.message} at offset ${this.start}${before === '' ? '' : `, after \`${before}\``}`;
  }
}

/** As much of the text as a message quotes. */
const SHOWN = 40;

/** An expression failed on one item. Expected, so it carries no stack; what becomes of it is the error mode's business. */
export class EvaluationError extends Error {
  /** The text of the condition or statement; '' where nobody has said. */
  expression = '';

  constructor(what: string) {
    super(what);
    this.name = 'EvaluationError';
  }
}

/** Longest message: it may quote data, which may be of any size. */
const LONGEST = 240;

/** Throws an {@link EvaluationError}. Its stack is not taken: with data that never fits it happens for every item. */
export function fail(what: string): never {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = new EvaluationError(what.length > LONGEST ? `${what.slice(0, LONGEST)}...` : what);
  Error.stackTraceLimit = limit;
  throw error;
}
