/**
 * The pipelines of a Collector configuration, in groups: pipelines of the same name and different signals are one flow of
 * Alloy components. Facts: grafana/alloy v1.18 `internal/converter/internal/otelcolconvert` pipeline_group.go, converter.go.
 */
import type { Counterpart } from '#config/schema/otelcol.ts';
import type { Place, YamlNode } from './node.ts';

export const SIGNALS = ['metrics', 'logs', 'traces'] as const;
export type SignalName = (typeof SIGNALS)[number];
export type Kind = Counterpart['kind'];

export interface Pipeline {
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
}

export interface Group {
  /** What stands after the slash; empty for the nameless pipelines. */
  readonly name: string;
  readonly pipelines: ReadonlyMap<SignalName, Pipeline>;
}

type Report = (message: string, at: Place) => void;

/** `isDefined` knows what is configured. */
export function readPipelines(
  node: YamlNode | undefined,
  isDefined: (kind: Kind, id: string) => boolean,
  report: Report,
): readonly Group[] {
  if (node?.kind !== 'map') return [];
  const groups = new Map<string, Map<SignalName, Pipeline>>();
  for (const [id, { key, value }] of node.entries) {
    const slash = id.indexOf('/');
    const signal = slash < 0 ? id : id.slice(0, slash);
    const name = slash < 0 ? '' : id.slice(slash + 1);
    if (!SIGNALS.includes(signal as SignalName)) {
      const message =
        signal === 'profiles'
          ? 'pipelines of profiles are not offered'
          : `service::pipelines: unknown signal "${signal}"`;
      report(message, key);
      continue;
    }
    const pipeline: Pipeline = {
      receivers: ids(id, 'receivers', value, isDefined, report),
      processors: ids(id, 'processors', value, isDefined, report),
      exporters: ids(id, 'exporters', value, isDefined, report),
    };
    for (const kind of ['receiver', 'exporter'] as const)
      if (isEmpty(value, `${kind}s`)) report(`service::pipelines::${id}: must have at least one ${kind}`, key);
    const group = groups.get(name) ?? new Map<SignalName, Pipeline>();
    groups.set(name, group);
    group.set(signal as SignalName, pipeline);
  }
  return [...groups]
    .map(([name, pipelines]) => ({ name, pipelines }))
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function isEmpty(pipeline: YamlNode, part: keyof Pipeline): boolean {
  const list = pipeline.kind === 'map' ? pipeline.entries.get(part)?.value : undefined;
  return (
    list === undefined ||
    (list.kind === 'scalar' && list.value === null) ||
    (list.kind === 'list' && list.items.length === 0)
  );
}

function ids(
  pipeline: string,
  part: keyof Pipeline,
  node: YamlNode,
  isDefined: (kind: Kind, id: string) => boolean,
  report: Report,
): string[] {
  const list = node.kind === 'map' ? node.entries.get(part)?.value : undefined;
  if (list === undefined || (list.kind === 'scalar' && list.value === null)) return [];
  if (list.kind !== 'list') {
    report(`service::pipelines::${pipeline}::${part}: should be a list`, list.place);
    return [];
  }
  const kind = part.slice(0, -1) as 'receiver' | 'processor' | 'exporter';
  const found: string[] = [];
  for (const item of list.items) {
    const id = item.kind === 'scalar' ? item.text : '';
    if (found.includes(id)) {
      if (kind === 'processor')
        report(`service::pipelines::${pipeline}: references processor "${id}" multiple times`, item.place);
      continue;
    }
    const isThere = isDefined(kind, id) || (kind !== 'processor' && isDefined('connector', id));
    if (!isThere)
      report(`service::pipelines::${pipeline}: references ${kind} "${id}" which is not configured`, item.place);
    else found.push(id);
  }
  return found;
}

/** In the order of metrics, logs, traces; each once. */
export function idsOf({ pipelines }: Group, part: keyof Pipeline): string[] {
  return [...new Set(SIGNALS.flatMap((signal) => pipelines.get(signal)?.[part] ?? []))];
}

/** Where `id` sends a signal to, within its group. */
export function nextOf(
  { pipelines }: Group,
  kind: Kind,
  id: string,
  signal: SignalName,
): readonly { readonly kind: Kind; readonly id: string }[] {
  const pipeline = pipelines.get(signal);
  if (pipeline === undefined) return [];
  const exporters = pipeline.exporters.map((exporter) => ({ kind: 'exporter' as const, id: exporter }));
  const processor = (at: number): { readonly kind: Kind; readonly id: string }[] | undefined =>
    pipeline.processors[at] === undefined ? undefined : [{ kind: 'processor', id: pipeline.processors[at] }];
  if (kind === 'receiver' || kind === 'connector')
    return pipeline.receivers.includes(id) ? (processor(0) ?? exporters) : [];
  if (kind !== 'processor' || !pipeline.processors.includes(id)) return [];
  return processor(pipeline.processors.indexOf(id) + 1) ?? exporters;
}

/** Facts: grafana/alloy v1.18, `alloyLabelForComponent` and SanitizeIdentifier. */
export function labelOf(group: string, id: string): string {
  const slash = id.indexOf('/');
  const name = slash < 0 ? '' : id.slice(slash + 1);
  const label = group === '' && name === '' ? 'default' : `${group || 'default'}_${name || 'default'}`;
  const clean = Array.from(label, (character) => (/[\p{L}\p{Nd}_]/u.test(character) ? character : '_')).join('');
  return /^\p{Nd}/u.test(clean) ? `_${clean}` : clean;
}

export function typeOf(id: string): string {
  const slash = id.indexOf('/');
  return slash < 0 ? id : id.slice(0, slash);
}
