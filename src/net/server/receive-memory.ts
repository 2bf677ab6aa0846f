/**
 * Memory for requests that are still arriving, for all servers of one thread together: a bound on it, and buffers that serve
 * again.
 *
 * Past the bound a request is refused as retryable instead of held. So that clients which stop in the middle of a request
 * cannot keep the others out, those that have not moved for a while are given up first.
 */
import type { Clock } from '#shared/clock.ts';

export const DEFAULT_RECEIVE_BYTES = 64 * 1024 * 1024;

const SMALLEST_CLASS = 14; // 16 KiB
/** Kept for reuse, over all sizes. */
const MAX_SPARE_BYTES = 8 * 1024 * 1024;
const STALLED_MS = 10_000;
const EVICT_EVERY_MS = 1_000;

/** A connection whose requests hold memory of ours while they arrive. */
export interface Holder {
  /** Gives up the requests that have not moved since then (monotonic milliseconds), and their memory back. */
  evictStalled(sinceMs: number): void;
}

export class ReceiveMemory {
  readonly #limitBytes: number;
  readonly #clock: Clock;
  readonly #holders = new Set<Holder>();
  /** Free buffers by the power of two of their size. */
  readonly #spare: Buffer[][] = Array.from({ length: 33 }, () => []);
  #spareBytes = 0;
  #usedBytes = 0;
  /** Of these, in buffers. */
  #takenBytes = 0;
  #lastEvictionMs = -Infinity;

  constructor(limitBytes: number, clock: Clock) {
    this.#limitBytes = limitBytes;
    this.#clock = clock;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Counts `bytes` that somebody is about to hold. false: past the bound. */
  reserve(bytes: number): boolean {
    if (!this.#fits(bytes)) this.#evictStalled();
    if (!this.#fits(bytes)) return false;
    this.#usedBytes += bytes;
    return true;
  }

  free(bytes: number): void {
    this.#usedBytes -= bytes;
  }

  /**
   * A buffer of at least `bytes`, its content undefined; null past the bound. Give it back with {@link give}. If there is no other
   * buffer it may be of any size, so that the bound does not shut out large messages for ever; `insteadBytes` is the size of one
   * that the taker will give back for it.
   */
  take(bytes: number, insteadBytes = 0): Buffer | null {
    const power = Math.max(SMALLEST_CLASS, Math.ceil(Math.log2(bytes)));
    const size = 2 ** power;
    if (!this.reserve(size)) {
      if (this.#takenBytes !== insteadBytes) return null;
      this.#usedBytes += size;
    }
    this.#takenBytes += size;
    const spare = this.#spare[power].pop();
    if (spare === undefined) return Buffer.allocUnsafeSlow(size);
    this.#spareBytes -= size;
    return spare;
  }

  give(buffer: Buffer): void {
    this.#usedBytes -= buffer.length;
    this.#takenBytes -= buffer.length;
    if (this.#spareBytes + buffer.length > MAX_SPARE_BYTES) return;
    this.#spareBytes += buffer.length;
    this.#spare[Math.log2(buffer.length)].push(buffer);
  }

  /** Requests of `holder` may be given up from now on, until it is {@link release}d. */
  hold(holder: Holder): void {
    this.#holders.add(holder);
  }

  release(holder: Holder): void {
    this.#holders.delete(holder);
  }

  #fits(bytes: number): boolean {
    return this.#usedBytes + bytes <= this.#limitBytes;
  }

  #evictStalled(): void {
    const now = this.#clock.monotonicMs();
    if (now - this.#lastEvictionMs < EVICT_EVERY_MS) return;
    this.#lastEvictionMs = now;
    for (const holder of this.#holders) holder.evictStalled(now - STALLED_MS);
  }
}
