/**
 * A clock that stands still until a test moves it. {@link FakeClock.advance} runs the timers that fall due in order of
 * their times (equal times: in order of creation) and lets every promise that one of them settles run on before the next.
 */
import type { Clock } from '#shared/clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Runs everything that needs no timer and no I/O: all microtasks, including those that microtasks create. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export class FakeClock implements Clock {
  #elapsedMs = 0;
  #created = 0;
  readonly #startMs: number;
  readonly #timers = new Set<Timer>();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#startMs = startMs;
  }

  now(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#created++, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Timers that are set and have not run: 0 after a component has stopped. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Milliseconds from now to the next timer; null without one. */
  get nextDelayMs(): number | null {
    const next = this.#first(Infinity);
    return next === null ? null : next.dueMs - this.#elapsedMs;
  }

  /** Moves time by `ms`; timers that are set on the way run too when they fall due. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#elapsedMs + ms;
    await settle();
    for (let timer = this.#first(endMs); timer !== null; timer = this.#first(endMs)) {
      this.#timers.delete(timer);
      this.#elapsedMs = timer.dueMs;
      timer.run();
      await settle();
    }
    this.#elapsedMs = endMs;
  }

  #first(untilMs: number): Timer | null {
    let first: Timer | null = null;
    for (const timer of this.#timers) {
      if (timer.dueMs > untilMs) continue;
      if (first === null || timer.dueMs < first.dueMs || (timer.dueMs === first.dueMs && timer.order < first.order))
        first = timer;
    }
    return first;
  }
}
