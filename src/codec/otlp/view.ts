/**
 * Lazy read access to any OTLP message: one walk remembers where each field lies, values are read when they are asked for.
 *
 *     span.reset(bytes, start, stop);
 *     span.string(SPAN.name);
 *     for (events.over(span, SPAN.events); events.next(); ) event.reset(bytes, events.start, events.stop);
 *
 * Views are reused and hold on to the buffer until the next `reset`. They read validated bytes; a field of another wire type
 * than the accessor expects is not there. Accessors of text, bytes and 64-bit integers allocate their result, nothing else does.
 */
import { FIXED32, FIXED64, LENGTH, VARINT } from '../protobuf/limits.ts';
import { Reader } from '../protobuf/reader.ts';
import { unzigzag32 } from '../protobuf/varint.ts';

/** Known fields have numbers below this. */
const FIELDS = 32;

export class MessageView {
  buf: Buffer = Buffer.alloc(0);
  end = 0;
  readonly #reader = new Reader();
  readonly #count = new Int32Array(FIELDS);
  /** Of the first occurrence: its tag. Of the last one: wire type, value range, and halves of a varint. */
  readonly #first = new Int32Array(FIELDS);
  readonly #wire = new Int8Array(FIELDS);
  readonly #start = new Int32Array(FIELDS);
  readonly #stop = new Int32Array(FIELDS);
  readonly #lo = new Uint32Array(FIELDS);
  readonly #hi = new Uint32Array(FIELDS);

  reset(buf: Buffer, start: number, end: number): this {
    this.buf = buf;
    this.end = end;
    this.#count.fill(0);
    const reader = this.#reader.reset(buf, start, end);
    while (reader.next()) {
      const field = reader.field;
      if (field >= FIELDS) continue;
      if (this.#count[field]++ === 0) this.#first[field] = reader.fieldStart;
      this.#wire[field] = reader.wire;
      this.#start[field] = reader.start;
      this.#stop[field] = reader.stop;
      this.#lo[field] = reader.lo;
      this.#hi[field] = reader.hi;
    }
    return this;
  }

  /** Occurrences on the wire. A packed field has one. */
  count(field: number): number {
    return this.#count[field];
  }
  has(field: number): boolean {
    return this.#count[field] !== 0;
  }
  /** Value range of the last occurrence; 0, 0 if there is none. */
  start(field: number): number {
    return this.has(field) ? this.#start[field] : 0;
  }
  stop(field: number): number {
    return this.has(field) ? this.#stop[field] : 0;
  }
  /** Tag of the first occurrence, or the end of the message. */
  firstTag(field: number): number {
    return this.has(field) ? this.#first[field] : this.end;
  }

  string(field: number): string {
    return this.#is(field, LENGTH) ? this.buf.toString('utf8', this.#start[field], this.#stop[field]) : '';
  }
  /** Lower-case hex of an id; empty if absent. */
  hex(field: number): string {
    return this.#is(field, LENGTH) ? this.buf.toString('hex', this.#start[field], this.#stop[field]) : '';
  }
  bool(field: number): boolean {
    return this.#is(field, VARINT) && (this.#lo[field] | this.#hi[field]) !== 0;
  }
  /** uint32, int32 and enums of fields that hold no negative values. */
  uint32(field: number): number {
    return this.#is(field, VARINT) ? this.#lo[field] : 0;
  }
  sint32(field: number): number {
    return unzigzag32(this.uint32(field));
  }
  fixed32(field: number): number {
    return this.#is(field, FIXED32) ? this.buf.readUInt32LE(this.#start[field]) : 0;
  }
  double(field: number): number {
    return this.#is(field, FIXED64) ? this.buf.readDoubleLE(this.#start[field]) : 0;
  }
  /** int64 (varint) or sfixed64. */
  int64(field: number): bigint {
    return BigInt.asIntN(64, this.uint64(field));
  }
  /** uint64 (varint) or fixed64. */
  uint64(field: number): bigint {
    if (this.#is(field, FIXED64)) return this.buf.readBigUInt64LE(this.#start[field]);
    return this.#is(field, VARINT) ? (BigInt(this.#hi[field]) << 32n) | BigInt(this.#lo[field]) : 0n;
  }

  #is(field: number, wire: number): boolean {
    return this.has(field) && this.#wire[field] === wire;
  }
}

/** Walks the occurrences of one repeated message or string field of a view. Reused. */
export class Occurrences {
  readonly #reader = new Reader();
  #field = 0;
  #left = 0;
  /** Value range of the current one. */
  start = 0;
  stop = 0;

  over(view: MessageView, field: number): this {
    this.#field = field;
    this.#left = view.count(field);
    this.#reader.reset(view.buf, view.firstTag(field), view.end);
    return this;
  }

  next(): boolean {
    const reader = this.#reader;
    while (this.#left > 0 && reader.next()) {
      if (reader.field !== this.#field) continue;
      this.#left--;
      this.start = reader.start;
      this.stop = reader.stop;
      return true;
    }
    return false;
  }
}

/** The numbers of a repeated double field, packed or not. Allocates the list. */
export function doubles(view: MessageView, field: number): number[] {
  const out: number[] = [];
  for (const each = new Occurrences().over(view, field); each.next();) {
    for (let at = each.start; at + 8 <= each.stop; at += 8) out.push(view.buf.readDoubleLE(at));
  }
  return out;
}

/** The numbers of a repeated fixed64 field, packed or not. Allocates the list. */
export function fixed64s(view: MessageView, field: number): bigint[] {
  const out: bigint[] = [];
  for (const each = new Occurrences().over(view, field); each.next();) {
    for (let at = each.start; at + 8 <= each.stop; at += 8) out.push(view.buf.readBigUInt64LE(at));
  }
  return out;
}

/** The numbers of a repeated uint64 (varint) field, packed or not. Allocates the list. */
export function varints(view: MessageView, field: number): bigint[] {
  const out: bigint[] = [];
  for (const each = new Occurrences().over(view, field); each.next();) {
    let value = 0n;
    let shift = 0n;
    for (let at = each.start; at < each.stop; at++) {
      const byte = view.buf[at];
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if (byte > 0x7f) continue;
      out.push(BigInt.asUintN(64, value));
      value = 0n;
      shift = 0n;
    }
  }
  return out;
}
