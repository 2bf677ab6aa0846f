/**
 * Sources to a graph: parse, node table, references, order, evaluation, decoding. Knows nothing of what runs. Everything that
 * is wrong is reported at once; only syntax errors end it early, since a broken tree would give errors that are none.
 */
import type { Signal } from '#shared/signal.ts';
import { diagnostic, hasErrors, type Diagnostic, type Span } from '#config/diag/diagnostic.ts';
import type { EvaluatedBody } from '#config/eval/body.ts';
import { evaluateBody } from '#config/eval/evaluate.ts';
import { library, type Environment } from '#config/eval/library.ts';
import { references } from '#config/eval/references.ts';
import { layered, nested, scopeOf, type Scope } from '#config/eval/scope.ts';
import { isArray, isCapsule, type Capsule, type Value } from '#config/eval/value.ts';
import { decode, defaults } from '#config/schema/schema.ts';
import type { Body, File } from '#config/syntax/ast.ts';
import { parse } from '#config/syntax/parse.ts';
import type { ConsumerRef } from '#shared/plan.ts';
import { SIGNAL_NAMES } from '#shared/signal.ts';
import { ALLOY_COMPONENTS } from './alloy-names.ts';
import { SETTING_BLOCKS, type Settings } from './blocks/settings.ts';
import { edgesOf, orderOf } from './edges.ts';
import type { Graph, GraphNode } from './graph.ts';
import { nodeTable, type Available, type BlockNode, type NodeTable } from './nodes.ts';
import { hashOf, type Source } from './source.ts';

export interface LoadOptions extends Available {
  readonly environment: Environment;
  /** Told how long each component took to evaluate. */
  readonly evaluated?: (seconds: number) => void;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
}

export interface LoadResult {
  /** null when there are errors among the diagnostics. */
  readonly graph: Graph | null;
  /** By place. */
  readonly diagnostics: readonly Diagnostic[];
  /** Text of each source by its name, for showing diagnostics. */
  readonly texts: ReadonlyMap<string, string>;
}

export function load(sources: readonly Source[], options: LoadOptions): LoadResult {
  const parsed = sources.map(({ name, bytes }) => parse(name, bytes));
  const files = parsed.map((p) => p.file);
  const syntax = parsed.flatMap((p) => p.diagnostics);
  const { graph, diagnostics } = hasErrors(syntax)
    ? { graph: null, diagnostics: syntax }
    : link(files, hashOf(sources), options);
  return {
    graph: hasErrors(diagnostics) ? null : graph,
    diagnostics: byPlace(diagnostics, files),
    texts: new Map(files.map(({ source }) => [source.name, source.text])),
  };
}

function link(
  files: readonly File[],
  hash: string,
  options: LoadOptions,
): { readonly graph: Graph; readonly diagnostics: readonly Diagnostic[] } {
  const table = nodeTable(files, options);
  const stdlib = library(options.environment);
  const edges = edgesOf(table, (name) => stdlib.lookup(name) !== undefined);
  const order = orderOf(table, edges);
  const scope = layered(
    scopeOf(nested([...table.components.values()].map((node) => [node.id, exportsOf(node)] as const))),
    stdlib,
  );
  const diagnostics = [...table.diagnostics, ...edges.diagnostics, ...order.diagnostics];

  const nodes: GraphNode[] = [];
  for (const node of order.nodes) {
    const startMs = options.nowMs();
    const { args, diagnostics: found } = evaluateNode(node, scope, edges.unresolved.get(node.id) ?? []);
    options.evaluated?.((options.nowMs() - startMs) / 1000);
    diagnostics.push(...found);
    const references = (edges.out.get(node.id) ?? []).map((edge) => edge.to);
    const referencedBy = [...edges.out].filter(([, out]) => out.some((edge) => edge.to === node.id)).map(([id]) => id);
    nodes.push({ id: node.id, label: node.label, component: node.component, args, references, referencedBy });
  }
  const { settings, diagnostics: found } = evaluateSettings(table, stdlib);
  return { graph: { nodes, settings, hash }, diagnostics: [...diagnostics, ...found] };
}

/** What expressions see of a component. */
function exportsOf({ id, component }: BlockNode): Value {
  const input: ConsumerRef = { capsule: 'otelcol.Consumer', nodeId: id, accepts: component.accepts };
  return new Map(component.accepts.length === 0 ? [] : [['input', input]]);
}

function evaluateNode(
  node: BlockNode,
  scope: Scope,
  unresolved: readonly Span[],
): { readonly args: unknown; readonly diagnostics: readonly Diagnostic[] } {
  const evaluated = evaluateBody(node.file.source, node.block.body, scope);
  // A reference that leads nowhere has been reported as a whole; the evaluator stumbles over the same names again.
  const fresh = evaluated.diagnostics.filter((d) => !unresolved.some((span) => contains(span, d.span)));
  const decoded = decode(node.component.args, evaluated.body, node.span);
  return { args: decoded.args, diagnostics: [...fresh, ...decoded.diagnostics, ...signalMismatches(evaluated.body)] };
}

/** A component may be given only signals that it takes. */
function signalMismatches(body: EvaluatedBody): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const output of body) {
    if (output.kind !== 'block' || output.name !== 'output') continue;
    for (const attr of output.body) {
      const signal = SIGNAL_NAMES.findIndex((name) => name === attr.name);
      if (signal < 0 || attr.kind !== 'attr' || attr.value === undefined || !isArray(attr.value)) continue;
      attr.value.forEach((value, i) => {
        const ref = consumerOf(value);
        if (ref === undefined || ref.accepts.includes(signal as Signal)) return;
        const taken = ref.accepts.map((s) => SIGNAL_NAMES[s]).join(', ');
        found.push(
          diagnostic(
            'error',
            'signal',
            `${ref.nodeId} does not take ${attr.name}`,
            attr.source.locate([i]).span,
            `it takes ${taken}`,
          ),
        );
      });
    }
  }
  return found;
}

function consumerOf(value: Value): ConsumerRef | undefined {
  return isCapsule(value) && value.capsule === 'otelcol.Consumer' ? (value as unknown as ConsumerRef) : undefined;
}

function evaluateSettings(
  table: NodeTable,
  scope: Scope,
): { readonly settings: Settings; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const settings: Record<string, unknown> = {};
  for (const [name, { args: schema }] of SETTING_BLOCKS) {
    const written = table.settings.get(name);
    if (written === undefined) {
      settings[name] = defaults(schema);
      continue;
    }
    const { block, file } = written;
    const evaluated = evaluateBody(file.source, block.body, layered(scope, componentNames(block.body, file)));
    const decoded = decode(schema, evaluated.body, file.source.span(block.name.start, block.name.end));
    settings[name] = decoded.args;
    diagnostics.push(...evaluated.diagnostics, ...decoded.diagnostics);
  }
  return { settings: settings as Settings, diagnostics };
}

/**
 * What such a block may refer to does not exist yet. A component's export stands for something that no attribute takes,
 * so that the attribute says what is missing.
 */
function componentNames(body: Body, { source }: File): Scope {
  const nothing: Capsule = { capsule: 'not available' };
  const paths = references(source, body)
    .map(({ path }) => path)
    .filter((path) => path.some((_, i) => ALLOY_COMPONENTS.has(path.slice(0, i).join('.'))));
  return scopeOf(nested(paths.map((path) => [path.join('.'), nothing] as const)));
}

function contains(outer: Span, inner: Span): boolean {
  const afterStart = inner.line > outer.line || (inner.line === outer.line && inner.col >= outer.col);
  const beforeEnd = inner.endLine < outer.endLine || (inner.endLine === outer.endLine && inner.endCol <= outer.endCol);
  return inner.file === outer.file && afterStart && beforeEnd;
}

function byPlace(diagnostics: readonly Diagnostic[], files: readonly File[]): Diagnostic[] {
  const fileOf = new Map(files.map(({ source }, i) => [source.name, i]));
  const rank = ({ span }: Diagnostic): number => fileOf.get(span.file) ?? files.length;
  return diagnostics.toSorted((a, b) => rank(a) - rank(b) || a.span.line - b.span.line || a.span.col - b.span.col);
}
