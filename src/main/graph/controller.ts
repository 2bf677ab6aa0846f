/**
 * Owns what runs: brings the workers and main's parts from one configuration to the next, keeps health, and stops all in
 * order. One change at a time; later ones wait.
 */
import type { MainContext } from '#components/kit/component.ts';
import type { Clock } from '#shared/clock.ts';
import { MillraceError, errorText } from '#shared/errors.ts';
import type { LogWriter } from '#shared/log-writer.ts';
import { nodeLabels } from '#shared/node-id.ts';
import type { Plan } from '#shared/plan.ts';
import type { MetricFamily, Registry } from '#shared/registry.ts';
import type { Fleet } from '../supervisor/fleet.ts';
import { ConfigMetrics } from './config-metrics.ts';
import { EntryTable } from './entry-table.ts';
import { planOf, receiverIds, type Graph, type GraphNode } from './graph.ts';
import { HealthBoard, type Health } from './health.ts';
import { load, type LoadOptions, type LoadResult } from './load.ts';
import { MainParts } from './main-parts.ts';
import type { Source } from './source.ts';

/** How long a receiver that a reload took away may answer what is in flight. Nobody waits for it. */
const REMOVED_PART_DEADLINE_MS = 30_000;
/** Workers that have seen no data end quickly. */
const UNDO_DEADLINE_MS = 5000;

export interface ControllerOptions extends Omit<LoadOptions, 'evaluated' | 'nowMs'> {
  /** Reads the configuration anew; rejects with a MillraceError when it cannot. */
  readonly read: () => Promise<readonly Source[]>;
  readonly fleet: Fleet;
  readonly registry: Registry;
  readonly log: LogWriter;
  readonly clock: Clock;
  readonly flags: MainContext['flags'];
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

export class Controller {
  readonly #options: ControllerOptions;
  readonly #health: HealthBoard;
  readonly #metrics: ConfigMetrics;
  readonly #entries = new EntryTable();
  readonly #mainParts: MainParts;
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
    this.#mainParts = new MainParts({
      log,
      clock,
      meter: registry.meter(),
      health: this.#health,
      flags,
      entry: (id) => fleet.entry(id),
      forget: (id) => registry.meter().forget(nodeLabels(id)),
      ingest: fleet.ingest,
    });
    registry.onCollect(() => this.#mainParts.publish());
    fleet.onHealth(({ nodeId, place, state, message }) => this.#health.report(nodeId, place, state, message));
  }

  /** Reads and evaluates the configuration; changes nothing that runs. */
  async load(): Promise<LoadResult> {
    const { read, clock } = this.#options;
    return this.#metrics.whileEvaluating(async () =>
      load(await read(), {
        ...this.#options,
        evaluated: (seconds) => this.#metrics.evaluated(seconds),
        nowMs: () => clock.monotonicMs(),
      }),
    );
  }

  /** Runs the first configuration. Rejects with a MillraceError that names the component; nothing runs then. */
  async start(graph: Graph): Promise<void> {
    const { fleet, log } = this.#options;
    log.configure(graph.settings.logging);
    const numbers = this.#entries.assign(receiverIds(graph));
    try {
      await fleet.start(planOf(graph, numbers));
      this.#workerPartsStarted(graph);
      await this.#mainParts.bringTo(graph.nodes);
    } catch (thrown) {
      this.#metrics.failed();
      await this.#mainParts.stop(0);
      await fleet.stop(UNDO_DEADLINE_MS);
      throw thrown;
    }
    this.#entries.commit(numbers);
    this.#graph = graph;
    this.#metrics.succeeded(graph.hash);
    this.#ready = true;
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
      let loaded: LoadResult | null = null;
      try {
        loaded = await this.load();
        if (loaded.graph !== null) {
          await this.#goOver(loaded.graph);
          return { applied: true, loaded, error: null };
        }
        this.#metrics.failed();
        return { applied: false, loaded, error: null };
      } catch (thrown) {
        if (!(thrown instanceof MillraceError)) throw thrown;
        this.#metrics.failed();
        return { applied: false, loaded, error: errorText(thrown) };
      }
    });
    return this.#nextReload;
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
      log.info('stopping receivers');
      // Whoever keeps a receiver waiting must not use up the time in which workers flush.
      await this.#mainParts.stop(left() / 2);
      log.info('receivers have stopped; flushing workers', { deadline_ms: Math.round(left()) });
      await fleet.stop(left());
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

  /** Items that parts had to drop because they were stopped, or that ended workers held. */
  #lostItems(): number {
    let items = 0;
    for (const { name, series } of this.#options.registry.collect()) {
      if (name !== 'millrace_component_dropped_items_total' && name !== 'millrace_worker_lost_items_total') continue;
      for (const { labels, value } of series) if ((labels['reason'] ?? 'shutdown') === 'shutdown') items += value;
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

  families(): MetricFamily[] {
    return this.#metrics.families(this.components().map(({ health }) => health.state));
  }

  async #goOver(next: Graph): Promise<void> {
    const { fleet, log } = this.#options;
    const before = this.#graph as Graph;
    const numbers = this.#entries.assign(receiverIds(next));
    const presentNumbers = this.#entries.assign(receiverIds(before));
    let workersFollowed = false;
    try {
      // Receivers that are gone first: their ports may be meant for others, and their last requests need the old wiring.
      await this.#mainParts.removeAllBut(next.nodes, REMOVED_PART_DEADLINE_MS);
      await fleet.apply(planOf(next, numbers));
      workersFollowed = true;
      this.#workerPartsStarted(next);
      await this.#mainParts.bringTo(next.nodes);
    } catch (thrown) {
      await this.#goBack(before, workersFollowed ? planOf(before, presentNumbers) : null);
      throw thrown;
    }
    const kept = new Set(next.nodes.map((node) => node.id));
    for (const { id } of before.nodes) if (!kept.has(id)) this.#health.forget(id);
    this.#entries.commit(numbers);
    this.#graph = next;
    log.configure(next.settings.logging);
    this.#metrics.succeeded(next.hash);
  }

  /** `plan` null: the workers have not left it. */
  async #goBack(before: Graph, plan: Plan | null): Promise<void> {
    const { fleet, log } = this.#options;
    try {
      await this.#mainParts.removeAllBut(before.nodes, REMOVED_PART_DEADLINE_MS);
      if (plan !== null) await fleet.apply(plan);
      await this.#mainParts.bringTo(before.nodes);
    } catch (thrown) {
      log.error('the last good configuration could not be restored in full', { err: errorText(thrown) });
    }
  }

  /** A worker part that reports nothing after its start is fine; reports that came in meanwhile stand. */
  #workerPartsStarted(graph: Graph): void {
    for (const { id, component } of graph.nodes) {
      if (component.worker !== undefined) this.#health.report(id, 'workers', 'healthy', 'started component');
    }
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(run);
    // Whoever asked for the change gets its error; the next change starts all the same.
    this.#turn = turn.then(noop, noop);
    return turn;
  }
}

const noop = (): void => {};
