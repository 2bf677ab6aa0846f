/**
 * Attributes of a series in the making, one after the other as parcels hold them: the KeyValue message with a varint length in
 * front (`parcel.ts`). Reused: `reset` keeps the memory. For the way that a new series takes, once.
 *
 *     KeyValue   0a key  12 AnyValue
 *     AnyValue   0a string  10 bool  18 int  21 double
 *
 * Text always comes out as UTF-8, in lists and maps too: bytes that are none become U+FFFD, so that every destination takes them.
 */
import { anyValueBytes, readAnyValue } from '#codec/otlp/any-value.ts';
import { ANY_VALUE, KEY_VALUE } from '#codec/otlp/fields.ts';
import { copyBytes } from '#codec/protobuf/copy.ts';
import { FIXED64, LENGTH, VARINT } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import { varint32Size, writeVarint32, writeVarint64 } from '#codec/protobuf/varint.ts';

const KEY_TAG = (KEY_VALUE.key << 3) | LENGTH;
const VALUE_TAG = (KEY_VALUE.value << 3) | LENGTH;
const STRING_TAG = (ANY_VALUE.stringValue << 3) | LENGTH;
const BOOL_TAG = (ANY_VALUE.boolValue << 3) | VARINT;
const INT_TAG = (ANY_VALUE.intValue << 3) | VARINT;
const DOUBLE_TAG = (ANY_VALUE.doubleValue << 3) | FIXED64;
/** Tag and value of a double, of the longest varint with its tag. */
const MAX_NUMBER_BYTES = 11;
/** A buffer that grew beyond this is given back at the next `reset`. */
const KEPT_BYTES = 1 << 20;
const FIRST_BYTES = 1024;

export class AttributeWriter {
  /** The attributes are `buf[0, length)`. Another one after each call that adds. */
  buf: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  length = 0;
  readonly #reader = new Reader();

  reset(): this {
    this.length = 0;
    if (this.buf.length > KEPT_BYTES) this.buf = Buffer.allocUnsafeSlow(FIRST_BYTES);
    return this;
  }

  string(key: string, value: string): void {
    const bytes = Buffer.byteLength(value);
    this.#begin(key, 1 + varint32Size(bytes) + bytes);
    this.buf[this.length++] = STRING_TAG;
    this.length = writeVarint32(this.buf, this.length, bytes);
    this.length += this.buf.write(value, this.length, bytes, 'utf8');
  }

  bool(key: string, value: boolean): void {
    this.#begin(key, 2);
    this.buf[this.length++] = BOOL_TAG;
    this.buf[this.length++] = value ? 1 : 0;
  }

  int(key: string, value: number | bigint): void {
    const number = Buffer.allocUnsafe(MAX_NUMBER_BYTES);
    const bits = BigInt.asUintN(64, BigInt(value));
    number[0] = INT_TAG;
    this.#number(key, number, writeVarint64(number, 1, Number(bits & 0xffff_ffffn), Number(bits >> 32n)));
  }

  double(key: string, value: number): void {
    const number = Buffer.allocUnsafe(MAX_NUMBER_BYTES);
    number[0] = DOUBLE_TAG;
    this.#number(key, number, number.writeDoubleLE(value, 1));
  }

  /** An attribute whose AnyValue content is `buf[start, end)` as it came in; text in it is repaired where it is not UTF-8. */
  value(key: string, buf: Buffer, start: number, end: number): void {
    const reader = this.#reader.reset(buf, start, end);
    let text: string | null = null;
    let nested = false;
    // Of a oneof, the last member counts.
    while (reader.next()) {
      if (reader.field > ANY_VALUE.bytesValue) continue;
      text = reader.field === ANY_VALUE.stringValue ? reader.string() : null;
      nested ||= reader.field === ANY_VALUE.arrayValue || reader.field === ANY_VALUE.kvlistValue;
    }
    if (text !== null) return this.string(key, text);
    if (nested) {
      buf = anyValueBytes(readAnyValue(buf, start, end));
      start = 0;
      end = buf.length;
    }
    this.#begin(key, end - start);
    copyBytes(buf, start, end, this.buf, this.length);
    this.length += end - start;
  }

  #number(key: string, number: Buffer, length: number): void {
    this.#begin(key, length);
    number.copy(this.buf, this.length, 0, length);
    this.length += length;
  }

  /** Everything before the content of the value, which has `valueBytes` bytes; makes room for these. */
  #begin(key: string, valueBytes: number): void {
    const keyBytes = Buffer.byteLength(key);
    const content = 2 + varint32Size(keyBytes) + keyBytes + varint32Size(valueBytes) + valueBytes;
    this.#room(varint32Size(content) + content);
    this.length = writeVarint32(this.buf, this.length, content);
    this.buf[this.length++] = KEY_TAG;
    this.length = writeVarint32(this.buf, this.length, keyBytes);
    this.length += this.buf.write(key, this.length, keyBytes, 'utf8');
    this.buf[this.length++] = VALUE_TAG;
    this.length = writeVarint32(this.buf, this.length, valueBytes);
  }

  #room(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.buf.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buf.length * 2));
    this.buf.copy(grown, 0, 0, this.length);
    this.buf = grown;
  }
}
