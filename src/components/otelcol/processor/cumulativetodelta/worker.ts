/** otelcol.processor.cumulativetodelta in a worker. Metrics reach workers by their resource, so a stream is always in the same one. */
import type { Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { HISTOGRAM, SUM } from '#components/kit/metrics/metric.ts';
import { MetricsPipe } from '#components/kit/metrics/pipe.ts';
import type { Counter, Gauge } from '#shared/meter.ts';
import type { Flow } from '#shared/signal.ts';
import { Differ, type DifferOptions, type Reason } from './differ.ts';
import type { Args } from './schema.ts';
import { Selection } from './selection.ts';

const REASONS: readonly Reason[] = ['initial', 'reset', 'bucket_mismatch', 'out_of_order', 'buckets'];

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return new CumulativeToDelta(args, ctx);
}

class CumulativeToDelta implements WorkerPart<Args> {
  readonly input: Consumer<Flow>;
  readonly #ctx: WorkerContext;
  readonly #pipe: MetricsPipe;
  readonly #differ: Differ;
  readonly #tracked: Gauge;
  #args: Args;
  #cancelSweep: (() => void) | null = null;
  #running = false;

  constructor(args: Args, ctx: WorkerContext) {
    this.#ctx = ctx;
    this.#args = args;
    this.#pipe = new MetricsPipe(ctx, 'cumulativetodelta');
    this.#tracked = ctx.meter.gauge({
      name: 'otelcol_cumulativetodelta_streams_tracked',
      help: 'Streams that are remembered.',
    });
    const converted = perKind((metric_type) =>
      ctx.meter.counter(
        { name: 'otelcol_cumulativetodelta_datapoints_total', help: 'Data points converted.' },
        { metric_type },
      ),
    );
    const dropped = perKind(
      (metric_type) =>
        new Map(
          REASONS.map((reason) => [
            reason,
            ctx.meter.counter(
              { name: 'otelcol_cumulativetodelta_datapoints_dropped_total', help: 'Data points dropped, by `reason`.' },
              { metric_type, reason },
            ),
          ]),
        ),
    );
    this.#differ = new Differ(optionsOf(args), BigInt(ctx.clock.now()) * 1_000_000n, {
      converted: (kind) => converted(kind).add(1),
      dropped: (kind, reason) => (dropped(kind).get(reason) as Counter).add(1),
    });
    this.input = {
      consume: (batch) => {
        this.#differ.nowMs = ctx.clock.monotonicMs();
        const outcome = this.#pipe.consume(batch, this.#differ);
        this.#tracked.set(this.#differ.streams.size);
        return outcome;
      },
    };
  }

  start(): void {
    this.#running = true;
    this.#sweepLater();
  }

  update(args: Args): void {
    const other = args.max_staleness !== this.#args.max_staleness;
    this.#args = args;
    this.#differ.options = optionsOf(args);
    if (other && this.#running) this.#sweepLater();
  }

  async stop(deadlineMs: number, removed = false): Promise<void> {
    this.#running = false;
    this.#cancelSweep?.();
    this.#cancelSweep = null;
    await this.#pipe.drain(deadlineMs, removed);
  }

  #sweepLater(): void {
    this.#cancelSweep?.();
    this.#cancelSweep = null;
    const { max_staleness } = this.#args;
    if (max_staleness === 0) return;
    this.#cancelSweep = this.#ctx.clock.after(max_staleness, () => {
      const { streams } = this.#differ;
      streams.forget(this.#ctx.clock.monotonicMs() - max_staleness);
      this.#tracked.set(streams.size);
      this.#sweepLater();
    });
  }
}

function optionsOf(args: Args): DifferOptions {
  return { initialValue: args.initial_value, selection: new Selection(args) };
}

function perKind<T>(make: (metricType: string) => T): (kind: number) => T {
  const [sum, histogram, exponential] = [make('sum'), make('histogram'), make('exponential_histogram')];
  return (kind) => (kind === SUM ? sum : kind === HISTOGRAM ? histogram : exponential);
}
