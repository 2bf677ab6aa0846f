/**
 * Appends protobuf fields to a buffer that grows. Reused: `reset` keeps the memory. Length-delimited messages are written
 * between `begin` and `end`, lengths come out minimal.
 *
 * The caller keeps the proto3 rule that default values are left out. Any thread.
 */
import { copyBytes } from './copy.ts';
import { FIXED32, FIXED64, LENGTH, VARINT } from './limits.ts';
import { varint32Size, writeVarint32, writeVarint64 } from './varint.ts';

const FIRST_SIZE = 1024;
/** A buffer that grew beyond this is given back at the next `reset`. */
const KEPT_SIZE = 4 << 20;

export class Writer {
  #buf: Buffer;
  #pos = 0;

  constructor(size = FIRST_SIZE) {
    this.#buf = Buffer.allocUnsafeSlow(size);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#pos;
  }

  reset(): this {
    this.#pos = 0;
    if (this.#buf.length > KEPT_SIZE) this.#buf = Buffer.allocUnsafeSlow(FIRST_SIZE);
    return this;
  }

  /** A copy of what was written; the writer may be reused. */
  finish(): Buffer {
    const out = Buffer.allocUnsafeSlow(this.#pos);
    this.#buf.copy(out, 0, 0, this.#pos);
    return out;
  }

  /** The writer's own memory: what was written is its first {@link length} bytes. Another one when it has had to grow. */
  get buffer(): Buffer {
    return this.#buf;
  }

  /** What was written, in the writer's own memory: valid until something else is written. */
  written(): Buffer {
    return this.#buf.subarray(0, this.#pos);
  }

  uint32(field: number, value: number): void {
    this.#room(10);
    this.#tag(field, VARINT);
    this.#pos = writeVarint32(this.#buf, this.#pos, value);
  }

  /** A 64-bit varint from two unsigned halves (int32 and int64 of negative values have `hi` of all ones). */
  varint64(field: number, lo: number, hi: number): void {
    this.#room(15);
    this.#tag(field, VARINT);
    this.#pos = writeVarint64(this.#buf, this.#pos, lo, hi);
  }

  bool(field: number, value: boolean): void {
    this.uint32(field, value ? 1 : 0);
  }

  fixed32(field: number, value: number): void {
    this.#room(9);
    this.#tag(field, FIXED32);
    this.#pos = this.#buf.writeUInt32LE(value, this.#pos);
  }

  fixed64(field: number, lo: number, hi: number): void {
    this.#room(13);
    this.#tag(field, FIXED64);
    this.#pos = this.#buf.writeUInt32LE(hi, this.#buf.writeUInt32LE(lo, this.#pos));
  }

  double(field: number, value: number): void {
    this.#room(13);
    this.#tag(field, FIXED64);
    this.#pos = this.#buf.writeDoubleLE(value, this.#pos);
  }

  string(field: number, text: string): void {
    const length = Buffer.byteLength(text);
    this.#delimited(field, length);
    this.#pos += this.#buf.write(text, this.#pos, length, 'utf8');
  }

  bytes(field: number, from: Buffer, start = 0, end = from.length): void {
    this.#delimited(field, end - start);
    this.#copy(from, start, end);
  }

  /** Bytes that are whole fields already, tags included. */
  raw(from: Buffer, start = 0, end = from.length): void {
    this.#room(end - start);
    this.#copy(from, start, end);
  }

  /** Bytes [start, end) that another writer has written: whole fields, tags included. */
  append(from: Writer, start: number, end: number): void {
    this.raw(from.#buf, start, end);
  }

  /** Starts a length-delimited field; give the result to `end`. Fields in between are its content; pairs nest. */
  begin(field: number): number {
    this.#room(6);
    this.#tag(field, LENGTH);
    return ++this.#pos;
  }

  /** Ends the field that `begin` started: the length takes one byte, more only when it needs them (then the content moves). */
  end(mark: number): void {
    const length = this.#pos - mark;
    const extra = varint32Size(length) - 1;
    if (extra > 0) {
      this.#room(extra);
      this.#buf.copyWithin(mark + extra, mark, this.#pos);
      this.#pos += extra;
    }
    writeVarint32(this.#buf, mark - 1, length);
  }

  /** Takes back what was written after the first `length` bytes. Fields that were begun before are still open. */
  cut(length: number): void {
    this.#pos = length;
  }

  /** Content of packed fields, between `begin` and `end`: values without tags. */
  packedVarint64(lo: number, hi: number): void {
    this.#room(10);
    this.#pos = writeVarint64(this.#buf, this.#pos, lo, hi);
  }
  packedFixed64(lo: number, hi: number): void {
    this.#room(8);
    this.#pos = this.#buf.writeUInt32LE(hi, this.#buf.writeUInt32LE(lo, this.#pos));
  }
  packedDouble(value: number): void {
    this.#room(8);
    this.#pos = this.#buf.writeDoubleLE(value, this.#pos);
  }

  #tag(field: number, wire: number): void {
    this.#pos = writeVarint32(this.#buf, this.#pos, ((field << 3) | wire) >>> 0);
  }

  #delimited(field: number, length: number): void {
    this.#room(length + 10);
    this.#tag(field, LENGTH);
    this.#pos = writeVarint32(this.#buf, this.#pos, length);
  }

  #copy(from: Buffer, start: number, end: number): void {
    copyBytes(from, start, end, this.#buf, this.#pos);
    this.#pos += end - start;
  }

  #room(bytes: number): void {
    const need = this.#pos + bytes;
    if (need <= this.#buf.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(need, this.#buf.length * 2));
    this.#buf.copy(grown, 0, 0, this.#pos);
    this.#buf = grown;
  }
}
