/**
 * The three OTLP signals as the small integers that travel in frames, batches and control messages.
 *
 * All three export requests have one shape on the wire (opentelemetry-proto, collector services):
 * field 1 of the request is the repeated Resource entry, field 2 of that the repeated Scope entry, field 2 of that the
 * repeated item (span, metric, log record).
 */
export type Signal = 0 | 1 | 2;

export const TRACES: Signal = 0;
export const METRICS: Signal = 1;
export const LOGS: Signal = 2;

export const SIGNALS: readonly Signal[] = [TRACES, METRICS, LOGS];

/** Names as used in configuration (`output { traces = ... }`). Indexed by {@link Signal}. */
export const SIGNAL_NAMES = ['traces', 'metrics', 'logs'] as const;
export type SignalName = (typeof SIGNAL_NAMES)[number];

/** What one item of a signal is called in metric names (`otelcol_receiver_accepted_spans_total`). Indexed by {@link Signal}. */
export const ITEM_WORDS = ['spans', 'metric_points', 'log_records'] as const;
