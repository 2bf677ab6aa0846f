/**
 * The texts of one side of an edge (service name and dimensions), each combination once: an edge refers to one by a small number.
 *
 *     record    for the service name, then for each dimension:  u16 length, little-endian (0xffff = absent), bytes
 *
 * Texts are appended and never freed one by one. When there is no {@link Texts.room}, those that edges still refer to are
 * copied to new memory ({@link Texts.copy}), and all numbers change. So a stream of ever new dimension values costs what the
 * edges that wait need, and no more than twice that.
 */
import { keyHash } from '#codec/key-hash.ts';
import { copyBytes } from '#codec/protobuf/copy.ts';
import { ANY_VALUE } from '#codec/otlp/fields.ts';
import { valueText } from '#codec/otlp/value-text.ts';
import { LENGTH, VARINT } from '#codec/protobuf/limits.ts';
import { readLength, varint } from '#codec/protobuf/walk.ts';

/** Longer texts are cut to it, between two characters. */
const MAX_TEXT_BYTES = 1024;
const ABSENT = 0xffff;

const STRING_TAG = (ANY_VALUE.stringValue << 3) | LENGTH;
const INT_TAG = (ANY_VALUE.intValue << 3) | VARINT;

/** Numbers of texts: none; a service that is not known, on the side of the client and of the server. */
export const NO_TEXT = 0;
export const USER = 1;
export const UNKNOWN = 2;
const FIXED = [Buffer.alloc(0), Buffer.from('user'), Buffer.from('unknown')];

/** Most texts that one span adds: of its own side, of a database, of a peer. */
const PER_SPAN = 3;
/** Room beyond what is in use. */
const SPARE_BYTES = 64 * 1024;
const SPARE_COUNT = 1024;

export class Texts {
  /** Fields of a record. */
  readonly fields: number;
  readonly #bytes: Buffer;
  /** By number: where the record begins; one entry more says where the last one ends. */
  readonly #at: Int32Array;
  readonly #hashes: Int32Array;
  /** Numbers, at the place that the hash gives or behind it; 0 = free (text 0 is not looked up). */
  readonly #index: Int32Array;
  /** Bytes and texts up to which there is room for another span. */
  readonly #lastBytes: number;
  readonly #lastCount: number;
  #count = 0;
  /** End of the record being written. */
  #pos = 0;

  /** For `count` texts of `bytes` bytes together, and as many again. */
  constructor(dimensions: number, bytes = 0, count = 0) {
    this.fields = 1 + dimensions;
    this.#lastBytes = bytes + Math.max(bytes, SPARE_BYTES);
    this.#lastCount = count + Math.max(count, SPARE_COUNT);
    this.#bytes = Buffer.allocUnsafeSlow(this.#lastBytes + PER_SPAN * this.fields * (2 + MAX_TEXT_BYTES));
    const most = this.#lastCount + PER_SPAN;
    this.#at = new Int32Array(most + 1);
    this.#hashes = new Int32Array(most);
    this.#index = new Int32Array(2 ** Math.ceil(Math.log2(most * 2)));
    for (const name of FIXED) {
      this.field(name, 0, name.length);
      this.end();
    }
  }

  /** Whether the texts of one more span fit. Asked before each; without it nothing may be added. */
  get room(): boolean {
    return this.#pos <= this.#lastBytes && this.#count <= this.#lastCount;
  }

  /** Numbers of texts are below it. */
  get count(): number {
    return this.#count;
  }

  /** Appends a field to the record being written: the text `buf[start, end)`. */
  field(buf: Buffer, start: number, end: number): void {
    const stop = end - start > MAX_TEXT_BYTES ? cut(buf, start) : end;
    const bytes = this.#bytes;
    const length = stop - start;
    let pos = this.#pos;
    bytes[pos++] = length;
    bytes[pos++] = length >>> 8;
    copyBytes(buf, start, stop, bytes, pos);
    this.#pos = pos + length;
  }

  /** Appends a field: the AnyValue in `buf[start, end)` as text. */
  value(buf: Buffer, start: number, end: number): void {
    const at = stringAt(buf, start, end);
    if (at >= 0) return this.field(buf, at, end);
    const whole = smallInt(buf, start, end);
    if (whole >= 0) return this.#digits(whole);
    const text = Buffer.from(valueText(buf, start, end));
    this.field(text, 0, text.length);
  }

  #digits(value: number): void {
    let length = 1;
    for (let rest = value; rest > 9; rest = (rest / 10) | 0) length++;
    const bytes = this.#bytes;
    const from = this.#pos + 2;
    bytes[from - 2] = length;
    bytes[from - 1] = 0;
    for (let at = from + length - 1; at >= from; at--) {
      bytes[at] = 0x30 + (value % 10);
      value = (value / 10) | 0;
    }
    this.#pos = from + length;
  }

  absent(): void {
    this.#bytes[this.#pos++] = 0xff;
    this.#bytes[this.#pos++] = 0xff;
  }

  /** Ends the record; fields that are missing are absent. The number of its text. */
  end(): number {
    const bytes = this.#bytes;
    const start = this.#at[this.#count];
    let at = start;
    for (let field = 0; field < this.fields; field++) {
      if (at >= this.#pos) this.absent();
      at = this.#fieldEnd(at);
    }
    const hash = keyHash(bytes, start, at, 0);
    const index = this.#index;
    const mask = index.length - 1;
    let place = hash & mask;
    for (let text = index[place]; text !== 0; text = index[place]) {
      if (this.#hashes[text] === hash && this.#equal(text, start, at)) {
        this.#pos = start;
        return text;
      }
      place = (place + 1) & mask;
    }
    const text = this.#count++;
    index[place] = text;
    this.#hashes[text] = hash;
    this.#at[this.#count] = at;
    return text;
  }

  /** Whether a side has a service name that is not empty. */
  named(text: number): boolean {
    const at = this.#at[text];
    return (this.#bytes[at] | this.#bytes[at + 1]) !== 0;
  }

  /** Field 0: the service name. Invalid UTF-8 becomes U+FFFD. Undefined where it is absent. */
  string(text: number, field: number): string | undefined {
    let at = this.#at[text];
    while (field-- > 0) at = this.#fieldEnd(at);
    const length = this.#bytes.readUInt16LE(at);
    return length === ABSENT ? undefined : this.#bytes.toString('utf8', at + 2, at + 2 + length);
  }

  /** Bytes of a record. */
  size(text: number): number {
    return this.#at[text + 1] - this.#at[text];
  }

  /** Copies a text of `from`; `fieldOf`: for each dimension its field there, -1 where there is none. Its number here. */
  copy(from: Texts, text: number, fieldOf: readonly number[]): number {
    from.#copyField(text, 0, this);
    for (const field of fieldOf) {
      if (field < 0) this.absent();
      else from.#copyField(text, field, this);
    }
    return this.end();
  }

  /** The text with the service name of `name` and the dimensions of `text`. */
  renamed(text: number, name: number): number {
    this.#copyField(name, 0, this);
    for (let field = 1; field < this.fields; field++) this.#copyField(text, field, this);
    return this.end();
  }

  #copyField(text: number, field: number, to: Texts): void {
    let at = this.#at[text];
    while (field-- > 0) at = this.#fieldEnd(at);
    const end = this.#fieldEnd(at);
    if (this.#bytes.readUInt16LE(at) === ABSENT) to.absent();
    else to.field(this.#bytes, at + 2, end);
  }

  #fieldEnd(at: number): number {
    const length = this.#bytes[at] | (this.#bytes[at + 1] << 8);
    return at + 2 + (length === ABSENT ? 0 : length);
  }

  #equal(text: number, start: number, end: number): boolean {
    const bytes = this.#bytes;
    let at = this.#at[text];
    if (this.#at[text + 1] - at !== end - start) return false;
    for (let i = start; i < end; i++) if (bytes[i] !== bytes[at++]) return false;
    return true;
  }
}

/** Where the text of an AnyValue begins that is nothing but a string (it goes on to `end`), else -1. */
function stringAt(buf: Buffer, start: number, end: number): number {
  if (start === end) return start;
  if (buf[start] !== STRING_TAG) return -1;
  const at = readLength(buf, start + 1, end);
  return at >= 0 && at + varint === end ? at : -1;
}

/** Of an AnyValue that is nothing but a small whole number, else -1. */
function smallInt(buf: Buffer, start: number, end: number): number {
  if (buf[start] !== INT_TAG || end - start < 2 || end - start > 5) return -1;
  let value = 0;
  for (let at = start + 1, shift = 0; at < end; at++, shift += 7) {
    if (buf[at] > 0x7f !== at < end - 1) return -1;
    value |= (buf[at] & 0x7f) << shift;
  }
  return value;
}

/** The end of the longest part of a long text from `start` on that is short enough and does not end within a character. */
function cut(buf: Buffer, start: number): number {
  let stop = start + MAX_TEXT_BYTES;
  for (let back = 0; back < 3 && (buf[stop] & 0xc0) === 0x80; back++) stop--;
  return (buf[stop] & 0xc0) === 0x80 ? start + MAX_TEXT_BYTES : stop;
}
