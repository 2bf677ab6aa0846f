/**
 * The body of one HTTP request while it arrives: put together from chunks by copying, in memory of {@link ReceiveMemory}. It
 * costs what it holds, however small its chunks are, does not keep them alive, and takes memory only as bytes come.
 */
import type { Holder, ReceiveMemory } from './receive-memory.ts';

const EMPTY = Buffer.alloc(0);

/** `too_large`: past the limit of a body. `no_memory`: past the bound of all bodies together, or given up to make room. */
export type Shortage = 'too_large' | 'no_memory';

export class RequestBody implements Holder {
  readonly #memory: ReceiveMemory;
  readonly #limitBytes: number;
  /** -1 = unknown. */
  readonly #declaredBytes: number;
  readonly #nowMs: () => number;
  readonly #evicted: () => void;
  #buffer: Buffer | null = null;
  #length = 0;
  #released = false;
  #lastProgressMs = 0;

  /** `evicted`: the body was given up, and its memory is gone. `declaredBytes`: its length if it is known, else -1. */
  constructor(
    memory: ReceiveMemory,
    limitBytes: number,
    declaredBytes: number,
    nowMs: () => number,
    evicted: () => void,
  ) {
    this.#memory = memory;
    this.#limitBytes = limitBytes;
    this.#declaredBytes = declaredBytes;
    this.#nowMs = nowMs;
    this.#evicted = evicted;
  }

  get length(): number {
    return this.#length;
  }

  /** Takes `chunk[start, end)`. What it returns says that nothing was taken and nothing more can be: {@link release} it then. */
  add(chunk: Uint8Array, start = 0, end = chunk.length): Shortage | null {
    if (this.#released) return 'no_memory';
    // First, so that making room cannot give up this very body.
    this.#lastProgressMs = this.#nowMs();
    const needed = this.#length + end - start;
    if (needed > this.#limitBytes) return 'too_large';
    const buffer = this.#buffer !== null && needed <= this.#buffer.length ? this.#buffer : this.#grow(needed);
    if (buffer === null) return 'no_memory';
    buffer.set(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end), this.#length);
    this.#length = needed;
    return null;
  }

  /** What has come so far. Valid until {@link release}. */
  bytes(): Buffer {
    return this.#buffer === null ? EMPTY : this.#buffer.subarray(0, this.#length);
  }

  /** Gives the memory back. Calling it again is harmless. */
  release(): void {
    this.#released = true;
    if (this.#buffer === null) return;
    this.#memory.release(this);
    this.#memory.give(this.#buffer);
    this.#buffer = null;
  }

  evictStalled(sinceMs: number): void {
    if (this.#lastProgressMs > sinceMs) return;
    this.release();
    this.#evicted();
  }

  #grow(needed: number): Buffer | null {
    const expected = this.#declaredBytes < 0 ? 2 * needed : this.#declaredBytes;
    const grown = this.#memory.grow(this.#buffer, this.#length, needed, expected);
    if (grown === null) return null;
    if (this.#buffer === null) this.#memory.hold(this);
    this.#buffer = grown;
    return grown;
  }
}
