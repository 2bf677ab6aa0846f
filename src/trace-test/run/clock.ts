/**
 * The clock of a test: it stands still until the test moves it. What falls due runs in order of its time (equal times: in order of
 * creation), each when all that the one before has set off has come to rest. Components cannot tell it from the real one.
 */
import type { Clock } from '#shared/clock.ts';

/**
 * Merge parts do long work in turns of the event loop, each set off by the one before. So many turns in which nothing was heard of
 * them mean that there is nothing to wait for.
 */
const QUIET_TURNS = 24;

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

export class SteppingClock implements Clock {
  readonly startMs: number;
  #elapsedMs = 0;
  #made = 0;
  #stirred = 0;
  readonly #timers = new Set<Timer>();

  /** `startMs`: since the epoch. */
  constructor(startMs: number) {
    this.startMs = startMs;
  }

  now(): number {
    return this.startMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#made++, run };
    this.#timers.add(timer);
    this.stir();
    return () => {
      if (this.#timers.delete(timer)) this.stir();
    };
  }

  /** Something has moved: whoever waits for rest waits on. */
  stir(): void {
    this.#stirred++;
  }

  /** Resolves when nothing goes on any more that needs no time to pass. */
  async rest(): Promise<void> {
    let seen = this.#stirred;
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      await turn();
      if (seen === this.#stirred) continue;
      seen = this.#stirred;
      quiet = -1;
    }
  }

  /** Moves time; timers that are set on the way run too when they fall due. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#elapsedMs + ms;
    await this.rest();
    while (await this.#runNext(endMs));
    this.#elapsedMs = endMs;
  }

  /** Waits for `work`, and lets time pass where it waits for a timer. */
  async until<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const end = (): void => void (done = true);
    work.then(end, end);
    await this.rest();
    // Without timers it waits for the system: a file that is closed.
    while (!done) if (!(await this.#runNext(Infinity))) await turn();
    return work;
  }

  async #runNext(untilMs: number): Promise<boolean> {
    let next: Timer | null = null;
    for (const timer of this.#timers)
      if (timer.dueMs <= untilMs && (next === null || isBefore(timer, next))) next = timer;
    if (next === null) return false;
    this.#timers.delete(next);
    this.#elapsedMs = next.dueMs;
    next.run();
    await this.rest();
    return true;
  }
}

const isBefore = (a: Timer, b: Timer): boolean => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
