/**
 * What an endpoint counts, by tenant, with the names of grafana/alloy `internal/component/common/loki/client`. Tenants may come
 * out of data: those beyond a number share one name.
 */
import { droppedCounter, heldGauge } from '#components/kit/exporter/instruments.ts';
import type { Counter, Gauge, Histogram, Meter } from '#shared/meter.ts';
import { LOKI } from '#shared/signal.ts';

/** Why lines were dropped, in the words of Alloy's counters. */
export const REASONS = ['ingester_error', 'rate_limited', 'stream_limited', 'line_too_long', 'queue_is_full'] as const;
export type Reason = (typeof REASONS)[number];

/** Why, in the words of ours. */
export type Loss = 'rejected' | 'retries_exhausted' | 'shutdown' | 'stream_limited' | 'queue_is_full' | 'tenant';

const MAX_TENANTS = 500;
const OTHERS = '(other tenants)';
const DURATION_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const SIZE_BOUNDS = [1, 4, 16, 64, 256, 512, 1024, 2048, 4096, 8192, 16384, 20480].map((kib) => kib * 1024);

export interface TenantInstruments {
  readonly sentBytes: Counter;
  readonly sentEntries: Counter;
  readonly retries: Counter;
  readonly requestBytes: Histogram;
  readonly droppedBytes: Readonly<Record<Reason, Counter>>;
  readonly droppedEntries: Readonly<Record<Reason, Counter>>;
}

export class Instruments {
  readonly #meter: Meter;
  readonly #host: string;
  readonly #tenants = new Map<string, TenantInstruments>();
  /** Lines that were accepted and are neither sent nor dropped; once for each endpoint. */
  readonly held: Gauge;

  constructor(meter: Meter, host: string) {
    this.#meter = meter;
    this.#host = host;
    this.held = heldGauge(meter, LOKI);
  }

  of(tenant: string): TenantInstruments {
    const name = this.#nameOf(tenant);
    const known = this.#tenants.get(name);
    if (known !== undefined) return known;
    const made = this.#declare(name);
    this.#tenants.set(name, made);
    return made;
  }

  /** Seconds that one request took, by what was answered; -1 = nothing. */
  duration(tenant: string, status: number): Histogram {
    return this.#meter.histogram(
      { name: 'loki_write_request_duration_seconds', help: 'Duration of send requests.', bounds: DURATION_BOUNDS },
      { status_code: String(status), host: this.#host, tenant: this.#nameOf(tenant) },
    );
  }

  lost(loss: Loss, entries: number): void {
    droppedCounter(this.#meter, LOKI, loss).add(entries);
  }

  #nameOf(tenant: string): string {
    return this.#tenants.has(tenant) || this.#tenants.size < MAX_TENANTS ? tenant : OTHERS;
  }

  #declare(tenant: string): TenantInstruments {
    const labels = { host: this.#host, tenant };
    const counter = (name: string, help: string): Counter =>
      this.#meter.counter({ name: `loki_write_${name}_total`, help }, labels);
    const byReason = (name: string, help: string): Record<Reason, Counter> =>
      Object.fromEntries(
        REASONS.map((reason) => [
          reason,
          this.#meter.counter({ name: `loki_write_${name}_total`, help }, { ...labels, reason }),
        ]),
      ) as Record<Reason, Counter>;
    return {
      sentBytes: counter('sent_bytes', 'Number of bytes sent.'),
      sentEntries: counter('sent_entries', 'Number of log entries sent to the ingester.'),
      retries: counter('batch_retries', 'Number of times batches has had to be retried.'),
      requestBytes: this.#meter.histogram(
        { name: 'loki_write_request_size_bytes', help: 'Number of bytes for requests.', bounds: SIZE_BOUNDS },
        labels,
      ),
      droppedBytes: byReason(
        'dropped_bytes',
        'Number of bytes dropped because failed to be sent to the ingester after all retries.',
      ),
      droppedEntries: byReason(
        'dropped_entries',
        'Number of log entries dropped because failed to be sent to the ingester after all retries.',
      ),
    };
  }
}
