/**
 * The rows of one group while they are counted: open addressing over key bytes, everything else in arrays by row number. The bytes
 * lie in an arena that all groups share. A table grows by doubling and never forgets a row: the `SeriesTable` takes a fresh one
 * after each harvest.
 */
import { keyHash } from '#codec/key-hash.ts';
import type { ByteArena } from './arena.ts';
import { Buckets } from './buckets.ts';
import { HISTOGRAM_HEAD } from './parcel.ts';
import type { Group } from './plan.ts';

export const SUM = 0;
export const GAUGE = 1;
export const HISTOGRAM = 2;
export const EXPONENTIAL = 3;
const KINDS = ['sum', 'gauge', 'histogram', 'exponential'] as const;

const FIRST_ROWS = 16;

/** Where the numbers of each instrument of a group lie: the same for all rows, as long as a plan holds. */
export class GroupLayout {
  readonly kinds: Uint8Array;
  /** Offset among the values of a row. Exponential histograms have an array of their own each. */
  readonly offsets: Int32Array;
  readonly buckets: readonly Buckets[];
  readonly maxSizes: Int32Array;
  readonly exemplars: Float64Array;
  /** Numbers of a row. */
  readonly stride: number;

  constructor(group: Group) {
    const { instruments } = group;
    this.kinds = Uint8Array.from(instruments, (i) => KINDS.indexOf(i.kind));
    this.offsets = new Int32Array(instruments.length);
    this.buckets = instruments.map((i) => new Buckets(i.bounds ?? []));
    this.maxSizes = Int32Array.from(instruments, (i) => i.maxSize ?? 0);
    this.exemplars = Float64Array.from(instruments, (i) => i.exemplars ?? 0);
    let stride = 0;
    for (let i = 0; i < instruments.length; i++) {
      this.offsets[i] = stride;
      if (this.kinds[i] <= GAUGE) stride += 1;
      else if (this.kinds[i] === HISTOGRAM) stride += HISTOGRAM_HEAD + this.buckets[i].count;
    }
    this.stride = stride;
  }
}

export class Rows {
  readonly layout: GroupLayout;
  readonly #bytes: ByteArena;
  /** Row + 1, 0 = free. Twice as many as rows fit. */
  #slots: Int32Array;
  length = 0;
  resource: Int32Array;
  keyAt: Int32Array;
  keyLength: Int32Array;
  attributesAt: Int32Array;
  attributesLength: Int32Array;
  /** Bit i: instrument i has counted; has as many exemplars as it may. */
  counted: Uint16Array;
  full: Uint16Array;
  /** Observations. */
  hits: Uint32Array;
  firstMs: Float64Array;
  lastMs: Float64Array;
  /** Newest exemplar + 1, 0 = none. */
  exemplar: Int32Array;
  values: Float64Array;
  /** By instrument, by row. */
  readonly exponential: readonly (Float64Array | undefined)[][];
  #hash: Int32Array;

  constructor(layout: GroupLayout, bytes: ByteArena, expectedRows: number) {
    this.layout = layout;
    this.#bytes = bytes;
    let rows = FIRST_ROWS;
    while (rows < expectedRows) rows *= 2;
    this.#slots = new Int32Array(rows * 2);
    this.#hash = new Int32Array(rows);
    this.resource = new Int32Array(rows);
    this.keyAt = new Int32Array(rows);
    this.keyLength = new Int32Array(rows);
    this.attributesAt = new Int32Array(rows);
    this.attributesLength = new Int32Array(rows);
    this.counted = new Uint16Array(rows);
    this.full = new Uint16Array(rows);
    this.hits = new Uint32Array(rows);
    this.firstMs = new Float64Array(rows);
    this.lastMs = new Float64Array(rows);
    this.exemplar = new Int32Array(rows);
    this.values = new Float64Array(rows * layout.stride);
    this.exponential = Array.from(layout.kinds, () => []);
  }

  /** -1: none. */
  find(resource: number, key: Buffer, start: number, end: number): number {
    const hash = keyHash(key, start, end, resource);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = this.#slots[slot] - 1;
      if (row < 0) return -1;
      if (
        this.#hash[row] === hash &&
        this.resource[row] === resource &&
        this.keyLength[row] === end - start &&
        this.#bytes.equals(this.keyAt[row], end - start, key, start)
      )
        return row;
    }
  }

  /** A new row; there is none with this key yet. Its bytes are copied. */
  make(
    resource: number,
    key: Buffer,
    keyStart: number,
    keyEnd: number,
    attributes: Buffer,
    start: number,
    end: number,
    nowMs: number,
  ): number {
    const row = this.length;
    if (row === this.#hash.length) this.#grow();
    this.length = row + 1;
    this.#hash[row] = keyHash(key, keyStart, keyEnd, resource);
    this.resource[row] = resource;
    this.keyAt[row] = this.#bytes.append(key, keyStart, keyEnd);
    this.keyLength[row] = keyEnd - keyStart;
    this.attributesAt[row] = this.#bytes.append(attributes, start, end);
    this.attributesLength[row] = end - start;
    this.firstMs[row] = nowMs;
    this.lastMs[row] = nowMs;
    this.#place(row);
    return row;
  }

  #place(row: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hash[row] & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = row + 1;
  }

  #grow(): void {
    const rows = this.#hash.length * 2;
    this.#hash = grown(this.#hash, new Int32Array(rows));
    this.resource = grown(this.resource, new Int32Array(rows));
    this.keyAt = grown(this.keyAt, new Int32Array(rows));
    this.keyLength = grown(this.keyLength, new Int32Array(rows));
    this.attributesAt = grown(this.attributesAt, new Int32Array(rows));
    this.attributesLength = grown(this.attributesLength, new Int32Array(rows));
    this.counted = grown(this.counted, new Uint16Array(rows));
    this.full = grown(this.full, new Uint16Array(rows));
    this.hits = grown(this.hits, new Uint32Array(rows));
    this.firstMs = grown(this.firstMs, new Float64Array(rows));
    this.lastMs = grown(this.lastMs, new Float64Array(rows));
    this.exemplar = grown(this.exemplar, new Int32Array(rows));
    this.values = grown(this.values, new Float64Array(rows * this.layout.stride));
    this.#slots = new Int32Array(rows * 2);
    for (let row = 0; row < this.length; row++) this.#place(row);
  }
}

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
