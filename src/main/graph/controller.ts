/**
 * Owns what runs: brings the workers and main's parts from one configuration to the next, keeps health, and stops all in
 * order. One change at a time; later ones wait.
 */
import { at, type Diagnostic } from '#config/diag/diagnostic.ts';
import type { DerivedMetrics, MainContext } from '#components/kit/component.ts';
import { MillraceError, errorText } from '#shared/errors.ts';
import type { LogWriter } from '#shared/log-writer.ts';
import { nodeLabels, splitId } from '#shared/node-id.ts';
import type { Plan } from '#shared/plan.ts';
import type { MetricFamily, Registry } from '#shared/registry.ts';
import type { Fleet } from '../supervisor/fleet.ts';
import type { Settings } from './blocks/settings.ts';
import { ConfigMetrics } from './config-metrics.ts';
import { EntryTable } from './entry-table.ts';
import { NOBODY, type EvaluationObserver } from './evaluation-observer.ts';
import { planOf, entryIds, type Graph, type GraphNode, type ModuleInstance } from './graph.ts';
import { Guards, type GuardsOptions } from './guards.ts';
import { HealthBoard, type Health } from './health.ts';
import { load, type LoadOptions, type LoadResult } from './load.ts';
import { MainParts } from './main-parts.ts';
import { MergeParts } from './merge-parts.ts';
import { Providers, type Attempt } from './providers.ts';
import type { Source } from './source.ts';

/** How long a receiver that a reload took away may answer what is in flight. Nobody waits for it. */
const REMOVED_PART_DEADLINE_MS = 30_000;
/** The place of what evaluation finds in the health of a component. */
const EVALUATION = 'evaluation';
/** Workers that have seen no data end quickly. */
const UNDO_DEADLINE_MS = 5000;

/** Counters of what could not be delivered before the end, and those of their reasons that say so. */
const LOSSES: Readonly<Record<string, readonly string[]>> = {
  millrace_component_dropped_items_total: ['shutdown'],
  millrace_worker_lost_items_total: [''],
  millrace_derived_dropped_points_total: ['refused', 'stopped'],
};

export interface ControllerOptions extends Omit<LoadOptions, 'evaluated' | 'observer' | 'provide' | 'memo'> {
  /** Reads the configuration anew; rejects with a MillraceError when it cannot. */
  readonly read: () => Promise<readonly Source[]>;
  readonly fleet: Fleet;
  readonly registry: Registry;
  /** Brings what the blocks that exist once say into force. Throws a MillraceError when that cannot be; all is as before then. */
  readonly apply: (settings: Settings) => void;
  readonly log: LogWriter;
  readonly flags: MainContext['flags'];
  readonly memory: GuardsOptions['memory'];
  /** An evaluation begins. */
  readonly observe?: () => EvaluationObserver;
}

/** What became of a reload. */
export interface Reloaded {
  readonly applied: boolean;
  /** What the new configuration was found to be; null when it could not be read. */
  readonly loaded: LoadResult | null;
  /** What kept a configuration without errors from running. */
  readonly error: string | null;
}

/** A component as operators see it. */
export interface ComponentState {
  readonly node: GraphNode;
  readonly health: Health;
}

/** What runs modules, as operators see it. */
export interface ModuleState {
  readonly module: ModuleInstance;
  readonly health: Health;
}

/** A configuration that was evaluated and is not in force yet. */
interface Evaluation {
  readonly sources: readonly Source[];
  readonly attempt: Attempt;
  readonly loaded: LoadResult;
  readonly observer: EvaluationObserver;
}

export class Controller {
  readonly #options: ControllerOptions;
  readonly #health: HealthBoard;
  readonly #metrics: ConfigMetrics;
  readonly #entries = new EntryTable();
  readonly #providers: Providers;
  /** Of the configuration in force: what is evaluated again when a provider has something new. */
  #sources: readonly Source[] = [];
  #memo: LoadResult['memo'] = new Map();
  /** Ids of the modules in force. */
  #modules: readonly string[] = [];
  /** What could not be evaluated with the latest exports. */
  #unhealthy: readonly string[] = [];
  /** A provider has something new, and nobody has looked yet. */
  #stale = false;
  readonly #mainParts: MainParts;
  readonly #mergeParts: MergeParts;
  readonly #guards: Guards;
  #first: Evaluation | null = null;
  #graph: Graph | null = null;
  #ready = false;
  #stopping = false;
  #turn: Promise<unknown> = Promise.resolve();
  /** Waits for its turn. */
  #nextReload: Promise<Reloaded> | null = null;

  constructor(options: ControllerOptions) {
    const { fleet, log, clock, registry, flags } = options;
    this.#options = options;
    this.#health = new HealthBoard(clock);
    this.#metrics = new ConfigMetrics(registry.meter(), clock);
    const forget = (id: string): void => registry.meter().forget(nodeLabels(id));
    this.#mainParts = new MainParts({
      log,
      clock,
      meter: registry.meter(),
      health: this.#health,
      flags,
      entry: (id) => fleet.entry(id),
      forget,
      ingest: fleet.ingest,
    });
    this.#mergeParts = new MergeParts({ log, clock, meter: registry.meter(), health: this.#health, fleet, forget });
    this.#guards = new Guards({ ...options, meter: registry.meter(), health: this.#health, forget });
    this.#providers = new Providers({
      log,
      clock,
      meter: registry.meter(),
      health: this.#health,
      forget,
      changed: () => this.#exportsChanged(),
    });
    registry.onCollect(() => this.#mainParts.publish());
    fleet.onHealth(({ nodeId, place, state, message }) => this.#health.report(nodeId, place, state, message));
  }

  /** Reads and evaluates the configuration. What runs stays as it is; what the new one starts is kept by {@link start}. */
  async load(): Promise<LoadResult> {
    this.#first = await this.#evaluate(await this.#options.read());
    return this.#first.loaded;
  }

  /** Ends what {@link load} has started, instead of {@link start}. */
  async unload(): Promise<void> {
    await this.#first?.attempt.rollback();
    this.#first = null;
  }

  async #evaluate(sources: readonly Source[]): Promise<Evaluation> {
    const attempt = this.#providers.begin();
    const observer = this.#options.observe?.() ?? NOBODY;
    try {
      const loaded = await this.#metrics.whileEvaluating(() =>
        load(sources, {
          ...this.#options,
          evaluated: (seconds) => this.#metrics.evaluated(seconds),
          observer,
          provide: attempt.provide,
          memo: this.#memo,
        }),
      );
      observer.evaluated();
      return { sources, attempt, loaded, observer };
    } catch (thrown) {
      await attempt.rollback();
      throw thrown;
    }
  }

  /** Runs the first configuration. Rejects with a MillraceError that names the component; nothing runs then. */
  async start(graph: Graph): Promise<void> {
    const { fleet, log } = this.#options;
    const first = this.#first as Evaluation;
    this.#first = null;
    log.configure(graph.settings.logging);
    const numbers = this.#entries.assign(entryIds(graph));
    try {
      await fleet.start(this.#planOf(graph, numbers));
      this.#workerPartsStarted(graph);
      await this.#mergeParts.bringTo(graph.nodes);
      await this.#guards.bringTo(graph.nodes);
      await this.#mainParts.bringTo(graph.nodes);
    } catch (thrown) {
      this.#metrics.failed();
      await this.#mainParts.stop(0);
      this.#guards.stop();
      this.#mergeParts.ending(UNDO_DEADLINE_MS);
      await fleet.stop(UNDO_DEADLINE_MS);
      this.#mergeParts.stop();
      first.observer.ended(errorText(thrown));
      await first.attempt.rollback();
      throw thrown;
    }
    this.#entries.commit(numbers);
    this.#graph = graph;
    this.#metrics.succeeded(graph.hash);
    this.#ready = true;
    await this.#inForce(first);
  }

  /**
   * Reads the configuration again and goes over to it. What is equal in both stays as it is. Where that fails, the last
   * good configuration goes on running. Never rejects but for a bug. Whoever asks while a reload waits for its turn gets that one,
   * which reads the configuration later than that.
   */
  reload(): Promise<Reloaded> {
    this.#nextReload ??= this.#inTurn(async () => {
      this.#nextReload = null;
      if (this.#stopping) return { applied: false, loaded: null, error: 'the collector is shutting down' };
      let evaluation: Evaluation | null = null;
      try {
        evaluation = await this.#evaluate(await this.#options.read());
        const reloaded = await this.#goOverTo(evaluation);
        if (reloaded.applied) this.#metrics.succeeded((this.#graph as Graph).hash);
        else this.#metrics.failed();
        return reloaded;
      } catch (thrown) {
        if (!(thrown instanceof MillraceError)) throw thrown;
        this.#metrics.failed();
        return { applied: false, loaded: evaluation?.loaded ?? null, error: errorText(thrown) };
      }
    });
    return this.#nextReload;
  }

  /** Goes over to what was evaluated, if it is sound. */
  async #goOverTo(evaluation: Evaluation): Promise<Reloaded> {
    const { loaded, attempt, observer } = evaluation;
    if (loaded.graph === null) {
      const error = loaded.diagnostics.find((d) => d.severity === 'error') as Diagnostic;
      observer.ended(`${at(error.span)}: ${error.message}`);
      await attempt.rollback();
      return { applied: false, loaded, error: null };
    }
    try {
      await this.#goOver(loaded.graph);
    } catch (thrown) {
      observer.ended(errorText(thrown));
      await attempt.rollback();
      throw thrown;
    }
    await this.#inForce(evaluation);
    return { applied: true, loaded, error: null };
  }

  async #inForce({ sources, attempt, loaded, observer }: Evaluation): Promise<void> {
    this.#sources = sources;
    this.#memo = loaded.memo;
    this.#unfit(new Map());
    this.#modulesInForce(loaded.graph?.modules ?? []);
    await attempt.commit();
    observer.ended(null);
  }

  #modulesInForce(modules: readonly ModuleInstance[]): void {
    const gone = new Set(this.#modules);
    this.#modules = modules.map(({ id }) => id);
    for (const id of this.#modules) {
      gone.delete(id);
      this.#health.report(id, 'main', 'healthy', 'started component');
    }
    for (const id of gone) this.#health.forget(id);
  }

  /** These nodes, and so the modules around them, could not be evaluated with new exports; those before could, or are gone. */
  #unfit(failed: LoadResult['failed']): void {
    const unhealthy = new Map(Array.from(failed, ([id, { message }]) => [id, message]));
    for (const [id, { message }] of failed)
      for (let { module } = splitId(id); module !== ''; { module } = splitId(module))
        if (!unhealthy.has(module)) unhealthy.set(module, `${id}: ${message}`);
    for (const id of this.#unhealthy) this.#health.withdraw(id, EVALUATION);
    for (const [id, message] of unhealthy) this.#health.report(id, EVALUATION, 'unhealthy', message);
    this.#unhealthy = [...unhealthy.keys()];
  }

  /**
   * Evaluates the configuration in force again; several changes that come together are one. It is no load: what the last
   * load came to stays in the metrics.
   */
  #exportsChanged(): void {
    if (this.#stale) return;
    this.#stale = true;
    void this.#inTurn(async () => {
      this.#stale = false;
      if (this.#stopping || this.#graph === null) return;
      const { log } = this.#options;
      const kept = 'new exports do not fit, the last good configuration goes on';
      try {
        const { applied, loaded } = await this.#goOverTo(await this.#evaluate(this.#sources));
        if (applied || loaded === null) return log.debug('evaluated again with new exports');
        const problem = loaded.diagnostics.find((d) => d.severity === 'error') as Diagnostic;
        log.error(kept, { err: `${at(problem.span)}: ${problem.message}` });
        this.#unfit(loaded.failed);
      } catch (thrown) {
        if (!(thrown instanceof MillraceError)) throw thrown;
        log.error(kept, { err: errorText(thrown) });
      }
    });
  }

  /**
   * Stops receivers (which answer what is in flight), then the workers (which flush). At most `deadlineMs`.
   * @returns whether everything that was accepted has been delivered.
   */
  stop(deadlineMs: number): Promise<boolean> {
    const { clock, fleet, log } = this.#options;
    this.#stopping = true;
    this.#ready = false;
    const end = clock.monotonicMs() + deadlineMs;
    const left = (): number => Math.max(0, end - clock.monotonicMs());
    return this.#inTurn(async () => {
      const lostBefore = this.#lostItems();
      // They only look for something new.
      const providersStopped = this.#providers.stop();
      log.info('stopping receivers');
      // Whoever keeps a receiver waiting must not use up the time in which workers flush.
      await this.#mainParts.stop(left() / 2);
      this.#guards.stop();
      log.info('receivers have stopped; flushing workers', { deadline_ms: Math.round(left()) });
      this.#mergeParts.ending(left());
      await fleet.stop(left());
      this.#mergeParts.stop();
      await providersStopped;
      for (const { id } of this.#graph?.nodes ?? [])
        this.#health.report(id, 'main', 'exited', 'component shut down cleanly');
      const inTime = left() > 0;
      const lost = this.#lostItems() - lostBefore;
      if (!inTime)
        log.error('the shutdown deadline has passed before everything was flushed', { deadline_ms: deadlineMs });
      if (lost > 0) log.error('some of what was accepted could not be delivered before the end', { items: lost });
      if (!inTime || lost > 0) return false;
      log.info('everything is flushed');
      return true;
    });
  }

  /** Items that parts had to drop because they were stopped, or that ended workers held; points that nobody took any more. */
  #lostItems(): number {
    let items = 0;
    for (const { name, series } of this.#options.registry.collect()) {
      const reasons = LOSSES[name];
      if (reasons === undefined) continue;
      for (const { labels, value } of series) if (reasons.includes(labels['reason'] ?? '')) items += value;
    }
    return items;
  }

  /** Between a complete start and the beginning of the stop. */
  get ready(): boolean {
    return this.#ready;
  }

  /** In the order of evaluation. */
  components(): readonly ComponentState[] {
    return (this.#graph?.nodes ?? []).map((node) => ({ node, health: this.#health.of(node.id) }));
  }

  /** Instances of custom components, and items of foreach blocks. */
  modules(): readonly ModuleState[] {
    return (this.#graph?.modules ?? []).map((module) => ({ module, health: this.#health.of(module.id) }));
  }

  /** What connectors have counted by now, for whoever scrapes it. */
  derived(): readonly DerivedMetrics[] {
    return this.#mergeParts.derived();
  }

  /** Brings {@link derived} up to date with the workers. */
  harvest(): Promise<void> {
    return this.#mergeParts.harvest();
  }

  families(): MetricFamily[] {
    return this.#metrics.families(this.components().map(({ health }) => health.state));
  }

  async #goOver(next: Graph): Promise<void> {
    const { fleet, log } = this.#options;
    const before = this.#graph as Graph;
    const numbers = this.#entries.assign(entryIds(next));
    const presentNumbers = this.#entries.assign(entryIds(before));
    let workersFollowed = false;
    try {
      this.#options.apply(next.settings);
      await this.#mainParts.prepare(next.nodes);
      // Receivers that are gone first: their ports may be meant for others, and their last requests need the old wiring.
      await this.#mainParts.removeAllBut(next.nodes, REMOVED_PART_DEADLINE_MS);
      await this.#mergeParts.flushAllBut(next.nodes);
      await fleet.apply(this.#planOf(next, numbers));
      workersFollowed = true;
      this.#workerPartsStarted(next);
      await this.#mergeParts.bringTo(next.nodes);
      await this.#guards.bringTo(next.nodes);
      await this.#mainParts.bringTo(next.nodes);
    } catch (thrown) {
      await this.#goBack(before, workersFollowed ? this.#planOf(before, presentNumbers) : null);
      throw thrown;
    }
    const kept = new Set(next.nodes.map((node) => node.id));
    for (const { id } of before.nodes) if (!kept.has(id)) this.#health.forget(id);
    this.#entries.commit(numbers);
    this.#graph = next;
    log.configure(next.settings.logging);
  }

  /** `plan` null: the workers have not left it. */
  async #goBack(before: Graph, plan: Plan | null): Promise<void> {
    const { fleet, log, apply } = this.#options;
    const failed = (thrown: unknown): void =>
      log.error('the last good configuration could not be restored in full', { err: errorText(thrown) });
    try {
      await this.#mainParts.removeAllBut(before.nodes, REMOVED_PART_DEADLINE_MS);
      if (plan !== null) await fleet.apply(plan);
      await this.#mergeParts.bringTo(before.nodes);
      await this.#guards.bringTo(before.nodes);
      await this.#mainParts.bringTo(before.nodes);
    } catch (thrown) {
      failed(thrown);
    }
    try {
      // A file that it names may be gone: that must not keep the components from coming back.
      apply(before.settings);
    } catch (thrown) {
      failed(thrown);
    }
  }

  /** A worker part that reports nothing after its start is fine; reports that came in meanwhile stand. */
  #workerPartsStarted(graph: Graph): void {
    for (const { id, component } of graph.nodes) {
      if (component.worker !== undefined) this.#health.report(id, 'workers', 'healthy', 'started component');
    }
  }

  #planOf(graph: Graph, numbers: ReadonlyMap<string, number>): Plan {
    return planOf(graph, numbers, (id) => this.#guards.gateOf(id));
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(run);
    // Whoever asked for the change gets its error; the next change starts all the same.
    this.#turn = turn.then(noop, noop);
    return turn;
  }
}

const noop = (): void => {};
