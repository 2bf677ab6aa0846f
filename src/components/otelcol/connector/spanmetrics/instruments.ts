/** What otelcol.connector.spanmetrics counts about itself. */
import type { Counter, Meter } from '#shared/meter.ts';

export interface SpanMetricsInstruments {
  readonly incoming: Counter;
  readonly ignored: Counter;
  readonly overflowed: Counter;
  readonly lost: Counter;
}

export function spanMetricsInstruments(meter: Meter, id: string): SpanMetricsInstruments {
  const labels = { connector: id.replace('otelcol.connector.spanmetrics.', 'spanmetrics/'), otel_signal: 'traces' };
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
    overflowed: meter.counter(
      {
        name: 'millrace_connector_overflowed_series_total',
        help: 'New series that found no room in a worker before the next harvest, and count as overflow.',
      },
      labels,
    ),
    lost: meter.counter(
      {
        name: 'millrace_connector_lost_observations_total',
        help: 'Observations that were given up because a reload changed what is counted.',
        lasting: true,
      },
      labels,
    ),
  };
}
