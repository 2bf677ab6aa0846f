/**
 * From bytes as they came in to numbers that were found for them before: a cache in front of a `SeriesTable`. Different bytes may
 * stand for the same series, so a key here is cheap to build and decides nothing; what is not found takes the slow way, once.
 *
 *     key.bytes ... key.length            raw bytes are copied in
 *     let at = aliases.find(key);         offset of its numbers in `aliases.values`
 *     if (at < 0) { at = aliases.add(key); aliases.values[at] = row; }
 *
 * Bounded: when it is full it begins anew. Keys are compared by words of 32 bits. Allocates only to grow. One thread.
 */
import { wordsHash } from '#codec/key-hash.ts';

/** Longer keys are not kept. */
export const MAX_RAW_KEY_BYTES = 8192;
const WORDS = MAX_RAW_KEY_BYTES >> 2;
const FIRST_ENTRIES = 64;
const FIRST_WORDS = 1024;
/** Where less than one part in so many was used, memory is given back. */
const SPARSE = 16;
/** Where a key is put together. */
export class RawKey {
  readonly #memory = new ArrayBuffer(MAX_RAW_KEY_BYTES);
  readonly bytes = Buffer.from(this.#memory);
  readonly words = new Int32Array(this.#memory);
  /** Set by whoever writes `bytes`: at most {@link MAX_RAW_KEY_BYTES}. */
  length = 0;
}

export class AliasTable {
  readonly #width: number;
  readonly #maxEntries: number;
  readonly #maxWords: number;
  /** Entry + 1, 0 = free. Twice as many as entries fit. */
  #slots = new Int32Array(FIRST_ENTRIES * 2);
  #hash = new Int32Array(FIRST_ENTRIES);
  /** First word of the key in `#words`; its length in bytes. */
  #at = new Int32Array(FIRST_ENTRIES);
  #length = new Int32Array(FIRST_ENTRIES);
  #words = new Int32Array(FIRST_WORDS);
  #wordsUsed = 0;
  #entries = 0;
  /** Of the key that was looked for last. */
  #lastHash = 0;
  /** `width` numbers for each entry. Another array after `add`. */
  values: Int32Array;

  constructor(width: number, maxEntries: number, maxBytes: number) {
    this.#width = width;
    this.#maxEntries = maxEntries;
    this.#maxWords = maxBytes >> 2;
    this.values = new Int32Array(FIRST_ENTRIES * width);
  }

  get size(): number {
    return this.#entries;
  }

  /** Where the numbers of this key begin, or -1. Zeroes up to three bytes behind the key. */
  find(key: RawKey): number {
    const { length, words, bytes } = key;
    for (let at = length; (at & 3) !== 0; at++) bytes[at] = 0;
    const count = (length + 3) >> 2;
    const hash = wordsHash(words, count, length);
    this.#lastHash = hash;
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot] - 1;
      if (entry < 0) return -1;
      if (this.#hash[entry] !== hash || this.#length[entry] !== length) continue;
      const kept = this.#words;
      const from = this.#at[entry];
      let i = 0;
      while (i < count && kept[from + i] === words[i]) i++;
      if (i === count) return entry * this.#width;
    }
  }

  /** Keeps the key that `find` has just not found; where its numbers go. */
  add(key: RawKey): number {
    const count = (key.length + 3) >> 2;
    if (this.#entries === this.#maxEntries || this.#wordsUsed + count > this.#maxWords) this.clear();
    if (this.#entries === this.#hash.length) this.#grow();
    if (this.#wordsUsed + count > this.#words.length) {
      const words = new Int32Array(Math.max(this.#words.length * 2, this.#wordsUsed + WORDS));
      words.set(this.#words);
      this.#words = words;
    }
    const entry = this.#entries++;
    this.#words.set(key.words.subarray(0, count), this.#wordsUsed);
    this.#hash[entry] = this.#lastHash;
    this.#at[entry] = this.#wordsUsed;
    this.#length[entry] = key.length;
    this.#wordsUsed += count;
    this.#place(entry);
    return entry * this.#width;
  }

  /** Forgets everything. Keeps its memory, unless it was hardly used. */
  clear(): void {
    if (this.#entries === 0) return;
    if (this.#entries * SPARSE < this.#hash.length || this.#wordsUsed * SPARSE < this.#words.length) this.#begin();
    else this.#slots.fill(0);
    this.#entries = 0;
    this.#wordsUsed = 0;
  }

  #begin(): void {
    this.#slots = new Int32Array(FIRST_ENTRIES * 2);
    this.#hash = new Int32Array(FIRST_ENTRIES);
    this.#at = new Int32Array(FIRST_ENTRIES);
    this.#length = new Int32Array(FIRST_ENTRIES);
    this.#words = new Int32Array(FIRST_WORDS);
    this.values = new Int32Array(FIRST_ENTRIES * this.#width);
  }

  #place(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hash[entry] & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  #grow(): void {
    const entries = this.#entries * 2;
    const grown = (from: Int32Array, length: number): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(length);
      to.set(from);
      return to;
    };
    this.#hash = grown(this.#hash, entries);
    this.#at = grown(this.#at, entries);
    this.#length = grown(this.#length, entries);
    this.values = grown(this.values, entries * this.#width);
    this.#slots = new Int32Array(entries * 2);
    for (let entry = 0; entry < this.#entries; entry++) this.#place(entry);
  }
}
