/** loki.relabel in a worker: labels of streams are exchanged, their lines are copied as they are. */
import type { Label } from '#codec/loki/labels.ts';
import { StreamReader, StreamWriter } from '#codec/loki/streams.ts';
import { ProtobufError } from '#codec/protobuf/limits.ts';
import type { Batch, Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { Relabeler } from '#components/kit/relabel/relabeler.ts';
import { Remade } from '#components/kit/remade.ts';
import type { Counter, Gauge } from '#shared/meter.ts';
import { Outcome } from '#shared/outcome.ts';
import { LOKI, type Flow } from '#shared/signal.ts';
import { ResultCache } from './cache.ts';
import type { Args } from './schema.ts';

type Lines = Batch<typeof LOKI>;

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return new Relabel(args, ctx);
}

class Relabel implements WorkerPart<Args> {
  readonly input: Consumer<Flow> = { consume: (batch) => this.#consume(batch as Lines) };
  readonly #ctx: WorkerContext;
  readonly #remade = new Remade<typeof LOKI, typeof LOKI>();
  readonly #reader = new StreamReader();
  readonly #writer = new StreamWriter();
  readonly #processed: Counter;
  readonly #written: Counter;
  readonly #hits: Counter;
  readonly #misses: Counter;
  readonly #size: Gauge;
  #relabeler: Relabeler;
  #cache: ResultCache;
  #stopped = false;

  constructor(args: Args, ctx: WorkerContext) {
    this.#ctx = ctx;
    // Alloy's names, which do not end in _total.
    const counter = (name: string, help: string): Counter => ctx.meter.counter({ name: `loki_relabel_${name}`, help });
    this.#processed = counter('entries_processed', 'Total number of log entries processed');
    this.#written = counter('entries_written', 'Total number of log entries forwarded');
    this.#hits = counter('cache_hits', 'Total number of cache hits');
    this.#misses = counter('cache_misses', 'Total number of cache misses');
    this.#size = ctx.meter.gauge({ name: 'loki_relabel_cache_size', help: 'Total size of relabel cache' });
    this.#relabeler = new Relabeler(args.rule);
    this.#cache = this.#newCache(args);
  }

  start(): void {}

  update(args: Args): void {
    this.#relabeler = new Relabeler(args.rule);
    this.#cache = this.#newCache(args);
    this.#size.set(0);
  }

  stop(): Promise<void> {
    this.#stopped = true;
    this.#size.set(0);
    return Promise.resolve();
  }

  #newCache({ max_cache_size: limit }: Args): ResultCache {
    return new ResultCache(Math.max(1, Math.ceil(limit / this.#ctx.workerCount)));
  }

  #consume(batch: Lines): Outcome | Promise<Outcome> {
    if (this.#stopped) return Outcome.stopping;
    return this.#remade.pass(batch, this.#ctx.next.loki, () => this.#relabeled(batch));
  }

  #relabeled(batch: Lines): Lines | Outcome {
    try {
      this.#copy(batch.bytes);
    } catch (error) {
      this.#writer.finish();
      if (error instanceof ProtobufError) return Outcome.malformed;
      throw error;
    } finally {
      this.#tell();
    }
    const { items } = this.#writer;
    const bytes = this.#writer.finish();
    this.#processed.add(batch.items);
    this.#written.add(items);
    if (items === 0) return Outcome.accepted;
    return { signal: LOKI, bytes, items, metadata: batch.metadata, owned: true };
  }

  #copy(bytes: Buffer): void {
    const reader = this.#reader.reset(bytes);
    const make = (labels: readonly Label[]): readonly Label[] | null => {
      const made = this.#relabeler.apply(labels);
      // A stream needs labels.
      return made === null || made.length === 0 ? null : made;
    };
    while (reader.next()) {
      const labels = this.#cache.get(reader.labels(), make);
      if (labels === null) continue;
      this.#writer.stream(labels);
      while (reader.nextEntry()) this.#writer.entryBytes(reader.buf, reader.start, reader.stop);
    }
  }

  #tell(): void {
    this.#hits.add(this.#cache.hits);
    this.#misses.add(this.#cache.misses);
    this.#cache.hits = this.#cache.misses = 0;
    this.#size.set(this.#cache.size);
  }
}
