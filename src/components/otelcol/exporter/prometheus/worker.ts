/** otelcol.exporter.prometheus in a worker. Holds nothing: what it answers is what comes after it has answered. */
import { FromOtlp, type Chunk, type FromOtlpOptions } from '#codec/prometheus/from-otlp.ts';
import { DROP_REASONS, type DropReason } from '#codec/prometheus/point-series.ts';
import { ProtobufError } from '#codec/protobuf/limits.ts';
import { keep, type Batch, type Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { droppedCounter } from '#components/kit/exporter/instruments.ts';
import { LimitedLog } from '#components/kit/limited-log.ts';
import type { Counter } from '#shared/meter.ts';
import { isAccepted, isRefused, Outcome } from '#shared/outcome.ts';
import { METRICS, PROMETHEUS, type Flow } from '#shared/signal.ts';
import type { Args } from './schema.ts';

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return new PrometheusExporter(args, ctx);
}

/** What the log says of points of which no series can be made. */
const DROPPED: Readonly<Record<DropReason, string>> = {
  temporality: 'dropped data points that are not cumulative; put otelcol.processor.deltatocumulative in front',
  name: 'dropped data points of a metric without a name',
  value: 'dropped data points without a value',
  buckets: 'dropped histograms whose bounds do not ascend or do not fit their counts',
  scale: 'dropped exponential histograms of a scale below -4',
  size: 'dropped data points whose labels take too much memory',
};

interface Part {
  readonly chunk: Chunk;
  readonly batch: Batch<typeof PROMETHEUS>;
}

class PrometheusExporter implements WorkerPart<Args> {
  readonly input: Consumer<Flow> = { consume: (batch) => this.#consume(batch) };
  readonly #ctx: WorkerContext;
  readonly #samples: Counter;
  readonly #log: LimitedLog;
  readonly #dropped: Readonly<Record<DropReason, Counter>>;
  /**
   * Which part of a batch was refused. When its holder offers the batch again it goes on with this same part, so that nobody
   * behind gets twice what he has taken.
   */
  readonly #refused = new WeakMap<Batch<Flow>, Part>();
  #from: FromOtlp;
  #stopped = false;

  constructor(args: Args, ctx: WorkerContext) {
    this.#ctx = ctx;
    this.#log = new LimitedLog(ctx.log, ctx.clock);
    this.#samples = ctx.meter.counter({
      name: 'millrace_exporter_prometheus_samples_total',
      help: 'Samples and native histograms that the next components have taken.',
    });
    const dropped = DROP_REASONS.map((reason) => [reason, droppedCounter(ctx.meter, METRICS, reason)] as const);
    this.#dropped = Object.fromEntries(dropped) as Record<DropReason, Counter>;
    this.#from = new FromOtlp(optionsOf(args));
  }

  start(): void {}

  /** Announces all families anew: there may be new consumers. */
  update(args: Args): void {
    this.#from = new FromOtlp(optionsOf(args));
  }

  stop(): Promise<void> {
    this.#stopped = true;
    this.#log.flush();
    return Promise.resolve();
  }

  #consume(batch: Batch<Flow>): Outcome | Promise<Outcome> {
    if (this.#stopped) return Outcome.stopping;
    if (batch.signal !== METRICS) return Outcome.noConsumer;
    const part = this.#refused.get(batch);
    if (part === undefined) return this.#send(batch, batch as Batch, 0);
    this.#refused.delete(batch);
    const outcome = this.#offer(batch, batch as Batch, part);
    if (typeof outcome !== 'number' || !isAccepted(outcome)) return outcome;
    return this.#send(batch, batch as Batch, part.chunk.points);
  }

  /** Offers what the batch holds beyond its first `from` data points, part by part. `held` has the same bytes as `batch`, or is it. */
  #send(batch: Batch<Flow>, held: Batch, from: number): Outcome | Promise<Outcome> {
    if (this.#stopped) return Outcome.stopping;
    try {
      for (const chunk of this.#from.convert(held.bytes, this.#ctx.clock.now(), from)) {
        const outcome = this.#offer(batch, held, { chunk, batch: seriesOf(chunk, held) });
        if (typeof outcome !== 'number' || !isAccepted(outcome)) return outcome;
      }
    } catch (thrown) {
      if (thrown instanceof ProtobufError) return Outcome.malformed;
      throw thrown;
    }
    return Outcome.accepted;
  }

  /** A promise also stands for all parts that follow this one. */
  #offer(batch: Batch<Flow>, held: Batch, part: Part): Outcome | Promise<Outcome> {
    const outcome = part.chunk.items === 0 ? Outcome.accepted : this.#ctx.next.prometheus.consume(part.batch);
    if (typeof outcome === 'number') return this.#note(batch, part, outcome);
    const isLast = part.chunk.points >= held.items;
    const kept = isLast ? held : keep(held);
    return outcome.then((later) => {
      const noted = this.#note(batch, part, later);
      return isLast || !isAccepted(noted) ? noted : this.#send(batch, kept, part.chunk.points);
    });
  }

  #note(batch: Batch<Flow>, part: Part, outcome: Outcome): Outcome {
    const { chunk } = part;
    if (isAccepted(outcome)) {
      this.#samples.add(chunk.items);
      for (const [reason, points] of chunk.dropped) this.#drop(reason, points);
      return outcome;
    }
    // A sender may also come back with its data in another batch.
    this.#from.forget(chunk.families);
    if (isRefused(outcome)) this.#refused.set(batch, part);
    return outcome;
  }

  #drop(reason: DropReason, points: number): void {
    this.#dropped[reason].add(points);
    this.#log.event('warn', DROPPED[reason], points, { reason });
  }
}

function seriesOf(chunk: Chunk, { metadata }: Batch): Batch<typeof PROMETHEUS> {
  return { signal: PROMETHEUS, bytes: chunk.bytes, items: chunk.items, metadata, owned: true };
}

function optionsOf(args: Args): FromOtlpOptions {
  return {
    suffixes: args.add_metric_suffixes,
    targetInfo: args.include_target_info,
    scopeInfo: args.include_scope_info,
    scopeLabels: args.include_scope_labels,
    resourceLabels: args.resource_to_telemetry_conversion,
    keepIdentifying: args.keep_identifying_resource_attributes,
    customBuckets: args.convert_classic_histograms_to_nhcb,
    metadata: args.honor_metadata,
  };
}
