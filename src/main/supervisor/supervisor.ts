/**
 * Starts the worker threads, watches them, starts them again with backoff when they die, and drains them at the end.
 *
 * A worker that dies: its unanswered requests are answered `worker_lost` (retryable), what it held in memory is counted as
 * lost, its nodes turn unhealthy, and until its successor runs the shard refuses what belongs to it.
 */
import type { Entry } from '#components/kit/component.ts';
import type { Clock } from '#shared/clock.ts';
import type { FromWorker } from '#shared/control.ts';
import { errorText } from '#shared/errors.ts';
import type { LogWriter } from '#shared/log-writer.ts';
import { Outcome } from '#shared/outcome.ts';
import type { Plan } from '#shared/plan.ts';
import type { Registry } from '#shared/registry.ts';
import { SIGNAL_NAMES, type Signal } from '#shared/signal.ts';
import { AckLatency } from '../shard/ack-latency.ts';
import { Admission } from '../shard/admission.ts';
import { readAnswers } from '../shard/answers.ts';
import { RequestTable } from '../shard/requests.ts';
import type { Fleet, NodeHealth } from './fleet.ts';
import { WorkerThread } from './worker-thread.ts';

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 10_000;
/** A worker that lived this long has recovered: its next restart comes quickly again. */
const HEALTHY_LIFE_MS = 60_000;
/** Left of a drain's deadline for ending threads that do not end by themselves. */
const KILL_RESERVE_MS = 500;

export interface SupervisorOptions {
  readonly workers: number;
  /** Ring capacity of each worker. */
  readonly ringBytes: number;
  readonly log: LogWriter;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly threadUrl?: URL;
}

/** `src/workers/thread.ts` beside the sources, `dist/workers/thread.js` in the package: the same extension as this file. */
const THREAD_URL = new URL(`../../workers/thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

export class Supervisor implements Fleet {
  readonly #options: SupervisorOptions;
  readonly #requests: RequestTable;
  readonly #admission: Admission;
  readonly #latency: AckLatency;
  readonly #listeners: ((health: NodeHealth) => void)[] = [];
  readonly #threads: (WorkerThread | null)[];
  readonly #life: number[];
  #plan: Plan = { nodes: [], entries: [] };
  #stopping = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const { workers, clock, registry } = options;
    this.#latency = new AckLatency(clock);
    this.#requests = new RequestTable(
      workers,
      () => clock.monotonicMs(),
      (ms) => this.#latency.observeMs(ms),
    );
    this.#admission = new Admission(workers, this.#requests);
    this.#threads = new Array<WorkerThread | null>(workers).fill(null);
    this.#life = new Array<number>(workers).fill(0);
    registry.onCollect(() => this.#publish());
  }

  async start(plan: Plan): Promise<void> {
    this.#plan = plan;
    const started = this.#threads.map((_, index) => this.#launch(index).started());
    const results = await Promise.allSettled(started);
    const failed = results.find((r) => r.status === 'rejected');
    if (failed === undefined) return;
    this.#stopping = true;
    await Promise.all(this.#threads.map((thread) => thread?.kill()));
    throw failed.reason;
  }

  async apply(plan: Plan): Promise<void> {
    const before = this.#plan;
    this.#plan = plan;
    const living = this.#threads.filter((thread) => thread !== null);
    const results = await Promise.allSettled(living.map((thread) => thread.apply(plan)));
    const failed = results.find((r) => r.status === 'rejected');
    if (failed === undefined) return;
    this.#plan = before;
    await Promise.allSettled(
      living.filter((_, i) => results[i]?.status === 'fulfilled').map((thread) => thread.apply(before)),
    );
    throw failed.reason;
  }

  entry(receiverId: string): Entry {
    const find = () => this.#plan.entries.find((e) => e.id === receiverId);
    let planOfEntry = this.#plan;
    let entry = find();
    const present = (): typeof entry => {
      if (planOfEntry !== this.#plan) {
        planOfEntry = this.#plan;
        entry = find();
      }
      return entry;
    };
    return {
      has: (signal: Signal) => (present()?.next[SIGNAL_NAMES[signal]].length ?? 0) > 0,
      offer: (signal, bytes, metadata, done) => {
        const to = present();
        if (to === undefined) done(Outcome.noConsumer, 0);
        else this.#admission.offer(to.index, signal, bytes, metadata, done);
      },
    };
  }

  async stop(deadlineMs: number): Promise<void> {
    const { log, clock } = this.#options;
    this.#stopping = true;
    this.#admission.close();
    const drainMs = Math.max(0, deadlineMs - KILL_RESERVE_MS);
    const living = this.#threads.filter((thread) => thread !== null);
    for (const thread of living) thread.stop(drainMs);
    const ended = Promise.all(living.map((thread) => thread.ended));
    let cancel = (): void => {};
    const late = new Promise<'late'>((resolve) => (cancel = clock.after(deadlineMs, () => resolve('late'))));
    if ((await Promise.race([ended, late])) === 'late') {
      log.error('workers did not drain in time and are ended; what they held is lost', { deadline_ms: deadlineMs });
      await Promise.all(living.map((thread) => thread.kill()));
      await ended;
    }
    cancel();
  }

  onHealth(listener: (health: NodeHealth) => void): void {
    this.#listeners.push(listener);
  }

  #launch(index: number): WorkerThread {
    const { workers, ringBytes, clock, threadUrl } = this.#options;
    const name = this.#threadName(index);
    const bornMs = clock.monotonicMs();
    const thread = new WorkerThread({
      workerIndex: index,
      workerCount: workers,
      ringBytes,
      plan: this.#plan,
      threadUrl: threadUrl ?? THREAD_URL,
      onMessage: (message) => this.#message(name, index, message),
    });
    this.#threads[index] = thread;
    this.#admission.attach(index, thread.frames);
    const answers = readAnswers(thread.answers, index, this.#requests);
    void thread.ended.then((death) => {
      answers.stop();
      this.#ended(index, name, death, clock.monotonicMs() - bornMs);
    });
    return thread;
  }

  #ended(index: number, name: string, death: Error | null, livedMs: number): void {
    const { log, registry, clock } = this.#options;
    this.#threads[index] = null;
    this.#admission.detach(index);
    const unanswered = this.#requests.lose(index, Outcome.workerLost);
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
    const life = livedMs >= HEALTHY_LIFE_MS ? 0 : this.#life[index];
    this.#life[index] = life + 1;
    const waitMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** life);
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

  #message(thread: string, index: number, message: FromWorker): void {
    const { log, registry } = this.#options;
    if (message.type === 'log') log[message.level](message.message, message.fields);
    else if (message.type === 'metric') registry.declare(thread, message.declaration);
    else if (message.type === 'health')
      this.#report({ nodeId: message.nodeId, workerIndex: index, state: message.state, message: message.message });
  }

  #allNodes(index: number, state: 'healthy' | 'unhealthy', message: string): void {
    for (const node of this.#plan.nodes) this.#report({ nodeId: node.id, workerIndex: index, state, message });
  }

  #report(health: NodeHealth): void {
    for (const listener of this.#listeners) listener(health);
  }

  #publish(): void {
    const meter = this.#options.registry.meter();
    this.#latency.publish(meter);
    meter
      .gauge({ name: 'millrace_requests_in_flight', help: 'Requests offered to the pipeline and not answered yet.' })
      .set(this.#requests.inFlight);
    meter
      .gauge({ name: 'millrace_workers_running', help: 'Worker threads that run.' })
      .set(this.#threads.filter((t) => t !== null).length);
    this.#threads.forEach((thread, index) => {
      const labels = { worker: String(index) };
      meter
        .gauge({ name: 'millrace_ring_used_bytes', help: 'Bytes in the ring from main to a worker.' }, labels)
        .set(thread?.frames.usedBytes() ?? 0);
      meter
        .gauge({ name: 'millrace_ring_capacity_bytes', help: 'Capacity of the ring from main to a worker.' }, labels)
        .set(thread?.frames.capacity ?? 0);
    });
  }

  #threadName(index: number): string {
    return `worker-${index}-${++threadsMade}`;
  }
}

/** Makes thread names unique over restarts, so that a dead thread's counters are never confused with its successor's. */
let threadsMade = 0;
