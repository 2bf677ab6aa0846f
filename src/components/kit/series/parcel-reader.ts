/**
 * Reads parcels (`parcel.ts`). {@link ParcelReader.open} looks at all of one first, so that a parcel is merged as a whole or not at
 * all, whatever bytes it consists of; {@link ParcelReader.next} then goes from record to record. Reused; any thread.
 */
import { readLength, varint } from '#codec/protobuf/walk.ts';
import { MAX_SCALE, MIN_SIZE } from './exponential.ts';
import type { StoredLayout } from './stored-layout.ts';
import type { Instrument } from './plan.ts';
import {
  BUCKETS,
  EXEMPLAR_BYTES,
  EXPONENTIAL_HEAD,
  FIRST,
  MAX,
  PARCEL_HEADER_BYTES,
  RESOURCE_HEADER_BYTES,
  RESOURCE_RECORD,
  ROW_HEADER_BYTES,
  ROW_RECORD,
  SCALE,
  ZEROS,
  aligned,
} from './parcel.ts';

/** At it every value above 1 is in one bucket, every one below in another. */
const MIN_SCALE = -11;
const MAX_INDEX = 2 ** 31;
/** Nanoseconds of it still fit into 64 bits. */
const MAX_TIME_MS = 1.8e13;
const RESOURCE_ATTRIBUTE_TAG = 0x0a;

const isTime = (ms: number): boolean => ms >= 0 && ms <= MAX_TIME_MS;
const isCount = (value: number): boolean => value >= 0 && value <= Number.MAX_SAFE_INTEGER;

export class ParcelReader {
  readonly #groups: readonly StoredLayout[];
  bytes: Buffer = Buffer.alloc(0);
  #words = new Uint32Array(0);
  numbers = new Float64Array(0);
  #records = 0;
  #at = 0;
  readonly #named = new Set<number>();

  /** Of the present record: what it is, and the number of its resource. */
  isResource = false;
  resource = 0;
  /** Row: times of its first and last observation, ms since the epoch. Resource: the last one. */
  firstMs = 0;
  lastMs = 0;
  keyStart = 0;
  keyEnd = 0;
  /** Attributes: `[keyEnd, attributesEnd)`. */
  attributesEnd = 0;
  /** Row: its group, which instruments have counted. */
  group = 0;
  counted = 0;
  /** First of its values in `numbers`. */
  values = 0;
  exemplars = 0;
  /** First byte of its exemplars. */
  exemplarsAt = 0;
  #next = 0;

  constructor(groups: readonly StoredLayout[]) {
    this.#groups = groups;
  }

  /** Whether it is a parcel made under a plan of this fingerprint, and whole. */
  open(parcel: Uint8Array<ArrayBuffer>, fingerprint: number): boolean {
    const { buffer, byteOffset, byteLength } = parcel;
    if (byteLength < PARCEL_HEADER_BYTES || byteLength % 8 !== 0 || byteOffset % 8 !== 0) return false;
    this.bytes = Buffer.from(buffer, byteOffset, byteLength);
    this.#words = new Uint32Array(buffer, byteOffset, byteLength / 4);
    this.numbers = new Float64Array(buffer, byteOffset, byteLength / 8);
    if (this.#words[0] !== fingerprint) return false;
    this.#rewind();
    this.#named.clear();
    const records = this.#words[1];
    for (let i = 0; i < records; i++) {
      if (!this.#read() || !this.#isSound()) return false;
      this.#at = this.#next;
    }
    const whole = this.#at === byteLength;
    this.#rewind();
    this.#records = records;
    return whole;
  }

  /** Moves to the next record; false at the end. */
  next(): boolean {
    if (this.#records === 0) return false;
    this.#records--;
    this.#read();
    this.#at = this.#next;
    return true;
  }

  #rewind(): void {
    this.#at = PARCEL_HEADER_BYTES;
  }

  /** Takes the record at `at` apart; false: it does not fit into the parcel. */
  #read(): boolean {
    const at = this.#at;
    const words = this.#words;
    const word = at / 4;
    const left = this.bytes.length - at;
    if (left < RESOURCE_HEADER_BYTES) return false;
    const kind = this.bytes[at];
    this.isResource = kind === RESOURCE_RECORD;
    this.resource = words[word + 1];
    if (kind === RESOURCE_RECORD) {
      this.firstMs = this.lastMs = this.numbers[at / 8 + 1];
      return this.#ends(at + RESOURCE_HEADER_BYTES, words[word + 4], words[word + 5]);
    }
    if (kind !== ROW_RECORD || left < ROW_HEADER_BYTES) return false;
    this.group = this.bytes[at + 1];
    this.counted = this.bytes.readUInt16LE(at + 2);
    this.firstMs = this.numbers[at / 8 + 1];
    this.lastMs = this.numbers[at / 8 + 2];
    this.exemplars = words[word + 8];
    this.values = (at + ROW_HEADER_BYTES) / 8;
    this.exemplarsAt = at + ROW_HEADER_BYTES + words[word + 9] * 8;
    return this.#ends(this.exemplarsAt + this.exemplars * EXEMPLAR_BYTES, words[word + 6], words[word + 7]);
  }

  /** Key and attributes lie at `at`. Lengths are u32: their sums are exact. */
  #ends(at: number, keyLength: number, attributesLength: number): boolean {
    this.keyStart = at;
    this.keyEnd = at + keyLength;
    this.attributesEnd = this.keyEnd + attributesLength;
    if (this.attributesEnd > this.bytes.length) return false;
    this.#next = aligned(this.attributesEnd);
    return this.#next <= this.bytes.length;
  }

  #isSound(): boolean {
    if (!isTime(this.firstMs) || !isTime(this.lastMs)) return false;
    if (this.isResource) {
      this.#named.add(this.resource);
      return this.#hasFramedAttributes(RESOURCE_ATTRIBUTE_TAG);
    }
    const layout = this.#groups[this.group];
    if (layout === undefined || !this.#named.has(this.resource)) return false;
    if (this.counted >>> layout.instruments.length !== 0) return false;
    return this.#hasValues(layout) && this.#hasExemplars(layout) && this.#hasFramedAttributes(0);
  }

  #hasValues({ instruments }: StoredLayout): boolean {
    let at = this.values;
    const end = this.exemplarsAt / 8;
    for (const { width, instrument } of instruments) {
      if (at + width > end) return false;
      for (let i = at; i < at + width; i++) if (!Number.isFinite(this.numbers[i])) return false;
      if (!this.#areCounts(instrument, at, width)) return false;
      if (instrument.kind === 'exponential') {
        if (!this.#isExponential(at, instrument.maxSize ?? 0)) return false;
        at += this.numbers[at + BUCKETS];
      }
      at += width;
    }
    return at === end;
  }

  /** Of the first values of an instrument, those that count; values of sums and gauges may be any finite number. */
  #areCounts({ kind }: Instrument, at: number, width: number): boolean {
    const { numbers } = this;
    if (kind === 'sum' || kind === 'gauge') return true;
    if (!isCount(numbers[at])) return false;
    if (kind === 'exponential') return isCount(numbers[at + ZEROS]);
    for (let i = MAX + 1; i < width; i++) if (!isCount(numbers[at + i])) return false;
    return true;
  }

  #isExponential(at: number, maxSize: number): boolean {
    const { numbers } = this;
    const scale = numbers[at + SCALE];
    const first = numbers[at + FIRST];
    const buckets = numbers[at + BUCKETS];
    if (!Number.isInteger(scale) || scale < MIN_SCALE || scale > MAX_SCALE) return false;
    if (!Number.isInteger(first) || first < -MAX_INDEX || first + buckets > MAX_INDEX) return false;
    if (!Number.isInteger(buckets) || buckets < 0 || buckets > Math.max(maxSize, MIN_SIZE)) return false;
    if (at + EXPONENTIAL_HEAD + buckets > this.exemplarsAt / 8) return false;
    for (let i = 0; i < buckets; i++) if (!isCount(numbers[at + EXPONENTIAL_HEAD + i])) return false;
    return true;
  }

  #hasExemplars({ instruments }: StoredLayout): boolean {
    for (let i = 0; i < this.exemplars; i++) if (this.exemplarInstrument(i) >= instruments.length) return false;
    return true;
  }

  exemplarInstrument(index: number): number {
    return this.#words[(this.exemplarsAt + index * EXEMPLAR_BYTES) / 4 + 8];
  }

  /** Length-delimited pieces to the last byte, each behind `tag` (0 = none). */
  #hasFramedAttributes(tag: number): boolean {
    let at = this.keyEnd;
    while (at < this.attributesEnd) {
      if (tag !== 0 && this.bytes[at++] !== tag) return false;
      at = readLength(this.bytes, at, this.attributesEnd);
      if (at < 0) return false;
      at += varint;
    }
    return true;
  }
}
