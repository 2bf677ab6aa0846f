/** otelcol.processor.batch in a worker: three signals, batched apart. */
import type { Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { processorName } from '#components/kit/processor-counters.ts';
import { LimitedLog } from '#components/kit/limited-log.ts';
import { messageOf, statusOf } from '#shared/outcome.ts';
import { SIGNAL_NAMES, SIGNALS, type Signal } from '#shared/signal.ts';
import type { BatcherContext } from './batcher.ts';
import { Batchers } from './batchers.ts';
import { batchInstruments, signalInstruments, type BatchInstruments } from './instruments.ts';
import type { Args } from './schema.ts';
import { Spares } from './spares.ts';

/** Longest time that a shutdown offers refused batches again: what follows needs the rest of the deadline to flush itself. */
const STOP_MS = 5_000;

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return new BatchProcessor(args, ctx);
}

class BatchProcessor implements WorkerPart<Args> {
  readonly input: Consumer;
  readonly #ctx: WorkerContext;
  readonly #name: string;
  readonly #log: LimitedLog;
  readonly #count: BatchInstruments;
  readonly #spares = new Spares();
  /** By signal. */
  readonly #batchers: readonly Batchers[];

  constructor(args: Args, ctx: WorkerContext) {
    this.#ctx = ctx;
    this.#log = new LimitedLog(ctx.log, ctx.clock);
    this.#name = processorName(ctx.id, 'batch');
    this.#count = batchInstruments(ctx.meter, this.#name);
    this.#batchers = SIGNALS.map((signal) => new Batchers(this.#contextOf(signal), args));
    this.input = {
      consume: (batch) => {
        const batchers = this.#batchers[batch.signal];
        const outcome = batchers.offer(batch);
        if (batchers.size > this.#count.cardinality.value) this.#count.cardinality.set(batchers.size);
        return outcome;
      },
    };
  }

  start(): void {
    this.#countCardinality();
  }

  update(args: Args): void {
    for (const batchers of this.#batchers) batchers.update(args);
    this.#countCardinality();
  }

  async stop(deadlineMs: number, removed = false): Promise<void> {
    const { clock } = this.#ctx;
    const drained = Promise.all(this.#batchers.map((batchers) => batchers.drain()));
    await new Promise<void>((resolve) => {
      const cancel = clock.after(removed ? deadlineMs : Math.min(deadlineMs / 2, STOP_MS), resolve);
      void drained.then(() => {
        cancel();
        resolve();
      });
    });
    for (const batchers of this.#batchers) batchers.abandon();
    this.#log.flush();
  }

  #countCardinality(): void {
    this.#count.cardinality.set(Math.max(...this.#batchers.map((batchers) => batchers.size)));
  }

  #contextOf(signal: Signal): BatcherContext {
    const count = signalInstruments(this.#ctx.meter, this.#name, signal);
    return {
      signal,
      clock: this.#ctx.clock,
      spares: this.#spares,
      next: this.#ctx.next[SIGNAL_NAMES[signal]],
      took: (items) => {
        count.incoming.add(items);
        count.held.add(items);
      },
      sent: (batch, trigger) => {
        count.outgoing.add(batch.items);
        count.held.add(-batch.items);
        this.#count.sendItems.observe(batch.items);
        this.#count.sendBytes.observe(batch.bytes.length);
        (trigger === 'size' ? this.#count.sizeTrigger : this.#count.timeoutTrigger).add(1);
      },
      dropped: (items, reason, outcome) => {
        count.dropped[reason].add(items);
        count.held.add(-items);
        this.#log.event('error', 'batch could not be passed on, data is dropped', items, {
          signal: SIGNAL_NAMES[signal],
          reason,
          error: messageOf(outcome),
          grpc_code: statusOf(outcome).grpc,
        });
      },
    };
  }
}
