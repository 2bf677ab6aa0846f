import type { Reshape } from '#components/kit/component.ts';
import type { MapEntry, MapNode, Range, YamlNode } from '#config/yaml/node.ts';
import { DEFAULTS, type Kind } from './schema.ts';

/** In the Collector metrics are a map by their names; kinds that have none count into default ones. */
export const reshape: Reshape = (config) => {
  const entries = new Map<string, MapEntry>();
  for (const [key, entry] of config.entries)
    entries.set(key, key in DEFAULTS ? { ...entry, value: listed(entry.value) } : entry);
  for (const kind of Object.keys(DEFAULTS) as Kind[]) {
    if (entries.has(kind)) continue;
    const value: YamlNode = { kind: 'list', items: [defaultMetric(kind, config.at)], at: config.at };
    entries.set(kind, { key: kind, keyAt: config.at, value });
  }
  return { ...config, entries };
};

/** The metrics by name, as Go prints a map. */
function listed(node: YamlNode): YamlNode {
  if (node.kind !== 'map') return node;
  const metrics = [...node.entries.values()].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return { kind: 'list', items: metrics.map(named), at: node.at };
}

function named({ key, keyAt, value }: MapEntry): YamlNode {
  if (value.kind !== 'map' && !(value.kind === 'scalar' && value.value === null)) return value;
  const name = textEntry('name', key, keyAt);
  const rest = value.kind === 'map' ? value.entries : [];
  return { kind: 'map', entries: new Map([['name', name], ...rest]), at: value.at };
}

function defaultMetric(kind: Kind, at: Range): MapNode {
  const { name, description } = DEFAULTS[kind];
  return {
    kind: 'map',
    entries: new Map([
      ['name', textEntry('name', name, at)],
      ['description', textEntry('description', description, at)],
    ]),
    at,
  };
}

function textEntry(key: string, text: string, at: Range): MapEntry {
  return { key, keyAt: at, value: { kind: 'scalar', value: text, text, at } };
}
