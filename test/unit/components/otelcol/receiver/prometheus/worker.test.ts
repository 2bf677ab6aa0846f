import assert from 'node:assert/strict';
import { test } from 'node:test';
import { args as schema } from '#components/otelcol/receiver/prometheus/schema.ts';
import { create } from '#components/otelcol/receiver/prometheus/worker.ts';
import type { Batch } from '#components/kit/batch.ts';
import { Outcome } from '#shared/outcome.ts';
import { METRICS, PROMETHEUS, type Flow } from '#shared/signal.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { numbered } from '#test/support/numbered-items.ts';
import { listItems } from '#test/support/otlp-proto.ts';
import { encodeWriteRequest } from '#test/support/prom-proto.ts';
import { workerContext } from '#test/support/worker-context.ts';

const labels = [
  { name: '__name__', value: 'g' },
  { name: 'job', value: 'shop' },
];
const TWO_AND_ONE_LOST = encodeWriteRequest({
  timeseries: [
    {
      labels,
      samples: [
        { value: 1, timestamp: 1 },
        { value: 2, timestamp: 2 },
      ],
    },
    { labels: [], samples: [{ value: 3, timestamp: 3 }] },
  ],
});
const batchOf = (bytes: Buffer): Batch<Flow> => {
  return { signal: PROMETHEUS, bytes, items: 3, metadata: null, owned: true };
};

function setUp() {
  const ctx = workerContext('otelcol.receiver.prometheus.default');
  const part = create(argsOf(schema, 'output { }'), ctx);
  const offer = (batch: Batch<Flow>) => part.input!.consume(batch);
  const lost = () =>
    ctx.meter.value('millrace_component_dropped_items_total', { signal: 'prometheus', reason: 'name' });
  const accepted = () => ctx.meter.value('otelcol_receiver_accepted_metric_points_total');
  const refused = () => ctx.meter.value('otelcol_receiver_refused_metric_points_total');
  return { ctx, part, offer, lost, accepted, refused };
}

test('a batch of series becomes one of metrics; what is lost is counted', async () => {
  const { ctx, part, offer, lost, accepted } = setUp();
  await part.start();
  assert.equal(offer(batchOf(TWO_AND_ONE_LOST)), Outcome.accepted);
  const [made] = ctx.next.metrics.taken;
  assert.equal(made.signal, METRICS);
  assert.equal(made.items, 2);
  assert.equal(listItems(METRICS, made.bytes).length, 2);
  assert.deepEqual([accepted(), lost()], [2, 1]);
});

test('a batch without a point is accepted and goes nowhere', () => {
  const { ctx, offer } = setUp();
  const info = [{ name: '__name__', value: 'target_info' }];
  const bytes = encodeWriteRequest({ timeseries: [{ labels: info, samples: [{ value: 1, timestamp: 1 }] }] });
  assert.equal(offer(batchOf(bytes)), Outcome.accepted);
  assert.equal(ctx.next.metrics.offered.length, 0);
});

test('what comes after it answers; a refused batch is offered again as the same one', async () => {
  const { ctx, offer, lost, accepted, refused } = setUp();
  const batch = batchOf(TWO_AND_ONE_LOST);
  ctx.next.metrics.answer = () => Outcome.queueFull;
  assert.equal(offer(batch), Outcome.queueFull);
  ctx.next.metrics.answer = () => Promise.resolve(Outcome.queueFull);
  assert.equal(await offer(batch), Outcome.queueFull);
  assert.deepEqual([accepted(), refused(), lost()], [0, 4, 0]);
  ctx.next.metrics.answer = () => Outcome.accepted;
  assert.equal(offer(batch), Outcome.accepted);
  assert.equal(ctx.next.metrics.offered.length, 3);
  assert.equal(new Set(ctx.next.metrics.offered).size, 1);
  assert.deepEqual([accepted(), refused(), lost()], [2, 4, 1]);
  ctx.next.metrics.answer = () => Outcome.downstreamRejected;
  assert.equal(offer(batchOf(TWO_AND_ONE_LOST)), Outcome.downstreamRejected);
});

test('takes nothing else, nothing malformed, and nothing after its end', async () => {
  const { ctx, part, offer } = setUp();
  assert.equal(offer(numbered(METRICS, 0, 1)), Outcome.noConsumer);
  assert.equal(offer(batchOf(Buffer.from([0x0a, 0x05, 1]))), Outcome.malformed);
  await part.stop(1000);
  assert.equal(offer(batchOf(TWO_AND_ONE_LOST)), Outcome.stopping);
  assert.equal(ctx.next.metrics.offered.length, 0);
});
