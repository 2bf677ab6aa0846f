/**
 * One life of one worker thread. The one door to piscina, which starts the thread, runs its endless task and reports its
 * end (docs/decisions/0006).
 *
 * Each life has a pool of its own: a pool whose thread fails while it starts never starts another, and a fresh life wants
 * fresh rings anyway.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { FromWorker, ToWorker, WorkerTask } from '#shared/control.ts';
import { MillraceError, errorText } from '#shared/errors.ts';
import type { Plan } from '#shared/plan.ts';
import { RingReader, RingWriter, createRing } from '#shared/ring.ts';
import { MAX_REQUESTS_IN_FLIGHT } from '../shard/requests.ts';

/** An answer takes 16 bytes in the ring, and a worker never owes more answers than there are requests in flight. */
const ANSWER_RING_BYTES = MAX_REQUESTS_IN_FLIGHT * 16 * 2;

export interface WorkerThreadOptions {
  readonly workerIndex: number;
  readonly workerCount: number;
  readonly ringBytes: number;
  readonly plan: Plan;
  /** URL of the module whose default export is the task (`workers/thread.ts`). */
  readonly threadUrl: URL;
  readonly onMessage: (message: FromWorker) => void;
}

export class WorkerThread {
  /** Frames to the worker; written by main's admission. */
  readonly frames: RingWriter;
  /** Answers from the worker; read by main. */
  readonly answers: RingReader;
  /** Settles when the thread is gone: null after an ordered stop, else what it ended from. Never rejects. */
  readonly ended: Promise<Error | null>;
  readonly #pool: Piscina;
  readonly #port: MessagePort;
  /** Callers of started and apply, who wait for `applied` in the order of the plans. */
  readonly #waiting: { readonly resolve: () => void; readonly reject: (e: Error) => void }[] = [];
  /** Set when the thread is gone. */
  #over: Error | null = null;
  #stopOrdered = false;

  constructor(options: WorkerThreadOptions) {
    const frames = createRing(options.ringBytes);
    const answers = createRing(ANSWER_RING_BYTES);
    this.frames = new RingWriter(frames);
    this.answers = new RingReader(answers);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (message: FromWorker) => {
      if (message.type === 'applied')
        this.#settle(message.error === null ? null : new MillraceError(message.error.code, message.error.message));
      else options.onMessage(message);
    });
    this.#pool = new Piscina({
      filename: options.threadUrl.href,
      minThreads: 1,
      maxThreads: 1,
      atomics: 'disabled',
      workerHistogram: false,
      recordTiming: false,
    });
    // What is thrown between the end of the task and that of the thread; without a listener it would end main.
    this.#pool.on('error', (error: unknown) =>
      options.onMessage({
        type: 'log',
        level: 'error',
        message: 'a worker threw after its end',
        fields: { err: errorText(error) },
      }),
    );
    const task: WorkerTask = {
      workerIndex: options.workerIndex,
      workerCount: options.workerCount,
      frames,
      answers,
      port: port2,
      plan: options.plan,
    };
    this.ended = this.#run(task, port2);
  }

  /** Settles when the plan given to the constructor runs; rejects with what kept it from running, or with the thread's death. */
  started(): Promise<void> {
    return this.#awaitApplied();
  }

  apply(plan: Plan): Promise<void> {
    const applied = this.#awaitApplied();
    this.#send({ type: 'apply', plan });
    return applied;
  }

  /** Asks the thread to drain and end; wait for `ended`. */
  stop(deadlineMs: number): void {
    this.#stopOrdered = true;
    this.#send({ type: 'stop', deadlineMs });
  }

  /** Ends the thread at once, whatever it does. */
  async kill(): Promise<void> {
    await this.#pool.destroy();
  }

  async #run(task: WorkerTask, port: MessagePort): Promise<Error | null> {
    let death: Error | null = null;
    try {
      await this.#pool.run(task, { transferList: [port] });
      if (!this.#stopOrdered) death = new MillraceError('worker_ended', 'the worker could not build its pipeline');
    } catch (thrown) {
      death = thrown instanceof Error ? thrown : new Error(errorText(thrown));
    }
    this.#over = death ?? new MillraceError('worker_stopped', 'the worker was stopped');
    while (this.#waiting.length > 0) this.#settle(this.#over);
    this.#port.close();
    await this.#pool.destroy();
    return death;
  }

  #send(message: ToWorker): void {
    this.#port.postMessage(message);
  }

  #awaitApplied(): Promise<void> {
    if (this.#over !== null) return Promise.reject(this.#over);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** The answer to the oldest plan that waits for one. */
  #settle(error: Error | null): void {
    const first = this.#waiting.shift();
    if (error === null) first?.resolve();
    else first?.reject(error);
  }
}
