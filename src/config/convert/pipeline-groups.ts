/**
 * Pipelines of one name form a group: in Alloy one component serves all its signals. A receiver exists once, whatever groups it
 * feeds; everything else exists once in each group. Facts: grafana/alloy otelcolconvert, pipeline_group.go and converter.go.
 */
import type { Id, Kind } from './ids.ts';
import { SIGNALS, type Pipeline, type SignalName } from './service.ts';

export interface Group {
  readonly name: string;
  readonly pipelines: Partial<Readonly<Record<SignalName, Pipeline>>>;
}

/** In order of their names. */
export function groupsOf(pipelines: readonly Pipeline[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const pipeline of pipelines) {
    const known = groups.get(pipeline.name)?.pipelines ?? {};
    groups.set(pipeline.name, { name: pipeline.name, pipelines: { ...known, [pipeline.signal]: pipeline } });
  }
  return [...groups.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** The ids that a group's pipelines name in one role, each once. */
export function idsOf({ pipelines }: Group, role: 'receivers' | 'processors' | 'exporters'): readonly Id[] {
  const ids = new Map<string, Id>();
  for (const signal of SIGNALS) {
    for (const id of pipelines[signal]?.[role] ?? []) if (!ids.has(id.text)) ids.set(id.text, id);
  }
  return [...ids.values()];
}

export interface Next {
  readonly id: Id;
  /** `exporter` stands for connectors, too. */
  readonly kind: 'processor' | 'exporter';
  readonly group: string;
}

/** Where a component of `group` sends a signal; `groups` are all. */
export function nextOf(
  kind: Kind,
  id: Id,
  signal: SignalName,
  group: Group,
  groups: readonly Group[],
): readonly Next[] {
  const from = kind === 'receiver' ? groups : [group];
  return from.flatMap(({ name, pipelines }) => {
    const pipeline = pipelines[signal];
    return pipeline === undefined ? [] : after(kind, id, pipeline).map((next) => ({ ...next, group: name }));
  });
}

function after(
  kind: Kind,
  { text }: Id,
  { receivers, processors, exporters }: Pipeline,
): readonly Omit<Next, 'group'>[] {
  const isProcessor = kind === 'processor';
  if (!isProcessor && kind !== 'receiver' && kind !== 'connector') return [];
  const place = (isProcessor ? processors : receivers).findIndex((id) => id.text === text);
  if (place < 0) return [];
  const processor = processors[isProcessor ? place + 1 : 0];
  return processor === undefined
    ? exporters.map((id) => ({ id, kind: 'exporter' }))
    : [{ id: processor, kind: 'processor' }];
}
