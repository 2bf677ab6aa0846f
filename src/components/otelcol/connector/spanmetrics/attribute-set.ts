/**
 * Those of a span's or an event's attributes that are dimensions: where the values of the names lie that were asked for, and which
 * attributes have names that one of the globs matches. Reused; makes nothing but what the globs need to remember names.
 *
 *     KeyValue   0a key  12 AnyValue
 */
import { KEY_VALUE } from '#codec/otlp/fields.ts';
import { copyBytes } from '#codec/protobuf/copy.ts';
import { LENGTH } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import { AliasTable, MAX_RAW_KEY_BYTES, RawKey } from '#components/kit/series/alias.ts';
import type { Glob } from '#text/glob.ts';

const KEY_TAG = (KEY_VALUE.key << 3) | LENGTH;
const VALUE_TAG = (KEY_VALUE.value << 3) | LENGTH;
/** Lengths of names are told apart up to here; longer ones share a place with shorter ones. */
const LENGTHS = 128;

/** The names and globs of a connector, made for comparing with bytes. */
export class AttributeNames {
  readonly names: readonly Buffer[];
  readonly globs: readonly Glob[];
  /** First name of a length, and the next one of the same length; -1: none. */
  readonly first = new Int16Array(LENGTHS).fill(-1);
  readonly next: Int16Array;
  readonly #key = new RawKey();
  readonly #known = new AliasTable(1, 4096, 1 << 18);

  constructor(names: readonly string[], globs: readonly Glob[]) {
    this.names = names.map((name) => Buffer.from(name));
    this.globs = globs;
    this.next = new Int16Array(names.length).fill(-1);
    this.names.forEach((name, i) => {
      this.next[i] = this.first[name.length % LENGTHS];
      this.first[name.length % LENGTHS] = i;
    });
  }

  get none(): boolean {
    return this.names.length === 0 && this.globs.length === 0;
  }

  /** Number of the name in `buf[start, end)`, or -1. */
  numberOf(buf: Buffer, start: number, end: number): number {
    const length = end - start;
    for (let i = this.first[length % LENGTHS]; i >= 0; i = this.next[i]) {
      const name = this.names[i];
      if (name.length !== length) continue;
      // Names of one length mostly differ in their last characters.
      let at = length - 1;
      while (at >= 0 && name[at] === buf[start + at]) at--;
      if (at < 0) return i;
    }
    return -1;
  }

  /** Whether a glob matches the name in `buf[start, end)`. */
  matches(buf: Buffer, start: number, end: number): boolean {
    if (end - start > MAX_RAW_KEY_BYTES) return this.#test(buf, start, end);
    const key = this.#key;
    key.length = end - start;
    copyBytes(buf, start, end, key.bytes, 0);
    const found = this.#known.find(key);
    if (found >= 0) return this.#known.values[found] === 1;
    const matches = this.#test(buf, start, end);
    const at = this.#known.add(key);
    this.#known.values[at] = matches ? 1 : 0;
    return matches;
  }

  #test(buf: Buffer, start: number, end: number): boolean {
    const name = buf.toString('utf8', start, end);
    return this.globs.some((glob) => glob.test(name));
  }
}

export class AttributeSet {
  readonly #names: AttributeNames;
  readonly #hasGlobs: boolean;
  readonly #reader = new Reader();
  /** By length of the name, as far as that is one byte: whether some name has it. */
  readonly #wanted = new Uint8Array(256);
  /** By number of the name: the AnyValue of the first attribute that has it. `start` -1: there is none. */
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** Attributes that globs match, in the order in which they come: key start, key end, value start, value end. */
  globbed = new Int32Array(4 * 16);
  globbedCount = 0;

  constructor(names: AttributeNames) {
    this.#names = names;
    this.#hasGlobs = names.globs.length > 0;
    this.start = new Int32Array(names.names.length).fill(-1);
    this.end = new Int32Array(names.names.length);
    for (let length = 0; length < 256; length++)
      if (this.#hasGlobs || length >= LENGTHS || names.first[length] >= 0) this.#wanted[length] = 1;
  }

  clear(): void {
    const { start } = this;
    for (let i = 0; i < start.length; i++) start[i] = -1;
    this.globbedCount = 0;
  }

  /** False: it is certain that nobody asks for the KeyValue in `buf[start, end)`. */
  mayWant(buf: Buffer, start: number, end: number): boolean {
    return end - start < 2 || buf[start] !== KEY_TAG || this.#wanted[buf[start + 1]] !== 0;
  }

  /** Takes the KeyValue in `buf[start, end)`. */
  add(buf: Buffer, start: number, end: number): void {
    const length = end - start > 4 ? buf[start + 1] : 0x80;
    const keyEnd = start + 2 + length;
    if (length >= 0x80 || buf[start] !== KEY_TAG || keyEnd + 2 > end) return this.#addSlowly(buf, start, end);
    const number = this.#names.numberOf(buf, start + 2, keyEnd);
    if (number < 0 && !this.#hasGlobs) return;
    const valueAt = keyEnd + 2;
    if (buf[keyEnd] !== VALUE_TAG || buf[keyEnd + 1] !== end - valueAt || end - valueAt >= 0x80)
      return this.#addSlowly(buf, start, end);
    this.#put(buf, number, start + 2, keyEnd, valueAt, end);
  }

  /** Any order of fields, any length; the last of each counts. */
  #addSlowly(buf: Buffer, start: number, end: number): void {
    let keyStart = end;
    let keyEnd = end;
    let valueStart = end;
    let valueEnd = end;
    const reader = this.#reader.reset(buf, start, end);
    while (reader.next()) {
      if (reader.wire !== LENGTH) continue;
      if (reader.field === KEY_VALUE.key) {
        keyStart = reader.start;
        keyEnd = reader.stop;
      } else if (reader.field === KEY_VALUE.value) {
        valueStart = reader.start;
        valueEnd = reader.stop;
      }
    }
    this.#put(buf, this.#names.numberOf(buf, keyStart, keyEnd), keyStart, keyEnd, valueStart, valueEnd);
  }

  #put(buf: Buffer, number: number, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    if (number >= 0 && this.start[number] < 0) {
      this.start[number] = valueStart;
      this.end[number] = valueEnd;
    }
    if (!this.#hasGlobs || !this.#names.matches(buf, keyStart, keyEnd)) return;
    let at = this.globbedCount++ * 4;
    if (at === this.globbed.length) {
      const grown = new Int32Array(at * 2);
      grown.set(this.globbed);
      this.globbed = grown;
    }
    this.globbed[at++] = keyStart;
    this.globbed[at++] = keyEnd;
    this.globbed[at++] = valueStart;
    this.globbed[at] = valueEnd;
  }
}
