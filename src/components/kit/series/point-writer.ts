/** One row's point of one instrument as an OTLP data point (`#codec/otlp/fields.ts`). Main thread. */
import {
  BUCKETS as BUCKET_FIELDS,
  EXEMPLAR,
  EXPONENTIAL_POINT,
  HISTOGRAM_POINT,
  METRIC_DATA,
  NUMBER_POINT,
} from '#codec/otlp/fields.ts';
import { readLength, varint } from '#codec/protobuf/walk.ts';
import { Writer } from '#codec/protobuf/writer.ts';
import { zigzag32 } from '#codec/protobuf/varint.ts';
import type { StoredInstrument } from './stored-layout.ts';
import { BUCKETS, COUNT, FIRST, HISTOGRAM_HEAD, MAX, MIN, SCALE, SUM, ZEROS } from './parcel.ts';
import { EXEMPLAR_ENTRY, EXEMPLARS_HEAD, type StoredRows } from './stored-rows.ts';

const TWO_32 = 2 ** 32;
/** The largest double that an int64 holds. */
const LARGEST = 2 ** 63 - 1024;

/** Milliseconds since the epoch as two halves of nanoseconds. */
class Nanos {
  #ms = -1;
  lo = 0;
  hi = 0;

  of(ms: number): this {
    if (ms === this.#ms) return this;
    this.#ms = ms;
    // Both factors stay below 2^53: of ms * 10^6 = high * 2^20 + low.
    const whole = Math.floor(ms);
    const high = Math.floor(whole / 0x10_0000) * 1e6;
    const low = (whole % 0x10_0000) * 1e6 + (high % 0x1000) * 0x10_0000;
    this.hi = Math.floor(high / 0x1000) + Math.floor(low / TWO_32);
    this.lo = low % TWO_32;
    return this;
  }
}

export class PointWriter {
  readonly #out: Writer;
  readonly #start = new Nanos();
  readonly #time = new Nanos();
  /** By instrument: its bounds as a whole field. */
  readonly #bounds = new Map<StoredInstrument, Buffer>();

  constructor(out: Writer) {
    this.#out = out;
  }

  /** `zero`: shows 0, whatever the sum is. */
  write(rows: StoredRows, row: number, layout: StoredInstrument, startMs: number, timeMs: number, zero: boolean): void {
    this.#start.of(startMs);
    this.#time.of(timeMs);
    const mark = this.#out.begin(METRIC_DATA.dataPoints);
    const { kind } = layout.instrument;
    if (kind === 'histogram') this.#histogram(rows, row, layout);
    else if (kind === 'exponential') this.#exponential(rows, row, layout);
    else this.#number(rows, row, layout, zero);
    this.#out.end(mark);
  }

  #number(rows: StoredRows, row: number, layout: StoredInstrument, zero: boolean): void {
    const out = this.#out;
    this.#times(NUMBER_POINT.startTimeUnixNano);
    const value = zero ? 0 : rows.numbers(row)[rows.number(row) + layout.at];
    if (layout.instrument.double === true) out.double(NUMBER_POINT.asDouble, value);
    else this.#integer(NUMBER_POINT.asInt, Math.max(-(2 ** 63), Math.min(Math.trunc(value), LARGEST)));
    this.#exemplars(rows, row, layout, NUMBER_POINT.exemplars);
    this.#attributes(rows, row, NUMBER_POINT.attributes);
  }

  #histogram(rows: StoredRows, row: number, layout: StoredInstrument): void {
    const out = this.#out;
    const numbers = rows.numbers(row);
    const at = rows.number(row) + layout.at;
    this.#times(HISTOGRAM_POINT.startTimeUnixNano);
    this.#integer(HISTOGRAM_POINT.count, numbers[at + COUNT]);
    out.double(HISTOGRAM_POINT.sum, numbers[at + SUM]);
    const mark = out.begin(HISTOGRAM_POINT.bucketCounts);
    for (let i = HISTOGRAM_HEAD; i < layout.width; i++) {
      const count = numbers[at + i];
      out.packedFixed64(count % TWO_32, Math.floor(count / TWO_32));
    }
    out.end(mark);
    out.raw(this.#boundsOf(layout));
    this.#exemplars(rows, row, layout, HISTOGRAM_POINT.exemplars);
    this.#attributes(rows, row, HISTOGRAM_POINT.attributes);
    if (layout.instrument.minMax !== true) return;
    out.double(HISTOGRAM_POINT.min, numbers[at + MIN]);
    out.double(HISTOGRAM_POINT.max, numbers[at + MAX]);
  }

  #exponential(rows: StoredRows, row: number, layout: StoredInstrument): void {
    const out = this.#out;
    const numbers = rows.numbers(row);
    const at = rows.number(row) + layout.at;
    this.#attributes(rows, row, EXPONENTIAL_POINT.attributes);
    this.#times(EXPONENTIAL_POINT.startTimeUnixNano);
    this.#integer(EXPONENTIAL_POINT.count, numbers[at + COUNT]);
    out.double(EXPONENTIAL_POINT.sum, numbers[at + SUM]);
    out.uint32(EXPONENTIAL_POINT.scale, zigzag32(numbers[at + SCALE]));
    this.#integer(EXPONENTIAL_POINT.zeroCount, numbers[at + ZEROS]);
    const buckets = numbers[at + BUCKETS];
    if (buckets > 0) {
      const block = rows.block(row, layout.buckets);
      const counts = rows.arena.numbers(block);
      const first = rows.arena.start(block);
      const mark = out.begin(EXPONENTIAL_POINT.positive);
      out.uint32(BUCKET_FIELDS.offset, zigzag32(numbers[at + FIRST]));
      const packed = out.begin(BUCKET_FIELDS.bucketCounts);
      for (let i = first; i < first + buckets; i++)
        out.packedVarint64(counts[i] % TWO_32, Math.floor(counts[i] / TWO_32));
      out.end(packed);
      out.end(mark);
    }
    this.#exemplars(rows, row, layout, EXPONENTIAL_POINT.exemplars);
    out.double(EXPONENTIAL_POINT.min, numbers[at + MIN]);
    out.double(EXPONENTIAL_POINT.max, numbers[at + MAX]);
  }

  /** Start and time are neighbours in all kinds of points. */
  #times(startField: number): void {
    this.#out.fixed64(startField, this.#start.lo, this.#start.hi);
    this.#out.fixed64(startField + 1, this.#time.lo, this.#time.hi);
  }

  /** A whole number as fixed64 or sfixed64. */
  #integer(field: number, value: number): void {
    const hi = Math.floor(value / TWO_32);
    this.#out.fixed64(field, value - hi * TWO_32, hi >>> 0);
  }

  /** Gives each attribute of the row the tag that it has in this kind of point. */
  #attributes(rows: StoredRows, row: number, field: number): void {
    const { arena } = rows;
    const block = rows.keyBlock(row);
    const bytes = arena.bytes(block);
    const start = arena.start(block);
    let at = start * 8 + 8 + arena.words(block)[start * 2];
    const end = at + arena.words(block)[start * 2 + 1];
    while (at < end) {
      at = readLength(bytes, at, end);
      this.#out.bytes(field, bytes, at, at + varint);
      at += varint;
    }
  }

  #exemplars(rows: StoredRows, row: number, layout: StoredInstrument, field: number): void {
    const block = layout.exemplars < 0 ? 0 : rows.block(row, layout.exemplars);
    if (block === 0) return;
    const out = this.#out;
    const { arena } = rows;
    const start = arena.start(block);
    const words = arena.words(block);
    if (words[start * 2 + 1] !== 0) return;
    const bytes = arena.bytes(block);
    for (let i = 0; i < words[start * 2]; i++) {
      const at = start * 8 + EXEMPLARS_HEAD + i * EXEMPLAR_ENTRY;
      const mark = out.begin(field);
      out.fixed64(EXEMPLAR.timeUnixNano, this.#time.lo, this.#time.hi);
      out.double(EXEMPLAR.asDouble, bytes.readDoubleLE(at));
      out.bytes(EXEMPLAR.spanId, bytes, at + 24, at + 32);
      out.bytes(EXEMPLAR.traceId, bytes, at + 8, at + 24);
      out.end(mark);
    }
  }

  #boundsOf(layout: StoredInstrument): Buffer {
    const known = this.#bounds.get(layout);
    if (known !== undefined) return known;
    const out = new Writer();
    const mark = out.begin(HISTOGRAM_POINT.explicitBounds);
    for (const bound of layout.instrument.bounds ?? []) out.packedDouble(bound);
    out.end(mark);
    const field = out.finish();
    this.#bounds.set(layout, field);
    return field;
  }
}
