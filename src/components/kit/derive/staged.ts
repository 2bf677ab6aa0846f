/**
 * What one batch adds to its series, held back until all of the batch is read: a batch that is refused has counted nothing. Runs of
 * the same row are added up. Reused.
 */
import type { SeriesTable } from '../series/table.ts';

const FIRST = 1024;
/** Memory for more entries than these is given back. */
const KEPT = 65_536;

/** How an entry counts: `add` of its value, or `observe` of its value so many times. */
const ADD = -1;

export class Staged {
  #groups = new Int32Array(FIRST);
  #rows = new Int32Array(FIRST);
  #values = new Float64Array(FIRST);
  #counts = new Float64Array(FIRST);
  #length = 0;

  /** To a sum, or a gauge, the instrument 0 of its group. */
  add(group: number, row: number, value: number, summed: boolean): void {
    const last = this.#length - 1;
    if (summed && last >= 0 && this.#rows[last] === row && this.#groups[last] === group) {
      this.#values[last] += value;
      return;
    }
    this.#push(group, row, value, ADD);
  }

  /** To a histogram. `count` > 0. */
  observe(group: number, row: number, value: number, count: number): void {
    this.#push(group, row, value, count);
  }

  commit(table: SeriesTable): void {
    for (let i = 0; i < this.#length; i++) {
      const count = this.#counts[i];
      if (count === ADD) table.add(this.#groups[i], this.#rows[i], 0, this.#values[i]);
      else table.observe(this.#groups[i], this.#rows[i], 0, this.#values[i], count);
    }
    this.clear();
  }

  clear(): void {
    this.#length = 0;
    if (this.#rows.length > KEPT) this.#resize(FIRST);
  }

  #push(group: number, row: number, value: number, count: number): void {
    const i = this.#length;
    if (i === this.#rows.length) this.#resize(i * 2);
    this.#groups[i] = group;
    this.#rows[i] = row;
    this.#values[i] = value;
    this.#counts[i] = count;
    this.#length = i + 1;
  }

  #resize(size: number): void {
    const kept = Math.min(size, this.#length);
    const ints = (from: Int32Array): Int32Array<ArrayBuffer> => {
      const made = new Int32Array(size);
      made.set(from.subarray(0, kept));
      return made;
    };
    const doubles = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const made = new Float64Array(size);
      made.set(from.subarray(0, kept));
      return made;
    };
    this.#groups = ints(this.#groups);
    this.#rows = ints(this.#rows);
    this.#values = doubles(this.#values);
    this.#counts = doubles(this.#counts);
  }
}
