/**
 * `millrace run`: from flags to a running collector, and back to silence.
 *
 * Order: configuration first (nothing listens when it is wrong), then the admin server (not ready yet), then workers and
 * receivers. The end goes the other way: receivers, workers, admin server.
 */
import type { Component } from '#components/kit/component.ts';
import { processEnvironment } from '#config/eval/environment.ts';
import { MillraceError } from '#shared/errors.ts';
import { Registry } from '#shared/registry.ts';
import { startThreadProbe } from '#shared/thread-probe.ts';
import { collectFamilies } from '../admin/families.ts';
import { processMetrics } from '../admin/process-metrics.ts';
import { startAdmin, uiPrefix, type AdminServer } from '../admin/server.ts';
import { remarksOn, type Settings } from '../graph/blocks/settings.ts';
import { Controller } from '../graph/controller.ts';
import { TRACING_ENTRY, type Graph } from '../graph/graph.ts';
import { moduleFolder, type Source } from '../graph/source.ts';
import type { Fleet } from '../supervisor/fleet.ts';
import { EvaluationTrace } from '../tracing/evaluation-trace.ts';
import { Tracer } from '../tracing/tracer.ts';
import { banner } from './banner.ts';
import { DEFAULT_CONFIG, DEFAULT_CONFIG_NAME } from './default-config.ts';
import { dryRunText } from './dry-run.ts';
import { EXIT, type Host } from './host.ts';
import { keepToMemoryLimit } from './memory.ts';
import { figuresOf, ProcessMemory } from './process-memory.ts';
import { readConfig } from './read-config.ts';
import { diagnosticsText, reloadProblem } from './report.ts';
import type { RunSettings } from './settings.ts';
import { StopSignals } from './signals.ts';

/** What a running collector is made of. */
export interface Made {
  readonly components: ReadonlyMap<string, Component>;
  readonly fleet: (
    settings: Pick<RunSettings, 'workers' | 'ingestThreads' | 'ringBytes' | 'receiveBytes' | 'httpDriver'>,
    registry: Registry,
  ) => Fleet;
  readonly version: string;
}

/** Longest wait for admin requests under way at the end. */
const ADMIN_STOP_MS = 1000;

/** Resolves with the exit code when the collector has ended. */
export async function run(settings: RunSettings, made: Made, host: Host): Promise<number> {
  const { clock, log } = host;
  const drain = Promise.withResolvers<string>();
  const forced = Promise.withResolvers<number>();
  const signals = new StopSignals({
    clock,
    onDrain: drain.resolve,
    onForce: (why) => {
      log.error('forced to end before everything was flushed', { signal: why });
      forced.resolve(EXIT.failed);
    },
  });
  let reload = (): void => log.warn('reload ignored: the collector is still starting');
  const unwatch = host.watch({
    onStop: (signal) => signals.signal(signal),
    onLauncherGone: () => signals.launcherGone(),
    onReload: () => reload(),
  });
  const registry = new Registry();
  if (settings.dryRun) {
    unwatch();
    return new Collector(settings, made, host, registry).dryRun();
  }
  keepToMemoryLimit(settings, host);
  const stopProbe = startThreadProbe(registry.meter(), clock, 'main');
  try {
    const collector = new Collector(settings, made, host, registry);
    const life = async (): Promise<number> => {
      if (!(await collector.start())) return EXIT.failed;
      reload = () => void collector.reload();
      log.info('shutting down', { reason: await drain.promise, deadline_ms: settings.shutdownDeadlineMs });
      return (await collector.stop()) ? EXIT.ok : EXIT.failed;
    };
    const abandoned = async (): Promise<number> => {
      const code = await forced.promise;
      await collector.abandon();
      return code;
    };
    return await Promise.race([life(), abandoned()]);
  } finally {
    stopProbe();
    unwatch();
  }
}

class Collector {
  readonly #settings: RunSettings;
  readonly #version: string;
  readonly #components: Made['components'];
  readonly #host: Host;
  readonly #registry: Registry;
  readonly #controller: Controller;
  readonly #tracer: Tracer;
  readonly #memory: ProcessMemory;
  #admin: AdminServer | null = null;
  /** What of the configuration has no effect, as it was told. */
  #remarks: ReadonlySet<string> = new Set();

  constructor(settings: RunSettings, { components, fleet, version }: Made, host: Host, registry: Registry) {
    this.#settings = settings;
    this.#version = version;
    this.#components = components;
    this.#host = host;
    this.#registry = registry;
    const threads = fleet(settings, registry);
    this.#memory = new ProcessMemory(() => figuresOf(registry), host.clock);
    this.#tracer = new Tracer({
      version,
      entry: threads.mergeEntry(TRACING_ENTRY),
      clock: host.clock,
      meter: registry.meter(),
      log: host.log,
    });
    this.#controller = new Controller({
      components,
      stability: settings.paths.length === 0 ? 'experimental' : settings.stability,
      environment: processEnvironment(version),
      path: settings.paths[0] === undefined ? '' : moduleFolder(settings.paths[0]),
      read: () => this.#read(),
      apply: (next) => this.#apply(next),
      observe: () => new EvaluationTrace(this.#tracer),
      fleet: threads,
      registry,
      log: host.log,
      clock: host.clock,
      flags: { httpDriver: settings.httpDriver, receiveBytes: settings.receiveBytes },
      memory: () => this.#memory.read(),
    });
  }

  /** Evaluates everything, files and imports included, and says what would run. */
  async dryRun(): Promise<number> {
    const { stderr, stdout } = this.#host;
    const loaded = await this.#controller.load();
    await this.#controller.unload();
    stderr(diagnosticsText(loaded));
    if (loaded.graph === null) {
      stderr('Error: could not perform the initial load successfully\n');
      return EXIT.failed;
    }
    stdout(dryRunText(this.#configName, loaded.graph, this.#settings));
    return EXIT.ok;
  }

  /** Whether it runs; if not, everything is closed and stderr says why. */
  async start(): Promise<boolean> {
    const { stderr, stdout, log } = this.#host;
    const { paths, inertFlags } = this.#settings;
    try {
      const loaded = await this.#controller.load();
      stderr(diagnosticsText(loaded));
      if (loaded.graph === null) await this.#controller.unload();
      if (loaded.graph === null)
        throw new MillraceError('bad_config', 'could not perform the initial load successfully');
      if (inertFlags.length > 0)
        log.warn('flags without effect in this version were set', { flags: inertFlags.map((f) => `--${f}`).join(' ') });
      await this.#bring(loaded.graph);
    } catch (thrown) {
      await this.#admin?.stop(0);
      if (!(thrown instanceof MillraceError)) throw thrown;
      stderr(`Error: ${thrown.message}\n`);
      return false;
    }
    log.info('millrace is running', {
      version: this.#version,
      workers: this.#settings.workers,
      ingest_threads: this.#settings.ingestThreads || undefined,
      config: this.#configName,
    });
    if (paths.length === 0) stdout(this.#banner());
    return true;
  }

  /** @returns null, or what kept the new configuration from running. */
  async reload(): Promise<string | null> {
    const { log } = this.#host;
    const problem = reloadProblem(await this.#controller.reload());
    if (problem === null) log.info('config reloaded');
    else log.error('failed to reload config', { err: problem.line });
    return problem?.whole ?? null;
  }

  /** Whether everything was flushed in time. */
  async stop(): Promise<boolean> {
    this.#tracer.stop();
    this.#memory.stop();
    const inTime = await this.#controller.stop(this.#settings.shutdownDeadlineMs);
    await this.#admin?.stop(ADMIN_STOP_MS);
    return inTime;
  }

  /** The process is about to end whatever still hangs. */
  async abandon(): Promise<void> {
    this.#tracer.stop();
    this.#memory.stop();
    await this.#admin?.stop(0);
  }

  #apply(settings: Settings): void {
    this.#admin?.update(settings.http);
    this.#tracer.configure(settings.tracing);
    const remarks = new Set(remarksOn(settings));
    for (const remark of remarks) if (!this.#remarks.has(remark)) this.#host.log.warn(remark);
    this.#remarks = remarks;
  }

  async #bring(graph: Graph): Promise<void> {
    const { log, clock } = this.#host;
    this.#apply(graph.settings);
    const ofProcess = processMetrics({ version: this.#version, clock });
    this.#admin = await startAdmin({
      listenAddr: this.#settings.listenAddr,
      uiPathPrefix: this.#settings.uiPathPrefix,
      version: this.#version,
      config: this.#configName,
      log,
      clock,
      ready: () => this.#controller.ready,
      components: () => this.#controller.components(),
      modules: () => this.#controller.modules(),
      settings: graph.settings.http,
      tracer: this.#tracer,
      scrape: () => collectFamilies(this.#registry, [ofProcess, () => this.#controller.families()]),
      derived: () => this.#controller.derived(),
      beforeDerived: () => this.#controller.harvest(),
      meter: this.#registry.meter(),
      reload: () => this.reload(),
    });
    log.info('now listening for http traffic', { addr: this.#admin.address });
    await this.#controller.start(graph);
    this.#memory.watch();
  }

  async #read(): Promise<readonly Source[]> {
    const settings = this.#settings;
    if (settings.paths.length === 0) return [{ name: DEFAULT_CONFIG_NAME, bytes: Buffer.from(DEFAULT_CONFIG) }];
    const warn = (message: string): void => this.#host.log.warn(message);
    return readConfig(settings, { components: this.#components }, this.#host, warn);
  }

  get #configName(): string {
    return this.#settings.paths.join(', ') || DEFAULT_CONFIG_NAME;
  }

  #banner(): string {
    const { address } = this.#admin as AdminServer;
    return banner({
      version: this.#version,
      adminAddress: address.replace(/^(\[::\]|0\.0\.0\.0):/, '127.0.0.1:'),
      uiPath: uiPrefix(this.#settings.uiPathPrefix),
    });
  }
}
