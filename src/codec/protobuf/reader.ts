/**
 * A cursor over the fields of one message. Reused: `reset` it for each message; reading a field allocates nothing.
 *
 *     reader.reset(bytes, 0, bytes.length);
 *     while (reader.next()) {
 *       if (reader.field === 1 && reader.wire === LENGTH) child.reset(bytes, reader.start, reader.stop);
 *     }
 *
 * `next` checks everything that can be checked without knowing the message type and throws {@link ProtobufError}. Any thread;
 * holds on to the buffer until the next `reset`.
 */
import {
  END_GROUP,
  FIXED32,
  FIXED64,
  LENGTH,
  MAX_DEPTH,
  MAX_TAG_BYTES,
  MAX_VARINT_BYTES,
  ProtobufError,
  START_GROUP,
  VARINT,
} from './limits.ts';
import { unzigzag32 } from './varint.ts';

const EMPTY = Buffer.alloc(0);

export class Reader {
  buf: Buffer = EMPTY;
  /** Next byte to read: after `next` the byte behind the current field. */
  pos = 0;
  end = 0;

  /** Of the current field: its number, wire type and the offset of its tag. `fieldStart`..`pos` is the field, tag included. */
  field = 0;
  wire = 0;
  fieldStart = 0;
  /** Value bytes of the current field: content without length for LENGTH, content with the end tag for a group. */
  start = 0;
  stop = 0;
  /** Value of a VARINT field as two unsigned 32-bit halves. */
  lo = 0;
  hi = 0;

  reset(buf: Buffer, start: number, end: number): this {
    this.buf = buf;
    this.pos = start;
    this.end = end;
    return this;
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    if (this.pos >= this.end) return false;
    this.fieldStart = this.pos;
    this.#tag();
    this.#value(1);
    return true;
  }

  /** Current VARINT as bool, uint32, int32 (cut to 32 bits), sint32. */
  bool(): boolean {
    return (this.lo | this.hi) !== 0;
  }
  uint32(): number {
    return this.lo;
  }
  int32(): number {
    return this.lo | 0;
  }
  sint32(): number {
    return unzigzag32(this.lo);
  }
  /** Current VARINT or FIXED64 as a 64-bit integer. Allocates: for cold fields. */
  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }
  uint64(): bigint {
    if (this.wire === FIXED64) return this.buf.readBigUInt64LE(this.start);
    return (BigInt(this.hi) << 32n) | BigInt(this.lo);
  }
  fixed32(): number {
    return this.buf.readUInt32LE(this.start);
  }
  double(): number {
    return this.buf.readDoubleLE(this.start);
  }
  /** Current LENGTH field as text; bytes that are not UTF-8 become U+FFFD. */
  string(): string {
    return this.buf.toString('utf8', this.start, this.stop);
  }
  /** Current LENGTH field, sharing memory with the message. */
  bytes(): Buffer {
    return this.buf.subarray(this.start, this.stop);
  }

  #tag(): void {
    const from = this.pos;
    this.#varint(MAX_TAG_BYTES);
    if (this.hi !== 0) throw new ProtobufError('tag of more than 32 bits', from);
    this.field = this.lo >>> 3;
    this.wire = this.lo & 7;
    if (this.field === 0) throw new ProtobufError('field number 0', from);
  }

  #value(depth: number): void {
    switch (this.wire) {
      case VARINT:
        this.start = this.pos;
        this.#varint(MAX_VARINT_BYTES);
        this.stop = this.pos;
        return;
      case FIXED64:
        return this.#take(8);
      case FIXED32:
        return this.#take(4);
      case LENGTH: {
        const from = this.pos;
        this.#varint(MAX_VARINT_BYTES);
        if (this.hi !== 0) throw new ProtobufError('length beyond its message', from);
        return this.#take(this.lo);
      }
      case START_GROUP:
        return this.#group(depth);
      case END_GROUP:
        throw new ProtobufError('end of a group that was not started', this.fieldStart);
      default:
        throw new ProtobufError(`wire type ${this.wire}`, this.fieldStart);
    }
  }

  #take(length: number): void {
    if (length > this.end - this.pos) throw new ProtobufError('value beyond the end of its message', this.pos);
    this.start = this.pos;
    this.pos += length;
    this.stop = this.pos;
  }

  /** Skips to the matching end tag; the group is then the current field. */
  #group(depth: number): void {
    if (depth >= MAX_DEPTH) throw new ProtobufError('nested too deeply', this.pos);
    const field = this.field;
    const from = this.pos;
    for (;;) {
      if (this.pos >= this.end) throw new ProtobufError('group without an end', from);
      this.#tag();
      if (this.wire === END_GROUP) break;
      this.#value(depth + 1);
    }
    if (this.field !== field) throw new ProtobufError('end of another group', this.pos);
    this.wire = START_GROUP;
    this.start = from;
    this.stop = this.pos;
  }

  /** Reads a varint of at most `limit` bytes into `lo`, `hi`; bits beyond 64 are dropped, as every protobuf decoder does. */
  #varint(limit: number): void {
    const buf = this.buf;
    if (this.pos < this.end && buf[this.pos] < 0x80) {
      this.lo = buf[this.pos++];
      this.hi = 0;
      return;
    }
    const from = this.pos;
    const stop = Math.min(this.end, from + limit);
    let pos = from;
    let lo = 0;
    let hi = 0;
    for (let shift = 0; ; shift += 7) {
      if (pos >= stop) throw new ProtobufError(pos >= this.end ? 'truncated varint' : 'overlong varint', from);
      const byte = buf[pos++];
      const bits = byte & 0x7f;
      if (shift < 28) lo |= bits << shift;
      else if (shift === 28) {
        lo |= bits << 28;
        hi = bits >>> 4;
      } else hi |= bits << (shift - 32);
      if (byte < 0x80) break;
    }
    this.lo = lo >>> 0;
    this.hi = hi >>> 0;
    this.pos = pos;
  }
}
