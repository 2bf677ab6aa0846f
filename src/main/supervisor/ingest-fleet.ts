/**
 * The ingest threads (`--ingest-threads`): starts them, hands receivers' parts to all of them, and starts one again with backoff
 * when it dies. What it had accepted lies in its rings or in the workers and stays; its connections are gone.
 */
import type { MainPart, MainContext } from '#components/kit/component.ts';
import type { Clock } from '#shared/clock.ts';
import type { FromThread, RingPair } from '#shared/control.ts';
import { errorText } from '#shared/errors.ts';
import type { LogWriter } from '#shared/log-writer.ts';
import type { PlanEntry } from '#shared/plan.ts';
import type { Registry } from '#shared/registry.ts';
import { Backoff } from './backoff.ts';
import type { NodeHealth, PartHost } from './fleet.ts';
import { IngestThread } from './ingest-thread.ts';
import { RemotePart } from './remote-part.ts';

export interface IngestOptions {
  readonly threads: number;
  readonly flags: MainContext['flags'];
  readonly threadUrl?: URL;
}

export interface IngestFleetOptions extends IngestOptions {
  readonly threadUrl: URL;
  readonly workers: number;
  readonly log: LogWriter;
  readonly clock: Clock;
  readonly registry: Registry;
  /** An ingest thread is about to start: its rings to every worker, by worker; null where none runs. */
  readonly connect: (producer: number) => readonly (RingPair | null)[];
  /** It is gone. */
  readonly disconnect: (producer: number) => void;
  readonly onHealth: (health: NodeHealth) => void;
}

const ENTRIES_MS = 1000;

export class IngestFleet implements PartHost {
  readonly #options: IngestFleetOptions;
  readonly #threads: (IngestThread | null)[];
  readonly #backoffs: readonly Backoff[];
  readonly #parts = new Set<RemotePart>();
  /** Those that take orders: ready, and not gone. */
  readonly #sites = new Set<IngestThread>();
  #entries: readonly PlanEntry[] = [];
  #stopping = false;

  constructor(options: IngestFleetOptions) {
    this.#options = options;
    this.#threads = new Array<IngestThread | null>(options.threads).fill(null);
    this.#backoffs = this.#threads.map(() => new Backoff());
    options.registry.onCollect(() => this.#publish());
  }

  /** Settles when all take orders. Rejects when one cannot run; `kill` the others then. */
  async start(entries: readonly PlanEntry[]): Promise<void> {
    this.#entries = entries;
    const threads = this.#threads.map((_, index) => this.#launch(index));
    await Promise.all(threads.map((thread) => thread.ready));
    for (const thread of threads) this.#sites.add(thread);
  }

  part(nodeId: string, component: string, args: unknown): MainPart<unknown> {
    const part = new RemotePart(nodeId, component, args, () => [...this.#sites], this.#options.clock);
    this.#parts.add(part);
    return {
      start: () => part.start(),
      update: (next) => part.update(next),
      vacate: (next) => part.vacate(next),
      stop: (deadlineMs, removed) => part.stop(deadlineMs, removed).finally(() => this.#parts.delete(part)),
    };
  }

  /** Settles when all threads offer requests accordingly, or {@link ENTRIES_MS} later: a thread that is stuck offers none. */
  async setEntries(entries: readonly PlanEntry[]): Promise<void> {
    this.#entries = entries;
    const late = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(ENTRIES_MS, late.resolve);
    await Promise.race([Promise.all(this.#living().map((thread) => thread.setEntries(entries))), late.promise]);
    cancel();
  }

  runs(producer: number): boolean {
    return this.#threads[producer] !== null;
  }

  attach(producer: number, worker: number, rings: RingPair): void {
    this.#threads[producer]?.attach(worker, rings);
  }

  /** A worker is gone: every thread answers what it owes. */
  detach(worker: number): void {
    this.#each((thread) => thread.detach(worker));
  }

  collectGarbage(): void {
    this.#each((thread) => thread.collectGarbage());
  }

  /** Settles when no thread writes into a ring any more. Threads that die from now on stay dead. */
  async close(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#living().map((thread) => thread.close()));
  }

  /** Asks all to end; settles when they are gone. */
  async end(): Promise<void> {
    this.#stopping = true;
    const living = this.#living();
    for (const thread of living) thread.end();
    await Promise.all(living.map((thread) => thread.ended));
  }

  /** Ends all at once. */
  async kill(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#living().map((thread) => thread.kill()));
  }

  #launch(index: number): IngestThread {
    const { workers, flags, threadUrl, connect, clock } = this.#options;
    const name = `ingest-${index}-${++threadsMade}`;
    const bornMs = clock.monotonicMs();
    const thread = new IngestThread({
      ingestIndex: index,
      workerCount: workers,
      rings: connect(index),
      entries: this.#entries,
      flags,
      threadUrl,
      onMessage: (message) => this.#message(name, index, message),
    });
    this.#threads[index] = thread;
    void thread.ended.then((death) => this.#ended(index, name, thread, death, clock.monotonicMs() - bornMs));
    return thread;
  }

  #ended(index: number, name: string, thread: IngestThread, death: Error | null, livedMs: number): void {
    const { log, registry, clock, disconnect } = this.#options;
    this.#threads[index] = null;
    this.#sites.delete(thread);
    disconnect(index);
    registry.retire(name);
    for (const part of this.#parts) part.forget(thread);
    if (death === null || this.#stopping) return;
    const waitMs = this.#backoffs[index].nextMs(livedMs);
    log.error('an ingest thread died and is started again', {
      thread: `ingest-${index}`,
      error: death.message,
      stack: death.stack,
      backoff_ms: waitMs,
    });
    registry
      .meter()
      .counter(
        { name: 'millrace_ingest_restarts_total', help: 'Ingest threads started again after they died.' },
        { thread: `ingest-${index}` },
      )
      .add(1);
    this.#report(index, 'unhealthy', `ingest thread ${index} died: ${death.message}`);
    clock.after(waitMs, () => {
      if (!this.#stopping) void this.#relaunch(index);
    });
  }

  async #relaunch(index: number): Promise<void> {
    const { log } = this.#options;
    const thread = this.#launch(index);
    try {
      await thread.ready;
      // From now on parts that start do so here too.
      this.#sites.add(thread);
      await Promise.all([...this.#parts].map((part) => part.resumeIn(thread)));
    } catch (thrown) {
      // Its end is reported, and the next try scheduled, by `#ended`.
      this.#sites.delete(thread);
      thread.giveUp(thrown instanceof Error ? thrown : new Error(errorText(thrown)));
      return;
    }
    if (this.#stopping) return;
    log.info('ingest thread is back', { thread: `ingest-${index}` });
    this.#report(index, 'healthy', `ingest thread ${index} was restarted`);
  }

  #message(thread: string, index: number, message: FromThread): void {
    const { log, registry, onHealth } = this.#options;
    if (message.type === 'log') log[message.level](message.message, message.fields);
    else if (message.type === 'metric') registry.declare(thread, message.declaration);
    else if (message.type === 'forgotten') registry.forget(thread, message.labels);
    else onHealth({ nodeId: message.nodeId, place: place(index), state: message.state, message: message.message });
  }

  #report(index: number, state: 'healthy' | 'unhealthy', message: string): void {
    for (const { nodeId, running } of this.#parts)
      if (running) this.#options.onHealth({ nodeId, place: place(index), state, message });
  }

  #publish(): void {
    this.#options.registry
      .meter()
      .gauge({ name: 'millrace_ingest_threads_running', help: 'Ingest threads that run.' })
      .set(this.#living().length);
  }

  #living(): IngestThread[] {
    return this.#threads.filter((thread) => thread !== null);
  }

  #each(run: (thread: IngestThread) => void): void {
    for (const thread of this.#living()) run(thread);
  }
}

const place = (index: number): string => `ingest ${index}`;

/** Makes thread names unique over restarts, so that a dead thread's counters are never confused with its successor's. */
let threadsMade = 0;
