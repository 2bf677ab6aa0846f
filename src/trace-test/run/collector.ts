/**
 * A configuration that runs without a world around it: everything between receivers and exporters is real (components, worker and
 * merge parts, their wiring), receivers are places to hand data in, exporters are records, and time passes when it is told to.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Component, MemoryReading, ReceiverEntry, Stability } from '#components/kit/component.ts';
import type { Diagnostic } from '#config/diag/diagnostic.ts';
import type { Environment } from '#config/eval/library/library.ts';
import { MillraceError } from '#shared/errors.ts';
import { loggerOver } from '#shared/log-writer.ts';
import type { Fields, Level } from '#shared/log.ts';
import { Registry, type MetricFamily } from '#shared/registry.ts';
import { entryIds, planOf, type Graph, type GraphNode } from '#main/graph/graph.ts';
import { Guards } from '#main/graph/guards.ts';
import { HealthBoard } from '#main/graph/health.ts';
import { load, type LoadResult } from '#main/graph/load.ts';
import { MergeParts } from '#main/graph/merge-parts.ts';
import { Providers, type Attempt, type Provide } from '#main/graph/providers.ts';
import type { Source } from '#main/graph/source.ts';
import type { SteppingClock } from './clock.ts';
import { LocalFleet } from './fleet.ts';
import { isSink, recorder, type Recorded } from './sinks.ts';
import { OUTWARD } from './outward.ts';

/** As long as a collector may take to flush when it ends. */
const STOP_MS = 600_000;
/** Of the machine that a test runs on. */
const CAPACITY_BYTES = 4 * 1024 ** 3;
/** Lines of the log that are kept. */
const MAX_LINES = 20;

/** What reads from the network to give values to a configuration. */
const OFFLINE: ReadonlySet<string> = new Set(['remote.http', 'import.http', 'import.git']);

/** A configuration, and what it is read with. */
export interface Configuration {
  readonly components: ReadonlyMap<string, Component>;
  readonly stability: Stability;
  readonly environment: Environment;
  /** Variables of the environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly sources: readonly Source[];
  /** Folder of the configuration. */
  readonly path: string;
}

export interface CollectorOptions extends Configuration {
  readonly workers: number;
  readonly clock: SteppingClock;
}

export interface LogLine {
  readonly level: Level;
  readonly message: string;
  readonly fields: Fields;
}

export interface Started {
  /** null: the diagnostics say why it cannot run. */
  readonly collector: Collector | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: LoadResult['texts'];
}

/** Rejects with a MillraceError when a component cannot start. */
export async function startCollector(options: CollectorOptions): Promise<Started> {
  const collector = new Collector(options);
  const { graph, diagnostics, texts } = await collector.load();
  if (graph !== null) await collector.start(graph);
  return { collector: graph === null ? null : collector, diagnostics, texts };
}

export class Collector {
  readonly #options: CollectorOptions;
  readonly #registry = new Registry();
  readonly #log = loggerOver((level, message, fields) => this.#logged(level, message, fields));
  readonly #providers: Providers;
  readonly #attempt: Attempt;
  readonly #fleet: LocalFleet;
  readonly #mergeParts: MergeParts;
  readonly #guards: Guards;
  #recorded: Recorded[] = [];
  /** In the order of evaluation. */
  receivers: readonly GraphNode[] = [];
  exporters: readonly GraphNode[] = [];
  /** What the process takes, as components see it. */
  usedBytes = 0;
  /** Warnings and errors. */
  readonly lines: LogLine[] = [];

  constructor(options: CollectorOptions) {
    this.#options = options;
    const { clock, workers, components } = options;
    const log = this.#log;
    const meter = this.#registry.meter();
    const health = new HealthBoard(clock);
    const nothing = (): void => {};
    this.#providers = new Providers({ log, clock, meter, health, forget: nothing, changed: nothing });
    this.#attempt = this.#providers.begin();
    const record = {
      create: recorder((recorded) => {
        clock.stir();
        this.#recorded.push(recorded);
      }),
    };
    this.#fleet = new LocalFleet({
      workers,
      clock,
      log,
      registry: this.#registry,
      load: (name) => {
        const component = components.get(name);
        if (component?.worker === undefined) throw new MillraceError('no_worker_part', `${name} has no worker part`);
        if (isSink(component)) return Promise.resolve(record);
        return OUTWARD[name]?.(options.env) ?? component.worker();
      },
    });
    const shared = { log, clock, meter, health, fleet: this.#fleet, forget: nothing };
    this.#mergeParts = new MergeParts(shared);
    const memory = (): MemoryReading => ({ usedBytes: this.usedBytes, capacityBytes: CAPACITY_BYTES });
    this.#guards = new Guards({ ...shared, memory });
  }

  async load(): Promise<LoadResult> {
    const { sources, path, components, stability, environment, clock } = this.#options;
    const provide: Provide = (order) => {
      if (!OFFLINE.has(order.name)) return this.#attempt.provide(order);
      const message = `${order.name} reads from the network, which a test does not: give it a file instead, or keep what is tested in a module of its own`;
      return Promise.reject(new MillraceError('offline', message));
    };
    const loaded = await load(sources, { components, stability, environment, clock, path, provide });
    // What providers gave at the beginning holds for the whole test.
    await this.#attempt.rollback();
    return loaded;
  }

  async start(graph: Graph): Promise<void> {
    const numbers = new Map(entryIds(graph).map((id, index) => [id, index]));
    this.receivers = graph.nodes.filter(({ component }) => component.main !== undefined);
    this.exporters = graph.nodes.filter(({ component }) => isSink(component));
    await this.#fleet.start(planOf(graph, numbers, (id) => this.#guards.gateOf(id)));
    await this.#guards.bringTo(graph.nodes);
    await this.#mergeParts.bringTo(graph.nodes);
  }

  /** The way in behind a receiver. */
  entry(receiver: string): ReceiverEntry {
    return this.#fleet.entry(receiver);
  }

  /** What has come out since the last call. */
  take(): readonly Recorded[] {
    const taken = this.#recorded;
    this.#recorded = [];
    return taken;
  }

  /** Everything is flushed, as at the end of a collector. */
  async stop(): Promise<void> {
    const { clock } = this.#options;
    this.#guards.stop();
    this.#mergeParts.ending(STOP_MS);
    await clock.until(this.#fleet.stop(STOP_MS));
    await clock.rest();
    this.#mergeParts.stop();
  }

  /** What the components have counted. */
  families(): readonly MetricFamily[] {
    return this.#registry.collect();
  }

  #logged(level: Level, message: string, fields: Fields): void {
    if ((level !== 'warn' && level !== 'error') || this.lines.length >= MAX_LINES) return;
    const line = { level, message, fields };
    // Each worker says the same.
    if (!this.lines.some((known) => isDeepStrictEqual(known, line))) this.lines.push(line);
  }
}
