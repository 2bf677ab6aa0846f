/**
 * When requests are due in an open loop: at even distances from the start, whatever happened to the ones before. Times are
 * milliseconds of one clock.
 */
export class Schedule {
  readonly #startMs: number;
  readonly #periodMs: number;
  #next = 0;

  constructor(startMs: number, requestsPerSecond: number) {
    this.#startMs = startMs;
    this.#periodMs = 1000 / requestsPerSecond;
  }

  /** When the next request is due. */
  get dueMs(): number {
    return this.#startMs + this.#next * this.#periodMs;
  }

  /** The next request leaves, or is given up. */
  take(): void {
    this.#next++;
  }

  /** Gives up what was due before `ms`; how many requests that were. */
  giveUpBefore(ms: number): number {
    const first = Math.ceil((ms - this.#startMs) / this.#periodMs);
    if (first <= this.#next) return 0;
    const given = first - this.#next;
    this.#next = first;
    return given;
  }
}
