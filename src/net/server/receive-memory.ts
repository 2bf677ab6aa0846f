/**
 * Memory for requests that are still arriving, for all servers of one thread together: a bound on it, and buffers that serve
 * again.
 *
 * Past the bound a request is refused as retryable instead of held. So that clients which stop in the middle of a request
 * cannot keep the others out, those that have not moved for a while are given up first.
 */
import type { Clock } from '#shared/clock.ts';
import type { Meter } from '#shared/meter.ts';

/** `--receive.size`. */
export const DEFAULT_RECEIVE_BYTES = 32 * 1024 * 1024;
export const MIN_RECEIVE_BYTES = 1024 * 1024;
export const MAX_RECEIVE_BYTES = 1024 * 1024 * 1024;

/** What senders are told when there is no memory. */
export const TOO_MUCH_ARRIVING = 'the gateway holds as many unfinished requests as it may; retry later';

const SMALLEST_CLASS = 14; // 16 KiB
/** Kept for reuse, over all sizes. */
const MAX_SPARE_BYTES = 8 * 1024 * 1024;
const STALLED_MS = 10_000;
const EVICT_EVERY_MS = 1_000;

/** A request that holds memory of ours while it arrives. */
export interface Holder {
  readonly lastProgressMs: number;
  /** Gives the request up and its memory back. */
  evict(): void;
}

export class ReceiveMemory {
  readonly #limitBytes: number;
  readonly #clock: Clock;
  readonly #holders = new Set<Holder>();
  /** Free buffers by the power of two of their size. */
  readonly #spare: Buffer[][] = Array.from({ length: 32 }, () => []);
  #spareBytes = 0;
  #usedBytes = 0;
  #lastEvictionMs = -Infinity;

  constructor(limitBytes: number, clock: Clock) {
    this.#limitBytes = limitBytes;
    this.#clock = clock;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Sets the gauges; called before each scrape. */
  publish(meter: Meter): void {
    meter
      .gauge({ name: 'millrace_receive_used_bytes', help: 'Memory of requests that are still arriving.' })
      .set(this.#usedBytes);
    meter
      .gauge({ name: 'millrace_receive_capacity_bytes', help: 'Bound of millrace_receive_used_bytes.' })
      .set(this.#limitBytes);
  }

  /** Counts `bytes` that somebody is about to hold. false: past the bound. Who is the only user gets any amount. */
  reserve(bytes: number): boolean {
    return this.#reserve(bytes, 0);
  }

  free(bytes: number): void {
    this.#usedBytes -= bytes;
  }

  /**
   * A buffer of at least `bytes`, its content undefined; null past the bound. Give it back with {@link give}. `replaced`: what the
   * caller gives back at once when it gets this one.
   */
  take(bytes: number, replaced: Buffer | null = null): Buffer | null {
    const power = Math.max(SMALLEST_CLASS, Math.ceil(Math.log2(bytes)));
    if (!this.#reserve(2 ** power, replaced === null ? 0 : replaced.length)) return null;
    const spare = this.#spare[power].pop();
    if (spare === undefined) return Buffer.allocUnsafeSlow(2 ** power);
    this.#spareBytes -= spare.length;
    return spare;
  }

  give(buffer: Buffer): void {
    this.#usedBytes -= buffer.length;
    if (this.#spareBytes + buffer.length > MAX_SPARE_BYTES) return;
    this.#spareBytes += buffer.length;
    this.#spare[Math.log2(buffer.length)].push(buffer);
  }

  /** `holder` may be given up from now on, until it is {@link release}d. */
  hold(holder: Holder): void {
    this.#holders.add(holder);
  }

  release(holder: Holder): void {
    this.#holders.delete(holder);
  }

  #reserve(bytes: number, replacedBytes: number): boolean {
    if (!this.#fits(bytes, replacedBytes)) this.#evictStalled();
    if (!this.#fits(bytes, replacedBytes)) return false;
    this.#usedBytes += bytes;
    return true;
  }

  #fits(bytes: number, replacedBytes: number): boolean {
    const others = this.#usedBytes - replacedBytes;
    return others === 0 || others + bytes <= this.#limitBytes;
  }

  #evictStalled(): void {
    const now = this.#clock.monotonicMs();
    if (now - this.#lastEvictionMs < EVICT_EVERY_MS) return;
    this.#lastEvictionMs = now;
    for (const holder of this.#holders) if (now - holder.lastProgressMs >= STALLED_MS) holder.evict();
  }
}
