/**
 * Waits between attempts (grafana/dskit `backoff`): an even draw from a range that begins at [min, 2 min) and doubles until it
 * reaches max.
 */
export class Backoff {
  readonly #maxMs: number;
  readonly #random: () => number;
  #fromMs: number;
  #toMs: number;
  /** Waits that were asked for. */
  waits = 0;

  /** `random` draws from [0, 1). */
  constructor(minMs: number, maxMs: number, random: () => number) {
    this.#maxMs = maxMs;
    this.#random = random;
    this.#fromMs = minMs;
    this.#toMs = Math.min(2 * minMs, maxMs);
  }

  nextMs(): number {
    this.waits++;
    if (this.#fromMs >= this.#toMs) return this.#fromMs;
    const wait = this.#fromMs + this.#random() * (this.#toMs - this.#fromMs);
    this.#fromMs = Math.min(2 * this.#fromMs, this.#maxMs);
    this.#toMs = Math.min(2 * this.#toMs, this.#maxMs);
    return wait;
  }
}
