/**
 * Time from offering a request to its answer, as percentiles of the last 30 to 60 seconds. The one door to hdr-histogram-js.
 */
import type { Histogram } from 'hdr-histogram-js';
// The package as a whole brings encodings of histograms along, with pako: 2 MiB that nobody here needs.
import int32 from 'hdr-histogram-js/dist/Int32Histogram.js';
import type { Clock } from '#shared/clock.ts';
import type { Meter } from '#shared/meter.ts';

const WINDOW_MS = 30_000;
const PERCENTILES = [50, 90, 99, 100];
const HIGHEST_US = 600_000_000;

export class AckLatency {
  readonly #clock: Clock;
  #present = histogram();
  #previous = histogram();
  #turnedMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#turnedMs = clock.monotonicMs();
  }

  observeMs(latencyMs: number): void {
    this.#turn();
    this.#present.recordValue(Math.min(HIGHEST_US, Math.round(latencyMs * 1000)));
  }

  /** Sets the gauges. Percentiles cannot be summed: where several threads accept, `meter` adds the thread as a label. */
  publish(meter: Meter): void {
    this.#turn();
    const both = histogram();
    both.add(this.#previous);
    both.add(this.#present);
    for (const q of PERCENTILES) {
      meter
        .gauge(
          {
            name: 'millrace_ack_latency_seconds',
            help: 'Time from offering a request to the pipeline to its answer, over the last minute.',
          },
          { percentile: String(q) },
        )
        .set(both.totalCount === 0 ? 0 : both.getValueAtPercentile(q) / 1e6);
    }
    both.destroy();
  }

  #turn(): void {
    const now = this.#clock.monotonicMs();
    if (now - this.#turnedMs < WINDOW_MS) return;
    if (now - this.#turnedMs >= 2 * WINDOW_MS) this.#present.reset();
    const old = this.#previous;
    this.#previous = this.#present;
    this.#present = old;
    this.#present.reset();
    this.#turnedMs = now;
  }
}

function histogram(): Histogram {
  return new int32.default(1, HIGHEST_US, 2);
}
