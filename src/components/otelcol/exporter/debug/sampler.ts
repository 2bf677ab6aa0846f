/**
 * Sampling by second, as zap's sampler does it: in each second the first `initial` events pass, after them every
 * `thereafter`-th; with `thereafter` 0 none. A second starts with its first event.
 */
import type { Clock } from '#shared/clock.ts';

const SECOND_MS = 1000;

export class Sampler {
  readonly #clock: Clock;
  readonly #initial: number;
  readonly #thereafter: number;
  #endMs = -Infinity;
  #count = 0;

  constructor(clock: Clock, initial: number, thereafter: number) {
    this.#clock = clock;
    this.#initial = initial;
    this.#thereafter = thereafter;
  }

  /** Whether the event that happens now passes. */
  pass(): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs >= this.#endMs) {
      this.#endMs = nowMs + SECOND_MS;
      this.#count = 0;
    }
    this.#count++;
    if (this.#count <= this.#initial) return true;
    return this.#thereafter > 0 && (this.#count - this.#initial) % this.#thereafter === 0;
  }
}
