/**
 * A growing set of send numbers, one bit each, in blocks. A block that holds all its numbers is a shared constant, so a run
 * without refusals keeps a few blocks however long it is; with refusals it is a bit for each request.
 */

/** Send numbers in one block; 4 KiB of bits. */
const BLOCK = 32_768;
const WORDS = BLOCK / 32;

/** What goes from one process to another: per block its bits, `true` = all of them, `false` = none. */
export type SendSetBlocks = (Uint32Array | boolean)[];

export class SendSet {
  readonly #blocks: SendSetBlocks;
  /** Of each block, how many of its numbers are in. */
  readonly #counts: number[];

  /** The blocks belong to the set from here on. */
  constructor(blocks: SendSetBlocks = []) {
    this.#blocks = blocks;
    this.#counts = blocks.map((block) => (typeof block === 'boolean' ? (block ? BLOCK : 0) : countBits(block)));
  }

  get blocks(): SendSetBlocks {
    return this.#blocks;
  }

  /** One more than the highest number that can be in the set. */
  get end(): number {
    return this.#blocks.length * BLOCK;
  }

  get size(): number {
    return this.#counts.reduce((sum, n) => sum + n, 0);
  }

  has(send: number): boolean {
    const block = this.#blocks[Math.floor(send / BLOCK)] ?? false;
    if (typeof block === 'boolean') return block;
    const bit = send % BLOCK;
    return ((block[bit >>> 5] >>> (bit & 31)) & 1) === 1;
  }

  add(send: number): void {
    const b = Math.floor(send / BLOCK);
    while (this.#blocks.length <= b) {
      this.#blocks.push(false);
      this.#counts.push(0);
    }
    let block = this.#blocks[b];
    if (block === true) return;
    if (block === false) block = this.#blocks[b] = new Uint32Array(WORDS);
    const bit = send % BLOCK;
    const before = block[bit >>> 5];
    const after = (before | (1 << (bit & 31))) >>> 0;
    if (before === after) return;
    block[bit >>> 5] = after;
    if (++this.#counts[b] === BLOCK) this.#blocks[b] = true;
  }

  /** Calls `visit` for every number that is in this set or in the other, but not in both; in order. */
  differences(other: SendSet, visit: (send: number) => void): void {
    for (let b = 0; b < Math.max(this.#blocks.length, other.#blocks.length); b++) {
      const mine = this.#blocks[b] ?? false;
      const its = other.#blocks[b] ?? false;
      if (typeof mine === 'boolean' && mine === its) continue;
      for (let send = b * BLOCK; send < (b + 1) * BLOCK; send++) if (this.has(send) !== other.has(send)) visit(send);
    }
  }
}

function countBits(words: Uint32Array): number {
  let n = 0;
  for (let word of words) for (; word !== 0; word = (word & (word - 1)) >>> 0) n++;
  return n;
}
