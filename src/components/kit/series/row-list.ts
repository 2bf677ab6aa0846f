/**
 * The rows of one resource in one group, in the order in which they came. Rows that go leave a gap until {@link RowList.tidy}.
 * Whoever walks along it uses a {@link RowCursor}, which bears all of that between two steps.
 */
const GAP = 0xffff_ffff;
const FIRST_ROWS = 4;
const NO_ROWS = new Uint32Array(0);
const NO_SERIALS = new Float64Array(0);

export class RowList {
  #rows = NO_ROWS;
  /** Of each row, its serial number: ascending. */
  #serials = NO_SERIALS;
  #length = 0;
  #live = 0;
  /** Goes up when entries change places. */
  version = 0;

  /** Rows without gaps. */
  get live(): number {
    return this.#live;
  }
  /** With gaps. */
  get length(): number {
    return this.#length;
  }

  add(row: number, serial: number): void {
    if (this.#length === this.#rows.length) this.#resize(Math.max(FIRST_ROWS, this.#length * 2));
    this.#rows[this.#length] = row;
    this.#serials[this.#length++] = serial;
    this.#live++;
  }

  /** The row with this serial number, which is there, is another one now. */
  replace(serial: number, row: number): void {
    this.#rows[this.after(serial) - 1] = row;
  }

  remove(serial: number): void {
    this.#rows[this.after(serial) - 1] = GAP;
    this.#live--;
  }

  /** Closes the gaps. */
  tidy(): void {
    if (this.#live === this.#length) return;
    let to = 0;
    for (let at = 0; at < this.#length; at++) {
      if (this.#rows[at] === GAP) continue;
      this.#rows[to] = this.#rows[at];
      this.#serials[to++] = this.#serials[at];
    }
    this.#length = to;
    this.version++;
    if (to * 4 < this.#rows.length) this.#resize(to);
  }

  /** The row at a place, -1 for a gap. */
  row(at: number): number {
    return this.#rows[at] === GAP ? -1 : this.#rows[at];
  }
  serial(at: number): number {
    return this.#serials[at];
  }

  /** Place of the first row whose serial number is greater. */
  after(serial: number): number {
    let from = 0;
    let to = this.#length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#serials[middle] <= serial) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #resize(rows: number): void {
    const length = Math.min(this.#length, rows);
    const grown = new Uint32Array(rows);
    grown.set(this.#rows.subarray(0, length));
    const serials = new Float64Array(rows);
    serials.set(this.#serials.subarray(0, length));
    this.#rows = grown;
    this.#serials = serials;
  }
}

/** Goes along a list once. Rows that came after `last`, a serial number, are not for it. */
export class RowCursor {
  readonly #list: RowList;
  readonly #last: number;
  #at = 0;
  #version: number;
  #serial = 0;

  constructor(list: RowList, last: number) {
    this.#list = list;
    this.#last = last;
    this.#version = list.version;
  }

  /** The next row; -1 at the end. It is to be used at once: rows may get other numbers when anybody else has had a turn. */
  next(): number {
    const list = this.#list;
    if (list.version !== this.#version) {
      this.#version = list.version;
      this.#at = list.after(this.#serial);
    }
    while (this.#at < list.length) {
      const at = this.#at++;
      this.#serial = list.serial(at);
      if (this.#serial > this.#last) break;
      const row = list.row(at);
      if (row >= 0) return row;
    }
    this.#at = list.length;
    this.#serial = this.#last;
    return -1;
  }
}
