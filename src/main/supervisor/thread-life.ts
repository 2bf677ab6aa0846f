/**
 * One life of one thread, a worker or an ingest thread. The one door to piscina, which starts the thread, runs its endless task
 * and reports its end (docs/decisions/0006).
 *
 * Each life has a pool of its own: a pool whose thread fails while it starts never starts another, and a fresh life wants
 * fresh rings anyway.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { errorText } from '#shared/errors.ts';

export interface ThreadLifeOptions<FromThread> {
  /** Of the module whose default export is the task. */
  readonly url: URL;
  /** The task, given the thread's end of the control port. */
  readonly task: (port: MessagePort) => object;
  readonly onMessage: (message: FromThread) => void;
  /** What was thrown between the end of the task and that of the thread. */
  readonly onLateError: (text: string) => void;
  /** What a task means that ended by itself without having been told to. */
  readonly endedUnasked: () => Error;
}

export class ThreadLife<ToThread, FromThread> {
  /** Settles when the thread is gone: null after an ordered stop, else what it ended from. Never rejects. */
  readonly ended: Promise<Error | null>;
  readonly #pool: Piscina;
  readonly #port: MessagePort;
  readonly #endedUnasked: () => Error;
  #endOrdered = false;

  constructor({ url, task, onMessage, onLateError, endedUnasked }: ThreadLifeOptions<FromThread>) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#endedUnasked = endedUnasked;
    port1.on('message', onMessage);
    this.#pool = new Piscina({
      filename: url.href,
      minThreads: 1,
      maxThreads: 1,
      atomics: 'disabled',
      workerHistogram: false,
      recordTiming: false,
    });
    // Without a listener it would end main.
    this.#pool.on('error', (error: unknown) => onLateError(errorText(error)));
    this.ended = this.#run(task(port2), port2);
  }

  send(message: ToThread): void {
    this.#port.postMessage(message);
  }

  /** The last message: the thread ends because of it, and that is no failure. */
  end(message: ToThread): void {
    this.#endOrdered = true;
    this.send(message);
  }

  /** Ends the thread at once, whatever it does. */
  async kill(): Promise<void> {
    await this.#pool.destroy();
  }

  async #run(task: object, port: MessagePort): Promise<Error | null> {
    let death: Error | null = null;
    try {
      await this.#pool.run(task, { transferList: [port] });
      if (!this.#endOrdered) death = this.#endedUnasked();
    } catch (thrown) {
      death = thrown instanceof Error ? thrown : new Error(errorText(thrown));
    }
    this.#port.close();
    await this.#pool.destroy();
    return death;
  }
}
