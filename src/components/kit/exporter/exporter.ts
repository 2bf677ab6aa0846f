/**
 * Everything around an exporter's {@link Sender}: queue, in-queue batch, retry, counting, logging, draining. An exporter's
 * worker part is this class, a Sender and little else:
 *
 *     const exporter = new Exporter({ queue: args.sending_queue, retry: args.retry_on_failure, sender }, ctx, `otlp/${ctx.id}`);
 *     return { input: exporter.input, start() {}, update: ..., stop: (deadlineMs) => exporter.stop(deadlineMs) };
 *
 * Each signal has its own queue of `queue_size`, as in the Collector. The Sender stays the caller's: it closes its
 * connections after `stop` has resolved.
 */
import type { Consumer } from '#components/kit/batch.ts';
import type { QueueArgs } from '#components/kit/blocks/queue.ts';
import type { RetryArgs } from '#components/kit/blocks/retry.ts';
import type { WorkerContext } from '#components/kit/component.ts';
import { LimitedLog } from '#components/kit/limited-log.ts';
import { type Signal, SIGNAL_NAMES, SIGNALS } from '#shared/signal.ts';
import { declareInstruments, type DropReason } from './instruments.ts';
import { limitsOf } from './limits.ts';
import { SendQueue } from './queue.ts';
import type { SendRequest } from './request.ts';
import { Retrier } from './retry.ts';
import type { Sender, SendResult } from './sender.ts';

/** Part of a removed exporter's deadline in which it retries as ever; the rest is for the last attempts. */
const PATIENCE = 0.75;

export interface ExporterSettings {
  readonly queue: QueueArgs;
  readonly retry: RetryArgs;
  readonly sender: Sender;
}

export class Exporter {
  readonly input: Consumer;
  readonly #ctx: WorkerContext;
  readonly #log: LimitedLog;
  readonly #retrier: Retrier;
  /** By signal. */
  readonly #queues: readonly SendQueue[];
  #settings: ExporterSettings;
  #stopped: Promise<void> | null = null;

  /** `name` is the `exporter` label of the metrics, as in Alloy: the Collector's type and the id (`otlp/otelcol.exporter.otlp.default`). `random` draws from [0, 1). */
  constructor(settings: ExporterSettings, ctx: WorkerContext, name: string, random: () => number = Math.random) {
    this.#settings = settings;
    this.#ctx = ctx;
    this.#log = new LimitedLog(ctx.log, ctx.clock);
    this.#retrier = new Retrier(ctx.clock, random, (request, result, waitMs) =>
      this.#logRetry(request, result, waitMs),
    );
    const route = (): ExporterSettings => this.#settings;
    const limits = limitsOf(settings.queue, ctx.workerIndex, ctx.workerCount);
    this.#queues = SIGNALS.map((signal) => {
      const count = declareInstruments(ctx.meter, name, signal);
      return new SendQueue(limits, ctx.clock, count, {
        send: (request) => this.#retrier.send(request, route),
        failed: (items, accepted, reason, result) => this.#logFailure(signal, items, accepted, reason, result),
      });
    });
    this.input = { consume: (batch) => this.#queues[batch.signal].offer(batch) };
  }

  /** New settings while running: what is queued stays queued, and the next attempt of each batch uses the new Sender. */
  update(settings: ExporterSettings): void {
    this.#settings = settings;
    const limits = limitsOf(settings.queue, this.#ctx.workerIndex, this.#ctx.workerCount);
    for (const queue of this.#queues) queue.update(limits);
  }

  /**
   * Takes no new data, makes one more attempt for each batch, waiting retries included (semantics 18.4, Shutdown), and
   * resolves when all is sent, or after `deadlineMs` with the rest dropped, counted and logged. `removed`: goes on retrying for
   * most of the deadline first, since only a reload took the exporter away.
   */
  stop(deadlineMs: number, removed = false): Promise<void> {
    if (!removed) this.#retrier.stop();
    this.#stopped ??= this.#drain(deadlineMs, removed);
    return this.#stopped;
  }

  async #drain(deadlineMs: number, removed: boolean): Promise<void> {
    const { clock } = this.#ctx;
    const drained = Promise.all(this.#queues.map((queue) => queue.drain()));
    const cancelPatience = removed ? clock.after(deadlineMs * PATIENCE, () => this.#retrier.stop()) : null;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(deadlineMs, resolve);
      void drained.then(() => {
        cancel();
        resolve();
      });
    });
    cancelPatience?.();
    for (const queue of this.#queues) queue.abandon();
    this.#log.flush();
  }

  #logRetry(request: SendRequest, result: SendResult & { readonly kind: 'retry' }, waitMs: number): void {
    this.#log.event('info', 'sending failed, will be retried', request.items, {
      signal: SIGNAL_NAMES[request.signal],
      error: result.message,
      grpc_code: result.grpcCode,
      retry_in_ms: Math.round(waitMs),
    });
  }

  #logFailure(signal: Signal, items: number, accepted: boolean, reason: DropReason, result: SendResult | null): void {
    const error = result === null || result.kind === 'ok' ? {} : { error: result.message, grpc_code: result.grpcCode };
    const message = accepted ? 'sending failed, data is dropped' : 'sending failed, the sender of the data is told';
    this.#log.event(accepted ? 'error' : 'warn', message, items, { signal: SIGNAL_NAMES[signal], reason, ...error });
  }
}
