/** Several documents as one configuration (confmap): maps merge key by key, everything else is replaced by what comes later. */
import type { MapEntry, YamlNode } from '#config/yaml/node.ts';

/** What the Collector writes between the levels of a key: `exporters::debug::verbosity: detailed`. */
export const SEPARATOR = '::';

export function mergeDocuments(earlier: YamlNode | null, later: YamlNode | null): YamlNode | null {
  if (earlier === null || later === null) return later ?? earlier;
  if (earlier.kind !== 'map' || later.kind !== 'map') return later;
  const entries = new Map(earlier.entries);
  for (const [key, entry] of later.entries) {
    const known = entries.get(key);
    entries.set(key, known === undefined ? entry : { ...entry, value: mergeDocuments(known.value, entry.value)! });
  }
  return { kind: 'map', entries, at: later.at };
}

/** Keys of the outermost map that name several levels become those levels. */
export function unfoldKeys(node: YamlNode): YamlNode {
  if (node.kind !== 'map' || ![...node.entries.keys()].some((key) => key.includes(SEPARATOR))) return node;
  let unfolded: YamlNode = { kind: 'map', entries: new Map(), at: node.at };
  for (const entry of node.entries.values()) unfolded = mergeDocuments(unfolded, levels(entry))!;
  return unfolded;
}

function levels({ key, keyAt, value }: MapEntry): YamlNode {
  return key
    .split(SEPARATOR)
    .reduceRight<YamlNode>(
      (inner, name) => ({ kind: 'map', entries: new Map([[name, { key: name, keyAt, value: inner }]]), at: keyAt }),
      value,
    );
}
