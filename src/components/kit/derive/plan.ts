/** The plan of a connector whose metrics come from definitions in its configuration: deltas, a group for each metric. */
import type { Instrument, SeriesPlan } from '#components/kit/series/plan.ts';

const FLUSH_MS = 1000;
/** Series whose last point is remembered, for the start of the next. */
const REMEMBERED = 65_536;

export interface Planned {
  /** Counts from 0, in the order in which groups first appear; the first definition of a group says what it is. */
  readonly group: number;
  readonly instrument: Instrument;
  /** Names of all attributes that decide what a series is. */
  readonly names: readonly (readonly string[])[];
}

/** `connector`: as upstream names its module. */
export function derivedPlan(connector: string, definitions: readonly Planned[]): SeriesPlan {
  const instruments = new Map<number, Instrument>();
  for (const { group, instrument } of definitions) if (!instruments.has(group)) instruments.set(group, instrument);
  return {
    scopeName: `github.com/open-telemetry/opentelemetry-collector-contrib/connector/${connector}`,
    groups: Array.from(instruments.values(), (instrument) => ({ instruments: [instrument], limit: 0 })),
    temporality: 'delta',
    flushIntervalMs: FLUSH_MS,
    startsWith: 'series',
    emitsEmpty: false,
    resourceExpirationMs: 0,
    seriesExpirationMs: 0,
    expiryIntervalMs: 0,
    resourceCacheSize: 0,
    timestampCacheSize: REMEMBERED,
    identity: JSON.stringify(definitions.map(({ group, names }) => [group, ...names])),
  };
}
