/**
 * From the settings of the Collector's transform processor to those of Alloy's component: a list of bare statements is the block
 * `statements`, and groups that do not say their context get the one that their paths name.
 */
import type { Reshape } from '#components/kit/component.ts';
import { CONTEXTS_OF, type SignalName } from '#components/kit/blocks/ottl-groups.ts';
import { OttlError } from '#ottl/error.ts';
import { contextOf } from '#ottl/expression.ts';
import { EDITORS, FUNCTIONS } from './functions.ts';

type MapNode = Parameters<Reshape>[0];
type MapEntry = MapNode['entries'] extends ReadonlyMap<string, infer Entry> ? Entry : never;
type Node = MapEntry['value'];

const SIGNALS: readonly (readonly [key: string, name: string, signal: SignalName])[] = [
  ['trace_statements', 'trace', 'traces'],
  ['metric_statements', 'metric', 'metrics'],
  ['log_statements', 'log', 'logs'],
];

export const reshape: Reshape = (config, { refuse }) => {
  const entries = new Map(config.entries);
  const flat = new Map<string, MapEntry>();
  for (const [key, name, signal] of SIGNALS) {
    const entry = entries.get(key);
    if (entry?.value.kind !== 'list' || entry.value.items.length === 0) continue;
    const { items } = entry.value;
    const texts = items.filter(({ kind }) => kind === 'scalar').length;
    if (texts === items.length) {
      entries.delete(key);
      flat.set(name, { ...entry, key: name });
    } else if (texts > 0)
      refuse(`${key} holds statements and groups of them: it may hold one or the other`, entry.keyAt);
    else entries.set(key, { ...entry, value: { ...entry.value, items: items.map((item) => inContext(item, signal)) } });
  }
  if (flat.size > 0)
    entries.set('statements', {
      key: 'statements',
      keyAt: config.at,
      value: { kind: 'map', entries: flat, at: config.at },
    });
  return { ...config, entries };
};

function inContext(group: Node, signal: SignalName): Node {
  if (group.kind !== 'map' || group.entries.has('context')) return group;
  const texts = textsOf(group.entries.get('statements')?.value);
  if (texts === null) return group;
  try {
    const context = contextOf('statement', texts, CONTEXTS_OF[signal], FUNCTIONS, EDITORS);
    const value: Node = { kind: 'scalar', value: context, text: context, at: group.at };
    const entry: MapEntry = { key: 'context', keyAt: group.at, value };
    return { ...group, entries: new Map([['context', entry], ...group.entries]) };
  } catch (thrown) {
    // What is wrong with the statements is told where they are checked; without them, that the context is missing.
    if (thrown instanceof OttlError) return group;
    throw thrown;
  }
}

function textsOf(list: Node | undefined): string[] | null {
  if (list?.kind !== 'list' || list.items.length === 0) return null;
  const texts = list.items.map((item) =>
    item.kind === 'scalar' && typeof item.value === 'string' ? item.value : null,
  );
  return texts.includes(null) ? null : (texts as string[]);
}
