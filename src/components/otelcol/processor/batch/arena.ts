import { copyAll } from '#components/kit/copy.ts';

const EMPTY = Buffer.alloc(0);

/**
 * Grows one batch by appending export requests: concatenated requests are a request. Each byte is copied in once; a full
 * arena leaves as the batch itself.
 */
export class Arena {
  #bytes: Buffer = EMPTY;
  #length = 0;
  /** Size of the last batch: what the next arena starts with. */
  #expected = 0;
  items = 0;

  append(bytes: Buffer, items: number): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#bytes.length) this.#grow(needed);
    copyAll(bytes, this.#bytes, this.#length);
    this.#length = needed;
    this.items += items;
  }

  /** Continues with `bytes`, which nobody writes to: only for an empty arena. */
  adopt(bytes: Buffer, items: number): void {
    this.#bytes = bytes;
    this.#length = bytes.length;
    this.items = items;
  }

  /** All bytes, owned by the caller. The arena is empty and holds no memory then. */
  take(): Buffer {
    const length = this.#length;
    const used = this.#bytes.subarray(0, length);
    // A batch keeps its whole memory alive, so one that fills less than half of it is copied out.
    const bytes = length * 2 >= this.#bytes.length ? used : Buffer.from(used);
    this.#bytes = EMPTY;
    this.#length = 0;
    this.#expected = length;
    this.items = 0;
    return bytes;
  }

  #grow(needed: number): void {
    const capacity = this.#length === 0 ? this.#expected + (this.#expected >> 3) : this.#length * 2;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, capacity));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
