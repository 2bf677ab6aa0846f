/**
 * Puts words, white space and comments into {@link Rows}. Words come in the order of the source; comments are put in where
 * they stood, and decide about line breaks next to them. White space is held back until the next word, since a comment before
 * that may change it. Facts: grafana/alloy v1.18 `syntax/printer`.
 */
import type { Comment } from '#config/syntax/ast.ts';
import type { Source } from '#config/syntax/source.ts';
import { Rows } from './rows.ts';

/** `stop`: what follows lines up. `line`: a line break. `break`: one after which alignment begins anew. */
export type Space = 'blank' | 'stop' | 'line' | 'break' | 'indent' | 'outdent';

/** One empty line is kept. */
const MAX_BREAKS = 2;

export class Writer {
  readonly #source: Source;
  readonly #comments: readonly Comment[];
  readonly #rows = new Rows();
  #nextComment = 0;
  #spaces: Space[] = [];
  #indent = 0;
  #atLineStart = true;
  /** Where in the source the next word is: known, or reckoned from what was written since. */
  #offset = 0;
  #line = 1;
  /** Line of the source that the last word or comment ended on. */
  #lastLine = 0;

  constructor(source: Source, comments: readonly Comment[]) {
    this.#source = source;
    this.#comments = comments;
  }

  space(...spaces: readonly Space[]): void {
    this.#spaces.push(...spaces);
  }

  /** `at`: its offset in the source, where that is known. `raw`: a string whose line breaks and ends of lines are its own. */
  word(text: string, at?: number, raw = false): void {
    if (at !== undefined) {
      this.#offset = at;
      this.#line = this.#source.line(at);
    }
    const [offset, line] = [this.#offset, this.#line];
    if (this.#commentBefore(offset)) this.#putComments(offset, line);
    else this.#writeSpaces(this.#spaces.length);
    this.#write(text, offset, line, raw);
  }

  /** The whole text, without a line break at its end. */
  finish(): string {
    let before: Comment | undefined;
    while (this.#commentBefore(Infinity)) before = this.#putComment(Infinity, before);
    return this.#rows.toString();
  }

  #commentBefore(offset: number): boolean {
    return this.#nextComment < this.#comments.length && this.#comments[this.#nextComment].start <= offset;
  }

  #putComments(offset: number, line: number): void {
    let comment: Comment | undefined;
    while (this.#commentBefore(offset)) comment = this.#putComment(line, comment);
    const { text, end } = comment as Comment;
    if (text.startsWith('/*') && this.#source.line(end) === line) this.#character(' ');
    const breaks = line - this.#lastLine;
    const dropped = this.#spaces.includes('break');
    this.#spaces = this.#spaces.filter((space) => space === 'indent' || space === 'outdent');
    this.#writeSpaces(this.#spaces.length);
    this.#breaks(breaks, dropped);
  }

  /** `line`: that of the next word. */
  #putComment(line: number, _before: Comment | undefined): Comment {
    const comment = this.#comments[this.#nextComment++];
    const at = this.#source.line(comment.start);
    if (!this.#rows.isEmpty) {
      if (at === this.#lastLine) {
        // Between words a blank; at the end of a line comments line up.
        if (at === line) this.#character(' ');
        else this.#stop(false);
      } else {
        const first = this.#spaces.findIndex((space) => space !== 'indent' && space !== 'outdent');
        if (first >= 0) {
          this.#spaces.splice(first, 1);
          this.#writeSpaces(first);
        }
        this.#breaks(at - this.#lastLine, true);
      }
    }
    this.#write(comment.text.replaceAll('\r', ''), comment.start, at, false);
    return comment;
  }

  #write(text: string, offset: number, line: number, raw: boolean): void {
    this.#indentLine();
    const [first, ...rest] = text.split('\n');
    if (raw) {
      this.#rows.text(first);
      for (const more of rest) {
        this.#rows.end(true, true);
        this.#rows.text(more);
      }
    } else this.#rows.text(text);
    this.#atLineStart = false;
    this.#offset = offset + text.length;
    this.#lastLine = this.#line = line + rest.length;
  }

  #writeSpaces(count: number): void {
    for (const space of this.#spaces.splice(0, count)) {
      if (space === 'indent') this.#indent++;
      else if (space === 'outdent') this.#indent--;
      else if (space === 'blank') this.#character(' ');
      else if (space === 'stop') this.#stop(true);
      else this.#breaks(1, space === 'break');
    }
  }

  #character(character: string): void {
    this.#indentLine();
    this.#rows.text(character);
    this.#offset++;
  }

  #stop(soft: boolean): void {
    this.#indentLine();
    this.#rows.stop(soft);
    this.#offset++;
  }

  #breaks(count: number, last: boolean): void {
    const limited = Math.min(count, MAX_BREAKS);
    if (limited <= 0) return;
    this.#indentLine();
    for (let i = 0; i < limited; i++) this.#rows.end(last);
    this.#atLineStart = true;
    this.#offset += limited;
    this.#line += limited;
  }

  #indentLine(): void {
    if (!this.#atLineStart) return;
    this.#atLineStart = false;
    for (let i = 0; i < this.#indent; i++) this.#rows.stop(false);
    this.#offset += this.#indent;
  }
}
