/** What otelcol.connector.servicegraph counts about itself (semantics 14.4; names of the Collector's connector where it has them). */
import type { Counter, Meter } from '#shared/meter.ts';

export interface GraphInstruments {
  readonly incoming: Counter;
  readonly ignored: Counter;
  readonly totalEdges: Counter;
  readonly droppedSpans: Counter;
  readonly expiredEdges: Counter;
  readonly unfinishedEdges: Counter;
  readonly overflowed: Counter;
  readonly lost: Counter;
}

export function graphInstruments(meter: Meter, id: string): GraphInstruments {
  const labels = { connector: id.replace('otelcol.connector.servicegraph.', 'servicegraph/'), otel_signal: 'traces' };
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
    totalEdges: meter.counter({
      name: 'otelcol_connector_servicegraph_total_edges_total',
      help: 'Edges that were begun: by their first half, or by a request to a database.',
    }),
    droppedSpans: meter.counter({
      name: 'otelcol_connector_servicegraph_dropped_spans_total',
      help: 'Spans that could not begin an edge because the store was full.',
    }),
    expiredEdges: meter.counter({
      name: 'otelcol_connector_servicegraph_expired_edges_total',
      help: 'Edges whose other half did not come within the ttl.',
    }),
    unfinishedEdges: meter.counter({
      name: 'millrace_connector_servicegraph_unfinished_edges_total',
      help: 'Edges that still waited for their other half when the connector stopped.',
      lasting: true,
    }),
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
