/** The end of an exporter that a reload took away: it insists, since the collector goes on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queueBlock } from '#components/kit/blocks/queue.ts';
import { retryBlock } from '#components/kit/blocks/retry.ts';
import { Exporter } from '#components/kit/exporter/exporter.ts';
import type { SendResult } from '#components/kit/exporter/sender.ts';
import { defaults } from '#config/schema/schema.ts';
import { TRACES } from '#shared/signal.ts';
import { settle } from '#test/support/fake-clock.ts';
import { numbered } from '#test/support/numbered-items.ts';
import { workerContext } from '#test/support/worker-context.ts';

const SENT: SendResult = { kind: 'ok', bytesDone: true };
const DOWN: SendResult = { kind: 'retry', grpcCode: 14, message: 'down', retryAfterMs: 0, bytesDone: true };

/** Holds two batches of four, for a destination that answers with `destination.result`. */
async function holding() {
  const ctx = workerContext('otelcol.exporter.test.default');
  const destination = { result: DOWN, attempts: 0 };
  const sender = {
    send: (): Promise<SendResult> => {
      destination.attempts++;
      return Promise.resolve(destination.result);
    },
  };
  const settings = { queue: defaults(queueBlock), retry: defaults(retryBlock), sender };
  const exporter = new Exporter(settings, ctx, 'test/default', () => 0.5);
  for (const from of [0, 4]) void exporter.input.consume(numbered(TRACES, from, 4));
  await settle();
  const count = (name: string, labels: Readonly<Record<string, string>>): number => ctx.meter.value(name, labels);
  return {
    ctx,
    destination,
    exporter,
    sent: () => count('otelcol_exporter_sent_spans_total', { exporter: 'test/default' }),
    dropped: () => count('millrace_component_dropped_items_total', { reason: 'shutdown' }),
  };
}

test('it goes on retrying for most of the deadline', async () => {
  const { ctx, destination, exporter, sent } = await holding();
  const stopped = exporter.stop(40_000, true);
  await ctx.clock.advance(25_000);
  assert.ok(destination.attempts > 4);
  destination.result = SENT;
  await ctx.clock.advance(5_000);
  await stopped;
  assert.equal(sent(), 8);
  assert.equal(ctx.clock.pending, 0);
});

test('then each batch gets its last attempt, and what fails is dropped and counted', async () => {
  const { ctx, exporter, dropped } = await holding();
  const stopped = exporter.stop(40_000, true);
  await ctx.clock.advance(29_999);
  assert.equal(dropped(), 0);
  await ctx.clock.advance(1);
  await stopped;
  assert.equal(dropped(), 8);
  assert.equal(ctx.clock.pending, 0);
});

test('it insists no longer when the end of the collector comes meanwhile', async () => {
  const { ctx, destination, exporter, dropped } = await holding();
  const removed = exporter.stop(40_000, true);
  await settle();
  const { attempts } = destination;
  await Promise.all([exporter.stop(40_000), removed]);
  assert.equal(destination.attempts, attempts + 2);
  assert.equal(dropped(), 8);
  assert.equal(ctx.clock.pending, 0);
});
