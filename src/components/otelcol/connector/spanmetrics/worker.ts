/** otelcol.connector.spanmetrics in a worker: counts spans until they are harvested. */
import type { Batch, Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { SeriesTable } from '#components/kit/series/table.ts';
import { spanCounters, type SpanCounters } from '#components/kit/series/span-counters.ts';
import { Outcome } from '#shared/outcome.ts';
import { TRACES, type Flow } from '#shared/signal.ts';
import { instanceId } from './instance-id.ts';
import { seriesPlan } from './plan.ts';
import type { Args } from './schema.ts';
import { SpanCounter } from './span-counter.ts';

/** `random`: numbers from 0 to below 1, for counts of sampled spans that are not whole. */
export function create(args: Args, ctx: WorkerContext, random: () => number = Math.random): WorkerPart<Args> {
  return new SpanMetrics(args, ctx, random);
}

class SpanMetrics implements WorkerPart<Args> {
  readonly input: Consumer<Flow>;
  readonly #ctx: WorkerContext;
  readonly #random: () => number;
  readonly #instanceId: string;
  readonly #count: SpanCounters;
  readonly #table: SeriesTable;
  #counter: SpanCounter;
  #stopped = false;

  constructor(args: Args, ctx: WorkerContext, random: () => number) {
    this.#ctx = ctx;
    this.#random = random;
    this.#instanceId = instanceId(ctx.id);
    this.#count = spanCounters(ctx.meter, ctx.id);
    this.#table = new SeriesTable(seriesPlan(args), ctx);
    this.#counter = this.#counterOf(args);
    this.input = { observes: true, consume: (batch) => this.#consume(batch) };
  }

  start(): void {
    // There is nothing to wait for: it counts what comes.
  }

  harvest(): Uint8Array<ArrayBuffer> | null {
    return this.#table.harvest();
  }

  update(args: Args): void {
    this.#table.update(seriesPlan(args));
    this.#counter = this.#counterOf(args);
  }

  stop(): Promise<void> {
    this.#stopped = true;
    return Promise.resolve();
  }

  #consume(batch: Batch<Flow>): Outcome {
    if (this.#stopped) return Outcome.stopping;
    if (batch.signal !== TRACES) return Outcome.noConsumer;
    const ignoredBefore = this.#counter.ignored;
    this.#table.begin(this.#ctx.clock.now());
    this.#counter.count(batch.bytes);
    this.#count.incoming.add(batch.items);
    const ignored = this.#counter.ignored - ignoredBefore;
    if (ignored > 0) this.#count.ignored.add(ignored);
    return Outcome.accepted;
  }

  #counterOf(args: Args): SpanCounter {
    return new SpanCounter(args, this.#table, this.#instanceId, this.#random);
  }
}
