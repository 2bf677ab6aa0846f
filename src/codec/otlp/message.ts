/**
 * One OTLP message of a batch, read lazily and edited by recording. The first question makes a table of its fields (a row for each:
 * where it lies); nothing is decoded. An edit writes the new field into the scratch and points a row at it; reading sees it at once.
 * What was not edited is never copied until the batch is put together again ({@link emit}).
 *
 *     span.set(start, stop);
 *     if (span.find(SPAN.attributes, KEY)) span.remove(span.row);
 *     const at = span.mark();
 *     span.scratch.string(SPAN.name, 'GET /');
 *     span.put(SPAN.name, at);
 *
 * For validated bytes; a message of more than a million fields throws {@link ProtobufError}. Worker threads; reused: one object
 * serves all spans. Of a field that should be there once and is there more often, the last one counts.
 *
 *     row   0 tag (0: removed)   1 address of the field   2 address of its value   3 end
 *           4 of an attribute, once somebody has looked for one: length and last byte of its key, or ODD: not as encoders write it
 *
 * Rows are named by their offset in the table; offset 0 is never a row.
 */
import { FIXED32, FIXED64, LENGTH, ProtobufError, START_GROUP, VARINT } from '../protobuf/limits.ts';
import { Reader } from '../protobuf/reader.ts';
import { unzigzag32 } from '../protobuf/varint.ts';
import { skipGroup } from '../protobuf/walk.ts';
import type { Writer } from '../protobuf/writer.ts';
import { offsetOf, valueAddress, type EditSpace } from './address.ts';
import type { ConstantField } from './constant-field.ts';
import { KEY_VALUE } from './fields.ts';
import type { Splice } from './splice.ts';

const STRIDE = 5;
const AT = 1;
const VALUE = 2;
const END = 3;
const KEY = 4;
const ODD = -1;

/** More than there can be: of fields, of rows. */
const ALL = 2 ** 30;
/** Messages have some ten fields; what a sender fills with millions must not fill the memory. */
const MOST_ROWS = 2 ** 20;
/** A table begins with so many; one that grew beyond the other is not kept for the next message. */
const FIRST_ROWS = 64;
const KEPT_ROWS = 2 ** 13;
/** Fields that are read at once in search of an attribute. */
const SOME = 8;

const KEY_TAG = (KEY_VALUE.key << 3) | LENGTH;
const VALUE_TAG = (KEY_VALUE.value << 3) | LENGTH;

export class Message {
  readonly space: EditSpace;
  readonly #pair = new Reader();
  #start = 0;
  #end = 0;
  /** Address of the first field that is not in the table yet. */
  #unread = 0;
  /** Rows differ from the bytes [start, end). */
  #pending = false;
  #edited = false;
  #rows = new Int32Array(STRIDE * FIRST_ROWS);
  #length = STRIDE;
  /** Rows before this one are as they came. */
  #intact = ALL;
  /** Of a message that nobody has looked into: addresses of what was added behind its end; 0: nothing was. */
  tailFrom = 0;
  tailTo = 0;

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
    this.#turn(start, end);
    this.#edited = false;
  }
  #turn(start: number, end: number): void {
    this.#start = start;
    this.#end = end;
    this.#unread = start;
    this.#length = STRIDE;
    if (this.#rows.length > STRIDE * KEPT_ROWS) this.#rows = new Int32Array(STRIDE * FIRST_ROWS);
    this.#intact = ALL;
    this.#pending = false;
    this.#looked = false;
    this.tailFrom = this.tailTo = 0;
  }
  /** An absent message, which is an empty one. */
  clear(): void {
    this.set(0, 0);
  }

  /** Nothing was changed but what was added behind its end. */
  get isWhole(): boolean {
    return !this.#pending || this.tailTo !== 0;
  }

  /** Where it begins and ends, as it was set. */
  get begin(): number {
    return this.#start;
  }
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
    return this.first(field) !== 0;
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
    if (this.#unread < this.#end) this.#read(ALL);
    const tag = (field << 3) | wire;
    const rows = this.#rows;
    for (let row = this.#length - STRIDE; row > 0; row -= STRIDE) {
      if (rows[row] !== tag) continue;
      this.content(row);
      return true;
    }
    return false;
  }

  /** Rows of a field: the first, and the one after another; 0: none. */
  first(field: number): number {
    if (this.#unread < this.#end) this.#read(ALL);
    return this.#after(0, field);
  }
  next(row: number): number {
    return this.#after(row, this.#rows[row] >>> 3);
  }
  last(field: number): number {
    if (this.#unread < this.#end) this.#read(ALL);
    const rows = this.#rows;
    let row = this.#length - STRIDE;
    while (row > 0 && rows[row] >>> 3 !== field) row -= STRIDE;
    return row;
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
    const tag = (field << 3) | LENGTH;
    const sign = signOf(key);
    for (let row = STRIDE; ;) {
      const rows = this.#rows;
      const length = this.#length;
      for (; row < length; row += STRIDE) {
        if (rows[row] !== tag) continue;
        const own = rows[row + KEY] === 0 ? this.#sign(row) : rows[row + KEY];
        if (own !== sign && own !== ODD) continue;
        this.content(row);
        if (this.#isPair(row, this.buf, this.start, this.stop, key)) return true;
      }
      // What is found early costs no look at the rest.
      if (this.#unread >= this.#end) return false;
      this.#read(SOME);
    }
  }

  /**
   * As {@link find}, for who does not need the row: the first question of all is answered by walking the fields once, without the
   * table, which costs more than one walk.
   */
  look(field: number, key: Buffer): boolean {
    if (this.#looked || this.#pending || this.#length > STRIDE) return this.find(field, key);
    this.#looked = true;
    const wanted = (field << 3) | LENGTH;
    const buf = this.space.bufferOf(this.#start);
    const end = offsetOf(this.#end);
    for (let p = offsetOf(this.#start); p < end;) {
      let tag = buf[p++];
      if (tag > 0x7f) {
        tag &= 0x7f;
        for (let shift = 7, byte = 0x80; byte > 0x7f; shift += 7) tag |= ((byte = buf[p++]) & 0x7f) << shift;
      }
      let value = p;
      switch (tag & 7) {
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
        case VARINT:
          while (buf[p++] > 0x7f);
          break;
        case FIXED64:
          p += 8;
          break;
        case FIXED32:
          p += 4;
          break;
        case START_GROUP:
          p = skipGroup(buf, p, end, tag >>> 3, 1);
      }
      if (tag === wanted && this.#isPair(0, buf, value, p, key)) return true;
    }
    return false;
  }
  #looked = false;

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

  /** Adds the fields that were written since `mark`, or up to `end`. For a message that nobody has looked into no table is made. */
  append(mark: number, end = this.space.end): void {
    if (this.#unread === this.#start && this.#start < this.#end && (this.tailTo === 0 || this.tailTo === mark)) {
      if (this.tailTo === 0) this.tailFrom = mark;
      this.tailTo = end;
      this.#pending = this.#edited = true;
      return;
    }
    this.#note(ALL);
    if (this.#length < this.#intact) this.#intact = this.#length;
    this.#add(mark, end, ALL);
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
    rows[row + KEY] = 0;
  }

  /** Adds a field that many messages get. */
  appendConstant(field: ConstantField): void {
    this.#note(ALL);
    const row = this.#length;
    if (row < this.#intact) this.#intact = row;
    if (row === this.#rows.length) this.#grown();
    this.#length = row + STRIDE;
    this.#rows[row] = field.tag;
    this.#point(row, field);
  }
  /** Likewise, in the place of a row with the same number. */
  replaceConstant(row: number, field: ConstantField): void {
    this.#note(row);
    this.#point(row, field);
  }
  #point(row: number, field: ConstantField): void {
    const at = field.addressIn(this.space);
    const rows = this.#rows;
    rows[row + AT] = at;
    rows[row + VALUE] = at + field.value;
    rows[row + END] = at + field.bytes.length;
    rows[row + KEY] = 0;
  }

  /** A row that is removed has no next one: ask for it before. */
  remove(row: number): void {
    this.#note(row);
    this.#rows[row] = 0;
  }

  removeAll(field: number): void {
    for (let row = this.first(field); row !== 0; row = this.#after(row, field)) this.remove(row);
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
    if (this.isWhole) {
      splice.range(this.#start, this.#end);
      return splice.range(this.tailFrom, this.tailTo);
    }
    for (let row = this.#begin(); row !== 0; row = this.#advance(row)) splice.range(this.#from, this.#to);
  }

  /** Likewise, without the fields of two numbers. */
  emitBut(splice: Splice, one: number, other: number): void {
    if (this.#unread < this.#end) this.#read(ALL);
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
    this.#turn(mark, this.space.end);
  }

  #copy(): void {
    if (this.isWhole) {
      this.#copyRange(this.#start, this.#end);
      return this.#copyRange(this.tailFrom, this.tailTo);
    }
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
    if (this.#unread < this.#end) this.#read(ALL);
    this.#pending = true;
    this.#edited = true;
    if (row < this.#intact) this.#intact = row;
  }

  /** Takes so many more fields into the table. */
  #read(most: number): void {
    this.#unread = this.#add(this.#unread, this.#end, most);
    if (this.tailTo === 0 || this.#unread < this.#end) return;
    this.#intact = this.#length;
    this.#add(this.tailFrom, this.tailTo, ALL);
    this.tailFrom = this.tailTo = 0;
  }

  /** The row of a field behind another one. */
  #after(row: number, field: number): number {
    const rows = this.#rows;
    for (row += STRIDE; row < this.#length; row += STRIDE) if (rows[row] >>> 3 === field) return row;
    return 0;
  }

  /** The same steps as in `look`: shared they cost a fifth more. Rows for the fields between two addresses, or the first of them; the address behind. */
  #add(from: number, to: number, most: number): number {
    const buf = this.space.bufferOf(from);
    const base = from - offsetOf(from);
    const end = to - base;
    let rows = this.#rows;
    let row = this.#length;
    let p = from - base;
    for (let left = most; p < end && left > 0; left--) {
      const at = p;
      let tag = buf[p++];
      if (tag > 0x7f) {
        tag &= 0x7f;
        for (let shift = 7, byte = 0x80; byte > 0x7f; shift += 7) tag |= ((byte = buf[p++]) & 0x7f) << shift;
      }
      let value = p;
      switch (tag & 7) {
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
        case VARINT:
          while (buf[p++] > 0x7f);
          break;
        case FIXED64:
          p += 8;
          break;
        case FIXED32:
          p += 4;
          break;
        case START_GROUP:
          p = skipGroup(buf, p, end, tag >>> 3, 1);
      }
      if (row === rows.length) rows = this.#grown();
      rows[row] = tag;
      rows[row + AT] = base + at;
      rows[row + VALUE] = base + value;
      rows[row + END] = base + p;
      rows[row + KEY] = 0;
      row += STRIDE;
    }
    this.#length = row;
    return base + p;
  }

  #grown(): Int32Array<ArrayBuffer> {
    if (this.#rows.length >= STRIDE * MOST_ROWS)
      throw new ProtobufError(`more than ${MOST_ROWS} fields in one message`, offsetOf(this.#start));
    const grown = new Int32Array(this.#rows.length * 2);
    grown.set(this.#rows);
    this.#rows = grown;
    return grown;
  }

  /** Notes what tells the key of an attribute from most others. */
  #sign(row: number): number {
    const rows = this.#rows;
    const at = rows[row + VALUE];
    const buf = this.space.bufferOf(at);
    const start = offsetOf(at);
    const stop = start + rows[row + END] - at;
    let sign = ODD;
    if (stop - start > 3 && buf[start] === KEY_TAG && buf[start + 1] < 0x80 && buf[start + 1] > 0) {
      const after = start + 2 + buf[start + 1];
      if (after < stop && buf[after] === VALUE_TAG) sign = (buf[start + 1] << 8) | buf[after - 1];
    }
    rows[row + KEY] = sign;
    return sign;
  }

  #isPair(row: number, buf: Buffer, start: number, stop: number, key: Buffer): boolean {
    const { length } = key;
    if (length > 0x7f || stop - start < 4) return this.#isOddPair(row, buf, start, stop, key);
    const after = start + 2 + buf[start + 1];
    // Encoders write the key first, and most attributes are told apart by its length alone.
    if (buf[start + 1] !== length) {
      if (buf[start + 1] < 0x80 && buf[start] === KEY_TAG && after < stop && buf[after] === VALUE_TAG) return false;
      return this.#isOddPair(row, buf, start, stop, key);
    }
    if (buf[start] !== KEY_TAG) return this.#isOddPair(row, buf, start, stop, key);
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

/** As {@link Message} notes it of keys; of those that it notes nothing of, nothing. */
const signOf = (key: Buffer): number =>
  key.length === 0 || key.length > 0x7f ? 0 : (key.length << 8) | key[key.length - 1];
