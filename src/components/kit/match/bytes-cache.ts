/**
 * What is known of texts that come again and again, found by their bytes: no string is made of a text that is known. Bounded: a
 * table of so many places, in which a text that comes to another's place takes it. Worker threads.
 */
import { keyHash } from '#codec/key-hash.ts';

/** Longer texts (in bytes) are not kept: they seldom come again. */
const LONGEST = 512;

export class BytesCache<T> {
  readonly #keys: (Buffer | null)[];
  readonly #values: (T | undefined)[];
  readonly #mask: number;
  /** Where the text of the last `get` belongs; -1: nowhere. */
  #place = -1;

  /** At least 1 place; rounded up to a power of two. */
  constructor(places: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(1, places)));
    this.#keys = Array.from<Buffer | null>({ length: size }).fill(null);
    this.#values = Array.from({ length: size });
    this.#mask = size - 1;
  }

  get(buf: Buffer, start: number, stop: number): T | undefined {
    if (stop - start > LONGEST) {
      this.#place = -1;
      return undefined;
    }
    const place = keyHash(buf, start, stop, 0) & this.#mask;
    this.#place = place;
    const key = this.#keys[place];
    return key !== null && isSame(key, buf, start, stop) ? this.#values[place] : undefined;
  }

  /** What is known of the text of the last `get` from now on, which gave nothing. */
  put(buf: Buffer, start: number, stop: number, value: T): T {
    if (this.#place >= 0) {
      this.#keys[this.#place] = Buffer.from(buf.subarray(start, stop));
      this.#values[this.#place] = value;
    }
    return value;
  }
}

export function isSame(key: Buffer, buf: Buffer, start: number, stop: number): boolean {
  let k = key.length;
  if (k !== stop - start) return false;
  if (k > 32) return key.compare(buf, start, stop) === 0;
  while (k > 0) if (key[--k] !== buf[--stop]) return false;
  return true;
}
