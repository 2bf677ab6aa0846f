/**
 * Hands requests to consumers, one at a time. Refused ones are offered again, with growing waits, until `untilMs`; rejected ones
 * are dropped. What is dropped is counted and logged in bounded number.
 */
import type { Entry } from '#components/kit/component.ts';
import { LimitedLog } from '#components/kit/limited-log.ts';
import type { Clock } from '#shared/clock.ts';
import type { Logger } from '#shared/log.ts';
import { isAccepted, isRejected, messageOf, Outcome, statusOf } from '#shared/outcome.ts';
import { METRICS } from '#shared/signal.ts';
import type { Piece } from './flush-walk.ts';
import type { MergeMetrics, PointLoss } from './own-metrics.ts';

/** Waits between two offers of a refused request: doubling from the first to the last. */
const FIRST_RETRY_MS = 10;
const LAST_RETRY_MS = 1000;

export class Delivery {
  readonly #entry: Entry;
  readonly #clock: Clock;
  readonly #count: MergeMetrics;
  readonly #log: LimitedLog;
  /** Monotonic: from then on a refusal is the last answer. May be moved while a request is under way. */
  untilMs = 0;
  #stopped = false;
  #endWait: (() => void) | null = null;

  constructor(entry: Entry, clock: Clock, log: Logger, count: MergeMetrics) {
    this.#entry = entry;
    this.#clock = clock;
    this.#count = count;
    this.#log = new LimitedLog(log, clock);
  }

  /**
   * Resolves when the request was taken or dropped; false: the next ones have nothing better to expect. A reload may take the
   * consumers away: then there is nobody who misses it.
   */
  async send(piece: Piece): Promise<boolean> {
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(LAST_RETRY_MS, waitMs * 2)) {
      if (this.#stopped) return this.#drop(piece, 'stopped', Outcome.stopping);
      const outcome = await this.#offer(piece.bytes);
      if (isAccepted(outcome)) {
        this.#count.points.add(piece.points);
        return true;
      }
      // What is stopping takes nothing later either; others may take the next ones.
      if (isRejected(outcome) || outcome === Outcome.stopping) {
        this.#drop(piece, outcome === Outcome.stopping ? 'stopped' : 'rejected', outcome);
        return true;
      }
      if (this.#stopped) continue;
      if (!this.#entry.has(METRICS)) return true;
      const leftMs = this.untilMs - this.#clock.monotonicMs();
      if (leftMs <= 0) return this.#drop(piece, 'refused', outcome);
      this.#count.retries.add(1);
      await this.#wait(Math.min(leftMs, Math.max(waitMs, statusOf(outcome).retryAfterS * 1000)));
    }
  }

  /** A request that is under way is offered again at once, and is given up at `untilMs` unless that was to be earlier. */
  hurry(untilMs: number): void {
    this.untilMs = Math.min(this.untilMs, untilMs);
    this.#endWait?.();
  }

  /** Offers nothing more. */
  stop(): void {
    this.#stopped = true;
    this.#endWait?.();
    this.#log.flush();
  }

  #offer(bytes: Buffer): Promise<Outcome> {
    return new Promise((resolve) => this.#entry.offer(METRICS, bytes, null, (outcome) => resolve(outcome)));
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.#endWait = null;
        resolve();
      };
      const cancel = this.#clock.after(ms, end);
      this.#endWait = end;
    });
  }

  #drop({ points }: Piece, reason: PointLoss, outcome: Outcome): false {
    this.#count.dropped[reason].add(points);
    if (!this.#stopped)
      this.#log.event('error', 'derived metrics could not be handed on, points are dropped', points, {
        reason,
        error: messageOf(outcome),
      });
    return false;
  }
}
