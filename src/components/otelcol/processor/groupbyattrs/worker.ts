/** otelcol.processor.groupbyattrs in a worker: each batch gives one batch, which is handed on at once; the next component's answer is the answer. */
import type { Batch, Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { processorName } from '#components/kit/processor-counters.ts';
import { Remade } from '#components/kit/remade.ts';
import { isAccepted, Outcome } from '#shared/outcome.ts';
import { PROMETHEUS, SIGNAL_NAMES, SIGNALS, type Flow, type Signal } from '#shared/signal.ts';
import { declareInstruments, type Instruments } from './instruments.ts';
import { Regrouper } from './regrouper.ts';
import type { Args } from './schema.ts';

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return new GroupByAttributes(args, ctx);
}

class GroupByAttributes implements WorkerPart<Args> {
  readonly input: Consumer<Flow> = { consume: (batch) => this.#consume(batch) };
  readonly #next: WorkerContext['next'];
  readonly #instruments: readonly Instruments[];
  readonly #remade = new Remade<Signal, Signal>();
  #regrouper: Regrouper;
  #stopped = false;

  constructor(args: Args, ctx: WorkerContext) {
    this.#next = ctx.next;
    this.#regrouper = new Regrouper(args.keys);
    const name = processorName(ctx.id, 'groupbyattrs');
    this.#instruments = SIGNALS.map((signal) => declareInstruments(ctx.meter, name, signal));
  }

  start(): void {
    this.#stopped = false;
  }

  update(args: Args): void {
    this.#regrouper = new Regrouper(args.keys);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
  }

  #consume(batch: Batch<Flow>): Outcome | Promise<Outcome> {
    if (this.#stopped) return Outcome.stopping;
    if (batch.signal >= PROMETHEUS) return Outcome.noConsumer;
    const taken = batch as Batch;
    const outcome = this.#remade.pass(taken, this.#next[SIGNAL_NAMES[taken.signal]], () => this.#regroup(taken));
    return this.#settled(taken, outcome);
  }

  #settled(batch: Batch, outcome: Outcome | Promise<Outcome>): Outcome | Promise<Outcome> {
    if (typeof outcome !== 'number') return outcome.then((later) => this.#settled(batch, later));
    if (isAccepted(outcome)) {
      const { incoming, outgoing } = this.#instruments[batch.signal];
      incoming.add(batch.items);
      outgoing.add(batch.items);
    }
    return outcome;
  }

  #regroup(batch: Batch): Batch {
    const regrouper = this.#regrouper;
    const bytes = regrouper.run(batch.signal, batch.bytes);
    const { moved, stayed, groups } = this.#instruments[batch.signal];
    moved.add(regrouper.moved);
    stayed.add(regrouper.stayed);
    groups.observe(regrouper.resources);
    if (bytes === batch.bytes) return batch;
    return { signal: batch.signal, bytes, items: batch.items, metadata: batch.metadata, owned: true };
  }
}
