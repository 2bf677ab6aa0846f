/** One life of one worker thread, and the plans that it is asked to carry out. */
import type { Failure, FromWorker, RingPair, ToWorker, WorkerTask } from '#shared/control.ts';
import { errorText, MillraceError } from '#shared/errors.ts';
import type { Plan } from '#shared/plan.ts';
import { ThreadLife } from './thread-life.ts';

/** What a worker tells by itself. */
export type WorkerMessage = Exclude<FromWorker, { readonly type: 'applied' | 'harvested' }>;

export interface WorkerThreadOptions {
  readonly workerIndex: number;
  readonly workerCount: number;
  /** By producer; null while a producer is down. */
  readonly lanes: readonly (RingPair | null)[];
  readonly plan: Plan;
  /** URL of the module whose default export is the task (`workers/thread.ts`). */
  readonly threadUrl: URL;
  readonly onMessage: (message: WorkerMessage) => void;
}

export class WorkerThread {
  /** Settles when the thread is gone: null after an ordered stop, else what it ended from. Never rejects. */
  readonly ended: Promise<Error | null>;
  readonly #life: ThreadLife<ToWorker, FromWorker>;
  /** Callers of started and apply, who wait for `applied` in the order of the plans. */
  readonly #waiting: { readonly resolve: () => void; readonly reject: (e: Error) => void }[] = [];
  /** Callers of harvest, by call. */
  readonly #harvests = new Map<number, (parcel: Uint8Array<ArrayBuffer> | null) => void>();
  #calls = 0;
  /** Set when the thread is gone. */
  #over: Error | null = null;

  constructor({ workerIndex, workerCount, lanes, plan, threadUrl, onMessage }: WorkerThreadOptions) {
    this.#life = new ThreadLife<ToWorker, FromWorker>({
      url: threadUrl,
      task: (port): WorkerTask => ({ workerIndex, workerCount, lanes, port, plan }),
      onMessage: (message) => {
        if (message.type === 'applied') this.#settle(message.error);
        else if (message.type === 'harvested') this.#harvested(message.call, message.parcel);
        else onMessage(message);
      },
      onLateError: (err) =>
        onMessage({ type: 'log', level: 'error', message: 'a worker threw after its end', fields: { err } }),
      endedUnasked: () => new MillraceError('worker_ended', 'the worker could not build its pipeline'),
    });
    this.ended = this.#life.ended.then((death) => {
      this.#over = death ?? new MillraceError('worker_stopped', 'the worker was stopped');
      for (const { reject } of this.#waiting.splice(0)) reject(this.#over);
      for (const answer of this.#harvests.values()) answer(null);
      this.#harvests.clear();
      return death;
    });
  }

  /** Settles when the plan given to the constructor runs; rejects with what kept it from running, or with the thread's death. */
  started(): Promise<void> {
    return this.#awaitApplied();
  }

  /** Rejects with a MillraceError: the part's that could not follow, or the thread's death. */
  async apply(plan: Plan): Promise<void> {
    const applied = this.#awaitApplied();
    this.#life.send({ type: 'apply', plan });
    try {
      await applied;
    } catch (thrown) {
      if (thrown instanceof MillraceError) throw thrown;
      throw new MillraceError('worker_lost', `a worker died: ${errorText(thrown)}`, { cause: thrown });
    }
  }

  /** A producer is there again. */
  attach(producer: number, rings: RingPair): void {
    this.#life.send({ type: 'attach', producer, rings });
  }

  /** A producer has died. */
  abandon(producer: number): void {
    this.#life.send({ type: 'abandon', producer });
  }

  /** The next parcel of a part; null = no more, or the part or the thread is gone. */
  harvest(nodeId: string): Promise<Uint8Array<ArrayBuffer> | null> {
    if (this.#over !== null) return Promise.resolve(null);
    return new Promise((resolve) => {
      const call = ++this.#calls;
      this.#harvests.set(call, resolve);
      this.#life.send({ type: 'harvest', call, nodeId });
    });
  }

  /** What a part that has stopped handed over has been passed on. */
  finished(nodeId: string): void {
    this.#life.send({ type: 'finished', nodeId });
  }

  collectGarbage(): void {
    this.#life.send({ type: 'collect' });
  }

  #harvested(call: number, parcel: Uint8Array<ArrayBuffer> | null): void {
    this.#harvests.get(call)?.(parcel);
    this.#harvests.delete(call);
  }

  /** Asks the thread to drain and end; wait for `ended`. */
  stop(deadlineMs: number): void {
    this.#life.end({ type: 'stop', deadlineMs });
  }

  /** Ends the thread at once, whatever it does. */
  kill(): Promise<void> {
    return this.#life.kill();
  }

  #awaitApplied(): Promise<void> {
    if (this.#over !== null) return Promise.reject(this.#over);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** The answer to the oldest plan that waits for one. */
  #settle(error: Failure): void {
    const first = this.#waiting.shift();
    if (error === null) first?.resolve();
    else first?.reject(new MillraceError(error.code, error.message));
  }
}
