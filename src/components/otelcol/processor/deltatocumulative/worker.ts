/** otelcol.processor.deltatocumulative in a worker. Metrics reach workers by their resource, so a stream is always in the same one. */
import type { Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { MetricsPipe } from '#components/kit/metrics/pipe.ts';
import type { Counter, Gauge } from '#shared/meter.ts';
import type { Flow } from '#shared/signal.ts';
import { Accumulator, type Failure } from './accumulator.ts';
import type { Args } from './schema.ts';

/** How often stale streams are looked for, as in the Collector. */
const SWEEP_MS = 60_000;

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return new DeltaToCumulative(args, ctx);
}

class DeltaToCumulative implements WorkerPart<Args> {
  readonly input: Consumer<Flow>;
  readonly #ctx: WorkerContext;
  readonly #pipe: MetricsPipe;
  readonly #accumulator: Accumulator;
  readonly #tracked: Gauge;
  readonly #limit: Gauge;
  readonly #maxStale: Gauge;
  #args: Args;
  #cancelSweep: (() => void) | null = null;

  constructor(args: Args, ctx: WorkerContext) {
    this.#ctx = ctx;
    this.#args = args;
    this.#pipe = new MetricsPipe(ctx, 'deltatocumulative');
    const counted = {
      name: 'otelcol_deltatocumulative_datapoints_total',
      help: 'Data points added up, or by `error` dropped.',
    };
    const done = ctx.meter.counter(counted);
    const failed = (error: Failure): Counter => ctx.meter.counter(counted, { error });
    const failures: Readonly<Record<Failure, Counter>> = {
      'delta.ErrOlderStart': failed('delta.ErrOlderStart'),
      'delta.ErrOutOfOrder': failed('delta.ErrOutOfOrder'),
      limit: failed('limit'),
      buckets: failed('buckets'),
    };
    this.#tracked = ctx.meter.gauge({
      name: 'otelcol_deltatocumulative_streams_tracked',
      help: 'Streams that are remembered.',
    });
    this.#limit = ctx.meter.gauge({
      name: 'otelcol_deltatocumulative_streams_limit',
      help: 'Most streams that a worker remembers, as configured; 0 = no limit.',
      merge: 'max',
    });
    this.#maxStale = ctx.meter.gauge({
      name: 'otelcol_deltatocumulative_streams_max_stale_seconds',
      help: 'Seconds after which a stream without data points is forgotten.',
      merge: 'max',
    });
    this.#accumulator = new Accumulator(
      0,
      () => done.add(1),
      (why) => failures[why].add(1),
    );
    this.#apply(args);
    this.input = {
      consume: (batch) => {
        this.#accumulator.nowMs = ctx.clock.monotonicMs();
        const outcome = this.#pipe.consume(batch, this.#accumulator);
        this.#tracked.set(this.#accumulator.streams.size);
        return outcome;
      },
    };
  }

  start(): void {
    this.#sweepLater();
  }

  update(args: Args): void {
    this.#args = args;
    this.#apply(args);
  }

  async stop(deadlineMs: number, removed = false): Promise<void> {
    this.#cancelSweep?.();
    this.#cancelSweep = null;
    await this.#pipe.drain(deadlineMs, removed);
  }

  #apply(args: Args): void {
    this.#accumulator.limit = args.max_streams === 0 ? Infinity : args.max_streams;
    this.#limit.set(args.max_streams);
    this.#maxStale.set(args.max_stale / 1000);
  }

  #sweepLater(): void {
    this.#cancelSweep = this.#ctx.clock.after(SWEEP_MS, () => {
      const { streams } = this.#accumulator;
      streams.forget(this.#ctx.clock.monotonicMs() - this.#args.max_stale);
      this.#tracked.set(streams.size);
      this.#sweepLater();
    });
  }
}
