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
export const DEFAULT_RECEIVE_BYTES = 24 * 1024 * 1024;
export const MIN_RECEIVE_BYTES = 1024 * 1024;
export const MAX_RECEIVE_BYTES = 1024 * 1024 * 1024;

/** What senders are told when there is no memory. */
export const TOO_MUCH_ARRIVING = 'the gateway holds as many unfinished requests as it may; retry later';

const SMALLEST_CLASS = 14; // 16 KiB
/** Of a body, unless it is known to be shorter. */
const FIRST_BYTES = 256 * 1024;
/** Kept for reuse, over all sizes. */
const MAX_SPARE_BYTES = 8 * 1024 * 1024;
const STALLED_MS = 10_000;
const EVICT_EVERY_MS = 1_000;

/** Who holds memory of ours while requests arrive: a connection with its requests, or one body. */
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

  /** Sets the gauges; called before each scrape. */
  publish(meter: Meter): void {
    meter
      .gauge({ name: 'millrace_receive_used_bytes', help: 'Memory of requests that are still arriving.' })
      .set(this.#usedBytes);
    meter
      .gauge({ name: 'millrace_receive_capacity_bytes', help: 'Bound of millrace_receive_used_bytes.' })
      .set(this.#limitBytes);
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
   * buffer it may be of any size, so that the bound does not shut out large messages for ever.
   */
  take(bytes: number): Buffer | null {
    return this.#take(bytes, 0);
  }

  /**
   * Makes room for a body to go on: a buffer for `needed` bytes that begins with the first `filled` bytes of `old`, which is given
   * back; null past the bound. It starts small and doubles up to `expectedBytes`: whoever announces much and sends little gets
   * little.
   */
  grow(old: Buffer | null, filled: number, needed: number, expectedBytes: number): Buffer | null {
    const wanted = Math.min(expectedBytes, old === null ? FIRST_BYTES : old.length * 2);
    const grown = this.#take(Math.max(needed, wanted), old === null ? 0 : old.length);
    if (grown === null || old === null) return grown;
    old.copy(grown, 0, 0, filled);
    this.give(old);
    return grown;
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

  /** `replacedBytes`: of a buffer that is given back as soon as there is the new one. */
  #take(bytes: number, replacedBytes: number): Buffer | null {
    const power = Math.max(SMALLEST_CLASS, Math.ceil(Math.log2(bytes)));
    const size = 2 ** power;
    if (!this.#fits(size - replacedBytes)) this.#evictStalled();
    if (!this.#fits(size - replacedBytes) && this.#takenBytes !== replacedBytes) return null;
    this.#usedBytes += size;
    this.#takenBytes += size;
    const spare = this.#spare[power].pop();
    if (spare === undefined) return Buffer.allocUnsafeSlow(size);
    this.#spareBytes -= size;
    return spare;
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
