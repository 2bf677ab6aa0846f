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

/**
 * Everything that moves between components. Besides OTLP: Prometheus series and Loki lines, which live inside one worker and
 * never travel in frames. A batch of them holds
 *
 *     PROMETHEUS   one prometheus.WriteRequest message (`#codec/prometheus/fields.ts`); items: samples and histograms
 *     LOKI         one batch of streams (`#codec/loki/fields.ts`); items: lines
 */
export type Flow = Signal | typeof PROMETHEUS | typeof LOKI;

export const PROMETHEUS = 3;
export const LOKI = 4;

export const FLOWS: readonly Flow[] = [TRACES, METRICS, LOGS, PROMETHEUS, LOKI];

/** Indexed by {@link Flow}. */
export const FLOW_NAMES = [...SIGNAL_NAMES, 'prometheus', 'loki'] as const;
export type FlowName = (typeof FLOW_NAMES)[number];
