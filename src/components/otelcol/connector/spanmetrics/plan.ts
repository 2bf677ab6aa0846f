/** What otelcol.connector.spanmetrics counts, as metrics (semantics 13.2). */
import type { Group, Instrument, SeriesPlan } from '#components/kit/series/plan.ts';
import { groupsOf } from './dimensions.ts';
import type { Args } from './schema.ts';

/** Fewest and most buckets of an exponential histogram (opentelemetry go-expohisto, which the Collector uses). */
const MIN_BUCKETS = 2;
const MAX_BUCKETS = 16_384;

/** Most exemplars of a point: the room for all of them is taken with the first one. */
const MAX_EXEMPLARS = 100;
export const NS_PER_MS = 1e6;
export const NS_PER_S = 1e9;

/** Numbers of the instruments in their groups. Of a group of its own, duration is the first. */
export const CALLS = 0;
export const DURATION_BESIDE_CALLS = 1;
export const DURATION_ALONE = 0;
export const EVENTS = 0;

export function seriesPlan(args: Args): SeriesPlan {
  const groups = groupsOf(args);
  const prefix = args.namespace === '' ? '' : `${args.namespace}.`;
  const exemplars = args.exemplars.enabled
    ? Math.min(MAX_EXEMPLARS, Math.max(0, args.exemplars.max_per_data_point))
    : 0;
  const instruments: Instrument[][] = groups.dimensions.map(() => []);
  const count = (name: string): Instrument => ({
    name: `${prefix}${name}`,
    description: '',
    unit: '',
    kind: 'sum',
    startsAtZero: true,
    exemplars,
  });
  instruments[groups.calls].push(count('calls'));
  if (groups.duration >= 0) instruments[groups.duration].push(durationOf(args, `${prefix}duration`, exemplars));
  if (groups.events >= 0) instruments[groups.events].push(count('events'));
  return {
    scopeName: 'spanmetricsconnector',
    groups: instruments.map((own): Group => ({ instruments: own, limit: args.aggregation_cardinality_limit })),
    temporality: args.aggregation_temporality === 'DELTA' ? 'delta' : 'cumulative',
    flushIntervalMs: args.metrics_flush_interval,
    startsWith: 'series',
    emitsEmpty: true,
    resourceExpirationMs: args.metrics_expiration,
    seriesExpirationMs: args.series_expiration,
    expiryIntervalMs: 0,
    resourceCacheSize: args.resource_metrics_cache_size,
    timestampCacheSize: args.metric_timestamp_cache_size,
    identity: JSON.stringify([
      groups.dimensions,
      args.exclude_dimensions,
      args.resource_metrics_key_attributes,
      args.include_instrumentation_scope,
      args.include_collector_instance_id,
    ]),
  };
}

function durationOf(args: Args, name: string, exemplars: number): Instrument {
  const { unit, explicit, exponential } = args.histogram;
  const head = { name, description: '', unit, exemplars };
  if (exponential !== undefined) {
    const maxSize = Math.min(MAX_BUCKETS, Math.max(MIN_BUCKETS, exponential.max_size));
    return { ...head, kind: 'exponential', maxSize };
  }
  // By whole nanoseconds, as durations are: a span as long as a bound lies in its bucket.
  const nsPerUnit = unit === 's' ? NS_PER_S : NS_PER_MS;
  const bounds = [...new Set(explicit?.buckets)]
    .sort((a, b) => a - b)
    .map((ms) => Math.round(ms * NS_PER_MS) / nsPerUnit);
  return { ...head, kind: 'histogram', bounds };
}
