/** The waits between attempts of one endpoint, all of which may be cut short when it has to come to its end. */
import type { Clock } from '#shared/clock.ts';
import type { QueueArgs } from './schema.ts';

export class Patience {
  readonly #clock: Clock;
  readonly #wake = new Set<() => void>();
  #isOver = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whoever fails now has had its last attempt. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** All who wait make one more attempt. */
  end(): void {
    this.#isOver = true;
    for (const wake of this.#wake) wake();
  }

  /** Resolves after `ms`, or when patience ends. */
  wait(ms: number): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#wake.delete(wake);
        resolve();
      };
      const cancel = this.#clock.after(ms, wake);
      this.#wake.add(wake);
    });
  }
}

/** Waits of one request: `min_backoff`, then twice as long each time up to `max_backoff`; what the server asks for counts instead. */
export class Backoff {
  #nextMs = 0;

  /** Milliseconds. */
  next({ min_backoff: min, max_backoff: max }: QueueArgs, retryAfterMs: number): number {
    const own = Math.min(Math.max(this.#nextMs, min), max);
    this.#nextMs = own * 2;
    return retryAfterMs > 0 ? retryAfterMs : own;
  }
}
