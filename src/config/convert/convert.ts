/**
 * OpenTelemetry Collector YAML to Alloy configuration, for the components that there are, by their schemas.
 * Facts: grafana/alloy v1.18 `internal/converter/internal/otelcolconvert`; OpenTelemetry Collector v0.159 `otelcol`, `confmap`.
 */
import { diagnostic, hasErrors, type Diagnostic } from '#config/diag/diagnostic.ts';
import { MAX_FINDINGS } from '#config/diag/findings.ts';
import { didYouMean } from '#config/diag/suggest.ts';
import { format } from '#config/print/format.ts';
import type { Counterpart } from '#config/schema/otelcol.ts';
import type { BodySchema, Shape } from '#config/schema/schema.ts';
import type { File } from '#config/syntax/ast.ts';
import type { Source } from '#config/syntax/source.ts';
import { convertBody, type BodyContext } from './body.ts';
import { expand, type Providers } from './expand.ts';
import { entryAt, isNull, merge, readYaml, spanOf, type Place, type YamlMap, type YamlNode } from './node.ts';
import { filesOf, sourceText, type OutBlock, type OutStatement } from './output.ts';
import { idsOf, labelOf, nextOf, readPipelines, SIGNALS, typeOf, type Group, type Kind } from './pipelines.ts';
import { convertTelemetry } from './telemetry.ts';

export interface Convertible {
  /** `otelcol.receiver.otlp` */
  readonly name: string;
  readonly args: BodySchema<Shape>;
  readonly otelcol?: Counterpart;
}

/** Alloy's grades. With `Critical` there is no result; with `Error` only if that is asked for. */
export type Grade = 'Info' | 'Warning' | 'Error' | 'Critical';
export interface Remark {
  readonly grade: Grade;
  readonly message: string;
  /** About a default of the Collector that nobody wrote down. */
  readonly implied?: boolean;
}

export interface Converted {
  /** Formatted Alloy source; null when it is critical. */
  readonly text: string | null;
  /** The same as trees with the positions of the YAML, one a document. */
  readonly files: readonly File[];
  /** What is wrong, at its place. */
  readonly diagnostics: readonly Diagnostic[];
  /** What is to be said about the conversion, in Alloy's words; mistakes included. */
  readonly remarks: readonly Remark[];
  readonly texts: ReadonlyMap<string, string>;
}

export interface ConvertOptions {
  readonly components: Iterable<Convertible>;
  /** Expands `${...}`; without it they become `sys.env` calls. */
  readonly expand?: Providers;
}

const SECTIONS: Readonly<Record<string, Kind>> = {
  receivers: 'receiver',
  processors: 'processor',
  exporters: 'exporter',
  connectors: 'connector',
  extensions: 'extension',
};

/** Extensions that look after the process itself. There is something else for each, so they are left out. */
const OPERATIONS: ReadonlyMap<string, string> = new Map([
  ['health_check', 'the admin server answers /-/ready and /-/healthy'],
  ['pprof', 'the runtime has its own profiles'],
  ['zpages', "the admin server shows the components' state"],
]);

export function convertCollector(
  documents: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  options: ConvertOptions,
): Converted {
  return new Conversion(options).run(documents);
}

interface Defined {
  readonly id: string;
  readonly place: Place;
  readonly map: YamlMap | null;
  readonly component: Convertible;
}

class Conversion {
  readonly #byCounterpart = new Map<string, Convertible>();
  readonly #providers: Providers | undefined;
  readonly #diagnostics: Diagnostic[] = [];
  readonly #remarks: Remark[] = [];
  readonly #defined = new Map<string, Defined>();
  /** `kind/id` of what a block was made of. */
  readonly #used = new Set<string>();
  /** Left out, but no mistake. */
  readonly #ignored = new Set<string>();
  /** Alloy ids of activated extensions. */
  readonly #extensions = new Map<string, string>();

  constructor({ components, expand: providers }: ConvertOptions) {
    this.#providers = providers;
    for (const component of components)
      if (component.otelcol !== undefined)
        this.#byCounterpart.set(`${component.otelcol.kind}/${component.otelcol.type}`, component);
  }

  run(documents: readonly { readonly name: string; readonly bytes: Uint8Array }[]): Converted {
    const read = documents.map(({ name, bytes }) => readYaml(name, bytes));
    const sources = read.map(({ source }) => source);
    const texts = new Map(sources.map((source) => [source.name, source.text]));
    for (const { diagnostics } of read) this.#diagnostics.push(...diagnostics);
    const body = hasErrors(this.#diagnostics) ? [] : this.#convert(read, sources);
    const failed = hasErrors(this.#diagnostics);
    for (const { message } of this.#diagnostics) this.#remarks.push({ grade: 'Critical', message });
    const isCritical = this.#remarks.some((remark) => remark.grade === 'Critical');
    return {
      text: isCritical ? null : format('converted', sourceText(body)).text,
      files: failed ? [] : filesOf(body, sources),
      diagnostics: this.#diagnostics,
      remarks: this.#remarks,
      texts,
    };
  }

  #convert(read: readonly { readonly root: YamlNode | null }[], sources: readonly Source[]): OutStatement[] {
    const start: Place = { source: sources[0], start: 0, end: 0 };
    const roots = read.flatMap(({ root }) => (root === null || isNull(root) ? [] : [root]));
    const merged = roots.reduce<YamlNode | null>((under, over) => (under === null ? over : merge(under, over)), null);
    const root =
      merged === null || this.#providers === undefined
        ? merged
        : expand(merged, this.#providers, (problem, at) => this.#error('config', problem, at.place));
    if (root !== null && root.kind !== 'map') {
      this.#error(
        'get',
        'should be a map of receivers, processors, exporters, connectors, extensions and service',
        root.place,
      );
      return [];
    }
    if (root === null || Object.keys(SECTIONS).every((section) => isNull(root.entries.get(section)?.value))) {
      this.#error('validate', 'empty configuration file', root?.place ?? start);
      return [];
    }
    this.#define(root);
    const service = root.entries.get('service')?.value;
    const groups = readPipelines(
      service === undefined ? undefined : entryAt(service, 'pipelines')?.value,
      (kind, id) => this.#defined.has(`${kind}/${id}`) || this.#ignored.has(`${kind}/${id}`),
      (message, at) => this.#error('validate', message, at),
    );
    if (groups.length === 0 && !hasErrors(this.#diagnostics))
      this.#error(
        'validate',
        'service::pipelines: service must have at least one pipeline',
        service?.place ?? root.place,
      );
    this.#checkService(service);
    const telemetry = convertTelemetry(service, service?.place ?? start, (grade, message, implied) =>
      this.#remarks.push({ grade, message, implied }),
    );
    const converted = [...telemetry, ...this.#convertExtensions(service), ...this.#convertGroups(groups)];
    // What no pipeline uses is not converted, but looked at, as the Collector does.
    for (const [key, defined] of this.#defined)
      if (!this.#used.has(key))
        convertBody(defined.component.args, defined.map, defined.place, this.#bodyContext(key, new Map()));
    return converted;
  }

  #define(root: YamlMap): void {
    for (const [section, { key, value }] of root.entries) {
      const kind = SECTIONS[section];
      if (kind === undefined) {
        if (section !== 'service')
          this.#error(
            'get',
            `unknown section "${section}"`,
            key,
            didYouMean(section, [...Object.keys(SECTIONS), 'service']),
          );
        continue;
      }
      if (isNull(value)) continue;
      if (value.kind !== 'map') {
        this.#error('get', `${section}: should be a map`, value.place);
        continue;
      }
      for (const [id, entry] of value.entries) this.#defineOne(section, kind, id, entry.key, entry.value);
    }
  }

  #defineOne(section: string, kind: Kind, id: string, place: Place, value: YamlNode): void {
    const type = typeOf(id);
    const component = this.#byCounterpart.get(`${kind}/${type}`);
    if (component === undefined) {
      this.#ignored.add(`${kind}/${id}`);
      const instead = kind === 'extension' ? OPERATIONS.get(type) : undefined;
      if (instead !== undefined) {
        this.#remarks.push({ grade: 'Warning', message: `extension "${id}" is left out: ${instead}` });
        return;
      }
      const known = [...this.#byCounterpart.keys()]
        .filter((key) => key.startsWith(`${kind}/`))
        .map((key) => key.slice(kind.length + 1));
      const help = didYouMean(type, known) ?? (known.length === 0 ? undefined : `available: ${known.join(', ')}`);
      this.#error(
        'get',
        `'${section}' unknown type: "${type}" for id: "${id}", or not available yet in this version of millrace`,
        place,
        help,
      );
      return;
    }
    if (value.kind !== 'map' && !isNull(value)) {
      this.#error('get', `${section}::${id}: should be a map`, value.place);
      return;
    }
    this.#defined.set(`${kind}/${id}`, { id, place, map: value.kind === 'map' ? value : null, component });
  }

  #checkService(service: YamlNode | undefined): void {
    if (service?.kind !== 'map') return;
    const known = ['extensions', 'pipelines', 'telemetry'];
    for (const [name, { key }] of service.entries)
      if (!known.includes(name)) this.#error('get', `service: unknown key "${name}"`, key, didYouMean(name, known));
  }

  #convertExtensions(service: YamlNode | undefined): OutStatement[] {
    const list = service === undefined ? undefined : entryAt(service, 'extensions')?.value;
    if (list?.kind !== 'list') return [];
    return list.items.flatMap((item) => {
      const id = item.kind === 'scalar' ? item.text : '';
      const defined = this.#defined.get(`extension/${id}`);
      if (defined === undefined) {
        if (!this.#ignored.has(`extension/${id}`))
          this.#error(
            'validate',
            `service::extensions: references extension "${id}" which is not configured`,
            item.place,
          );
        return [];
      }
      const label = labelOf('', id);
      this.#extensions.set(id, `${defined.component.name}.${label}`);
      return [this.#block('extension', defined, label, new Map())];
    });
  }

  #convertGroups(groups: readonly Group[]): OutStatement[] {
    const connectors = [...this.#defined.values()].filter(({ component }) => component.otelcol?.kind === 'connector');
    const isConnector = (id: string): boolean => connectors.some((connector) => connector.id === id);
    const out: OutStatement[] = [];
    /** A receiver listens once, whatever pipelines it feeds. */
    const received = new Set<string>();
    for (const group of groups) {
      const receivers = idsOf(group, 'receivers').filter((id) => !isConnector(id) && !received.has(id));
      for (const id of receivers) received.add(id);
      const sets: readonly (readonly [Kind, readonly string[]])[] = [
        ['receiver', receivers],
        ['processor', idsOf(group, 'processors')],
        ['exporter', idsOf(group, 'exporters').filter((id) => !isConnector(id))],
        ['connector', connectors.map(({ id }) => id)],
      ];
      for (const [kind, ids] of sets)
        for (const id of ids) {
          const defined = this.#defined.get(`${kind}/${id}`);
          if (defined === undefined) continue;
          out.push(this.#block(kind, defined, labelOf(group.name, id), this.#output(groups, group, kind, id)));
        }
    }
    return out;
  }

  /** A receiver feeds the pipelines of all groups that name it. */
  #output(groups: readonly Group[], group: Group, kind: Kind, id: string): ReadonlyMap<string, readonly string[]> {
    const from = kind === 'receiver' ? groups : [group];
    return new Map(
      SIGNALS.map((signal) => {
        const next = from.flatMap((one) => nextOf(one, kind, id, signal).map((to) => this.#target(one.name, to)));
        return [signal, next.filter((target) => target !== undefined)] as const;
      }),
    );
  }

  #target(group: string, to: { readonly kind: Kind; readonly id: string }): string | undefined {
    const defined = this.#defined.get(`${to.kind}/${to.id}`) ?? this.#defined.get(`connector/${to.id}`);
    return defined === undefined ? undefined : `${defined.component.name}.${labelOf(group, to.id)}`;
  }

  #block(
    kind: Kind,
    { id, map, place, component }: Defined,
    label: string,
    output: ReadonlyMap<string, readonly string[]>,
  ): OutBlock {
    this.#used.add(`${kind}/${id}`);
    const body = convertBody(component.args, map, place, this.#bodyContext(`${kind}/${id}`, output));
    this.#remarks.push({ grade: 'Info', message: `Converted ${kind}/${id} into ${component.name}.${label}` });
    return { kind: 'block', name: component.name, label, body, place };
  }

  #bodyContext(key: string, output: BodyContext['output']): BodyContext {
    const where = key.replace('/', 's::');
    return {
      error: (message, at, help) => this.#error('get', `${where}: ${message}`, at, help),
      extension: (ext, at) => {
        const known = this.#extensions.get(ext);
        if (known === undefined && !this.#ignored.has(`extension/${ext}`))
          this.#error('validate', `${where}: extension "${ext}" is not among service::extensions`, at);
        return known;
      },
      output,
    };
  }

  #error(stage: 'get' | 'validate' | 'config', message: string, at: Place, help?: string): void {
    const prefix =
      stage === 'validate' ? 'failed to validate config: ' : stage === 'get' ? 'failed to get otelcol config: ' : '';
    const span = spanOf(at);
    // A component of several groups is converted several times.
    const isTold = this.#diagnostics.some(
      (d) =>
        d.message === `${prefix}${message}` &&
        d.span.line === span.line &&
        d.span.col === span.col &&
        d.span.file === span.file,
    );
    if (!isTold && this.#diagnostics.length < MAX_FINDINGS)
      this.#diagnostics.push(diagnostic('error', 'convert', `${prefix}${message}`, span, help));
  }
}
