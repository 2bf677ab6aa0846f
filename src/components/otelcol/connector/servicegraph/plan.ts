/** What otelcol.connector.servicegraph counts (semantics 14.4). */
import type { Instrument, SeriesPlan } from '#components/kit/series/plan.ts';
import type { Args } from './schema.ts';

/** Its one group, and the instruments in it. */
export const EDGES = 0;
export const REQUESTS = 0;
export const FAILED = 1;
export const SERVER_LATENCY = 2;
export const CLIENT_LATENCY = 3;

/** A series without an edge for so long goes at the next `cache_loop`. Not configurable, as upstream. */
const SERIES_EXPIRATION_MS = 15 * 60_000;
/** Bounds of the buckets of an exponential histogram: those of the library that the Collector uses (go-expohisto). */
const MIN_EXPONENTIAL_SIZE = 2;
const MAX_EXPONENTIAL_SIZE = 16_384;

export function seriesPlan(args: Args): SeriesPlan {
  const latency = (side: 'server' | 'client'): Instrument => ({
    name: `traces_service_graph_request_${side}`,
    description: `Latency of requests between two services, as the ${side} measured it.`,
    unit: 's',
    ...histogram(args),
  });
  return {
    scopeName: 'traces_service_graph',
    groups: [
      {
        instruments: [
          {
            name: 'traces_service_graph_request_total',
            description: 'Requests between two services.',
            unit: '',
            kind: 'sum',
          },
          {
            name: 'traces_service_graph_request_failed_total',
            description: 'Requests between two services that failed.',
            unit: '',
            kind: 'sum',
          },
          latency('server'),
          latency('client'),
        ],
        limit: 0,
      },
    ],
    temporality: 'cumulative',
    flushIntervalMs: args.metrics_flush_interval,
    startsWith: 'connector',
    emitsEmpty: false,
    resourceExpirationMs: 0,
    seriesExpirationMs: SERIES_EXPIRATION_MS,
    expiryIntervalMs: args.cache_loop,
    resourceCacheSize: 0,
    timestampCacheSize: 0,
    identity: JSON.stringify([dimensionsOf(args), args.virtual_node_extra_label]),
  };
}

/** The dimensions in their order, each once. */
export function dimensionsOf(args: Pick<Args, 'dimensions'>): readonly string[] {
  return [...new Set(args.dimensions)];
}

function histogram(args: Args): Pick<Instrument, 'kind' | 'bounds' | 'maxSize'> {
  const size = args.exponential_histogram_max_size;
  if (size > 0)
    return { kind: 'exponential', maxSize: Math.min(Math.max(size, MIN_EXPONENTIAL_SIZE), MAX_EXPONENTIAL_SIZE) };
  // By whole nanoseconds, so that 1.4 s is the double nearest to 1.4.
  const seconds = new Set(args.latency_histogram_buckets.map((ms) => Math.round(ms * 1e6) / 1e9));
  return { kind: 'histogram', bounds: [...seconds].sort((a, b) => a - b) };
}
