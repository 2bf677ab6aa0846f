/** What the worker parts of connectors tell about spans and series before they come to the merge part. Names of the Collector where it has them. */
import type { Counter, Meter } from '#shared/meter.ts';

export interface WorkerMetrics {
  readonly incoming: Counter;
  /** Spans of resources without a service name. */
  readonly ignored: Counter;
  readonly overflowed: Counter;
  readonly lost: Counter;
}

/** `id`: of the component, `otelcol.connector.spanmetrics.default`. */
export function workerMetrics(meter: Meter, id: string): WorkerMetrics {
  const connector = id.replace(/^otelcol\.connector\.([^.]+)\./, '$1/');
  const counter = (name: string, help: string, lasting = false, reason = {}): Counter =>
    meter.counter({ name, help, lasting }, { connector, otel_signal: 'traces', ...reason });
  return {
    incoming: counter('otelcol_connector_incoming_items_total', 'Items that the connector has taken.'),
    ignored: counter(
      'millrace_connector_ignored_items_total',
      'Items that the connector has taken and counts nowhere.',
      false,
      { reason: 'no_service_name' },
    ),
    overflowed: counter(
      'millrace_connector_overflowed_series_total',
      'New series that found no room in a worker before the next harvest, and count as overflow.',
    ),
    lost: counter(
      'millrace_connector_lost_observations_total',
      'Observations that were given up because a reload changed what is counted.',
      true,
    ),
  };
}
