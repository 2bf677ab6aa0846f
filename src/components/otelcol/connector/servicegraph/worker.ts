/** otelcol.connector.servicegraph in a worker: pairs the spans of the traces that come to it. */
import type { Batch, Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { SeriesTable } from '#components/kit/series/table.ts';
import { Outcome } from '#shared/outcome.ts';
import { TRACES, type Flow } from '#shared/signal.ts';
import { ServiceGraph } from './graph.ts';
import { graphInstruments, type GraphInstruments } from './instruments.ts';
import { seriesPlan } from './plan.ts';
import type { Args } from './schema.ts';

/** Most edges that wait in one worker, whatever `max_items` says: about 1.5 GiB. */
const MAX_EDGES = 2 ** 24;

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return new ServiceGraphConnector(args, ctx);
}

class ServiceGraphConnector implements WorkerPart<Args> {
  readonly input: Consumer<Flow>;
  readonly #ctx: WorkerContext;
  readonly #count: GraphInstruments;
  readonly #table: SeriesTable;
  readonly #graph: ServiceGraph;
  #args: Args;
  #cancelSweep: (() => void) | null = null;
  #stopped = false;

  constructor(args: Args, ctx: WorkerContext) {
    this.#ctx = ctx;
    this.#args = args;
    this.#count = graphInstruments(ctx.meter, ctx.id);
    this.#table = new SeriesTable(seriesPlan(args), ctx);
    this.#graph = new ServiceGraph(args, this.#maxItems(args), this.#table, this.#count);
    this.input = { observes: true, consume: (batch) => this.#consume(batch) };
  }

  start(): void {
    if (this.#args.metrics_flush_interval === 0)
      this.#ctx.log.warn('metrics_flush_interval is 0: all metrics are sent after every batch of spans');
    this.#scheduleSweep();
  }

  update(args: Args): void {
    this.#table.update(seriesPlan(args));
    const rescheduled = args.store_expiration_loop !== this.#args.store_expiration_loop;
    this.#args = args;
    this.#graph.update(args, this.#maxItems(args));
    if (rescheduled && this.#cancelSweep !== null) this.#scheduleSweep();
  }

  /**
   * Edges whose time is over are counted as always. The others are given up: their other halves may be on the way, and to count them
   * as requests from or to nobody would be wrong.
   */
  stop(): Promise<void> {
    if (!this.#stopped) {
      this.#stopped = true;
      this.#cancelSweep?.();
      this.#cancelSweep = null;
      this.#sweep();
      this.#count.unfinishedEdges.add(this.#graph.clear());
    }
    return Promise.resolve();
  }

  harvest(): Uint8Array<ArrayBuffer> | null {
    return this.#table.harvest();
  }

  #consume({ signal, bytes, items }: Batch<Flow>): Outcome {
    if (this.#stopped) return Outcome.stopping;
    if (signal !== TRACES) return Outcome.accepted;
    this.#count.incoming.add(items);
    const { clock } = this.#ctx;
    const counted = this.#graph.counted;
    this.#table.begin(clock.now());
    this.#graph.consume(bytes, clock.monotonicMs());
    this.#after(counted);
    return Outcome.accepted;
  }

  #sweep(): void {
    const { clock } = this.#ctx;
    const counted = this.#graph.counted;
    this.#table.begin(clock.now());
    this.#graph.sweep(clock.monotonicMs());
    this.#after(counted);
  }

  /** What follows from requests that were counted; `before`: how many there were until then. */
  #after(before: number): void {
    if (this.#args.metrics_flush_interval === 0 && this.#graph.counted !== before) this.#ctx.harvestDue();
  }

  #scheduleSweep(): void {
    this.#cancelSweep?.();
    this.#cancelSweep = this.#ctx.clock.after(this.#args.store_expiration_loop, () => {
      this.#sweep();
      this.#scheduleSweep();
    });
  }

  /** This worker's part of `max_items`, which means the process: the parts add up to it, each is at least 1. */
  #maxItems({ store }: Args): number {
    const { workerIndex, workerCount } = this.#ctx;
    const part = Math.floor(store.max_items / workerCount) + (workerIndex < store.max_items % workerCount ? 1 : 0);
    return Math.min(Math.max(1, part), MAX_EDGES);
  }
}
