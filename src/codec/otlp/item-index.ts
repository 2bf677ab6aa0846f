/**
 * Where the parts of one request lie: filled by `scan.ts`, read by `shard.ts`. Everything is an offset into the scanned buffer;
 * arrays are reused from request to request and grow up to the bounds below (about 11 MiB in all, far beyond any request of
 * real spans within the usual 20 MiB limit).
 *
 *     items      stride 4   traces: one per span, in order: tag offset, end, hash of the trace id, scope
 *                           metrics, logs: one per resource entry: tag offset, end, hash of the resource, number of items
 *     scopes     stride 3   traces only: resource, first header, end of headers (ranges of `scopeHeaders`)
 *     resources  stride 2   traces only: first header, end of headers (ranges of `resourceHeaders`)
 *     headers    stride 2   start, end: whole fields that are not items; neighbours are one range. `requestHeaders`: of the
 *                           request itself, and entries without items
 *
 * An entry without items counts as a header of what it is in: it is carried along once and shards nothing.
 */
import { LENGTH } from '../protobuf/limits.ts';
import { REQUEST } from './fields.ts';
import { TRACES, type Signal } from './signal.ts';

const MAX_ITEMS = 1 << 18;
const MAX_ENTRIES = 1 << 16;
const MAX_RANGES = 1 << 17;

/** Rows of `stride` integers. */
export class Rows {
  readonly stride: number;
  readonly #bound: number;
  data: Int32Array;
  /** Rows in use. */
  length = 0;
  /** A row did not fit within the bound. */
  full = false;

  constructor(stride: number, bound: number) {
    this.stride = stride;
    this.#bound = bound;
    this.data = new Int32Array(stride * 256);
  }

  clear(): void {
    this.length = 0;
    this.full = false;
  }

  /** Offset in `data` of a new row. Past the bound it is the last row again, and `full` is set. */
  add(): number {
    const at = this.length * this.stride;
    if (at < this.data.length) {
      this.length++;
      return at;
    }
    return this.#grow();
  }

  #grow(): number {
    if (this.length >= this.#bound) {
      this.full = true;
      return (this.length - 1) * this.stride;
    }
    const grown = new Int32Array(Math.min(this.#bound * this.stride, this.data.length * 2));
    grown.set(this.data);
    this.data = grown;
    return this.length++ * this.stride;
  }

  /**
   * Adds the range [start, end) as a row, or makes the last row longer if they touch. Ranges of different messages never do:
   * a tag and a length lie between them.
   */
  addRange(start: number, end: number): void {
    const last = (this.length - 1) * this.stride;
    if (this.length > 0 && this.data[last + 1] === start) {
      this.data[last + 1] = end;
      return;
    }
    const at = this.add();
    this.data[at] = start;
    this.data[at + 1] = end;
  }
}

export class ItemIndex {
  signal: Signal = TRACES;
  /** The scanned bytes: [start, end) of the buffer. */
  start = 0;
  end = 0;
  /** Spans, data points, log records. */
  count = 0;
  readonly items = new Rows(4, MAX_ITEMS);
  readonly scopes = new Rows(3, MAX_ENTRIES);
  readonly resources = new Rows(2, MAX_ENTRIES);
  readonly requestHeaders = new Rows(2, MAX_RANGES);
  readonly resourceHeaders = new Rows(2, MAX_RANGES);
  readonly scopeHeaders = new Rows(2, MAX_RANGES);

  /** The request had more parts than the bounds allow: it was counted, but it cannot be taken apart by this index. */
  get full(): boolean {
    return (
      this.items.full ||
      this.scopes.full ||
      this.resources.full ||
      this.requestHeaders.full ||
      this.resourceHeaders.full ||
      this.scopeHeaders.full
    );
  }

  reset(signal: Signal, start: number, end: number): void {
    this.signal = signal;
    this.start = start;
    this.end = end;
    this.count = 0;
    this.items.clear();
    this.scopes.clear();
    this.resources.clear();
    this.requestHeaders.clear();
    this.resourceHeaders.clear();
    this.scopeHeaders.clear();
  }
}

/** Tag byte of an entry in the request. */
export const ENTRY_TAG = (REQUEST.entries << 3) | LENGTH;
