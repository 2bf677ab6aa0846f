/**
 * Retry with exponential backoff around a {@link Sender} (semantics 18.3; the Collector's configretry and the interval rule
 * of its backoff library).
 *
 *     b(0) = initial_interval, b(n+1) = min(b(n) x multiplier, max_interval)
 *     wait = max(even draw from [b x (1 - r), b x (1 + r)], what the server asked for)
 *
 * It gives up instead of waiting when the next attempt would start later than max_elapsed_time after the first.
 */
import type { RetryArgs } from '#components/kit/blocks/retry.ts';
import type { Clock } from '#shared/clock.ts';
import type { SendRequest } from './request.ts';
import type { Sender, SendResult } from './sender.ts';

/** What is in force now; read again before each attempt, so that an update reaches batches that wait. */
export interface Route {
  readonly sender: Sender;
  readonly retry: RetryArgs;
}

/** Told of each failed attempt that will be followed by another. */
export type OnRetry = (request: SendRequest, result: SendResult & { readonly kind: 'retry' }, waitMs: number) => void;

export class Retrier {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #onRetry: OnRetry;
  /** One entry per batch that waits; as many as there are sends under way. */
  readonly #waits = new Set<() => void>();
  #stopped = false;

  constructor(clock: Clock, random: () => number, onRetry: OnRetry) {
    this.#clock = clock;
    this.#random = random;
    this.#onRetry = onRetry;
  }

  /**
   * The final result of `request`: ok, permanent, or retry when it gave up (also: retry disabled, or stopped). After a success
   * the memory is given back if no attempt may still be reading; after a failure its owner may want to offer it again.
   */
  async send(request: SendRequest, route: () => Route): Promise<SendResult> {
    const startMs = this.#clock.monotonicMs();
    let intervalMs = route().retry.initial_interval;
    let bytesDone = true;
    for (;;) {
      const result = await route().sender.send(request);
      const { retry } = route();
      // An earlier attempt that was cancelled may still be writing from the bytes.
      bytesDone &&= result.kind !== 'permanent' && result.bytesDone;
      if (result.kind === 'ok' && bytesDone) request.release();
      if (result.kind !== 'retry' || !retry.enabled || this.#stopped) return result;
      const waitMs = Math.max(jittered(intervalMs, retry.randomization_factor, this.#random()), result.retryAfterMs);
      const elapsedMs = this.#clock.monotonicMs() - startMs;
      if (retry.max_elapsed_time > 0 && elapsedMs + waitMs > retry.max_elapsed_time) return result;
      this.#onRetry(request, result, waitMs);
      await this.#wait(waitMs);
      intervalMs = Math.min(intervalMs * retry.multiplier, retry.max_interval);
    }
  }

  /** Ends all waits at once; from now on each request, waiting or new, gets one more attempt and no further wait. */
  stop(): void {
    this.#stopped = true;
    for (const wake of this.#waits) wake();
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#waits.delete(wake);
        resolve();
      };
      const cancel = this.#clock.after(ms, wake);
      this.#waits.add(wake);
    });
  }
}

function jittered(intervalMs: number, factor: number, random: number): number {
  return Math.max(0, intervalMs * (1 - factor + 2 * factor * random));
}
