/** What otelcol.connector.servicegraph counts of itself (semantics 14.4; names of the Collector's connector). */
import type { Counter, Meter } from '#shared/meter.ts';

export interface GraphInstruments {
  readonly totalEdges: Counter;
  readonly droppedSpans: Counter;
  readonly expiredEdges: Counter;
  readonly unfinishedEdges: Counter;
  readonly lost: Counter;
  readonly overflowed: Counter;
}

export function graphInstruments(meter: Meter): GraphInstruments {
  const metric = (end: string): string => `otelcol_connector_servicegraph_${end}`;
  return {
    totalEdges: meter.counter({
      name: metric('total_edges_total'),
      help: 'Edges that were begun: by their first half, or by a request to a database.',
    }),
    droppedSpans: meter.counter({
      name: metric('dropped_spans_total'),
      help: 'Spans that could not begin an edge because the store was full.',
    }),
    expiredEdges: meter.counter({
      name: metric('expired_edges_total'),
      help: 'Edges whose other half did not come within the ttl.',
    }),
    unfinishedEdges: meter.counter({
      name: 'millrace_connector_servicegraph_unfinished_edges_total',
      help: 'Edges that still waited for their other half when the connector stopped.',
      lasting: true,
    }),
    lost: meter.counter({
      name: 'millrace_connector_servicegraph_lost_observations_total',
      help: 'Observations that had not been merged when new arguments came that count otherwise.',
      lasting: true,
    }),
    overflowed: meter.counter({
      name: 'millrace_connector_servicegraph_overflowed_total',
      help: 'Combinations of attributes that were counted into the overflow series because a worker held too many.',
    }),
  };
}
