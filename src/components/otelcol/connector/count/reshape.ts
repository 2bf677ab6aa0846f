import type { Reshape } from '#components/kit/component.ts';
import { DEFAULTS, type Kind } from './schema.ts';

type MapNode = Parameters<Reshape>[0];
type MapEntry = MapNode['entries'] extends ReadonlyMap<string, infer Entry> ? Entry : never;

/** Kinds that the Collector's settings do not name are counted under their default names; Alloy's converter writes these out. */
export const reshape: Reshape = (config) => {
  const entries = new Map(config.entries);
  for (const kind of Object.keys(DEFAULTS) as Kind[])
    if (!entries.has(kind)) entries.set(kind, defaultMetric(kind, config.at));
  return { ...config, entries };
};

function defaultMetric(kind: Kind, at: MapNode['at']): MapEntry {
  const { name, description } = DEFAULTS[kind];
  const text: MapEntry = {
    key: 'description',
    keyAt: at,
    value: { kind: 'scalar', value: description, text: description, at },
  };
  return mapOf(kind, mapOf(name, text, at), at);
}

function mapOf(key: string, member: MapEntry, at: MapNode['at']): MapEntry {
  return { key, keyAt: at, value: { kind: 'map', entries: new Map([[member.key, member]]), at } };
}
