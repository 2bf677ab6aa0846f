/** Counts requests that were not taken, by reason: what tells an operator which bound was hit. */
import type { Counter, Meter } from '#shared/meter.ts';
import { reasonName, type Outcome } from '#shared/outcome.ts';

export class Refusals {
  readonly #meter: Meter;
  /** By the reason's number. */
  readonly #counters: Counter[] = [];

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  count(outcome: Outcome): void {
    const reason = outcome & 0xff;
    const counter = (this.#counters[reason] ??= this.#meter.counter(
      { name: 'millrace_refused_requests_total', help: 'Requests that the pipeline did not take, by reason.' },
      { reason: reasonName(outcome) },
    ));
    counter.add(1);
  }
}
