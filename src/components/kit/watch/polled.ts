/**
 * A value that lies outside (in a file, behind a URL) and is looked at again and again: the provider behind components and
 * imports. What is there at the start is needed; when it cannot be had later, the last value stays and the health says why.
 */
import type { Provider, ProviderContext } from '../component.ts';
import { LimitedLog } from '../limited-log.ts';
import { errorText, MillraceError } from '#shared/errors.ts';
import { Poller } from './poller.ts';

export interface PolledOptions<T> {
  /** Milliseconds between the beginnings of two looks; 0 = none after the first, unless `watch` asks for it. */
  readonly everyMs: number;
  /** Rejects with a MillraceError that says why there is no value; ends early when the signal is aborted. */
  look(signal: AbortSignal): Promise<T>;
  same(a: T, b: T): boolean;
  /**
   * A new value is published when it looked the same twice, so many milliseconds apart: whoever writes it in pieces has
   * ended then. 0 = at once.
   */
  readonly settleMs: number;
  /** What the health says while all is well. */
  readonly wellText: string;
  /** What the log says when a look fails after all was well. A literal. */
  readonly failedText: string;
  /** Tells of changes between two looks. */
  watch?(changed: () => void): Watch;
  /** Called once, when nothing is under way any more. */
  end?(): Promise<void>;
}

export interface Watch {
  /** Looks where to watch; called before and after each look. Does not reject. */
  refresh(): Promise<void>;
  stop(): void;
}

/** A value that never looks the same twice is published after so many looks all the same. */
const MAX_UNSETTLED = 20;
/** From the first sign of a change to the look. Alloy waits as long (`waitReadPeriod`). */
export const SETTLE_MS = 30;

export function polled<T>(options: PolledOptions<T>, ctx: ProviderContext<T>): Provider<T> {
  return new Polled(options, ctx);
}

const stopped = (): MillraceError => new MillraceError('stopped', 'it was stopped before it had begun');

class Polled<T> implements Provider<T> {
  readonly #options: PolledOptions<T>;
  readonly #ctx: ProviderContext<T>;
  readonly #log: LimitedLog;
  readonly #poller: Poller;
  readonly #startAbort = new AbortController();
  #starting: Promise<unknown> = Promise.resolve();
  #watch: Watch | null = null;
  #current: T | undefined;
  /** What was there at the last look, and is not what is published. */
  #unsettled: { readonly value: T; readonly looks: number } | null = null;
  /** Why the last look failed; null: it did not. */
  #problem: string | null = null;
  #stopped: Promise<void> | null = null;

  constructor(options: PolledOptions<T>, ctx: ProviderContext<T>) {
    this.#options = options;
    this.#ctx = ctx;
    this.#log = new LimitedLog(ctx.log, ctx.clock);
    this.#poller = new Poller(ctx.clock, options.everyMs, (signal) => this.#lookAgain(signal));
  }

  start(): Promise<T> {
    const first = this.#begin();
    this.#starting = first.catch(() => undefined);
    return first;
  }

  async #begin(): Promise<T> {
    const options = this.#options;
    const { signal } = this.#startAbort;
    // First the watch, so that nothing changes unseen between look and watch.
    this.#watch = options.watch?.(() => this.#poller.soon(SETTLE_MS)) ?? null;
    await this.#watch?.refresh();
    if (signal.aborted) throw stopped();
    const value = await options.look(signal);
    if (signal.aborted) throw stopped();
    this.#current = value;
    this.#ctx.health('healthy', options.wellText);
    this.#poller.start();
    return value;
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    this.#startAbort.abort();
    this.#watch?.stop();
    await Promise.all([this.#starting, this.#poller.stop()]);
    // It may have come into being while the start was waited for.
    this.#watch?.stop();
    this.#log.flush();
    await this.#options.end?.();
  }

  async #lookAgain(signal: AbortSignal): Promise<void> {
    try {
      const value = await this.#options.look(signal);
      if (!signal.aborted) this.#found(value);
    } catch (thrown) {
      if (!signal.aborted) this.#failed(errorText(thrown));
    }
    if (!signal.aborted) await this.#watch?.refresh();
  }

  #found(value: T): void {
    const options = this.#options;
    const { settleMs, wellText } = options;
    if (this.#problem !== null) {
      this.#problem = null;
      this.#ctx.health('healthy', wellText);
      this.#log.event('info', 'all is well again', 1, {});
    }
    const unsettled = this.#unsettled;
    this.#unsettled = null;
    if (options.same(value, this.#current as T)) return;
    const looks = (unsettled?.looks ?? 0) + 1;
    if (settleMs > 0 && looks < MAX_UNSETTLED && (unsettled === null || !options.same(value, unsettled.value))) {
      this.#unsettled = { value, looks };
      this.#poller.soon(settleMs);
      return;
    }
    this.#current = value;
    this.#ctx.publish(value);
  }

  #failed(problem: string): void {
    this.#unsettled = null;
    if (problem === this.#problem) return;
    this.#ctx.health('unhealthy', problem);
    // One line an outage, whatever its reasons: the health shows the last.
    if (this.#problem === null) this.#log.event('error', this.#options.failedText, 1, { err: problem });
    this.#problem = problem;
  }
}
