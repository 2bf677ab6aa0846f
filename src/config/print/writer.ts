/**
 * Writes tokens with what stands between them: blanks, line ends and the comments of the source.
 *
 * Blanks and line ends are asked for before the token that they precede and wait for it. If comments come in between, the
 * source decides about lines: around a comment there are as many line ends as in the source, at most two.
 */
import type { Comment } from '../syntax/ast.ts';
import type { Source } from '../syntax/source.ts';
import { Columns } from './columns.ts';

/** Two line ends make one empty line. */
const MAX_LINE_ENDS = 2;

export class Writer {
  readonly #source: Source;
  readonly #comments: readonly Comment[];
  readonly #columns = new Columns();
  /** Index of the first comment that is not written. */
  #comment = 0;
  #depth = 0;
  /** Line of the source on which the last token or comment ends. */
  #line = 0;
  #gap: Gap = noGap();

  constructor(source: Source, comments: readonly Comment[]) {
    this.#source = source;
    this.#comments = comments;
  }

  /** Line of the result that is being written. */
  get row(): number {
    return this.#columns.row;
  }

  // What goes before the next token

  blank(): void {
    this.#gap.asked = true;
    if (this.#gap.between === '') this.#gap.between = ' ';
  }

  /** A blank that may grow to align the next token with those of the lines around. */
  column(): void {
    this.#gap.asked = true;
    this.#gap.between = 'column';
  }

  /** `section`: what follows is not aligned with what was before. `keep`: even if comments of the same line come between. */
  endLine(section: boolean, keep = false): void {
    this.#gap.keep = keep;
    if (this.#gap.asked) this.#gap.laterSection ||= section;
    else this.#gap.firstSection = section;
    this.#gap.asked = true;
    this.#gap.lineEnds++;
  }

  /** Asked for before the line end it goes for comments in between too, afterwards only for the token. */
  indent(levels: 1 | -1): void {
    if (this.#gap.asked) this.#gap.depthAfter += levels;
    else this.#gap.depthBefore += levels;
  }

  // Tokens

  /** A token that stands at offset `at` of the source, up to `end`. Comments before it are written first. */
  token(text: string, at: number, end = at + text.length): void {
    if (this.#commentBefore(at)) this.#writeComments(at);
    else this.#writeGap();
    this.#write(text);
    this.#line = this.#source.line(end);
  }

  /** A token that no comment separates from the one before: a comment of the same line comes after it. */
  glued(text: string, at?: number): void {
    if (at !== undefined && this.#commentBefore(at) && !this.sameLine(this.#comments[this.#comment].start, at))
      return this.token(text, at);
    this.#writeGap();
    this.#write(text);
    if (at !== undefined) this.#line = this.#source.line(at);
  }

  /** Writes the comments that are left. Gives the whole text, without a newline at its end. */
  finish(): string {
    for (; this.#comment < this.#comments.length; this.#comment++)
      this.#writeComment(this.#comments[this.#comment], Number.POSITIVE_INFINITY);
    return this.#columns.finish();
  }

  // Places in the source

  sameLine(a: number, b: number): boolean {
    return this.#source.line(a) === this.#source.line(b);
  }

  /** Offset of the first token at or after `offset`. */
  tokenAfter(offset: number): number {
    const { text } = this.#source;
    let at = offset;
    let comment = this.#comment;
    for (;;) {
      while (at < text.length && ' \t\r\n'.includes(text[at])) at++;
      while (comment < this.#comments.length && this.#comments[comment].start < at) comment++;
      if (this.#comments[comment]?.start !== at) return at;
      at = this.#comments[comment].end;
    }
  }

  // Parts

  #commentBefore(at: number): boolean {
    return this.#comment < this.#comments.length && this.#comments[this.#comment].start < at;
  }

  #writeGap(): void {
    const { between, lineEnds, firstSection, laterSection, depthBefore, depthAfter } = this.#gap;
    this.#depth += depthBefore + depthAfter;
    if (lineEnds > 0) this.#endLines(lineEnds, firstSection || laterSection);
    else if (between === 'column') this.#columns.cell();
    else this.#columns.text(between, this.#depth);
    this.#gap = noGap();
  }

  #writeComments(at: number): void {
    let comment = this.#comments[this.#comment];
    while (this.#commentBefore(at)) {
      comment = this.#comments[this.#comment++];
      this.#writeComment(comment, this.#gap.keep ? Number.POSITIVE_INFINITY : this.#source.line(at));
    }
    const { firstSection, laterSection, keep, depthBefore, depthAfter } = this.#gap;
    this.#depth += depthBefore + depthAfter;
    const lineEnds = Math.max(this.#source.line(at) - this.#line, keep ? 1 : 0);
    if (lineEnds > 0) this.#endLines(Math.min(lineEnds, MAX_LINE_ENDS), firstSection || laterSection);
    else if (comment.text.startsWith('/*')) this.#columns.text(' ', this.#depth);
    this.#gap = noGap();
  }

  /** `nextLine`: the line of the token that follows. */
  #writeComment(comment: Comment, nextLine: number): void {
    const line = this.#source.line(comment.start);
    if (!this.#columns.empty) {
      if (line > this.#line) {
        this.#depth += this.#gap.depthBefore;
        this.#gap.depthBefore = 0;
        this.#gap.firstSection = false;
        this.#endLines(Math.min(line - this.#line, MAX_LINE_ENDS), true);
      } else if (line === nextLine) {
        this.#columns.text(' ', this.#depth);
      } else {
        this.#columns.cell();
      }
    }
    this.#columns.text(withoutReturns(comment.text), this.#depth);
    this.#line = this.#source.line(comment.end);
  }

  #endLines(count: number, section: boolean): void {
    for (let i = 0; i < count; i++) this.#columns.endLine(section);
  }

  /** Further lines of a raw string begin at the left margin. */
  #write(text: string): void {
    const [first, ...others] = text.split('\n');
    this.#columns.text(first, this.#depth);
    for (const line of others) {
      this.#columns.endLine(false);
      this.#columns.text(line, 0);
    }
  }
}

/** Carriage returns are left out, but for one that keeps a block comment open: without it there would be an end mark. */
function withoutReturns(comment: string): string {
  return comment.replaceAll(/\*\r+(?=\/)|\r/g, (found) => (found.startsWith('*') ? '*\r' : ''));
}

interface Gap {
  /** Something other than an indentation was asked for. */
  asked: boolean;
  between: '' | ' ' | 'column';
  lineEnds: number;
  /** The first thing asked for ends the section; it is used up by a comment on a line of its own. */
  firstSection: boolean;
  laterSection: boolean;
  keep: boolean;
  depthBefore: number;
  depthAfter: number;
}

function noGap(): Gap {
  return {
    asked: false,
    between: '',
    lineEnds: 0,
    firstSection: false,
    laterSection: false,
    keep: false,
    depthBefore: 0,
    depthAfter: 0,
  };
}
