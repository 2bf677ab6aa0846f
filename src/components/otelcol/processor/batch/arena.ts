import { copyAll } from '#components/kit/copy.ts';
import type { Spares } from './spares.ts';

const EMPTY = Buffer.alloc(0);

/** What an arena held: `release` gives the memory back for reuse, once nobody reads `bytes` any more. */
export interface Taken {
  readonly bytes: Buffer;
  readonly release: (() => void) | null;
}

/**
 * Grows one batch by appending export requests: concatenated requests are a request. Each byte is copied in once; a full
 * arena leaves as the batch itself.
 */
export class Arena {
  readonly #spares: Spares;
  #memory: Buffer = EMPTY;
  #length = 0;
  /** The memory is this arena's own, not adopted. */
  #own = true;
  /** Size of the last batch: what the next arena starts with. */
  #expected = 0;
  items = 0;

  constructor(spares: Spares) {
    this.#spares = spares;
  }

  append(bytes: Buffer, items: number): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#memory.length) this.#grow(needed);
    copyAll(bytes, this.#memory, this.#length);
    this.#length = needed;
    this.items += items;
  }

  /** Continues with `bytes`, which nobody writes to: only for an empty arena. */
  adopt(bytes: Buffer, items: number): void {
    this.#memory = bytes;
    this.#own = false;
    this.#length = bytes.length;
    this.items = items;
  }

  /** All bytes, owned by the caller. The arena is empty and holds no memory then. */
  take(): Taken {
    const memory = this.#memory;
    const own = this.#own;
    const length = this.#length;
    const used = memory.subarray(0, length);
    this.#memory = EMPTY;
    this.#own = true;
    this.#length = 0;
    this.#expected = length;
    this.items = 0;
    if (length * 2 >= memory.length) return { bytes: used, release: own ? () => this.#spares.give(memory) : null };
    // A batch keeps its whole memory alive, so one that fills less than half of it is copied out.
    const smaller = this.#spares.take(length);
    copyAll(used, smaller, 0);
    if (own) this.#spares.give(memory);
    return { bytes: smaller.subarray(0, length), release: () => this.#spares.give(smaller) };
  }

  #grow(needed: number): void {
    const capacity = this.#length === 0 ? this.#expected + (this.#expected >> 3) : this.#length * 2;
    const grown = this.#spares.take(Math.max(needed, capacity));
    const old = this.#memory;
    old.copy(grown, 0, 0, this.#length);
    this.#memory = grown;
    if (this.#own && old.length > 0) this.#spares.give(old);
    this.#own = true;
  }
}
