/** From the settings of the Collector's filter processor to those of Alloy's component: a list of bare conditions is a group. */
import type { Reshape } from '#components/kit/component.ts';

type MapNode = Parameters<Reshape>[0];
type MapEntry = MapNode['entries'] extends ReadonlyMap<string, infer Entry> ? Entry : never;

export const reshape: Reshape = (config, { refuse }) => {
  const entries = new Map(config.entries);
  for (const key of ['trace_conditions', 'metric_conditions', 'log_conditions']) {
    const entry = entries.get(key);
    if (entry?.value.kind !== 'list' || entry.value.items.length === 0) continue;
    const { items, at } = entry.value;
    const texts = items.filter(({ kind }) => kind === 'scalar').length;
    if (texts > 0 && texts < items.length)
      refuse(`${key} holds conditions and groups of them: it may hold one or the other`, entry.keyAt);
    if (texts !== items.length) continue;
    const conditions: MapEntry = { key: 'conditions', keyAt: entry.keyAt, value: entry.value };
    const group: MapEntry['value'] = { kind: 'map', entries: new Map([['conditions', conditions]]), at };
    entries.set(key, { ...entry, value: { kind: 'list', items: [group], at } });
  }
  return { ...config, entries };
};
