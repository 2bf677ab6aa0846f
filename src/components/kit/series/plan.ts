/**
 * What a connector counts: its metrics, by groups, as both sides of it see them. Worker parts count into a `SeriesTable`, the merge
 * part on main keeps the series in a `SeriesStore`; both are made from the same plan, which the connector derives from its
 * arguments. The parcels between them are described in `parcel.ts`.
 */

/** One metric. Fields that a kind does not name are not used by it. */
export interface Instrument {
  readonly name: string;
  readonly description: string;
  /** As in OTLP: `ms`, `s`, `1`, ''. */
  readonly unit: string;
  readonly kind: 'sum' | 'gauge' | 'histogram' | 'exponential';
  /** sum, gauge: whether values are written as integers (the default) or doubles. */
  readonly double?: boolean;
  /** sum: whether it never goes down, which is the default. */
  readonly monotonic?: boolean;
  /** sum, cumulative: the first export of a new series shows 0, the next one what it has counted (semantics 13.5). */
  readonly startsAtZero?: boolean;
  /** histogram: upper bounds, ascending, inclusive, without infinity. */
  readonly bounds?: readonly number[];
  /** exponential: most buckets. */
  readonly maxSize?: number;
  /** Whether a histogram says its smallest and largest value. Exponential ones always do. */
  readonly minMax?: boolean;
  /** Most exemplars of a point; 0 = none. The first ones since the last flush are kept. */
  readonly exemplars?: number;
}

/**
 * Metrics whose series have the same attributes: one look-up finds them all. A row is one combination of attributes; an instrument
 * that has counted nothing in a row has no point there.
 */
export interface Group {
  /** At most 16. */
  readonly instruments: readonly Instrument[];
  /** Most rows for one resource; further ones count into one row more, with the attribute `otel.metric.overflow`. 0 = {@link MAX_ROWS} of all resources together. */
  readonly limit: number;
}

export interface SeriesPlan {
  readonly scopeName: string;
  readonly groups: readonly Group[];
  readonly temporality: 'cumulative' | 'delta';
  /** 0 = as soon as something was counted. */
  readonly flushIntervalMs: number;
  /** Start of a point: when its series was first counted, or when the merge part was made. */
  readonly startsWith: 'series' | 'connector';
  /** Whether a flush that has no metrics is still handed on, as an empty request. */
  readonly emitsEmpty: boolean;
  /** Cumulative: a resource, or a series, that nothing was counted for in this time goes, after the flush that finds it so. 0 = never. */
  readonly resourceExpirationMs: number;
  readonly seriesExpirationMs: number;
  /** Expired series go at the end of a flush, or each time this passes (semantics 14.4, cache_loop). 0 = at the flush. */
  readonly expiryIntervalMs: number;
  /** Most resources; the one that was used least recently is exported once more and goes. 0 = no bound but {@link MAX_ROWS}. */
  readonly resourceCacheSize: number;
  /** Delta: how many series are remembered for the start of their next point. */
  readonly timestampCacheSize: number;
  /** Whatever else decides what a key means (dimensions, ...): parcels made under another identity are not merged. */
  readonly identity: string;
}

/** Series of one merge part where no limit is configured: past it they count into the overflow row of their resource. */
export const MAX_ROWS = 1_000_000;
/** Rows that one worker holds between two harvests; at half of it it asks for one, past it it counts into overflow rows. */
export const WORKER_ROWS = 65_536;

/**
 * What decides which series there are and where their numbers lie: as long as it is equal, what was counted under one plan goes on
 * under another, in the workers and on main. How long and how many are kept, and how often they are told, is no part of it.
 */
export function identityOf({ scopeName, groups, temporality, startsWith, identity }: SeriesPlan): string {
  const instruments = groups.map((group) => group.instruments);
  return JSON.stringify({ scopeName, instruments, temporality, startsWith, identity });
}

/** The first word of each parcel: FNV-1a over {@link identityOf}. Unsigned 32 bits. */
export function fingerprint(plan: SeriesPlan): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(identityOf(plan))) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
