/**
 * Lines of text whose parts are aligned in columns, as Go's text/tabwriter does it (elastic tab stops).
 *
 * A line is an indentation, cells, and a tail. A cell is what stands before a {@link Columns.cell} mark. Cells of the same
 * column in lines that follow each other get the width of the widest and one space; a line that has no such cell, or the end
 * of a section, ends the column. Each level of indentation is an empty cell that is filled with tabs, one if no other cell of
 * its column has text.
 */

/** Columns that one tab spans. */
const TAB_WIDTH = 8;

/** A wider cell (in code points) is left out of its column: else one long name makes every line as long as itself. */
const MAX_ALIGNED = 1024;

interface Line {
  readonly depth: number;
  readonly cells: string[];
  tail: string;
  /** Those of its levels of indentation, then those of its cells. */
  columns: readonly Column[];
}

interface Column {
  width: number;
}

export class Columns {
  readonly #lines: Line[] = [];
  /** Columns that go on if the next line has cells for them. */
  #open: Column[] = [];
  #line: Line | null = null;

  /** Ended lines so far: the number of the line that is being written, from 0. */
  get row(): number {
    return this.#lines.length;
  }

  /** Whether anything was written. */
  get empty(): boolean {
    return this.#lines.length === 0 && this.#line === null;
  }

  /** Adds to the line, which begins with `depth` tabs if this is its first text. `text` may hold newlines: it is not cut. */
  text(text: string, depth: number): void {
    this.#line ??= { depth, cells: [], tail: '', columns: [] };
    this.#line.tail += text;
  }

  /** Ends a cell of the line. */
  cell(): void {
    if (this.#line === null) return;
    this.#line.cells.push(this.#line.tail);
    this.#line.tail = '';
  }

  /** Ends the line; with `section` also all columns. */
  endLine(section: boolean): void {
    const line = this.#line ?? { depth: 0, cells: [], tail: '', columns: [] };
    this.#line = null;
    this.#lines.push(line);
    this.#align(line);
    if (section) this.#open = [];
  }

  /** All lines; nothing can be added afterwards. The last one has no newline. */
  finish(): string {
    if (this.#line !== null) this.endLine(true);
    return this.#lines.map(layOut).join('\n');
  }

  #align(line: Line): void {
    const { depth, cells } = line;
    const count = depth + cells.length;
    this.#open.length = Math.min(this.#open.length, count);
    while (this.#open.length < count) this.#open.push({ width: 0 });
    line.columns = this.#open.slice();
    for (const [i, cell] of cells.entries()) {
      const width = codePoints(cell);
      if (width > MAX_ALIGNED) this.#open[depth + i] = { width: 0 };
      else this.#open[depth + i].width = Math.max(this.#open[depth + i].width, width);
    }
  }
}

function layOut({ depth, cells, tail, columns }: Line): string {
  let text = '';
  for (const { width } of columns.slice(0, depth)) text += '\t'.repeat(Math.ceil((width + 1) / TAB_WIDTH));
  for (const [i, cell] of cells.entries())
    text += cell + ' '.repeat(Math.max(0, columns[depth + i].width - codePoints(cell)) + 1);
  return text + tail;
}

function codePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) count--;
  return count;
}
