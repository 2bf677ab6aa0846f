/** What the worker parts of connectors that count spans tell about these. Names of the Collector where it has them. */
import type { Counter, Meter } from '#shared/meter.ts';

export interface SpanCounters {
  readonly incoming: Counter;
  /** Spans of resources without a service name. */
  readonly ignored: Counter;
}

/** `id`: of the component, `otelcol.connector.spanmetrics.default`. */
export function spanCounters(meter: Meter, id: string): SpanCounters {
  const connector = id.replace(/^otelcol\.connector\.([^.]+)\./, '$1/');
  const labels = { connector, otel_signal: 'traces' };
  return {
    incoming: meter.counter(
      { name: 'otelcol_connector_incoming_items_total', help: 'Items that the connector has taken.' },
      labels,
    ),
    ignored: meter.counter(
      {
        name: 'millrace_connector_ignored_items_total',
        help: 'Items that the connector has taken and counts nowhere.',
      },
      { ...labels, reason: 'no_service_name' },
    ),
  };
}
