/** Time as components see it. Real in production; tests move a fake one (`test/support/fake-clock.ts`). */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Monotonic milliseconds, with fractions. */
  monotonicMs(): number;
  /** One-shot timer. Returns the function that cancels it; cancelling twice is harmless. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    // setTimeout overflows beyond 2^31-1 ms and would fire at once.
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), 0x7fffffff));
    return () => clearTimeout(timer);
  },
};
