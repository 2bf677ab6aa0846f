/**
 * One OTLP message of a batch, read lazily and edited by recording. The first question makes a table of its fields (a row for each:
 * where it lies, which field comes next with the same number); nothing is decoded. An edit writes the new field into the scratch and
 * points a row at it; reading sees it at once. What was not edited is never copied until the batch is put together again
 * ({@link emit}).
 *
 *     span.set(start, stop);
 *     if (span.find(SPAN.attributes, KEY)) span.remove(span.row);
 *     const at = span.mark();
 *     span.scratch.string(SPAN.name, 'GET /');
 *     span.put(SPAN.name, at);
 *
 * For validated bytes. Worker threads; reused: one object serves all spans. Of a field that should be there once and is there more
 * often, the last one counts.
 *
 *     row   0 tag (0: removed)   1 address of the field   2 address of its value   3 end   4 next row of the same field (0: none)
 *
 * Rows are named by their offset in the table; offset 0 is never a row.
 */
import { FIXED32, FIXED64, LENGTH, START_GROUP, VARINT } from '../protobuf/limits.ts';
import { Reader } from '../protobuf/reader.ts';
import { unzigzag32 } from '../protobuf/varint.ts';
import { skipGroup } from '../protobuf/walk.ts';
import type { Writer } from '../protobuf/writer.ts';
import { offsetOf, SCRATCH, type EditSpace } from './address.ts';
import { KEY_VALUE } from './fields.ts';
import type { Splice } from './splice.ts';

const STRIDE = 5;
const AT = 1;
const VALUE = 2;
const END = 3;
const NEXT = 4;

/** Known fields have numbers below this. Others are carried along. */
const FIELDS = 32;

const KEY_TAG = (KEY_VALUE.key << 3) | LENGTH;
const VALUE_TAG = (KEY_VALUE.value << 3) | LENGTH;

export class Message {
  readonly space: EditSpace;
  readonly #pair = new Reader();
  #start = 0;
  #end = 0;
  /** The table is of the message at hand. */
  #indexed = false;
  /** Rows differ from the bytes [start, end). */
  #pending = false;
  #edited = false;
  #rows = new Int32Array(STRIDE * 64);
  #length = STRIDE;
  /** Rows before this one are as they came. */
  #intact = STRIDE;
  /** By field number: first and last row. */
  readonly #first = new Int32Array(FIELDS);
  readonly #last = new Int32Array(FIELDS);

  /** What {@link find}, {@link locate} and {@link content} found: its row, and its value `buf[start, stop)`, until something is written. */
  row = 0;
  buf: Buffer;
  start = 0;
  stop = 0;

  constructor(space: EditSpace) {
    this.space = space;
    this.buf = space.source;
  }

  /** Turns to the message between two addresses. */
  set(start: number, end: number): void {
    this.#start = start;
    this.#end = end;
    this.#indexed = false;
    this.#pending = false;
    this.#edited = false;
  }

  /** An absent message, which is an empty one. */
  clear(): void {
    this.set(0, 0);
  }

  /** Where it ends, as it was set. */
  get end(): number {
    return this.#end;
  }

  /** Something was changed since `set`. */
  get edited(): boolean {
    return this.#edited;
  }

  get scratch(): Writer {
    return this.space.scratch;
  }

  // Reading. A field of another wire type than the accessor expects is not there.

  has(field: number): boolean {
    if (!this.#indexed) this.#index();
    return this.#last[field] !== 0;
  }

  string(field: number): string {
    return this.locate(field, LENGTH) ? this.buf.toString('utf8', this.start, this.stop) : '';
  }
  /** Lower-case hex of an id; empty if absent. */
  hex(field: number): string {
    return this.locate(field, LENGTH) ? this.buf.toString('hex', this.start, this.stop) : '';
  }
  bool(field: number): boolean {
    if (!this.locate(field, VARINT)) return false;
    for (let at = this.start; at < this.stop; at++) if ((this.buf[at] & 0x7f) !== 0) return true;
    return false;
  }
  /** uint32, int32 and enums of fields that hold no negative values; of a longer varint the low 32 bits. */
  uint32(field: number): number {
    if (!this.locate(field, VARINT)) return 0;
    let value = 0;
    for (let at = this.start, shift = 0; at < this.stop && shift < 32; at++, shift += 7)
      value |= (this.buf[at] & 0x7f) << shift;
    return value >>> 0;
  }
  sint32(field: number): number {
    return unzigzag32(this.uint32(field));
  }
  fixed32(field: number): number {
    return this.locate(field, FIXED32) ? this.buf.readUInt32LE(this.start) : 0;
  }
  double(field: number): number {
    return this.locate(field, FIXED64) ? this.buf.readDoubleLE(this.start) : 0;
  }
  /** int64 (varint) or sfixed64. */
  int64(field: number): bigint {
    return BigInt.asIntN(64, this.uint64(field));
  }
  /** uint64 (varint) or fixed64. */
  uint64(field: number): bigint {
    if (this.locate(field, FIXED64)) return this.buf.readBigUInt64LE(this.start);
    if (!this.locate(field, VARINT)) return 0n;
    let value = 0n;
    for (let at = this.start, shift = 0n; at < this.stop; at++, shift += 7n)
      value |= BigInt(this.buf[at] & 0x7f) << shift;
    return BigInt.asUintN(64, value);
  }

  /** Goes to the last occurrence of a field; false: it is not there with that wire type. */
  locate(field: number, wire: number = LENGTH): boolean {
    if (!this.#indexed) this.#index();
    const row = this.#last[field];
    if (row === 0 || (this.#rows[row] & 7) !== wire) return false;
    this.content(row);
    return true;
  }

  /** Rows of a repeated field: the first, and the one after another; 0: none. Removing a row ends a walk that has not asked for the next. */
  first(field: number): number {
    if (!this.#indexed) this.#index();
    return this.#first[field];
  }
  next(row: number): number {
    return this.#rows[row + NEXT];
  }
  last(field: number): number {
    if (!this.#indexed) this.#index();
    return this.#last[field];
  }

  /** Goes to a row. */
  content(row: number): void {
    const at = this.#rows[row + VALUE];
    this.row = row;
    this.buf = this.space.bufferOf(at);
    this.start = offsetOf(at);
    this.stop = this.start + this.#rows[row + END] - at;
  }

  /** Addresses of a row's value. */
  valueAt(row: number): number {
    return this.#rows[row + VALUE];
  }
  valueEnd(row: number): number {
    return this.#rows[row + END];
  }

  /** Goes to the value (an AnyValue) of the first attribute with this key (UTF-8) in a field of KeyValues; false: there is none. */
  find(field: number, key: Buffer): boolean {
    if (!this.#indexed) this.#index();
    const rows = this.#rows;
    for (let row = this.#first[field]; row !== 0; row = rows[row + NEXT])
      if (this.#isPair(row, rows[row + VALUE], rows[row + END], key)) return true;
    return false;
  }

  /** Goes to the value of the attribute in a row; its key is `buf[keyStart, keyStop)`. */
  pair(row: number): void {
    this.content(row);
    const { start, stop } = this;
    this.keyStart = this.keyStop = this.start = stop;
    for (const pair = this.#pair.reset(this.buf, start, stop); pair.next();) {
      if (pair.field === KEY_VALUE.key) {
        this.keyStart = pair.start;
        this.keyStop = pair.stop;
      } else if (pair.field === KEY_VALUE.value) {
        this.start = pair.start;
        this.stop = pair.stop;
      }
    }
  }
  keyStart = 0;
  keyStop = 0;

  // Editing.

  /** What is written to the scratch from here on is a field for {@link put}, {@link append} or {@link replace}. */
  mark(): number {
    return this.space.end;
  }

  /** Adds the field that was written since `mark`. */
  append(mark: number): void {
    if (!this.#indexed) this.#index();
    this.#note(this.#length);
    this.#add(mark, this.space.end);
  }

  /** The field that was written since `mark` takes the place of all that have its number; nothing written: they are gone. */
  put(field: number, mark: number): void {
    this.removeAll(field);
    if (this.space.end > mark) this.append(mark);
  }

  /** The field that was written since `mark`, of the same number, takes the place of a row. */
  replace(row: number, mark: number): void {
    this.#note(row);
    const rows = this.#rows;
    rows[row + AT] = mark;
    rows[row + VALUE] = valueAddress(this.space, mark);
    rows[row + END] = this.space.end;
  }

  remove(row: number): void {
    this.#note(row);
    const rows = this.#rows;
    const field = rows[row] >>> 3;
    rows[row] = 0;
    let before = 0;
    for (let at = this.#first[field]; at !== row; at = rows[at + NEXT]) before = at;
    if (before === 0) this.#first[field] = rows[row + NEXT];
    else rows[before + NEXT] = rows[row + NEXT];
    if (this.#last[field] === row) this.#last[field] = before;
  }

  removeAll(field: number): void {
    for (let row = this.first(field); row !== 0; row = this.first(field)) this.remove(row);
  }

  // Putting together.

  /** The whole message in one piece, as `buf[start, stop)`: where it lies already, or written anew if it was edited. */
  whole(): void {
    this.#settle();
    this.buf = this.space.bufferOf(this.#start);
    this.start = offsetOf(this.#start);
    this.stop = this.start + this.#end - this.#start;
  }

  /** Its content, as ranges, into the innermost message of a splice. */
  emit(splice: Splice): void {
    if (!this.#pending) return splice.range(this.#start, this.#end);
    for (let row = this.#begin(); row !== 0; row = this.#advance(row)) splice.range(this.#from, this.#to);
  }

  /** Likewise, without the fields of two numbers. */
  emitBut(splice: Splice, one: number, other: number): void {
    if (!this.#indexed) this.#index();
    const rows = this.#rows;
    for (let row = STRIDE; row < this.#length; row += STRIDE) {
      const field = rows[row] >>> 3;
      if (rows[row] !== 0 && field !== one && field !== other) splice.range(rows[row + AT], rows[row + END]);
    }
  }

  /** Writes it to the scratch as a field of another message; returns the mark of that field. */
  write(field: number): number {
    const mark = this.mark();
    const { scratch } = this;
    const begun = scratch.begin(field);
    this.#copy();
    scratch.end(begun);
    return mark;
  }

  #settle(): void {
    if (!this.#pending) return;
    const mark = this.mark();
    this.#copy();
    this.#start = mark;
    this.#end = this.space.end;
    this.#pending = false;
    this.#indexed = false;
  }

  #copy(): void {
    if (!this.#pending) return this.#copyRange(this.#start, this.#end);
    for (let row = this.#begin(); row !== 0; row = this.#advance(row)) this.#copyRange(this.#from, this.#to);
  }

  #copyRange(from: number, to: number): void {
    const buf = this.space.bufferOf(from);
    const start = offsetOf(from);
    this.scratch.raw(buf, start, start + to - from);
  }

  /** The range that {@link #advance} has come to: fields that touch are one. */
  #from = 0;
  #to = 0;

  #begin(): number {
    if (this.#intact === STRIDE) return this.#advance(STRIDE);
    this.#from = this.#start;
    this.#to = this.#rows[this.#intact - STRIDE + END];
    return this.#grow(this.#intact);
  }

  /** Takes the next range, from a row on; the row behind it, or 0: there is none. */
  #advance(row: number): number {
    const rows = this.#rows;
    while (row < this.#length && rows[row] === 0) row += STRIDE;
    if (row >= this.#length) return 0;
    this.#from = rows[row + AT];
    this.#to = rows[row + END];
    return this.#grow(row + STRIDE);
  }

  #grow(row: number): number {
    const rows = this.#rows;
    for (; row < this.#length && (rows[row] === 0 || rows[row + AT] === this.#to); row += STRIDE)
      if (rows[row] !== 0) this.#to = rows[row + END];
    return row;
  }

  #note(row: number): void {
    this.#pending = true;
    this.#edited = true;
    if (row < this.#intact) this.#intact = row;
  }

  #index(): void {
    this.#indexed = true;
    this.#length = STRIDE;
    this.#first.fill(0);
    this.#last.fill(0);
    if (this.#end > this.#start) this.#add(this.#start, this.#end);
    this.#intact = this.#length;
  }

  /** Rows for the fields between two addresses. */
  #add(from: number, to: number): void {
    const buf = this.space.bufferOf(from);
    const base = from - offsetOf(from);
    const end = to - base;
    for (let p = from - base; p < end;) {
      const at = p;
      let tag = buf[p++];
      if (tag > 0x7f) {
        tag &= 0x7f;
        for (let shift = 7, byte = 0x80; byte > 0x7f; shift += 7) tag |= ((byte = buf[p++]) & 0x7f) << shift;
      }
      let value = p;
      switch (tag & 7) {
        case VARINT:
          while (buf[p++] > 0x7f);
          break;
        case LENGTH: {
          let length = buf[p++];
          if (length > 0x7f) {
            length &= 0x7f;
            for (let shift = 7, byte = 0x80; byte > 0x7f; shift += 7) length |= ((byte = buf[p++]) & 0x7f) << shift;
          }
          value = p;
          p += length;
          break;
        }
        case FIXED64:
          p += 8;
          break;
        case FIXED32:
          p += 4;
          break;
        case START_GROUP:
          p = skipGroup(buf, p, end, tag >>> 3, 1);
      }
      this.#addRow(tag, base + at, base + value, base + p);
    }
  }

  #addRow(tag: number, at: number, value: number, end: number): void {
    const row = this.#length;
    if (row === this.#rows.length) {
      const grown = new Int32Array(row * 2);
      grown.set(this.#rows);
      this.#rows = grown;
    }
    const rows = this.#rows;
    rows[row] = tag;
    rows[row + AT] = at;
    rows[row + VALUE] = value;
    rows[row + END] = end;
    rows[row + NEXT] = 0;
    this.#length = row + STRIDE;
    const field = tag >>> 3;
    if (field >= FIELDS) return;
    const last = this.#last[field];
    if (last === 0) this.#first[field] = row;
    else rows[last + NEXT] = row;
    this.#last[field] = row;
  }

  #isPair(row: number, at: number, to: number, key: Buffer): boolean {
    const buf = at < SCRATCH ? this.space.source : this.space.scratch.buffer;
    const start = offsetOf(at);
    const stop = start + to - at;
    const { length } = key;
    // Encoders write the key first, and most attributes are told apart by its length alone.
    if (length > 0x7f || stop - start < 4 || buf[start] !== KEY_TAG || buf[start + 1] > 0x7f)
      return this.#isOddPair(row, buf, start, stop, key);
    const after = start + 2 + buf[start + 1];
    if (buf[start + 1] !== length) {
      if (after === stop || (after < stop && buf[after] === VALUE_TAG)) return false;
      return this.#isOddPair(row, buf, start, stop, key);
    }
    for (let i = length - 1, k = after - 1; i >= 0; i--, k--) if (buf[k] !== key[i]) return false;
    if (after + 1 < stop && buf[after] === VALUE_TAG && buf[after + 1] < 0x80 && after + 2 + buf[after + 1] === stop) {
      this.row = row;
      this.buf = buf;
      this.start = after + 2;
      this.stop = stop;
      return true;
    }
    return this.#isOddPair(row, buf, start, stop, key);
  }

  /** Whatever its order of fields, and however often they are there. */
  #isOddPair(row: number, buf: Buffer, start: number, stop: number, key: Buffer): boolean {
    let same = key.length === 0;
    let from = stop;
    let to = stop;
    for (const pair = this.#pair.reset(buf, start, stop); pair.next();) {
      if (pair.field === KEY_VALUE.key)
        same = pair.stop - pair.start === key.length && key.compare(buf, pair.start, pair.stop) === 0;
      else if (pair.field === KEY_VALUE.value) {
        from = pair.start;
        to = pair.stop;
      }
    }
    if (!same) return false;
    this.row = row;
    this.buf = buf;
    this.start = from;
    this.stop = to;
    return true;
  }
}

/** Where the value of the field at an address of the scratch begins. */
export function valueAddress(space: EditSpace, at: number): number {
  const buf = space.scratch.buffer;
  let p = at - SCRATCH;
  const delimited = (buf[p] & 7) === LENGTH;
  while (buf[p++] > 0x7f);
  if (delimited) while (buf[p++] > 0x7f);
  return p + SCRATCH;
}
