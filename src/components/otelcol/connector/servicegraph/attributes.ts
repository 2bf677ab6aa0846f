/** Finds the attributes that are asked for among those of a resource or span. */
import { KEY_VALUE } from '#codec/otlp/fields.ts';
import { LENGTH } from '#codec/protobuf/limits.ts';
import { readLength, readTag, skipUnknown, varint } from '#codec/protobuf/walk.ts';

const KEY_TAG = (KEY_VALUE.key << 3) | LENGTH;
const VALUE_TAG = (KEY_VALUE.value << 3) | LENGTH;
/** Keys of this length and longer ones are one list. */
const LONG = 255;

/** Keys by number, from 0 on in the order given. */
export class Keys {
  readonly names: readonly string[];
  readonly #bytes: readonly Buffer[];
  /** First key of each length, -1: none. Read only. */
  readonly first = new Int32Array(LONG + 1).fill(-1);
  /** The next key of the same list. */
  readonly #next: Int32Array;

  constructor(names: Iterable<string>) {
    this.names = [...new Set(names)];
    this.#bytes = this.names.map((name) => Buffer.from(name));
    this.#next = new Int32Array(this.names.length);
    for (let key = this.names.length - 1; key >= 0; key--) {
      const list = Math.min(this.#bytes[key].length, LONG);
      this.#next[key] = this.first[list];
      this.first[list] = key;
    }
  }

  /** The number of the key `buf[start, end)`, or -1. */
  find(buf: Buffer, start: number, end: number): number {
    const length = end - start;
    for (let key = this.first[length < LONG ? length : LONG]; key >= 0; key = this.#next[key]) {
      const bytes = this.#bytes[key];
      if (bytes.length !== length) continue;
      let at = length - 1;
      while (at >= 0 && bytes[at] === buf[start + at]) at--;
      if (at < 0) return key;
    }
    return -1;
  }
}

/** Where the values of keys lie: of each the first one. */
export class Found {
  readonly #keys: Keys;
  readonly #first: Int32Array;
  /** By key: the AnyValue, empty where a key has no value; `start` is -1 where there is no such attribute. */
  readonly start: Int32Array;
  readonly end: Int32Array;

  constructor(keys: Keys) {
    this.#keys = keys;
    this.#first = keys.first;
    this.start = new Int32Array(keys.names.length).fill(-1);
    this.end = new Int32Array(keys.names.length);
  }

  reset(): void {
    const { start } = this;
    for (let key = 0; key < start.length; key++) start[key] = -1;
  }

  /** Looks at the fields with `tag` (one byte) in the message `buf[p, stop)`, of validated bytes. */
  scan(buf: Buffer, p: number, stop: number, tag: number): void {
    while (p >= 0 && p < stop) {
      if (buf[p] === tag) p = this.take(buf, p, stop, tag);
      else {
        const tagAt = p;
        p = readTag(buf, p, stop);
        if (p >= 0) p = skipUnknown(buf, p, stop, varint, tagAt, 1);
      }
    }
  }

  /**
   * Takes the attributes into account that lie behind each other from `from` on, fields with `tag`; position after them, or -1.
   * Everybody writes them as a short key, then the value. `| 0` keeps positions 32-bit integers without checks for overflow.
   */
  take(buf: Buffer, from: number, to: number, tag: number): number {
    const end = to | 0;
    let p = from | 0;
    while (p < end && buf[p] === tag) {
      const lengthAt = (p + 1) | 0;
      const length = lengthAt < end ? buf[lengthAt] : 0x80;
      if (length < 0x80) p = (p + 2) | 0;
      else p = readLength(buf, lengthAt, end) | 0;
      if (p < 0) return -1;
      const stop = (p + (length < 0x80 ? length : varint)) | 0;
      if (stop > end) return -1;
      const keyLength = stop - p < 4 ? 0x80 : buf[(p + 1) | 0];
      const keyEnd = (p + 2 + keyLength) | 0;
      const valueAt = (keyEnd + 2) | 0;
      const plain = keyLength < 0x80 && valueAt <= stop && buf[p] === KEY_TAG && buf[keyEnd] === VALUE_TAG;
      const valueLength = (stop - valueAt) | 0;
      if (plain && valueLength < 0x80 && buf[(keyEnd + 1) | 0] === valueLength) {
        if (this.#first[keyLength] >= 0) this.#look(buf, (p + 2) | 0, keyEnd, valueAt, stop);
      } else this.#anyAttribute(buf, p, stop);
      p = stop;
    }
    return p;
  }

  #look(buf: Buffer, keyAt: number, keyEnd: number, valueAt: number, end: number): void {
    const key = this.#keys.find(buf, keyAt, keyEnd);
    if (key >= 0) this.#note(key, valueAt, end);
  }

  #anyAttribute(buf: Buffer, p: number, end: number): void {
    let key = this.#keys.find(buf, p, p);
    let start = p;
    let stop = p;
    while (p >= 0 && p < end) {
      const tagAt = p;
      p = readTag(buf, p, end);
      if (p < 0) return;
      const tag = varint;
      const next = skipUnknown(buf, p, end, tag, tagAt, 1);
      if (next >= 0 && (tag === KEY_TAG || tag === VALUE_TAG)) {
        const from = readLength(buf, p, end);
        if (tag === KEY_TAG) key = this.#keys.find(buf, from, next);
        else {
          start = from;
          stop = next;
        }
      }
      p = next;
    }
    if (p >= 0 && key >= 0) this.#note(key, start, stop);
  }

  #note(key: number, start: number, end: number): void {
    if (this.start[key] >= 0) return;
    this.start[key] = start;
    this.end[key] = end;
  }
}
