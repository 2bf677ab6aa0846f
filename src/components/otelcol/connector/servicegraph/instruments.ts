/** What otelcol.connector.servicegraph counts about itself (semantics 14.4; names of the Collector's connector where it has them). */
import { spanCounters, type SpanCounters } from '#components/kit/series/span-counters.ts';
import type { Counter, Meter } from '#shared/meter.ts';

export interface GraphInstruments extends SpanCounters {
  readonly totalEdges: Counter;
  readonly droppedSpans: Counter;
  readonly expiredEdges: Counter;
  readonly unfinishedEdges: Counter;
}

export function graphInstruments(meter: Meter, id: string): GraphInstruments {
  return {
    ...spanCounters(meter, id),
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
  };
}
