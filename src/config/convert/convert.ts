/**
 * An OpenTelemetry Collector configuration as an Alloy configuration: as text for people, and as a syntax tree whose places
 * are in the YAML, so that whatever is found wrong later is shown there.
 *
 * The result is what `alloy convert --source-format=otelcol` of Alloy 1.18 gives, once formatted. Knows no component: each one's
 * schema says how it is converted ({@link Counterpart}).
 */
import type { BlockStatement, Body, File, Statement } from '#config/syntax/ast.ts';
import type { Diagnostic } from '#config/diag/diagnostic.ts';
import { didYouMean } from '#config/diag/suggest.ts';
import { format } from '#config/print/format.ts';
import type { Counterpart } from '#config/schema/otelcol.ts';
import type { BodySchema, Shape } from '#config/schema/schema.ts';
import type { MapNode, Range, YamlNode } from '#config/yaml/node.ts';
import { attribute, blockStatement, reference } from './build.ts';
import { convertBody } from './body.ts';
import { isConvertedByAlloy, REPLACED_EXTENSIONS } from './collector-types.ts';
import { Documents } from './documents.ts';
import { Expander, type Providers } from './expand.ts';
import { labelOf, type Id, type Kind } from './ids.ts';
import { mergeDocuments, unfoldKeys } from './merge-documents.ts';
import { groupsOf, idsOf, nextOf, type Group } from './pipeline-groups.ts';
import { Problems, type Grade, type Remark } from './problems.ts';
import { readYaml } from './read-yaml.ts';
import {
  checkService,
  readService,
  SECTIONS,
  SIGNALS,
  type Configured,
  type Section,
  type Service,
} from './service.ts';
import { convertTelemetry } from './telemetry.ts';
import { writeText } from './write-text.ts';

/** As much of a component as the conversion must know. */
export interface Convertible {
  /** `otelcol.receiver.otlp` */
  readonly name: string;
  /** One sentence. */
  readonly summary?: string;
  readonly args: BodySchema<Shape>;
  readonly otelcol?: Counterpart;
}

export type { Grade, Remark };

export interface ConvertOptions {
  readonly components: Iterable<Convertible>;
  /** Expands `${...}`; without it variables become `sys.env` calls. */
  readonly expand?: Providers;
}

export interface Converted {
  /** Formatted Alloy source; null when something is critical. */
  readonly text: string | null;
  /**
   * The same as a tree with the places of the YAML, in the first file; the others have no statements. A file for each document,
   * then for each that they name.
   */
  readonly files: readonly File[];
  /** Errors and warnings about what is written, at their places. */
  readonly diagnostics: readonly Diagnostic[];
  /** All that is to be said about the conversion, in Alloy's words. */
  readonly remarks: readonly Remark[];
  /** Text of each file by its name, for showing diagnostics. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Later documents win over earlier ones, map by map. Never throws for what they hold. */
export function convertCollector(
  documents: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  options: ConvertOptions,
): Converted {
  const sources = new Documents();
  const problems = new Problems(sources);
  const root = readDocuments(documents, options.expand, sources, problems);
  const body = problems.critical ? [] : new Conversion(options.components, problems).convert(root);
  const isCritical = problems.critical;
  const [, ...others] = sources.sources;
  return {
    text: isCritical ? null : format('converted', writeText(body)).text,
    files: [
      { source: sources.whole, body: isCritical ? [] : body, comments: [] },
      ...others.map((source) => ({ source, body: [], comments: [] })),
    ],
    diagnostics: problems.diagnostics,
    remarks: problems.remarks,
    texts: new Map(sources.sources.map(({ name, text }) => [name, text])),
  };
}

function readDocuments(
  documents: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  providers: Providers | undefined,
  sources: Documents,
  problems: Problems,
): YamlNode | null {
  let root: YamlNode | null = null;
  for (const { name, bytes } of documents) {
    const { source, base } = sources.decode(name, bytes, problems);
    const read = readYaml(source.text, base, problems);
    root = mergeDocuments(root, read === null ? null : unfoldKeys(read));
  }
  return root === null || problems.critical ? root : new Expander(providers, sources, problems).expand(root);
}

interface Target {
  readonly component: Convertible;
  readonly label: string;
}

class Conversion {
  readonly #problems: Problems;
  readonly #byType = new Map<string, Convertible>();
  readonly #byName = new Map<string, Convertible>();
  readonly #body: Statement[] = [];
  readonly #extensions = new Map<string, Target>();
  /** What has been checked already: a component in several groups is said to be wrong once. */
  readonly #converted = new Set<string>();
  #service!: Service;

  constructor(components: Iterable<Convertible>, problems: Problems) {
    this.#problems = problems;
    for (const component of components) {
      const { name, otelcol } = component;
      this.#byName.set(name, component);
      if (otelcol === undefined) continue;
      for (const type of [otelcol.type, ...(otelcol.aliases ?? [])])
        this.#byType.set(`${otelcol.kind}/${type}`, component);
    }
  }

  convert(root: YamlNode | null): Body {
    this.#service = readService(root, this.#problems);
    this.#checkTypes();
    this.#checkUnused();
    checkService(this.#service, this.#problems);
    if (this.#problems.critical) return [];
    this.#body.push(...convertTelemetry(this.#service.telemetry, this.#problems));
    for (const id of this.#service.extensions) this.#convertExtension(id);
    this.#convertGroups(groupsOf(this.#service.pipelines));
    this.#checkLabels();
    return this.#body;
  }

  #componentOf(kind: Kind, { type }: Id): Convertible | undefined {
    return this.#byType.get(`${kind}/${type}`);
  }

  #checkTypes(): void {
    for (const section of Object.keys(SECTIONS) as Section[]) {
      for (const { id } of this.#service.components[section].values()) {
        if (this.#componentOf(SECTIONS[section], id) === undefined) this.#unknownType(section, id);
      }
    }
  }

  #unknownType(section: Section, { type, text, at }: Id): void {
    const replaced = section === 'extensions' ? REPLACED_EXTENSIONS.get(type) : undefined;
    if (replaced !== undefined)
      return this.#problems.warn('without', `extensions::${text} has no counterpart and is left out: ${replaced}`, at);
    if (isConvertedByAlloy(section, type)) {
      return this.#problems.read('unavailable', `'${section}' type "${type}" is not available yet in this version`, at);
    }
    const kind = SECTIONS[section];
    const known = [...this.#byType.keys()]
      .flatMap((key) => (key.startsWith(`${kind}/`) ? [key.slice(kind.length + 1)] : []))
      .sort();
    this.#problems.read(
      'unknown_type',
      `'${section}' unknown type: "${type}" for id: "${text}" (valid values: [${known.join(' ')}])`,
      at,
      didYouMean(type, known),
    );
  }

  /** What nobody uses is wrong all the same when it cannot be read. */
  #checkUnused(): void {
    for (const section of Object.keys(SECTIONS) as Section[]) {
      for (const configured of this.#service.components[section].values()) {
        const component = this.#componentOf(SECTIONS[section], configured.id);
        if (component !== undefined) this.#bodyOf(component, configured, labelOf('', configured.id.name), []);
      }
    }
  }

  #convertExtension(id: Id): void {
    const component = this.#componentOf('extension', id);
    const configured = this.#service.components.extensions.get(id.text);
    if (component === undefined || configured === undefined || this.#extensions.has(id.text)) return;
    const label = labelOf('', id.name);
    this.#append(component, configured, label, []);
    this.#extensions.set(id.text, { component, label });
  }

  #convertGroups(groups: readonly Group[]): void {
    const { receivers, processors, exporters, connectors } = this.#service.components;
    const seen = new Set<string>();
    for (const group of groups) {
      for (const id of idsOf(group, 'receivers')) {
        if (connectors.has(id.text) || seen.has(id.text)) continue;
        seen.add(id.text);
        this.#convertComponent('receiver', receivers.get(id.text), group, groups);
      }
      for (const id of idsOf(group, 'processors'))
        this.#convertComponent('processor', processors.get(id.text), group, groups);
      for (const id of idsOf(group, 'exporters')) {
        if (!connectors.has(id.text)) this.#convertComponent('exporter', exporters.get(id.text), group, groups);
      }
      for (const connector of connectors.values()) this.#convertComponent('connector', connector, group, groups);
    }
  }

  #convertComponent(kind: Kind, configured: Configured | undefined, group: Group, groups: readonly Group[]): void {
    const component = configured === undefined ? undefined : this.#componentOf(kind, configured.id);
    if (configured === undefined || component === undefined) return;
    const { id } = configured;
    const output = SIGNALS.flatMap((signal) => {
      const next = nextOf(kind, id, signal, group, groups).flatMap((to) => {
        const target = this.#targetOf(to.kind, to.id);
        return target === undefined
          ? []
          : [reference([...target.name.split('.'), labelOf(to.group, to.id.name), 'input'], to.id.at)];
      });
      if (next.length === 0) return [];
      const at: Range = { start: next[0].start, end: next.at(-1)!.end };
      return [attribute(signal, id.at, { kind: 'array', elements: next, ...at })];
    });
    this.#append(component, configured, labelOf(group.name, id.name), output);
  }

  #targetOf(kind: 'processor' | 'exporter', id: Id): Convertible | undefined {
    if (kind === 'exporter' && this.#service.components.connectors.has(id.text))
      return this.#componentOf('connector', id);
    return this.#componentOf(kind, id);
  }

  #append(component: Convertible, configured: Configured, label: string, output: readonly Statement[]): void {
    const { id, section } = configured;
    const before: BlockStatement[] = [];
    const statements = this.#bodyOf(component, configured, label, output, before);
    this.#body.push(...before, blockStatement(component.name, { text: label, at: id.at }, id.at, statements));
    this.#problems.info(
      'converted',
      `Converted ${SECTIONS[section]}/${id.text} into ${component.name}.${label}`,
      id.at,
    );
  }

  #bodyOf(
    component: Convertible,
    { id, section, config }: Configured,
    label: string,
    output: readonly Statement[],
    before: BlockStatement[] = [],
  ): Body {
    if (config === undefined) return [];
    const path = `${section}::${id.text}`;
    // A component is read once before anything is written out, and once for each group; only the first reading speaks.
    const problems = this.#converted.has(path) ? new Problems(this.#problems.source) : this.#problems;
    const reshape = component.otelcol?.reshape;
    const settings =
      reshape === undefined
        ? config
        : reshape(config ?? { kind: 'map', entries: new Map(), at: id.at }, {
            label,
            warn: (message, at) => problems.warn('reshape', message, at),
            refuse: (message, at) => problems.invalid('reshape', `${path}: ${message}`, at),
            before: (name, inner) => before.push(...this.#before(name, inner, id, label, path, problems)),
          });
    const written = convertBody(component.args, settings, id.at, path, {
      problems,
      generated: new Map([['output', blockStatement('output', null, id.at, output)]]),
      extension: (name, at, place) => this.#extensionOf(name, at, place, problems),
    });
    this.#converted.add(path);
    return written.statements;
  }

  /** Another component that a component's hook asks for. */
  #before(
    name: string,
    settings: MapNode,
    { at }: Id,
    label: string,
    path: string,
    problems: Problems,
  ): readonly BlockStatement[] {
    const component = this.#byName.get(name);
    if (component === undefined) {
      problems.read('unavailable', `${path}: it takes ${name}, which is not available`, at);
      return [];
    }
    const { statements } = convertBody(component.args, settings, at, path, {
      problems,
      generated: new Map(),
      extension: () => undefined,
    });
    return [blockStatement(name, { text: label, at }, at, statements)];
  }

  #extensionOf(name: string, path: string, at: Range, problems: Problems): readonly string[] | undefined {
    const known = this.#extensions.get(name);
    if (known !== undefined) return [...known.component.name.split('.'), known.label];
    const names = this.#service.extensions.map(({ text }) => text);
    if (!names.includes(name))
      problems.invalid(
        'reference',
        `${path}: extension "${name}" is not among service::extensions`,
        at,
        didYouMean(name, names),
      );
    return undefined;
  }

  #checkLabels(): void {
    const seen = new Set<string>();
    for (const statement of this.#body) {
      if (statement.kind !== 'block' || statement.label === null) continue;
      const name = `${statement.name.text}.${statement.label.text}`;
      if (seen.has(name)) {
        this.#problems.add(
          'Critical',
          'convert',
          'duplicate',
          `duplicate label after conversion "${name}". this is due to how valid Alloy labels are assembled and can be avoided by updating named properties in the source config.`,
          statement.label,
        );
      }
      seen.add(name);
    }
  }
}
