/**
 * The deadlines that clients gave their calls (grpc-timeout). Looked at a few times a second instead of one timer a call: the
 * client keeps its own time, ours only frees what a forgotten call holds.
 */
import type { Clock } from '#shared/clock.ts';

const LOOK_EVERY_MS = 250;

export interface Expiring {
  /** Monotonic milliseconds; Infinity = none. */
  readonly deadlineMs: number;
  expire(): void;
}

export class Deadlines {
  readonly #clock: Clock;
  readonly #calls = new Set<Expiring>();
  #cancel: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  watch(call: Expiring): void {
    if (call.deadlineMs === Infinity) return;
    this.#calls.add(call);
    this.#cancel ??= this.#clock.after(LOOK_EVERY_MS, () => this.#look());
  }

  forget(call: Expiring): void {
    this.#calls.delete(call);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #look(): void {
    this.#cancel = null;
    const now = this.#clock.monotonicMs();
    for (const call of this.#calls) if (call.deadlineMs <= now) call.expire();
    if (this.#calls.size > 0) this.#cancel = this.#clock.after(LOOK_EVERY_MS, () => this.#look());
  }
}
