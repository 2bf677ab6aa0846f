/**
 * Text in rows whose cells line up: a cell that ends with a stop is as wide as the widest one of the rows above and below that
 * have such a cell, too ("elastic tabstops"). What follows the last stop of a row does not count. Facts: Go text/tabwriter, as
 * Alloy's printer sets it up (padding 1, leading empty cells as tabs).
 */

interface Cell {
  readonly text: string;
  /** An empty column of soft stops takes no room. */
  readonly soft: boolean;
}

interface Row {
  readonly cells: readonly Cell[];
  readonly tail: string;
  /** What comes after it lines up among itself only. */
  readonly last: boolean;
  /** Its end is part of a string and stays as it is. */
  readonly verbatim: boolean;
}

export class Rows {
  readonly #rows: Row[] = [];
  #cells: Cell[] = [];
  #text = '';

  get isEmpty(): boolean {
    return this.#rows.length === 0 && this.#cells.length === 0 && this.#text === '';
  }

  /** May hold line breaks (block comments): they do not end the row. */
  text(text: string): void {
    this.#text += text;
  }

  stop(soft: boolean): void {
    this.#cells.push({ text: this.#text, soft });
    this.#text = '';
  }

  /** `last`: rows below do not line up with those above. */
  end(last: boolean, verbatim = false): void {
    this.#rows.push({ cells: this.#cells, tail: this.#text, last: last || this.#cells.length === 0, verbatim });
    this.#cells = [];
    this.#text = '';
  }

  /** The whole text, without white space at the ends of lines. */
  toString(): string {
    this.end(true);
    const lines: string[] = [];
    for (let start = 0; start < this.#rows.length;) {
      let end = start;
      while (!this.#rows[end].last) end++;
      lines.push(...layOut(this.#rows.slice(start, end + 1)));
      start = end + 1;
    }
    return lines.join('\n');
  }
}

function layOut(rows: readonly Row[]): string[] {
  const widths: number[][] = rows.map(() => []);
  const columns = rows.reduce((most, row) => Math.max(most, row.cells.length), 0);
  for (let column = 0; column < columns; column++) {
    for (let start = 0; start < rows.length;) {
      let end = start;
      while (end < rows.length && rows[end].cells.length > column) end++;
      const width = widthOf(rows.slice(start, end).map((row) => row.cells[column]));
      for (let i = start; i < end; i++) widths[i].push(width);
      start = Math.max(end, start + 1);
    }
  }
  return rows.map((row, i) => {
    let line = '';
    row.cells.forEach(({ text }, column) => {
      const width = widths[i][column];
      // Leading empty cells are the indentation.
      if (text === '' && /^\t*$/.test(line)) line += width === 0 ? '' : '\t';
      else line += text + ' '.repeat(Math.max(0, width - lengthOf(text)));
    });
    line += row.tail;
    return row.verbatim ? line : line.split('\n').map(withoutEnd).join('\n');
  });
}

function widthOf(cells: readonly Cell[]): number {
  const widest = cells.reduce((most, cell) => Math.max(most, lengthOf(cell.text)), 0);
  return widest === 0 && cells.every((cell) => cell.soft) ? 0 : widest + 1;
}

/** A loop: a pattern would take quadratic time in a line of blanks. */
function withoutEnd(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end--;
  return line.slice(0, end);
}

function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}
