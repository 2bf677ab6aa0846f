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
}

interface Column {
  width: number;
}

export class Columns {
  /** The lines of finished sections. */
  readonly #finished: string[] = [];
  #section: Line[] = [];
  #line: Line | null = null;

  /** Number of the line that is being written, from 0. */
  get row(): number {
    return this.#finished.length + this.#section.length;
  }

  /** Whether nothing was written yet. */
  get empty(): boolean {
    return this.row === 0 && this.#line === null;
  }

  /** Adds to the line, which begins with `depth` tabs if this is its first text. `text` may hold newlines: it is not cut. */
  text(text: string, depth: number): void {
    this.#line ??= { depth, cells: [], tail: '' };
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
    this.#section.push(this.#line ?? { depth: 0, cells: [], tail: '' });
    this.#line = null;
    if (section) this.#endSection();
  }

  /** All lines; nothing can be added afterwards. The last one has no newline. */
  finish(): string {
    if (this.#line !== null) this.endLine(true);
    this.#endSection();
    return this.#finished.join('\n');
  }

  #endSection(): void {
    for (const line of layOut(this.#section)) this.#finished.push(line);
    this.#section = [];
  }
}

function layOut(lines: readonly Line[]): string[] {
  // Of lines with one depth no cell stands in a column of the indentation. Deep files have many.
  const depth = lines.find((line) => !isBlank(line))?.depth ?? 0;
  if (lines.every((line) => line.depth === depth || isBlank(line)))
    return align(lines.map((line) => line.cells)).map(
      (columns, i) => '\t'.repeat(lines[i].depth) + filled(lines[i], columns),
    );
  return align(lines.map((line) => [...Array<string>(line.depth).fill(''), ...line.cells])).map(
    (columns, i) => tabs(columns.slice(0, lines[i].depth)) + filled(lines[i], columns.slice(lines[i].depth)),
  );
}

function isBlank({ depth, cells, tail }: Line): boolean {
  return depth === 0 && cells.length === 0 && tail === '';
}

/** The columns of each line's cells. */
function align(lines: readonly (readonly string[])[]): Column[][] {
  /** Those that go on if the next line has cells for them. */
  const open: Column[] = [];
  return lines.map((cells) => {
    open.length = Math.min(open.length, cells.length);
    while (open.length < cells.length) open.push({ width: 0 });
    const columns = open.slice();
    for (const [i, cell] of cells.entries()) {
      const width = codePoints(cell);
      if (width > MAX_ALIGNED) open[i] = { width: 0 };
      else open[i].width = Math.max(open[i].width, width);
    }
    return columns;
  });
}

function tabs(indentation: readonly Column[]): string {
  return indentation.map(({ width }) => '\t'.repeat(Math.ceil((width + 1) / TAB_WIDTH))).join('');
}

function filled({ cells, tail }: Line, columns: readonly Column[]): string {
  let text = '';
  for (const [i, cell] of cells.entries())
    text += cell + ' '.repeat(Math.max(0, columns[i].width - codePoints(cell)) + 1);
  return text + tail;
}

function codePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) count--;
  return count;
}
