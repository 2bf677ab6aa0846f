/**
 * Waits between attempts to connect (grpc/doc/connection-backoff.md: 1 s, times 1.6, spread 20 %). The longest is 10 s where
 * gRPC says 120 s: exporters already space their retries, and a gateway should find a destination again soon after it is back.
 */
const FIRST_MS = 1000;
const FACTOR = 1.6;
const LONGEST_MS = 10_000;
const SPREAD = 0.2;

export class Backoff {
  readonly #random: () => number;
  #nextMs = FIRST_MS;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Milliseconds to wait after one more failure. */
  next(): number {
    const wait = this.#nextMs * (1 - SPREAD + 2 * SPREAD * this.#random());
    this.#nextMs = Math.min(LONGEST_MS, this.#nextMs * FACTOR);
    return wait;
  }

  /** After a success. */
  reset(): void {
    this.#nextMs = FIRST_MS;
  }
}
