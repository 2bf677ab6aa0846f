/** A plan with everything that a plan can have, for tests to vary. */
import type { Group, Instrument, SeriesPlan } from '#components/kit/series/plan.ts';

export const instrument = (kind: Instrument['kind'], more: Partial<Instrument> = {}): Instrument => ({
  name: kind,
  description: '',
  unit: '',
  kind,
  ...more,
});

export const groupOf = (...instruments: Instrument[]): Group => ({ instruments, limit: 0 });

export const planOf = (groups: readonly Group[], more: Partial<SeriesPlan> = {}): SeriesPlan => ({
  scopeName: 'test',
  groups,
  temporality: 'cumulative',
  flushIntervalMs: 60_000,
  startsWith: 'series',
  emitsEmpty: false,
  resourceExpirationMs: 0,
  seriesExpirationMs: 0,
  expiryIntervalMs: 0,
  resourceCacheSize: 0,
  timestampCacheSize: 0,
  identity: '',
  ...more,
});
