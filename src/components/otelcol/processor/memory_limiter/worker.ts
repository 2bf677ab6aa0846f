/** otelcol.processor.memory_limiter in a worker: passes on what comes, or refuses it while the guard has closed the gate. */
import type { Batch, Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { itemCounters, processorName, type ItemCounters } from '#components/kit/processor-counters.ts';
import type { Counter } from '#shared/meter.ts';
import { isAccepted, Outcome } from '#shared/outcome.ts';
import { FLOW_NAMES, ITEM_WORDS, SIGNALS, type Flow, type Signal } from '#shared/signal.ts';
import type { Args } from './schema.ts';

/** Of one signal. */
interface Counts extends ItemCounters {
  readonly accepted: Counter;
  readonly refused: Counter;
}

export function create(_args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return new MemoryLimiter(ctx);
}

class MemoryLimiter implements WorkerPart<Args> {
  readonly input: Consumer<Flow> = { consume: (batch) => this.#consume(batch) };
  readonly #ctx: WorkerContext;
  /** By signal. */
  readonly #counts: readonly Counts[];
  #stopped = false;

  constructor(ctx: WorkerContext) {
    this.#ctx = ctx;
    this.#counts = SIGNALS.map((signal) => countsOf(ctx, signal));
  }

  start(): void {
    this.#stopped = false;
  }

  /** The limits are the guard's business. */
  update(): void {}

  stop(): Promise<void> {
    this.#stopped = true;
    return Promise.resolve();
  }

  #consume(batch: Batch<Flow>): Outcome | Promise<Outcome> {
    if (this.#stopped) return Outcome.stopping;
    const { items } = batch;
    const counts = this.#counts[batch.signal];
    const { refusal } = this.#ctx.gate;
    if (refusal !== Outcome.accepted) {
      counts.refused.add(items);
      return refusal;
    }
    const outcome = this.#ctx.next[FLOW_NAMES[batch.signal]].consume(batch as never);
    if (typeof outcome === 'number') return passed(counts, items, outcome);
    return outcome.then((later) => passed(counts, items, later));
  }
}

function passed(counts: Counts, items: number, outcome: Outcome): Outcome {
  if (isAccepted(outcome)) {
    counts.incoming.add(items);
    counts.outgoing.add(items);
    counts.accepted.add(items);
  }
  return outcome;
}

/** Names of the Collector since 0.155 (processor/memorylimiterprocessor, processor/processorhelper). */
function countsOf({ meter, id }: WorkerContext, signal: Signal): Counts {
  const processor = processorName(id, 'memory_limiter');
  const own = (what: string, help: string): Counter =>
    meter.counter(
      { name: `otelcol_processor_memory_limiter_${what}_${ITEM_WORDS[signal]}_total`, help },
      { processor },
    );
  return {
    ...itemCounters(meter, processor, signal),
    accepted: own('accepted', 'Items that the next component has taken.'),
    refused: own('refused', 'Items that were refused because too much memory was in use.'),
  };
}
