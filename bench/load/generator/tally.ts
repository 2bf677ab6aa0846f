/** Requests counted by what became of them, and how long accepted ones took. */
import { build, type Histogram } from 'hdr-histogram-js';
import type { LoadWindow } from '../messages.ts';
import type { Answer } from './sender.ts';

const MAX_LATENCY_US = 600_000_000;

export class Tally {
  sent = 0;
  unsent = 0;
  #accepted = 0;
  #refused = 0;
  #notRetryable = 0;
  #failed = 0;
  readonly #latencies: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: MAX_LATENCY_US,
    numberOfSignificantValueDigits: 3,
  });

  answered(answer: Answer, tookMs: number): void {
    switch (answer.outcome) {
      case 'accepted':
        this.#accepted++;
        this.#latencies.recordValue(Math.min(MAX_LATENCY_US, Math.max(1, Math.round(tookMs * 1000))));
        return;
      case 'refused':
        this.#refused++;
        if (!answer.retryable) this.#notRetryable++;
        return;
      case 'failed':
        this.#failed++;
    }
  }

  /** What was counted; latencies are 0 if nothing was accepted. */
  read(): LoadWindow {
    const ms = (percentile: number): number =>
      this.#accepted === 0 ? 0 : this.#latencies.getValueAtPercentile(percentile) / 1000;
    return {
      sent: this.sent,
      accepted: this.#accepted,
      refused: this.#refused,
      notRetryable: this.#notRetryable,
      failed: this.#failed,
      unsent: this.unsent,
      p50Ms: ms(50),
      p99Ms: ms(99),
      maxMs: ms(100),
    };
  }

  reset(): void {
    this.sent = this.unsent = this.#accepted = this.#refused = this.#notRetryable = this.#failed = 0;
    this.#latencies.reset();
  }
}
