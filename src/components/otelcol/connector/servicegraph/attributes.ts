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
  /** First key of each length, -1; and the next one of the same list. */
  readonly #first = new Int32Array(LONG + 1).fill(-1);
  readonly #next: Int32Array;

  constructor(names: Iterable<string>) {
    this.names = [...new Set(names)];
    this.#bytes = this.names.map((name) => Buffer.from(name));
    this.#next = new Int32Array(this.names.length);
    for (let key = this.names.length - 1; key >= 0; key--) {
      const list = Math.min(this.#bytes[key].length, LONG);
      this.#next[key] = this.#first[list];
      this.#first[list] = key;
    }
  }

  /** The number of the key `buf[start, end)`, or -1. */
  find(buf: Buffer, start: number, end: number): number {
    const length = end - start;
    for (let key = this.#first[length < LONG ? length : LONG]; key >= 0; key = this.#next[key]) {
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
  /** By key: the AnyValue, empty where a key has no value; `start` is -1 where there is no such attribute. */
  readonly start: Int32Array;
  readonly end: Int32Array;

  constructor(keys: Keys) {
    this.#keys = keys;
    this.start = new Int32Array(keys.names.length).fill(-1);
    this.end = new Int32Array(keys.names.length);
  }

  reset(): void {
    const { start } = this;
    for (let key = 0; key < start.length; key++) start[key] = -1;
  }

  /** Looks at the fields with `attributesTag` (one byte) in the message `buf[p, stop)`, of validated bytes. */
  scan(buf: Buffer, p: number, stop: number, attributesTag: number): void {
    while (p >= 0 && p < stop) {
      const tagAt = p;
      if (buf[p] !== attributesTag) {
        p = readTag(buf, p, stop);
        if (p >= 0) p = skipUnknown(buf, p, stop, varint, tagAt, 1);
        continue;
      }
      p = readLength(buf, p + 1, stop);
      if (p < 0) return;
      const end = p + varint;
      this.attribute(buf, p, end);
      p = end;
    }
  }

  /** Takes the KeyValue `buf[p, end)` into account. Everybody writes it as a short key, then the value. */
  attribute(buf: Buffer, p: number, end: number): void {
    const keyEnd = end - p < 2 ? end : p + 2 + buf[p + 1];
    if (keyEnd + 2 > end || buf[p] !== KEY_TAG || buf[p + 1] > 0x7f || buf[keyEnd] !== VALUE_TAG)
      return this.#anyAttribute(buf, p, end);
    const valueLength = end - keyEnd - 2;
    let valueAt = keyEnd + 2;
    if (valueLength > 0x7f || buf[keyEnd + 1] !== valueLength) {
      valueAt = readLength(buf, keyEnd + 1, end);
      if (valueAt < 0 || valueAt + varint !== end) return this.#anyAttribute(buf, p, end);
    }
    const key = this.#keys.find(buf, p + 2, keyEnd);
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
