/**
 * Sources to a graph: parse, then the root module with all that is inside it, then the blocks that exist once. Everything that
 * is wrong is reported at once; only syntax errors end it early, since a broken tree would give errors that are none.
 */
import { hasErrors, type Diagnostic } from '#config/diag/diagnostic.ts';
import { library, type Environment, type Stability } from '#config/eval/library/library.ts';
import type { Scope } from '#config/eval/scope.ts';
import type { File } from '#config/syntax/ast.ts';
import type { Clock } from '#shared/clock.ts';
import { Definitions } from './definitions.ts';
import { NOBODY, type EvaluationObserver } from './evaluation-observer.ts';
import type { Graph } from './graph.ts';
import { LoadContext, MAX_NODES, parseSource, type Memo } from './load-context.ts';
import { lookWith } from './look.ts';
import { loadModule } from './module.ts';
import type { Available } from './nodes.ts';
import type { Provide } from './providers.ts';
import { evaluateSettings } from './settings.ts';
import { countedBehindSamplers } from './sampled.ts';
import { hashOf, type Source } from './source.ts';

export interface LoadOptions extends Available {
  readonly environment: Environment;
  readonly clock: Clock;
  /** Told how long each component took to evaluate. */
  readonly evaluated?: (seconds: number) => void;
  /** Told which nodes are evaluated. */
  readonly observer?: EvaluationObserver;
  /**
   * Starts what gives values to expressions. Without it nothing is started and nothing but imported files is read: the
   * graph says what is wrong, and cannot run.
   */
  readonly provide?: Provide;
  /** What the last load worked out. */
  readonly memo?: Memo;
  /** Most blocks in all modules together; {@link MAX_NODES} unless given. */
  readonly maxNodes?: number;
  /** What `module_path` stands for in the configuration itself: its folder. */
  readonly path?: string;
}

export interface LoadResult {
  /** null when there are errors among the diagnostics. */
  readonly graph: Graph | null;
  /** By place. */
  readonly diagnostics: readonly Diagnostic[];
  /** Text of each source by its name, for showing diagnostics. */
  readonly texts: ReadonlyMap<string, string>;
  /** The first error of each node that has one, by global id. */
  readonly failed: ReadonlyMap<string, Diagnostic>;
  /** For the next load. */
  readonly memo: Memo;
}

/** Rejects only for bugs. */
export async function load(sources: readonly Source[], options: LoadOptions): Promise<LoadResult> {
  const parsed = sources.map((source) => parseSource(source));
  const files = parsed.map((p) => p.file);
  const texts = new Map(files.map(({ source }) => [source.name, source.text]));
  const syntax = parsed.flatMap((p) => p.diagnostics);
  if (hasErrors(syntax))
    return { graph: null, diagnostics: byPlace(syntax, files), texts, failed: new Map(), memo: new Map() };

  const { clock, evaluated = () => {}, observer = NOBODY } = options;
  const stdlib = libraryOf(options.environment, options.stability);
  const context = new LoadContext({
    ...options,
    stdlib,
    provide: options.provide ?? null,
    look: lookWith(clock),
    evaluated,
    observer,
    nowMs: () => clock.monotonicMs(),
    memo: options.memo ?? new Map(),
    maxNodes: options.maxNodes ?? MAX_NODES,
  });
  const root = await loadModule(context, {
    id: '',
    kind: 'root',
    parts: files.flatMap((file) => file.body.map((statement) => ({ statement, file }))),
    definitions: new Definitions(null, options.path ?? ''),
    values: new Map(),
    outer: new Map(),
    chain: [],
    imports: [],
    where: [],
    check: false,
  });
  const settings = evaluateSettings(context, root);
  const found = [...syntax, ...context.report.list(), ...countedBehindSamplers(root.nodes)];
  const diagnostics = byPlace(found, files);
  for (const [name, text] of context.texts) texts.set(name, text);
  const graph: Graph = { nodes: root.nodes, modules: root.modules, settings, hash: hashOf(sources) };
  return {
    graph: hasErrors(diagnostics) ? null : graph,
    diagnostics,
    texts,
    failed: context.report.failed(),
    memo: context.memo,
  };
}

/** One for each environment, so that what was evaluated with it can be compared. */
const LIBRARIES = new WeakMap<Environment, Map<Stability, Scope>>();
function libraryOf(environment: Environment, stability: Stability): Scope {
  const known = LIBRARIES.get(environment) ?? new Map<Stability, Scope>();
  LIBRARIES.set(environment, known);
  const made = known.get(stability) ?? library(environment, stability);
  known.set(stability, made);
  return made;
}

/** The configuration's own files first, in their order, then those of modules by their names. */
function byPlace(diagnostics: readonly Diagnostic[], files: readonly File[]): Diagnostic[] {
  const own = files.map(({ source }) => source.name);
  const others = new Set(diagnostics.map(({ span }) => span.file).toSorted());
  const rankOf = new Map([...new Set([...own, ...others])].map((name, i) => [name, i]));
  const rank = ({ span }: Diagnostic): number => rankOf.get(span.file) as number;
  return diagnostics.toSorted((a, b) => rank(a) - rank(b) || a.span.line - b.span.line || a.span.col - b.span.col);
}
