/** otelcol.receiver.prometheus in a worker. Holds nothing: what it answers is what comes after it has answered. */
import { LOST_REASONS, ToOtlp, type LostReason } from '#codec/prometheus/to-otlp.ts';
import { ProtobufError } from '#codec/protobuf/limits.ts';
import type { Batch, Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { droppedCounter } from '#components/kit/exporter/instruments.ts';
import type { Counter } from '#shared/meter.ts';
import { isAccepted, isRefused, Outcome } from '#shared/outcome.ts';
import { METRICS, PROMETHEUS, type Flow } from '#shared/signal.ts';
import type { Args } from './schema.ts';

export function create(_: Args, ctx: WorkerContext): WorkerPart<Args> {
  return new PrometheusReceiver(ctx);
}

interface Made {
  readonly batch: Batch;
  readonly lost: ReadonlyMap<LostReason, number>;
}

class PrometheusReceiver implements WorkerPart<Args> {
  readonly input: Consumer<Flow> = { consume: (batch) => this.#consume(batch) };
  readonly #ctx: WorkerContext;
  readonly #lost: Readonly<Record<LostReason, Counter>>;
  readonly #accepted: Counter;
  readonly #refusedPoints: Counter;
  readonly #to = new ToOtlp();
  /** What was made of batches that were refused: their holders offer them again, and who has taken it is known by the batch. */
  readonly #refused = new WeakMap<Batch<Flow>, Made>();
  #stopped = false;

  constructor(ctx: WorkerContext) {
    this.#ctx = ctx;
    const labels = { receiver: `prometheus/${ctx.id}` };
    this.#accepted = ctx.meter.counter(
      { name: 'otelcol_receiver_accepted_metric_points_total', help: 'Number of metric points that were taken.' },
      labels,
    );
    this.#refusedPoints = ctx.meter.counter(
      { name: 'otelcol_receiver_refused_metric_points_total', help: 'Number of metric points that were not taken.' },
      labels,
    );
    const lost = LOST_REASONS.map((reason) => [reason, droppedCounter(ctx.meter, PROMETHEUS, reason)] as const);
    this.#lost = Object.fromEntries(lost) as Record<LostReason, Counter>;
  }

  start(): void {}

  /** Its only arguments are where the data goes, which is not its business. */
  update(): void {}

  stop(): Promise<void> {
    this.#stopped = true;
    return Promise.resolve();
  }

  #consume(batch: Batch<Flow>): Outcome | Promise<Outcome> {
    if (this.#stopped) return Outcome.stopping;
    if (batch.signal !== PROMETHEUS) return Outcome.noConsumer;
    const made = this.#refused.get(batch) ?? this.#make(batch);
    if (made === null) return Outcome.malformed;
    const outcome = made.batch.items === 0 ? Outcome.accepted : this.#ctx.next.metrics.consume(made.batch);
    if (typeof outcome === 'number') return this.#note(batch, made, outcome);
    return outcome.then((later) => this.#note(batch, made, later));
  }

  /** null: malformed. */
  #make(batch: Batch<Flow>): Made | null {
    try {
      const { bytes, items, lost } = this.#to.convert(batch.bytes);
      return { batch: { signal: METRICS, bytes, items, metadata: batch.metadata, owned: true }, lost };
    } catch (thrown) {
      if (thrown instanceof ProtobufError) return null;
      throw thrown;
    }
  }

  #note(batch: Batch<Flow>, made: Made, outcome: Outcome): Outcome {
    if (isAccepted(outcome)) {
      this.#refused.delete(batch);
      this.#accepted.add(made.batch.items);
      for (const [reason, samples] of made.lost) this.#lost[reason].add(samples);
      return outcome;
    }
    this.#refusedPoints.add(made.batch.items);
    if (isRefused(outcome)) this.#refused.set(batch, made);
    return outcome;
  }
}
