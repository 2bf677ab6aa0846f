/** One life of one ingest thread, and the orders that it has not answered yet. */
import type {
  BoundAddress,
  FromIngest,
  FromThread,
  IngestTask,
  PartOrder,
  RingPair,
  ToIngest,
} from '#shared/control.ts';
import { MillraceError } from '#shared/errors.ts';
import type { PlanEntry } from '#shared/plan.ts';
import { GONE, type Site } from './remote-part.ts';
import { ThreadLife } from './thread-life.ts';

export interface IngestThreadOptions extends Omit<IngestTask, 'port'> {
  /** URL of the module whose default export is the task (`ingest/thread.ts`). */
  readonly threadUrl: URL;
  readonly onMessage: (message: FromThread) => void;
}

interface Waiting {
  readonly resolve: (bound: readonly BoundAddress[]) => void;
  readonly reject: (error: Error) => void;
}

export class IngestThread implements Site {
  /** Settles when it takes orders; rejects when it ends before. */
  readonly ready: Promise<void>;
  /** Settles when the thread is gone: null after an ordered end, else what it ended from. Never rejects. */
  readonly ended: Promise<Error | null>;
  readonly #life: ThreadLife<ToIngest, FromIngest>;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #over = false;
  #unfit: Error | null = null;

  constructor({ threadUrl, onMessage, ...task }: IngestThreadOptions) {
    const ready = Promise.withResolvers<void>();
    this.ready = ready.promise;
    // Whoever waits for it is told; nobody has to.
    ready.promise.catch(() => {});
    this.#life = new ThreadLife<ToIngest, FromIngest>({
      url: threadUrl,
      task: (port): IngestTask => ({ ...task, port }),
      onMessage: (message) => {
        if (message.type === 'ready') ready.resolve();
        else if (message.type === 'done') this.#done(message);
        else onMessage(message);
      },
      onLateError: (err) =>
        onMessage({ type: 'log', level: 'error', message: 'an ingest thread threw after its end', fields: { err } }),
      endedUnasked: () => new MillraceError('ingest_ended', 'the ingest thread ended by itself'),
    });
    this.ended = this.#life.ended.then((death) => {
      const why = this.#unfit ?? death;
      this.#over = true;
      ready.reject(gone(why));
      for (const { reject } of this.#waiting.values()) reject(gone(why));
      this.#waiting.clear();
      return why;
    });
  }

  attach(worker: number, rings: RingPair): void {
    this.#life.send({ type: 'attach', worker, rings });
  }

  detach(worker: number): void {
    this.#life.send({ type: 'detach', worker });
  }

  collectGarbage(): void {
    this.#life.send({ type: 'collect' });
  }

  /** Settles when requests are offered accordingly, or the thread is gone. */
  async setEntries(entries: readonly PlanEntry[]): Promise<void> {
    await this.#call((call) => ({ type: 'entries', call, entries })).catch(() => []);
  }

  order(nodeId: string, order: PartOrder): Promise<readonly BoundAddress[]> {
    return this.#call((call) => ({ type: 'part', call, nodeId, order }));
  }

  /** Settles when it writes into no ring any more, or is gone. */
  async close(): Promise<void> {
    await this.#call((call) => ({ type: 'close', call })).catch(() => []);
  }

  /** Asks the thread to end; wait for `ended`. */
  end(): void {
    this.#life.end({ type: 'end' });
  }

  /** It runs but cannot do its work: asks it to end, which counts as a death for this reason. */
  giveUp(reason: Error): void {
    this.#unfit = reason;
    this.end();
  }

  /** Ends the thread at once, whatever it does. */
  kill(): Promise<void> {
    return this.#life.kill();
  }

  #call(message: (call: number) => ToIngest): Promise<readonly BoundAddress[]> {
    if (this.#over) return Promise.reject(gone(null));
    const call = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.set(call, { resolve, reject });
      this.#life.send(message(call));
    });
  }

  #done({ call, error, bound }: Extract<FromIngest, { type: 'done' }>): void {
    const waiting = this.#waiting.get(call);
    this.#waiting.delete(call);
    if (error === null) waiting?.resolve(bound);
    else waiting?.reject(new MillraceError(error.code, error.message));
  }
}

const gone = (why: Error | null): MillraceError =>
  new MillraceError(GONE, `an ingest thread ended${why === null ? '' : `: ${why.message}`}`);
