/** otelcol.processor.interval in a worker. Metrics reach workers by their resource, so a stream is always in the same one. */
import type { Batch, Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { MetricsPipe } from '#components/kit/metrics/pipe.ts';
import type { Outcome } from '#shared/outcome.ts';
import type { Flow } from '#shared/signal.ts';
import { LatestPoints } from './latest.ts';
import type { Args } from './schema.ts';

/** Most memory that a worker holds points in, some 200,000 of numbers; beyond it the latest values leave before the interval ends. */
export const MAX_BYTES = 128 << 20;

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return new Interval(args, ctx);
}

class Interval implements WorkerPart<Args> {
  readonly input: Consumer<Flow> = { consume: (batch) => this.#consume(batch) };
  readonly #ctx: WorkerContext;
  readonly #pipe: MetricsPipe;
  readonly #latest: LatestPoints;
  #intervalMs: number;
  #cancelTimer: (() => void) | null = null;
  #running = false;

  constructor(args: Args, ctx: WorkerContext) {
    this.#ctx = ctx;
    this.#intervalMs = args.interval;
    this.#pipe = new MetricsPipe(ctx, 'interval');
    this.#latest = new LatestPoints(args.passthrough);
  }

  start(): void {
    this.#running = true;
    this.#startTimer();
  }

  update(args: Args): void {
    this.#latest.passthrough = args.passthrough;
    if (args.interval === this.#intervalMs) return;
    this.#intervalMs = args.interval;
    if (this.#running) this.#startTimer();
  }

  async stop(deadlineMs: number, removed = false): Promise<void> {
    this.#running = false;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#emit();
    await this.#pipe.drain(deadlineMs, removed);
  }

  #consume(batch: Batch<Flow>): Outcome | Promise<Outcome> {
    const before = this.#latest.size;
    const outcome = this.#pipe.consume(batch, this.#latest);
    this.#pipe.holds(this.#latest.size - before);
    if (this.#latest.bytes >= MAX_BYTES) this.#emit();
    return outcome;
  }

  #startTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#ctx.clock.after(this.#intervalMs, () => {
      // What the next component has not taken yet goes first; the latest values are the latest next time, too.
      if (this.#pipe.blocked === null) this.#emit();
      this.#startTimer();
    });
  }

  #emit(): void {
    const { size } = this.#latest;
    const bytes = this.#latest.take();
    if (bytes === null) return;
    this.#pipe.holds(-size);
    this.#pipe.emit(bytes);
  }
}
