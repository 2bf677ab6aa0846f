/**
 * One scrape: the counted families of all threads and those that are worked out on demand, under one name each.
 */
import type { MetricFamily, Registry } from '#shared/registry.ts';
import type { Labels } from '#shared/meter.ts';

/** Families whose series come and go, or that are read from the system at scrape: they need no slots in shared memory. */
export type FamilySource = () => readonly MetricFamily[];

/** Sorted by name. Two sources may add series to one family; the first one's help and kind stand. */
export function collectFamilies(registry: Pick<Registry, 'collect'>, sources: readonly FamilySource[]): MetricFamily[] {
  const byName = new Map<string, MetricFamily>();
  for (const family of [...registry.collect(), ...sources.flatMap((source) => source())]) {
    const known = byName.get(family.name);
    byName.set(family.name, known === undefined ? family : { ...known, series: [...known.series, ...family.series] });
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function gauge(name: string, help: string, value: number, labels: Labels = {}): MetricFamily {
  return { name, help, kind: 'gauge', series: [{ labels, value }] };
}

export function counter(name: string, help: string, value: number, labels: Labels = {}): MetricFamily {
  return { name, help, kind: 'counter', series: [{ labels, value }] };
}
