/**
 * Where the pipeline has just said that it has no room: for some milliseconds requests for the same place are refused at the
 * door, before they are checked, copied into a ring and carried to a worker only to come back. Under overload every refusal
 * would otherwise cost about half of what an accepted request costs, and take it from those.
 *
 * A place is a door (one signal of one receiver) and a worker. What is full for longer than {@link CLOSED_MS} is asked again by the
 * first request after it; what a worker holds by then lasts longer, so it does not run dry meanwhile.
 */
import { Outcome } from '#shared/outcome.ts';
import type { Signal } from '#shared/signal.ts';

/** As long as the batch processor waits before it offers a refused batch again for the first time. */
const CLOSED_MS = 5;

interface Closed {
  readonly untilMs: number;
  readonly outcome: Outcome;
}

export class Congestion {
  readonly #workers: number;
  readonly #nowMs: () => number;
  /** By door and worker: bounded by the receivers, their three signals, and the workers. */
  readonly #closed = new Map<number, Closed>();

  constructor(workers: number, nowMs: () => number) {
    this.#workers = workers;
    this.#nowMs = nowMs;
  }

  /** Takes note of what `worker` answered to a request for `door`. */
  answered(door: number, worker: number, outcome: Outcome): void {
    const reason = outcome & 0xff;
    if (door < 0 || (reason !== Outcome.batchFull && reason !== Outcome.queueFull)) return;
    this.#closed.set(door * this.#workers + worker, { untilMs: this.#nowMs() + CLOSED_MS, outcome });
  }

  /** {@link Outcome.accepted}, or what `worker` said a moment ago. */
  check(door: number, worker: number): Outcome {
    if (this.#closed.size === 0 || door < 0) return Outcome.accepted;
    const place = door * this.#workers + worker;
    const closed = this.#closed.get(place);
    if (closed === undefined) return Outcome.accepted;
    if (this.#nowMs() < closed.untilMs) return closed.outcome;
    this.#closed.delete(place);
    return Outcome.accepted;
  }
}

/** No door: a request with metadata, which may have a queue of its own further down, is neither refused early nor taken note of. */
export const NO_DOOR = -1;

/** One signal of one receiver, as a number. */
export const doorOf = (entry: number, signal: Signal): number => entry * 4 + signal;
