/**
 * Cuts a request into requests of bounded size, in order: by items, by bytes, or both. Resource and scope headers are repeated
 * in each piece, and a metric is cut between its data points with its own header repeated, as the Collector does.
 *
 * The levels of a request, outermost first. A child is a field that leads one level down; all others are the headers of the
 * message they are in. Headers of the request itself are not repeated.
 *
 *     0 request   1 resource entry   2 scope entry   3 metric   4 its gauge, sum, ...      (3 and 4 for metrics only)
 *
 * One pass over the tags whatever the number of pieces; each byte is copied once. For validated bytes (malformed ones throw
 * {@link ProtobufError}). Worker threads.
 */
import { LENGTH } from '../protobuf/limits.ts';
import { Reader } from '../protobuf/reader.ts';
import { countBelow, countFields, countPoints, isMetricData } from './count.ts';
import { ENTRY, METRIC_DATA, REQUEST, SCOPE_ENTRY } from './fields.ts';
import { METRICS, TRACES, type Signal } from './signal.ts';
import { Splice } from './splice.ts';

const LEVELS = 5;
const CHILD_TAGS = [
  (REQUEST.entries << 3) | LENGTH,
  (ENTRY.scopes << 3) | LENGTH,
  (SCOPE_ENTRY.items << 3) | LENGTH,
  -1,
  (METRIC_DATA.dataPoints << 3) | LENGTH,
];
const METRIC_LEVEL = 3;

/** One message that is being cut: a reader inside it, its tag, and the ranges of its headers. */
class Container {
  readonly reader = new Reader();
  tag = 0;
  headers: number[] = [];
  /** Items the piece had when this message was opened in it. */
  itemsBefore = 0;
}

export class Splitter {
  readonly #splice = new Splice();
  readonly #scratch = new Reader();
  readonly #containers = Array.from({ length: LEVELS }, () => new Container());
  #signal: Signal = TRACES;
  #source: Buffer = Buffer.alloc(0);
  #depth = 0;
  #leafLevel = 0;

  /** Of the piece that {@link next} returned: its items. */
  items = 0;
  /** That piece is one item that is larger than the limit of bytes all by itself. */
  oversized = false;

  /** Starts on a request. Pieces do not share memory with it. */
  reset(signal: Signal, bytes: Buffer): this {
    this.#signal = signal;
    this.#source = bytes;
    this.#leafLevel = signal === METRICS ? LEVELS : METRIC_LEVEL;
    this.#depth = 0;
    this.#at(0).reader.reset(bytes, 0, bytes.length);
    return this;
  }

  /**
   * The next piece: as many items as fit into `maxItems` and `maxBytes` (of the piece, uncompressed), at least one. Null when
   * nothing is left. A request without any items is one piece with `items` 0.
   */
  next(maxItems: number, maxBytes = Infinity): Buffer | null {
    this.items = 0;
    this.oversized = false;
    const request = this.#at(0).reader;
    if (this.#depth === 0 && request.pos >= request.end) return null;
    const splice = this.#splice;
    splice.reset();
    for (let level = 1; level <= this.#depth; level++) this.#open(level);
    while (this.#step(maxItems, maxBytes));
    for (let level = this.#depth; level > 0; level--) this.#close(level);
    return splice.toBuffer(this.#source);
  }

  /** Handles one field of the innermost message in work. False: the piece is complete. */
  #step(maxItems: number, maxBytes: number): boolean {
    const level = this.#depth;
    const reader = this.#at(level).reader;
    if (!reader.next()) {
      if (level === 0) return false;
      this.#close(level);
      this.#depth--;
      return true;
    }
    const { fieldStart, pos } = reader;
    if (!isChild(level, tagOf(reader))) {
      if (level === 0) this.#splice.range(fieldStart, pos);
      return true;
    }
    const leaf = level + 1 === this.#leafLevel;
    const count = leaf ? 1 : this.#count(level + 1, reader.start, reader.stop);
    const fits =
      this.items + count <= maxItems && (maxBytes === Infinity || this.#splice.sizeWith(pos - fieldStart) <= maxBytes);
    // A child without items never ends a piece: it would start the next one as an empty piece.
    if (fits || count === 0 || (leaf && this.items === 0)) {
      if (!fits && count > 0) this.oversized = this.#splice.sizeWith(pos - fieldStart) > maxBytes;
      this.#splice.range(fieldStart, pos);
      this.items += count;
      return true;
    }
    if (leaf || this.items >= maxItems) {
      reader.pos = fieldStart;
      return false;
    }
    this.#descend(level + 1, reader);
    return true;
  }

  #descend(level: number, parent: Reader): void {
    const container = this.#at(level);
    container.tag = tagOf(parent);
    container.headers.length = 0;
    const scratch = this.#scratch.reset(this.#source, parent.start, parent.stop);
    while (scratch.next()) if (!isChild(level, tagOf(scratch))) container.headers.push(scratch.fieldStart, scratch.pos);
    container.reader.reset(this.#source, parent.start, parent.stop);
    this.#depth = level;
    this.#open(level);
  }

  #open(level: number): void {
    const { tag, headers } = this.#at(level);
    this.#splice.begin(tag);
    for (let i = 0; i < headers.length; i += 2) this.#splice.range(headers[i], headers[i + 1]);
    this.#at(level).itemsBefore = this.items;
  }

  #close(level: number): void {
    if (this.items > this.#at(level).itemsBefore) this.#splice.end();
    else this.#splice.cancel();
  }

  #at(level: number): Container {
    return this.#containers[level];
  }

  /** Items in a message of `level`. */
  #count(level: number, start: number, end: number): number {
    if (level < METRIC_LEVEL) return countBelow(this.#signal, level, this.#source, start, end);
    if (level === METRIC_LEVEL) return countPoints(this.#source, start, end);
    return countFields(CHILD_TAGS[level], this.#source, start, end);
  }
}

const tagOf = (reader: Reader): number => (reader.field << 3) | reader.wire;

function isChild(level: number, tag: number): boolean {
  return level === METRIC_LEVEL ? isMetricData(tag) : tag === CHILD_TAGS[level];
}
