import assert from 'node:assert/strict';
import { test } from 'node:test';
import { args as schema, type Args } from '#components/otelcol/exporter/prometheus/schema.ts';
import { create } from '#components/otelcol/exporter/prometheus/worker.ts';
import type { Batch } from '#components/kit/batch.ts';
import { Outcome } from '#shared/outcome.ts';
import { METRICS, TRACES, type Flow } from '#shared/signal.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { counter, gauge, metricsRequest, point } from '#test/support/metric-requests.ts';
import { numbered } from '#test/support/numbered-items.ts';
import { decodeWriteRequest, listSeries, seriesText } from '#test/support/prom-proto.ts';
import { later } from '#test/support/recording-consumer.ts';
import { workerContext, type TestWorkerContext } from '#test/support/worker-context.ts';

function setUp(text = '') {
  const ctx = workerContext('otelcol.exporter.prometheus.default');
  const args: Args = argsOf(schema, `forward_to = []\n${text}`);
  const part = create(args, ctx);
  const offer = (batch: Batch<Flow>) => part.input!.consume(batch);
  return { ctx, args, part, offer };
}

function batchOf(bytes: Buffer, items: number, owned = true): Batch {
  return { signal: METRICS, bytes, items, metadata: null, owned };
}

/** More than one part's worth: 6000 points of 2 KiB. */
function large(owned = true): Batch {
  const value = 'x'.repeat(2048);
  const points = Array.from({ length: 6000 }, (_, i) => point({ asInt: i }, { value }));
  return batchOf(metricsRequest([gauge('g', ...points)]), 6000, owned);
}

/** Values of the samples that the next component has taken, in order. */
const values = (ctx: TestWorkerContext): unknown[] =>
  ctx.next.prometheus.taken.flatMap((batch) => listSeries(batch.bytes).map((series) => series.samples[0].value));
const EACH = Array.from({ length: 6000 }, (_, i) => i);

test('a batch becomes one batch of series; items are its samples', async () => {
  const { ctx, part, offer } = setUp();
  await part.start();
  const bytes = metricsRequest([counter('c', point({ asInt: 3 })), gauge('g', point({ asInt: 4 }))], {
    resource: { 'service.name': 'shop' },
    scope: { name: 'lib' },
  });
  assert.equal(offer(batchOf(bytes, 2)), Outcome.accepted);
  const [made] = ctx.next.prometheus.taken;
  assert.equal(made.items, 3);
  assert.deepEqual(listSeries(made.bytes).map(seriesText), [
    'c_total{job="shop",otel_scope_name="lib"}',
    'target_info{job="shop"}',
    'g{job="shop",otel_scope_name="lib"}',
  ]);
  assert.equal(ctx.meter.value('millrace_exporter_prometheus_samples_total'), 3);
});

test('its arguments are those of the conversion', () => {
  const { ctx, offer } = setUp(`
    add_metric_suffixes = false
    include_scope_info = true
    include_scope_labels = false
    include_target_info = false
    resource_to_telemetry_conversion = true
    honor_metadata = true`);
  const bytes = metricsRequest([counter('c:d', point({ asInt: 3 }))], {
    resource: { host: 'h' },
    scope: { name: 'lib' },
  });
  void offer(batchOf(bytes, 1));
  const [made] = ctx.next.prometheus.taken;
  assert.deepEqual(listSeries(made.bytes).map(seriesText), ['c:d{host="h"}', 'otel_scope_info{otel_scope_name="lib"}']);
  assert.equal((decodeWriteRequest(made.bytes)['metadata'] as unknown[]).length, 2);
});

test('what has no series is accepted, counted by reason and told once', async () => {
  const { ctx, part, offer } = setUp();
  const dataPoints = [point({ asInt: 1 }), point({ asInt: 2 })];
  const delta = { name: 'd', sum: { dataPoints, aggregationTemporality: 1, isMonotonic: true } };
  assert.equal(offer(batchOf(metricsRequest([delta, gauge('g', point({}))]), 3)), Outcome.accepted);
  assert.equal(ctx.next.prometheus.offered.length, 0);
  assert.equal(
    ctx.meter.value('millrace_component_dropped_items_total', { reason: 'temporality', signal: 'metrics' }),
    2,
  );
  assert.equal(ctx.meter.value('millrace_component_dropped_items_total', { reason: 'value' }), 1);
  assert.equal(offer(batchOf(metricsRequest([delta]), 2)), Outcome.accepted);
  const told = () =>
    ctx.log.lines.map(({ level, message, fields }) => [level, message.slice(0, 45), fields?.['items']]);
  const first = [
    ['warn', 'dropped data points that are not cumulative; ', 2],
    ['warn', 'dropped data points without a value', 1],
  ];
  assert.deepEqual(told(), first);
  await part.stop(0);
  assert.deepEqual(told(), [...first, ['warn', first[0][1], 2]]);
});

test('other signals and malformed bytes are not taken', () => {
  const { offer } = setUp();
  assert.equal(offer(numbered(TRACES, 0, 1)), Outcome.noConsumer);
  assert.equal(offer(batchOf(Buffer.from([0x0a, 0x05, 1]), 1)), Outcome.malformed);
});

for (const outcome of [Outcome.queueFull, Outcome.downstreamRejected]) {
  test(`what comes after it answers: outcome ${outcome}, at once or later`, async () => {
    const { ctx, offer } = setUp();
    const batch = (): Batch => batchOf(metricsRequest([gauge('g', point({ asInt: 1 }), point({}))]), 2);
    ctx.next.prometheus.answer = () => outcome;
    assert.equal(offer(batch()), outcome);
    ctx.next.prometheus.answer = () => Promise.resolve(outcome);
    assert.equal(await offer(batch()), outcome);
    // Nothing was accepted, so nothing was dropped.
    assert.equal(ctx.meter.value('millrace_component_dropped_items_total'), 0);
    assert.equal(ctx.meter.value('millrace_exporter_prometheus_samples_total'), 0);
  });
}

test('a large batch goes in parts, none lost, none twice, whatever is answered', async () => {
  const { ctx, offer } = setUp();
  assert.equal(offer(large()), Outcome.accepted);
  assert.ok(ctx.next.prometheus.taken.length > 2);
  assert.deepEqual(values(ctx), EACH);
});

test('a part that is refused is offered again with the batch, those before it are not', async () => {
  const { ctx, offer } = setUp();
  let asked = 0;
  ctx.next.prometheus.answer = () => (++asked % 2 === 0 ? Outcome.queueFull : Outcome.accepted);
  const batch = large();
  let offers = 0;
  while ((await offer(batch)) !== Outcome.accepted) assert.ok(++offers < 10);
  assert.ok(offers >= 1);
  assert.deepEqual(values(ctx), EACH);
  const { offered } = ctx.next.prometheus;
  const twice = offered.filter((made, i) => offered.indexOf(made) !== i);
  assert.equal(new Set(offered).size + twice.length, offered.length);
  assert.equal(twice.length, offers);
});

test('an answer that comes later is waited for; borrowed bytes may be gone by then', async () => {
  const { ctx, offer } = setUp();
  const first = later();
  let asked = 0;
  ctx.next.prometheus.answer = () => (asked++ === 0 ? first.promise : Promise.resolve(Outcome.accepted));
  const batch = large(false);
  const outcome = offer(batch);
  batch.bytes.fill(0xff);
  assert.equal(ctx.next.prometheus.offered.length, 1);
  first.resolve(Outcome.accepted);
  assert.equal(await outcome, Outcome.accepted);
  assert.deepEqual(values(ctx), EACH);
});

test('metadata goes again when it was not taken, after an update, and every minute', async () => {
  const { ctx, args, part, offer } = setUp('honor_metadata = true');
  const one = (): Batch => batchOf(metricsRequest([gauge('g', point({ asInt: 1 }))]), 1);
  const announced = (): boolean => {
    void offer(one());
    return decodeWriteRequest(ctx.next.prometheus.offered.at(-1)!.bytes)['metadata'] !== undefined;
  };
  ctx.next.prometheus.answer = () => Outcome.queueFull;
  assert.equal(announced(), true);
  ctx.next.prometheus.answer = () => Outcome.accepted;
  assert.equal(announced(), true);
  assert.equal(announced(), false);
  void part.update(args);
  assert.equal(announced(), true);
  await ctx.clock.advance(59_999);
  assert.equal(announced(), false);
  await ctx.clock.advance(1);
  assert.equal(announced(), true);
});

test('after stop it takes nothing, also not the rest of what it had begun', async () => {
  const { ctx, part, offer } = setUp();
  const first = later();
  ctx.next.prometheus.answer = () => first.promise;
  const outcome = offer(large());
  await part.stop(1000);
  first.resolve(Outcome.accepted);
  assert.equal(await outcome, Outcome.stopping);
  assert.equal(ctx.next.prometheus.offered.length, 1);
  assert.equal(offer(large()), Outcome.stopping);
  await part.stop(1000);
});
