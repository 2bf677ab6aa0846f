/**
 * A provider whose values are read from somewhere else, again and again. The first reading decides whether it can start; later
 * ones that fail leave the last values in use and make the component unhealthy until one succeeds. Never two readings at a time.
 */
import type { Provider, ProviderContext } from '#components/kit/component.ts';
import { errorText, MillraceError } from '#shared/errors.ts';

export interface PollingOptions<E> {
  /** Time from the end of one reading to the next. */
  readonly everyMs: number;
  /** Ends early when the signal is aborted, and in bounded time whatever it reads from. */
  readonly read: (signal: AbortSignal) => Promise<E>;
  /** Calls back when there may be something new; the next reading follows shortly. Returns the function that ends it. */
  readonly watch?: (changed: () => void) => () => void;
  /** Frees what the readings needed. */
  readonly dispose?: () => Promise<void>;
}

/** A file that has changed is often still being written. */
const SETTLE_MS = 50;

export class PollingProvider<E> implements Provider<E> {
  readonly #ctx: ProviderContext<E>;
  readonly #options: PollingOptions<E>;
  readonly #abort = new AbortController();
  #cancel: () => void = () => {};
  #unwatch: () => void = () => {};
  /** The reading under way. */
  #reading: Promise<void> = Promise.resolve();
  #isReading = false;
  #changedMeanwhile = false;

  constructor(ctx: ProviderContext<E>, options: PollingOptions<E>) {
    this.#ctx = ctx;
    this.#options = options;
  }

  async start(): Promise<E> {
    const { read, watch } = this.#options;
    const first = await read(this.#abort.signal);
    this.#ctx.health('healthy', 'started component');
    if (!this.#abort.signal.aborted) {
      this.#unwatch = watch?.(() => this.#changed()) ?? this.#unwatch;
      this.#schedule(this.#options.everyMs);
    }
    return first;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#cancel();
    this.#unwatch();
    await this.#reading;
    await this.#options.dispose?.();
  }

  #schedule(ms: number): void {
    this.#cancel();
    this.#cancel = this.#ctx.clock.after(ms, () => {
      this.#reading = this.#again();
    });
  }

  #changed(): void {
    if (this.#isReading) this.#changedMeanwhile = true;
    else this.#schedule(SETTLE_MS);
  }

  async #again(): Promise<void> {
    this.#isReading = true;
    this.#changedMeanwhile = false;
    try {
      const read = await this.#options.read(this.#abort.signal);
      if (this.#abort.signal.aborted) return;
      this.#ctx.health('healthy', 'read again');
      this.#ctx.publish(read);
    } catch (thrown) {
      if (this.#abort.signal.aborted) return;
      if (!(thrown instanceof MillraceError)) throw thrown;
      this.#ctx.health('unhealthy', errorText(thrown));
    } finally {
      this.#isReading = false;
      if (!this.#abort.signal.aborted) this.#schedule(this.#changedMeanwhile ? SETTLE_MS : this.#options.everyMs);
    }
  }
}
