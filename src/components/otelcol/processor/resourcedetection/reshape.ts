/**
 * From the settings of the Collector's resource_detection processor to those of Alloy's component: some detectors have other names
 * there. What Alloy has no block for is left out with a warning.
 */
import type { Reshape } from '#components/kit/component.ts';
import { attributesOf, isBlockName, type BlockName } from './resource-attributes.ts';

type MapNode = Parameters<Reshape>[0];
type MapEntry = MapNode['entries'] extends ReadonlyMap<string, infer Entry> ? Entry : never;
type Node = MapEntry['value'];
type Say = Parameters<Reshape>[1];

const RENAMED: Readonly<Record<string, string>> = {
  elastic_beanstalk: 'elasticbeanstalk',
  k8s_api: 'kubernetes_node',
  k8snode: 'kubernetes_node',
};
/** The Collector asks the API server with the service account where nothing is said, Alloy without. */
const ASK_KUBERNETES: readonly string[] = ['kubeadm', 'kubernetes_node'];

const nameOf = (name: string): string => RENAMED[name] ?? name;
const isDetector = (name: string): boolean => name === 'env' || isBlockName(name);

export const reshape: Reshape = (config, say) => {
  const entries = new Map<string, MapEntry>();
  const used = new Set<string>();
  for (const entry of config.entries.values()) {
    const key = nameOf(entry.key);
    if (key === 'detectors') entries.set(key, { ...entry, value: detectors(entry.value, used, say) });
    else if (isBlockName(key)) entries.set(key, { ...entry, key, value: detector(key, entry.value, say) });
    else entries.set(key, entry);
  }
  for (const key of ASK_KUBERNETES) if (used.has(key)) entries.set(key, withAccount(key, entries.get(key), config.at));
  return { ...config, entries };
};

function detectors(list: Node, used: Set<string>, { warn }: Say): Node {
  if (list.kind !== 'list') return list;
  const items = list.items.flatMap((item): Node[] => {
    if (item.kind !== 'scalar' || typeof item.value !== 'string' || item.parts !== undefined) return [item];
    const value = nameOf(item.value);
    if (!isDetector(value)) {
      warn(`the detector ${item.value} has no counterpart and is left out`, item.at);
      return [];
    }
    used.add(value);
    return [{ ...item, value, text: value }];
  });
  return { ...list, items };
}

function detector(name: BlockName, settings: Node, say: Say): Node {
  if (settings.kind !== 'map') return settings;
  const entries = new Map(settings.entries);
  const attributes = entries.get('resource_attributes');
  if (attributes?.value.kind === 'map')
    entries.set(attributes.key, { ...attributes, value: known(name, attributes.value, say) });
  const meta = entries.get('meta');
  if (meta?.value.kind === 'map') entries.set(meta.key, { ...meta, value: keysOf(meta.value) });
  return { ...settings, entries };
}

function known(name: BlockName, attributes: MapNode, { warn }: Say): MapNode {
  const names = new Set(attributesOf(name).map((attribute) => attribute.name));
  const entries = [...attributes.entries].filter(([attribute, { keyAt }]) => {
    if (!names.has(attribute)) warn(`the attribute ${attribute} of ${name} has no counterpart and is left out`, keyAt);
    return names.has(attribute);
  });
  return { ...attributes, entries: new Map(entries) };
}

/** Consul's keys of metadata are those of a map there, whose values mean nothing. */
function keysOf({ entries, at }: MapNode): Node {
  const items = [...entries.values()].map(({ key, keyAt }): Node => ({
    kind: 'scalar',
    value: key,
    text: key,
    at: keyAt,
  }));
  return { kind: 'list', items, at };
}

function withAccount(key: string, entry: MapEntry | undefined, at: MapNode['at']): MapEntry {
  const account = 'serviceAccount';
  const written = entry?.value.kind === 'map' ? entry.value.entries : new Map<string, MapEntry>();
  const type: MapEntry = { key: 'auth_type', keyAt: at, value: { kind: 'scalar', value: account, text: account, at } };
  return {
    key,
    keyAt: entry?.keyAt ?? at,
    value: { kind: 'map', at, entries: new Map([['auth_type', type], ...written]) },
  };
}
