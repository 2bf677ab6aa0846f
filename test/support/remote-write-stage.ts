/** remote_write between a recording server and a clock that the test moves. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Batch } from '#components/kit/batch.ts';
import type { WorkerPart } from '#components/kit/component.ts';
import { args, type Args } from '#components/prometheus/remote_write/schema.ts';
import { create } from '#components/prometheus/remote_write/worker.ts';
import type { Outcome } from '#shared/outcome.ts';
import type { PROMETHEUS } from '#shared/signal.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { startOtlpSink, type OtlpSink, type SinkOptions } from '#test/support/otlp-sink.ts';
import { listSeries, seriesText } from '#test/support/prom-proto.ts';
import { until } from '#test/support/provider-context.ts';
import { workerContext, type TestWorkerContext } from '#test/support/worker-context.ts';

export async function startSink(t: TestContext, options?: SinkOptions): Promise<OtlpSink> {
  const sink = await startOtlpSink(options);
  t.after(() => sink.close());
  return sink;
}

/** An endpoint block. `queue`: what its queue_config holds. */
export const endpoint = (sink: OtlpSink, queue = '', rest = ''): string =>
  `endpoint {\nurl = "${sink.httpUrl}/api/v1/write"\n${rest}\nqueue_config {\n${queue}\n}\n}`;

export interface Stage {
  readonly ctx: TestWorkerContext;
  readonly part: WorkerPart<Args>;
  readonly consume: (batch: Batch<typeof PROMETHEUS>) => Outcome | Promise<Outcome>;
  readonly update: (text: string) => void;
  /** A counter or gauge, without `prometheus_remote_storage_`. */
  readonly value: (name: string, labels?: Readonly<Record<string, string>>) => number;
  /** Waits for what sockets do; the clock stands still. */
  readonly when: (condition: () => boolean) => Promise<void>;
  /** What a shutdown would report. */
  readonly lost: (reason: string) => number;
  readonly held: () => number;
}

export function start(t: TestContext, text: string, workers?: Parameters<typeof workerContext>[1]): Stage {
  const ctx = workerContext('prometheus.remote_write.test', workers);
  const part = create(argsOf(args, text), ctx);
  t.after(async () => {
    const stopped = part.stop(0);
    await ctx.clock.advance(1);
    await stopped;
  });
  void part.start();
  return {
    ctx,
    part,
    consume: (batch) => part.input!.consume(batch),
    update: (next) => void part.update(argsOf(args, next)),
    value: (name, labels) => ctx.meter.value(`prometheus_remote_storage_${name}`, labels),
    when: (condition) => until(ctx.clock, condition, 0),
    lost: (reason) => ctx.meter.value('millrace_component_dropped_items_total', { signal: 'prometheus', reason }),
    held: () => ctx.meter.value('millrace_component_held_items', { signal: 'prometheus' }),
  };
}

/** Every sample that was accepted, by series, in the order in which it came: `a{b="c"}` -> values. */
export function samplesIn(sink: OtlpSink): Record<string, (number | 'stale')[]> {
  const found: Record<string, (number | 'stale')[]> = {};
  for (const { bytes } of sink.accepted)
    for (const one of listSeries(bytes)) (found[seriesText(one)] ??= []).push(...one.samples.map(({ value }) => value));
  return found;
}

/** Nothing is waiting, and what came in is somewhere. */
export function assertSettled({ ctx, held, value }: Stage): void {
  assert.equal(held(), 0, 'nothing is held');
  for (const kind of ['samples', 'exemplars', 'histograms']) assert.equal(value(`${kind}_pending`), 0, kind);
  assert.equal(ctx.clock.pending, 0, 'no timer is left');
}
