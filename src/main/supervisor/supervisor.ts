/**
 * Starts the worker threads, watches them, starts them again with backoff when they die, and drains them at the end. Their
 * producers, main itself or the ingest threads, are connected with them here.
 *
 * A worker that dies: its unanswered requests are answered `worker_lost` (retryable), what it held in memory is counted as
 * lost, its nodes turn unhealthy, and until its successor runs the shard refuses what belongs to it. A producer that dies: its
 * lanes are read to their end and answered to nobody.
 */
import type { Entry, ReceiverEntry } from '#components/kit/component.ts';
import type { Clock } from '#shared/clock.ts';
import { collectGarbage } from '#shared/collect-garbage.ts';
import type { RingPair } from '#shared/control.ts';
import { errorText, MillraceError } from '#shared/errors.ts';
import type { LogWriter } from '#shared/log-writer.ts';
import type { Plan, PlanEntry } from '#shared/plan.ts';
import type { Registry } from '#shared/registry.ts';
import { Producer } from '#shard/producer.ts';
import { Backoff } from './backoff.ts';
import type { Fleet, HandOverListener, NodeHealth } from './fleet.ts';
import { HandOvers } from './hand-overs.ts';
import { IngestFleet, type IngestOptions } from './ingest-fleet.ts';
import { RingTable } from './ring-table.ts';
import { WorkerThread, type WorkerMessage } from './worker-thread.ts';

/** For a worker to go over to another plan, which takes milliseconds unless its thread is stuck. */
const APPLY_DEADLINE_MS = 10_000;
/** Left of a drain's deadline for ending threads that do not end by themselves. */
const KILL_RESERVE_MS = 500;
/** For ingest threads whose receivers have stopped. */
const INGEST_END_MS = 2000;

export interface SupervisorOptions {
  readonly workers: number;
  /** Capacity of each ring. */
  readonly ringBytes: number;
  readonly log: LogWriter;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly threadUrl?: URL;
  /** null or no threads: main accepts. */
  readonly ingest?: IngestOptions | null;
}

/** `src/workers/thread.ts` beside the sources, `dist/workers/thread.js` in the package: the same extension as this file. */
const threadUrl = (room: string): URL =>
  new URL(`../../${room}/thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

export class Supervisor implements Fleet {
  readonly #options: SupervisorOptions;
  /** Main as a producer: the only one, or the one after the ingest threads, for what it makes itself. */
  readonly #producer: Producer;
  readonly #handOvers: HandOvers;
  readonly ingest: IngestFleet | null;
  readonly #rings: RingTable;
  readonly #producers: number;
  readonly #listeners: ((health: NodeHealth) => void)[] = [];
  readonly #threads: (WorkerThread | null)[];
  readonly #backoffs: readonly Backoff[];
  /** Threads that have not answered a plan in time. */
  readonly #late = new Set<WorkerThread>();
  #plan: Plan = { nodes: [], entries: [] };
  #stopping = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const { workers, clock, registry, log, ringBytes, ingest = null } = options;
    this.ingest =
      ingest === null || ingest.threads === 0
        ? null
        : new IngestFleet({
            ...ingest,
            threadUrl: ingest.threadUrl ?? threadUrl('ingest'),
            workers,
            log,
            clock,
            registry,
            connect: (producer) => this.#connectProducer(producer),
            disconnect: (producer) => this.#disconnectProducer(producer),
            onHealth: (health) => this.#report(health),
          });
    const ingestThreads = this.ingest === null ? 0 : (ingest?.threads ?? 0);
    this.#producer = new Producer({
      workers,
      clock,
      meter: registry.meter(),
      thread: ingestThreads === 0 ? null : 'main',
    });
    const producers =
      ingestThreads === 0 ? [''] : [...Array.from({ length: ingestThreads }, (_, i) => `ingest-${i}`), 'main'];
    this.#producers = producers.length;
    this.#rings = new RingTable(producers, workers, ringBytes);
    this.#threads = new Array<WorkerThread | null>(workers).fill(null);
    this.#handOvers = new HandOvers(() => this.#threads.filter((thread) => thread !== null));
    this.#backoffs = this.#threads.map(() => new Backoff());
    registry.onCollect(() => this.#publish());
  }

  async start(plan: Plan): Promise<void> {
    void this.#setPlan(plan);
    const ingest = this.ingest?.start(plan.entries);
    const started = this.#threads.map((_, index) => this.#launch(index).started());
    const results = await Promise.allSettled([ingest, ...started]);
    const failed = results.find((r) => r.status === 'rejected');
    if (failed === undefined) return;
    this.#stopping = true;
    await Promise.all([this.ingest?.kill(), ...this.#threads.map((thread) => thread?.kill())]);
    throw failed.reason;
  }

  async apply(plan: Plan): Promise<void> {
    const before = this.#plan;
    // What starts from now on starts with it.
    this.#plan = plan;
    // Workers change one by one: of a request that comes late to a receiver that is gone, one might take its part and another not.
    await this.#setEntries(before.entries.filter(({ id }) => plan.entries.some((entry) => entry.id === id)));
    try {
      await this.#all((thread) => this.#apply(thread, plan));
    } catch (thrown) {
      await this.#setPlan(before);
      // Those that could not follow have gone back by themselves, and those that are late do so when they answer again.
      await this.#all((thread) => this.#apply(thread, before)).catch(noop);
      throw thrown;
    }
    // Last: a signal that is new has somewhere to go, and none is turned away on account of a plan that fails.
    await this.#setEntries(plan.entries);
  }

  /** Waits for all threads that run; rejects with the first failure among them. */
  async #all(run: (thread: WorkerThread) => Promise<void>): Promise<void> {
    const results = await Promise.allSettled(this.#threads.filter((thread) => thread !== null).map(run));
    const failed = results.find((r) => r.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #apply(thread: WorkerThread, plan: Plan): Promise<void> {
    const applied = thread.apply(plan).finally(() => this.#late.delete(thread));
    const index = this.#threads.indexOf(thread);
    const stuck = new MillraceError(
      'worker_stuck',
      `worker ${index} has not taken on the configuration within ${APPLY_DEADLINE_MS / 1000} s`,
    );
    let cancel = noop;
    const late = new Promise<never>((_resolve, reject) => {
      // Nobody waits for it twice; what it is told it does in order, whenever it comes to it.
      cancel = this.#options.clock.after(this.#late.has(thread) ? 0 : APPLY_DEADLINE_MS, () => {
        this.#late.add(thread);
        reject(stuck);
      });
    });
    try {
      await Promise.race([applied, late]);
    } finally {
      cancel();
    }
  }

  entry(receiverId: string): ReceiverEntry {
    return this.#producer.entry(receiverId);
  }

  mergeEntry(nodeId: string): Entry {
    return this.#producer.entry(nodeId);
  }

  get mergeRequestBytes(): number {
    return this.#options.ringBytes / 4;
  }

  async harvest(nodeId: string, take: (parcel: Uint8Array<ArrayBuffer>) => void): Promise<void> {
    const empty = async (thread: WorkerThread): Promise<void> => {
      for (let parcel = await thread.harvest(nodeId); parcel !== null; parcel = await thread.harvest(nodeId))
        take(parcel);
    };
    await Promise.all(this.#threads.filter((thread) => thread !== null).map(empty));
  }

  collectGarbage(): void {
    for (const thread of this.#threads) thread?.collectGarbage();
    this.ingest?.collectGarbage();
    collectGarbage();
  }

  onHandOver(listener: HandOverListener): void {
    this.#handOvers.listen(listener);
  }

  async stop(deadlineMs: number): Promise<void> {
    const { log, clock } = this.#options;
    this.#stopping = true;
    this.#producer.close();
    const end = clock.monotonicMs() + deadlineMs;
    const left = (): number => Math.max(0, end - clock.monotonicMs());
    let cancel = (): void => {};
    const late = new Promise<'late'>((resolve) => (cancel = clock.after(deadlineMs, () => resolve('late'))));
    // A frame that is written after its lane was read for the last time would wait for nothing.
    await Promise.race([this.ingest?.close(), late]);
    const living = this.#threads.filter((thread) => thread !== null);
    for (const thread of living) thread.stop(Math.max(0, left() - KILL_RESERVE_MS));
    const ended = Promise.all(living.map((thread) => thread.ended));
    if ((await Promise.race([ended, late])) === 'late') {
      log.error('workers did not drain in time and are ended; what they held is lost', { deadline_ms: deadlineMs });
      await Promise.all(living.map((thread) => thread.kill()));
      await ended;
    }
    cancel();
    await this.#endIngest();
  }

  /** Their receivers have stopped already: there is nothing to wait for but a thread that is stuck. */
  async #endIngest(): Promise<void> {
    const { log, clock } = this.#options;
    if (this.ingest === null) return;
    const ended = this.ingest.end();
    let cancel = (): void => {};
    const late = new Promise<'late'>((resolve) => (cancel = clock.after(INGEST_END_MS, () => resolve('late'))));
    if ((await Promise.race([ended, late])) === 'late') {
      log.error('ingest threads did not end in time and are ended', { deadline_ms: INGEST_END_MS });
      await this.ingest.kill();
      await ended;
    }
    cancel();
  }

  onHealth(listener: (health: NodeHealth) => void): void {
    this.#listeners.push(listener);
  }

  #setPlan(plan: Plan): Promise<void> {
    this.#plan = plan;
    return this.#setEntries(plan.entries);
  }

  async #setEntries(entries: readonly PlanEntry[]): Promise<void> {
    this.#producer.setEntries(entries);
    await this.ingest?.setEntries(entries);
  }

  #launch(index: number): WorkerThread {
    const { workers, clock } = this.#options;
    const name = this.#threadName(index);
    const bornMs = clock.monotonicMs();
    const thread = new WorkerThread({
      workerIndex: index,
      workerCount: workers,
      lanes: this.#connectWorker(index),
      plan: this.#plan,
      threadUrl: this.#options.threadUrl ?? threadUrl('workers'),
      onMessage: (message) => this.#message(name, index, message),
    });
    this.#threads[index] = thread;
    void thread.ended.then((death) => this.#ended(index, name, death, clock.monotonicMs() - bornMs));
    return thread;
  }

  /** A worker is about to start: its rings from every producer that runs. */
  #connectWorker(worker: number): (RingPair | null)[] {
    return Array.from({ length: this.#producers }, (_, producer) => {
      const isMain = producer === this.#producers - 1;
      if (!isMain && this.ingest?.runs(producer) === false) return null;
      const rings = this.#rings.connect(producer, worker);
      if (isMain) this.#producer.attach(worker, rings);
      else this.ingest?.attach(producer, worker, rings);
      return rings;
    });
  }

  /** An ingest thread is about to start: its rings to every worker that runs. */
  #connectProducer(producer: number): (RingPair | null)[] {
    return this.#threads.map((thread, worker) => {
      if (thread === null) return null;
      const rings = this.#rings.connect(producer, worker);
      thread.attach(producer, rings);
      return rings;
    });
  }

  #disconnectProducer(producer: number): void {
    this.#rings.producerGone(producer);
    for (const thread of this.#threads) thread?.abandon(producer);
  }

  #ended(index: number, name: string, death: Error | null, livedMs: number): void {
    const { log, registry, clock } = this.#options;
    this.#threads[index] = null;
    this.#rings.workerGone(index);
    this.ingest?.detach(index);
    const unanswered = this.#producer.detach(index);
    this.#handOvers.look();
    const lost = registry.sum(name, 'millrace_component_held_items');
    registry.retire(name);
    if (lost > 0) {
      registry
        .meter()
        .counter(
          { name: 'millrace_worker_lost_items_total', help: 'Items that a worker held in memory when it ended.' },
          { worker: String(index) },
        )
        .add(lost);
    }
    if (death === null || this.#stopping) return;
    const waitMs = this.#backoffs[index].nextMs(livedMs);
    log.error('a worker died and is started again', {
      worker: index,
      error: death.message,
      stack: death.stack,
      unanswered_requests: unanswered,
      lost_items: lost,
      backoff_ms: waitMs,
    });
    registry
      .meter()
      .counter(
        { name: 'millrace_worker_restarts_total', help: 'Workers started again after they died.' },
        { worker: String(index) },
      )
      .add(1);
    this.#allNodes(index, 'unhealthy', `worker ${index} died: ${death.message}`);
    clock.after(waitMs, () => {
      if (!this.#stopping) void this.#relaunch(index);
    });
  }

  async #relaunch(index: number): Promise<void> {
    const { log } = this.#options;
    const thread = this.#launch(index);
    try {
      await thread.started();
    } catch (thrown) {
      // Its end is reported, and the next try scheduled, by `#ended`.
      log.error('a restarted worker could not build its pipeline', { worker: index, error: errorText(thrown) });
      return;
    }
    log.info('worker is back', { worker: index });
    this.#allNodes(index, 'healthy', `worker ${index} was restarted`);
  }

  #message(thread: string, index: number, message: WorkerMessage): void {
    const { log, registry } = this.#options;
    if (message.type === 'log') log[message.level](message.message, message.fields);
    else if (message.type === 'metric') registry.declare(thread, message.declaration);
    else if (message.type === 'forgotten') registry.forget(thread, message.labels);
    else if (message.type === 'due') this.#handOvers.due(message.nodeId);
    else if (message.type === 'finishing') this.#handOvers.finishing(this.#threads[index], message.nodeId);
    else this.#report({ nodeId: message.nodeId, place: place(index), state: message.state, message: message.message });
  }

  #allNodes(index: number, state: 'healthy' | 'unhealthy', message: string): void {
    for (const node of this.#plan.nodes) this.#report({ nodeId: node.id, place: place(index), state, message });
  }

  #report(health: NodeHealth): void {
    for (const listener of this.#listeners) listener(health);
  }

  #publish(): void {
    const meter = this.#options.registry.meter();
    this.#producer.publish();
    meter
      .gauge({ name: 'millrace_workers_running', help: 'Worker threads that run.' })
      .set(this.#threads.filter((t) => t !== null).length);
    this.#rings.publish(meter);
  }

  #threadName(index: number): string {
    return `worker-${index}-${++threadsMade}`;
  }
}

const noop = (): void => {};
const place = (index: number): string => `worker ${index}`;

/** Makes thread names unique over restarts, so that a dead thread's counters are never confused with its successor's. */
let threadsMade = 0;
