/**
 * The skeleton of a Collector configuration: the sections of components, and what `service` says of pipelines and extensions.
 * Checks what the Collector checks (otelcol/config.go, service/pipelines/config.go), all at once.
 */
import { didYouMean } from '#config/diag/suggest.ts';
import { goType, isNull, type MapEntry, type MapNode, type Range, type YamlNode } from '#config/yaml/node.ts';
import { parseId, type Id, type Kind } from './ids.ts';
import { UNUSED, type Problems } from './problems.ts';

export const SECTIONS = {
  receivers: 'receiver',
  processors: 'processor',
  exporters: 'exporter',
  connectors: 'connector',
  extensions: 'extension',
} as const satisfies Record<string, Kind>;
export type Section = keyof typeof SECTIONS;

export const SIGNALS = ['metrics', 'logs', 'traces'] as const;
export type SignalName = (typeof SIGNALS)[number];

export interface Configured {
  readonly id: Id;
  readonly section: Section;
  /** null: nothing is set. undefined: it is no map, which is reported. */
  readonly config: MapNode | null | undefined;
}

export interface Pipeline {
  readonly signal: SignalName;
  /** Of its group; empty when it has none. */
  readonly name: string;
  readonly id: Id;
  readonly receivers: readonly Id[];
  readonly processors: readonly Id[];
  readonly exporters: readonly Id[];
}

export interface Service {
  /** By section, then by id. */
  readonly components: Readonly<Record<Section, ReadonlyMap<string, Configured>>>;
  readonly extensions: readonly Id[];
  readonly pipelines: readonly Pipeline[];
  /** Where they are, or should be. */
  readonly pipelinesAt: Range | null;
  readonly telemetry: MapEntry | undefined;
}

export function readService(root: YamlNode | null, problems: Problems): Service {
  const reader = new ServiceReader(problems);
  const top = root === null ? undefined : reader.map(root, '', [...Object.keys(SECTIONS), 'service']);
  const components = Object.fromEntries(
    Object.keys(SECTIONS).map((section) => [section, reader.section(section as Section, top?.get(section))]),
  ) as Record<Section, ReadonlyMap<string, Configured>>;
  const written = top?.get('service');
  const service =
    written === undefined ? undefined : reader.map(written.value, 'service', ['pipelines', 'extensions', 'telemetry']);
  const pipelines = service?.get('pipelines');
  return {
    components,
    extensions: reader.ids(service?.get('extensions'), 'service::extensions'),
    pipelines: reader.pipelines(pipelines),
    pipelinesAt: pipelines?.keyAt ?? written?.keyAt ?? null,
    telemetry: service?.get('telemetry'),
  };
}

class ServiceReader {
  readonly #problems: Problems;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  map(node: YamlNode, path: string, keys?: readonly string[]): ReadonlyMap<string, MapEntry> | undefined {
    if (isNull(node)) return undefined;
    if (node.kind !== 'map') {
      this.#problems.read('type', `'${path}' expected a map, got '${goType(node)}'`, node.at);
      return undefined;
    }
    if (keys !== undefined) {
      for (const { key, keyAt } of node.entries.values()) {
        if (keys.includes(key)) continue;
        this.#problems.read('unknown_name', `'${path}' has invalid keys: ${key}`, keyAt, didYouMean(key, keys));
      }
    }
    return node.entries;
  }

  section(section: Section, entry: MapEntry | undefined): ReadonlyMap<string, Configured> {
    const components = new Map<string, Configured>();
    for (const { key, keyAt, value } of (entry === undefined ? undefined : this.map(entry.value, section))?.values() ??
      []) {
      const id = this.#id(key, keyAt, section);
      if (id === undefined) continue;
      if (components.has(id.text))
        this.#problems.read('duplicate', `'${section}' duplicate name "${id.text}" after trimming spaces`, keyAt);
      if (isNull(value)) components.set(id.text, { id, section, config: null });
      else if (value.kind === 'map') components.set(id.text, { id, section, config: value });
      else {
        // Known all the same, so that nothing else is said about it.
        components.set(id.text, { id, section, config: undefined });
        this.#problems.read('type', `'${section}::${id.text}' expected a map, got '${goType(value)}'`, value.at);
      }
    }
    return components;
  }

  pipelines(entry: MapEntry | undefined): readonly Pipeline[] {
    const pipelines = new Map<string, Pipeline>();
    for (const { key, keyAt, value } of (entry === undefined
      ? undefined
      : this.map(entry.value, 'service::pipelines')
    )?.values() ?? []) {
      const id = this.#id(key, keyAt, 'service::pipelines');
      if (id === undefined) continue;
      const path = `service::pipelines::${id.text}`;
      const signal = SIGNALS.find((name) => name === id.type);
      if (signal === undefined) {
        const message =
          id.type === 'profiles'
            ? 'unknown pipeline type "profiles"'
            : `'service::pipelines' unknown pipeline signal: "${id.type}"`;
        this.#problems.read(
          'signal',
          message,
          keyAt,
          didYouMean(id.type, SIGNALS) ?? `signals are ${SIGNALS.join(', ')}`,
        );
        continue;
      }
      const parts = this.map(value, path, ['receivers', 'processors', 'exporters']);
      pipelines.set(id.text, {
        signal,
        name: id.name,
        id,
        receivers: this.ids(parts?.get('receivers'), `${path}::receivers`),
        processors: this.ids(parts?.get('processors'), `${path}::processors`),
        exporters: this.ids(parts?.get('exporters'), `${path}::exporters`),
      });
    }
    return [...pipelines.values()];
  }

  ids(entry: MapEntry | undefined, path: string): readonly Id[] {
    if (entry === undefined || isNull(entry.value)) return [];
    const { value } = entry;
    if (value.kind === 'scalar' && typeof value.value === 'string' && value.parts === undefined) {
      return value.value.split(',').flatMap((text) => this.#id(text, value.at, path) ?? []);
    }
    if (value.kind !== 'list') {
      this.#problems.read(
        'type',
        `'${path}' expected type 'list', got unconvertible type '${goType(value)}'`,
        value.at,
      );
      return [];
    }
    return value.items.flatMap((item) => {
      if (item.kind === 'scalar' && item.value !== null && item.parts === undefined)
        return this.#id(item.text, item.at, path) ?? [];
      this.#problems.read('type', `'${path}' must hold names of components`, item.at);
      return [];
    });
  }

  #id(text: string, at: Range, path: string): Id | undefined {
    const id = parseId(text, at);
    if (!('problem' in id)) return id;
    this.#problems.read('id', `'${path}' ${id.problem}`, at);
    return undefined;
  }
}

/** What the Collector checks across components. What has not been read is not called missing. */
export function checkService({ components, extensions, pipelines, pipelinesAt }: Service, problems: Problems): void {
  // As the Collector, which does not say more about an empty configuration.
  const isComplete = !problems.critical;
  if (Object.values(components).every((section) => section.size === 0))
    return isComplete ? problems.invalid('empty', 'empty configuration file', null) : undefined;
  if (isComplete && components.receivers.size === 0)
    problems.invalid('missing', 'no receiver configuration specified in config', null);
  if (isComplete && components.exporters.size === 0)
    problems.invalid('missing', 'no exporter configuration specified in config', null);
  for (const { id } of components.connectors.values()) {
    for (const section of ['exporters', 'receivers'] as const) {
      if (!components[section].has(id.text)) continue;
      const kind = SECTIONS[section];
      problems.invalid(
        'ambiguous',
        `connectors::${id.text}: ambiguous ID: Found both "${id.text}" ${kind} and "${id.text}" connector`,
        id.at,
        `rename the connector, for example to "${id.text}/connector"`,
      );
    }
  }
  for (const id of extensions)
    refer('service::extensions', 'extension', id, components.extensions, undefined, problems);
  if (isComplete && pipelines.length === 0)
    problems.invalid('missing', 'service must have at least one pipeline', pipelinesAt);
  for (const pipeline of pipelines) checkPipeline(pipeline, components, problems);
  reportUnused({ components, extensions, pipelines }, problems);
}

function checkPipeline(
  { id, receivers, processors, exporters }: Pipeline,
  components: Service['components'],
  problems: Problems,
): void {
  const path = `service::pipelines::${id.text}`;
  for (const ref of receivers) refer(path, 'receiver', ref, components.receivers, components.connectors, problems);
  for (const ref of processors) refer(path, 'processor', ref, components.processors, undefined, problems);
  for (const ref of exporters) refer(path, 'exporter', ref, components.exporters, components.connectors, problems);
  if (receivers.length === 0) problems.invalid('pipeline', `${path}: must have at least one receiver`, id.at);
  if (exporters.length === 0) problems.invalid('pipeline', `${path}: must have at least one exporter`, id.at);
  const seen = new Set<string>();
  for (const ref of processors) {
    if (seen.has(ref.text))
      problems.invalid('pipeline', `${path}: references processor "${ref.text}" multiple times`, ref.at);
    seen.add(ref.text);
  }
}

function refer(
  path: string,
  kind: Kind,
  { text, at }: Id,
  section: ReadonlyMap<string, Configured>,
  connectors: ReadonlyMap<string, Configured> | undefined,
  problems: Problems,
): void {
  if (section.has(text) || connectors?.has(text) === true) return;
  const names = [...section.keys(), ...(connectors?.keys() ?? [])];
  problems.invalid(
    'reference',
    `${path}: references ${kind} "${text}" which is not configured`,
    at,
    didYouMean(text, names),
  );
}

/** The Collector does not start what nobody uses. */
function reportUnused(
  { components, extensions, pipelines }: Pick<Service, 'components' | 'extensions' | 'pipelines'>,
  problems: Problems,
): void {
  const sources = new Set(pipelines.flatMap(({ receivers }) => receivers.map(({ text }) => text)));
  const processors = new Set(pipelines.flatMap((pipeline) => pipeline.processors.map(({ text }) => text)));
  const sinks = new Set(pipelines.flatMap(({ exporters }) => exporters.map(({ text }) => text)));
  const used: Record<Section, (id: string) => boolean> = {
    receivers: (id) => sources.has(id),
    processors: (id) => processors.has(id),
    exporters: (id) => sinks.has(id),
    connectors: (id) => sources.has(id) && sinks.has(id),
    extensions: (id) => extensions.some(({ text }) => text === id),
  };
  for (const [section, isUsed] of Object.entries(used)) {
    for (const { id } of components[section as Section].values()) {
      if (isUsed(id.text)) continue;
      const where =
        section === 'extensions'
          ? 'is not among service::extensions'
          : section === 'connectors'
            ? 'is not both exporter and receiver of pipelines'
            : 'is in no pipeline';
      problems.info(UNUSED, `${section}::${id.text} ${where}: it does nothing`, id.at);
    }
  }
}
