/** prometheus.relabel in a worker: known label sets are exchanged as bytes, only new ones are read. */
import { WRITE_REQUEST } from '#codec/prometheus/fields.ts';
import { LEAVE_NOTHING, SeriesView, WriteRequestWalk } from '#codec/prometheus/write-request.ts';
import { ProtobufError } from '#codec/protobuf/limits.ts';
import { Writer } from '#codec/protobuf/writer.ts';
import type { Batch, Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { LabelCache } from '#components/kit/relabel/label-cache.ts';
import { Relabeler } from '#components/kit/relabel/relabeler.ts';
import { isRefused, Outcome } from '#shared/outcome.ts';
import { PROMETHEUS, type Flow } from '#shared/signal.ts';
import { declareInstruments, type Instruments } from './instruments.ts';
import type { Args } from './schema.ts';

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return new Relabel(args, ctx);
}

class Relabel implements WorkerPart<Args> {
  readonly input: Consumer<Flow> = { consume: (batch) => this.#consume(batch) };
  readonly #ctx: WorkerContext;
  readonly #count: Instruments;
  /** What has been made of batches that were refused: their senders offer them again, and who has taken it is known by the batch. */
  readonly #made = new WeakMap<Batch<Flow>, Batch<typeof PROMETHEUS>>();
  readonly #walk = new WriteRequestWalk();
  readonly #series = new SeriesView();
  readonly #writer = new Writer();
  #args: Args;
  #relabeler: Relabeler;
  #cache: LabelCache;
  #cancelSweep: (() => void) | null = null;
  #stopped = false;

  constructor(args: Args, ctx: WorkerContext) {
    this.#ctx = ctx;
    this.#count = declareInstruments(ctx.meter);
    this.#args = args;
    this.#relabeler = new Relabeler(args.rule);
    this.#cache = this.#newCache();
  }

  start(): void {
    this.#sweepLater();
  }

  update(args: Args): void {
    this.#args = args;
    this.#relabeler = new Relabeler(args.rule);
    this.#cache = this.#newCache();
    this.#count.cacheSize.set(0);
    this.#sweepLater();
  }

  stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelSweep?.();
    this.#count.cacheSize.set(0);
    return Promise.resolve();
  }

  #newCache(): LabelCache {
    const limit = Math.max(1, Math.ceil(this.#args.max_cache_size / this.#ctx.workerCount));
    const relabeler = this.#relabeler;
    return new LabelCache((labels) => relabeler.apply(labels), limit, this.#args.cache_ttl);
  }

  #sweepLater(): void {
    this.#cancelSweep?.();
    this.#cancelSweep = null;
    const { cache_ttl: everyMs } = this.#args;
    if (everyMs === 0) return;
    this.#cancelSweep = this.#ctx.clock.after(everyMs, () => {
      this.#cache.sweep(this.#ctx.clock.monotonicMs());
      this.#tell();
      this.#sweepLater();
    });
  }

  #consume(batch: Batch<Flow>): Outcome | Promise<Outcome> {
    if (this.#stopped) return Outcome.stopping;
    if (batch.signal !== PROMETHEUS) return Outcome.noConsumer;
    const next = this.#ctx.next.prometheus;
    if (this.#relabeler.isEmpty) {
      this.#count.processed.add(batch.items);
      this.#count.written.add(batch.items);
      return next.consume(batch as Batch<typeof PROMETHEUS>);
    }
    let made = this.#made.get(batch);
    if (made === undefined) {
      const bytes = this.#relabeled(batch.bytes);
      this.#tell();
      if (bytes === null) return Outcome.malformed;
      this.#count.processed.add(batch.items);
      this.#count.written.add(this.#kept);
      if (this.#kept === 0) return Outcome.accepted;
      made = { signal: PROMETHEUS, bytes, items: this.#kept, metadata: batch.metadata, owned: true };
    }
    const outcome = next.consume(made);
    if (typeof outcome === 'number') return this.#noted(batch, made, outcome);
    const whole = made;
    return outcome.then((later) => this.#noted(batch, whole, later));
  }

  #noted(batch: Batch<Flow>, made: Batch<typeof PROMETHEUS>, outcome: Outcome): Outcome {
    if (isRefused(outcome)) this.#made.set(batch, made);
    return outcome;
  }

  /** Samples and histograms in what {@link #relabeled} has made last. */
  #kept = 0;

  /** null: malformed. */
  #relabeled(bytes: Buffer): Buffer | null {
    const out = this.#writer.reset();
    const now = this.#ctx.clock.monotonicMs();
    this.#kept = 0;
    try {
      for (const walk = this.#walk.reset(bytes); walk.next();) {
        if (!walk.isSeries) {
          out.raw(bytes, walk.fieldStart, walk.stop);
          continue;
        }
        const series = this.#series.reset(bytes, walk.start, walk.stop);
        const fate = this.#cache.fateOf(series, now);
        if (series.stale) this.#cache.forget(series);
        if (fate.kind === 'dropped') continue;
        this.#kept += series.items;
        if (fate.kind === 'same') {
          out.raw(bytes, walk.fieldStart, walk.stop);
          continue;
        }
        const mark = out.begin(WRITE_REQUEST.timeseries);
        out.raw(fate.bytes);
        series.copy(out, LEAVE_NOTHING);
        out.end(mark);
      }
    } catch (thrown) {
      if (thrown instanceof ProtobufError) return null;
      throw thrown;
    }
    return out.finish();
  }

  #tell(): void {
    const { counts } = this.#cache;
    this.#count.hits.add(counts.hits);
    this.#count.misses.add(counts.misses);
    this.#count.deletes.add(counts.deletes);
    counts.hits = counts.misses = counts.deletes = 0;
    this.#count.cacheSize.set(this.#cache.size);
  }
}
