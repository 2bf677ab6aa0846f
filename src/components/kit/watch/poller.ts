/** Runs something again and again, never twice at once. */
import type { Clock } from '#shared/clock.ts';

export class Poller {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #poll: (signal: AbortSignal) => Promise<void>;
  readonly #abort = new AbortController();
  #started = false;
  /** When the next one is due, by the monotonic clock; Infinity = nobody wants one. */
  #dueMs = Infinity;
  #cancelTimer: () => void = () => undefined;
  #running: Promise<void> | null = null;

  /**
   * `poll` begins every `everyMs` milliseconds, or as soon as the one before it has ended; 0 = only when asked for. It must not
   * reject, and ends early when its signal is aborted.
   */
  constructor(clock: Clock, everyMs: number, poll: (signal: AbortSignal) => Promise<void>) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#poll = poll;
  }

  /** The first one is due after `everyMs`. */
  start(): void {
    this.#started = true;
    this.#want(this.#next(this.#clock.monotonicMs()));
  }

  /** Asks for one within `delayMs`; those that are asked for meanwhile are the same one. May be called before {@link start}. */
  soon(delayMs: number): void {
    this.#want(this.#clock.monotonicMs() + delayMs);
  }

  /** Resolves when the one under way has ended; begins no more. Calling it twice is harmless. */
  async stop(): Promise<void> {
    this.#abort.abort();
    this.#cancelTimer();
    await this.#running;
  }

  #next(beganMs: number): number {
    return this.#everyMs > 0 ? beganMs + this.#everyMs : Infinity;
  }

  #want(dueMs: number): void {
    if (dueMs < this.#dueMs) this.#dueMs = dueMs;
    if (!this.#started || this.#running !== null || this.#abort.signal.aborted) return;
    this.#cancelTimer();
    if (this.#dueMs === Infinity) return;
    this.#cancelTimer = this.#clock.after(this.#dueMs - this.#clock.monotonicMs(), () => this.#run());
  }

  #run(): void {
    const nowMs = this.#clock.monotonicMs();
    // A timer has an end to its range, a duration of the configuration lies beyond it.
    if (nowMs + 1 < this.#dueMs) return this.#want(this.#dueMs);
    this.#dueMs = Infinity;
    this.#running = this.#poll(this.#abort.signal).finally(() => {
      this.#running = null;
      this.#want(this.#next(nowMs));
    });
  }
}
