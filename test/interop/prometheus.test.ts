/**
 * A real Prometheus behind prometheus.remote_write: what it has stored is exactly what was sent. It needs no retry to be right, and
 * what it rejects is counted as the protocol says.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Batch } from '#components/kit/batch.ts';
import { args } from '#components/prometheus/remote_write/schema.ts';
import { create } from '#components/prometheus/remote_write/worker.ts';
import { systemClock } from '#shared/clock.ts';
import { Outcome } from '#shared/outcome.ts';
import type { PROMETHEUS } from '#shared/signal.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { promBatch, series } from '#test/support/prom-batch.ts';
import { STALE } from '#test/support/prom-proto.ts';
import {
  checkMetrics,
  PROMETHEUS_SKIP,
  PROMTOOL_SKIP,
  startPrometheus,
  type Prometheus,
} from '#test/support/prometheus.ts';
import { workerContext, type TestWorkerContext } from '#test/support/worker-context.ts';

const skip = PROMETHEUS_SKIP;

interface Stage {
  readonly prometheus: Prometheus;
  readonly ctx: TestWorkerContext;
  /** Sends batches and waits until Prometheus has answered for them. */
  readonly send: (...batches: readonly Batch<typeof PROMETHEUS>[]) => Promise<void>;
}

async function stage(t: TestContext, more = ''): Promise<Stage> {
  const prometheus = await startPrometheus(t);
  const faked = workerContext('prometheus.remote_write.test');
  const ctx = { ...faked, clock: systemClock };
  const part = create(
    argsOf(
      args,
      `external_labels = { cluster = "test" }
       endpoint {
         url = "${prometheus.writeUrl}"
         send_native_histograms = true
         ${more}
         queue_config {
           batch_send_deadline = "20ms"
           max_samples_per_send = 100
         }
         metadata_config {
           send_interval = "20ms"
         }
       }`,
    ),
    ctx,
  );
  t.after(() => part.stop(1000));
  await part.start();
  const send = async (...batches: readonly Batch<typeof PROMETHEUS>[]): Promise<void> => {
    for (const batch of batches) assert.equal(await part.input!.consume(batch), Outcome.accepted);
    while (faked.meter.value('millrace_component_held_items') > 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return { prometheus, ctx: faked, send };
}

test('samples come back exactly, in order, with their labels', { skip }, async (t) => {
  const { prometheus, ctx, send } = await stage(t);
  const now = Date.now();
  const from = now - 60_000;
  const values = [0, 1, -1.5, 1e300, 5e-324, 0.1, 2 ** 53, Infinity].map((value, i) => ({
    value,
    timestamp: from + i * 1000,
  }));
  const labels = { __name__: 'exact_values', job: 'ns/svc', text: 'ü "quoted" \\ \n line' };
  await send(
    promBatch([{ ...series(labels, []), samples: values.slice(0, 5) }]),
    promBatch([{ ...series(labels, []), samples: values.slice(5) }]),
  );
  const [found, ...more] = await prometheus.samples('exact_values', from, now);
  assert.deepEqual(more, []);
  assert.deepEqual(found.labels, { ...labels, cluster: 'test' });
  assert.deepEqual(
    found.samples.map(([ms, value]) => [ms, value]),
    values.map(({ value, timestamp }) => [timestamp, value]),
  );
  assert.equal(ctx.meter.value('prometheus_remote_storage_samples_total'), values.length);
  assert.equal(ctx.meter.value('prometheus_remote_storage_samples_failed_total'), 0);
});

test('many series over many requests and shards: none is missing, none twice', { skip }, async (t) => {
  const { prometheus, ctx, send } = await stage(t);
  const now = Date.now();
  const all = Array.from({ length: 1000 }, (_, i) =>
    series({ __name__: 'many', id: String(i) }, [i, i + 1, i + 2], now - 5000),
  );
  await send(promBatch(all), promBatch([series({ __name__: 'last' }, [1], now)]));
  const [{ value: count }] = await prometheus.query('count(many)');
  const [{ value: sum }] = await prometheus.query('sum(many)');
  const [{ value: samples }] = await prometheus.query('sum(count_over_time(many[1m]))');
  assert.deepEqual([count, sum, samples], [1000, (999 * 1000) / 2 + 2000, 3000]);
  assert.equal(ctx.meter.value('prometheus_remote_storage_samples_retried_total'), 0);
});

test('a stale marker ends a series', { skip }, async (t) => {
  const { prometheus, send } = await stage(t);
  const now = Date.now();
  await send(promBatch([series({ __name__: 'ending' }, [1], now - 2000)]));
  assert.equal((await prometheus.query('ending')).length, 1);
  await send(promBatch([series({ __name__: 'ending' }, [STALE], now - 1000)]));
  assert.deepEqual(await prometheus.query('ending'), []);
});

test('exemplars come back', { skip }, async (t) => {
  const { prometheus, ctx, send } = await stage(t);
  const now = Date.now();
  const exemplar = {
    labels: [
      { name: 'span_id', value: '00f067aa0ba902b7' },
      { name: 'trace_id', value: '4bf92f3577b34da6a3ce929d0e0e4736' },
    ],
    value: 0.25,
    timestamp: now - 1000,
  };
  await send(
    promBatch([{ ...series({ __name__: 'seconds_bucket', le: '0.5' }, [3], now - 1000), exemplars: [exemplar] }]),
  );
  assert.deepEqual(await prometheus.exemplars('seconds_bucket', now - 60_000, now + 1000), [
    {
      series: { __name__: 'seconds_bucket', cluster: 'test', le: '0.5' },
      labels: { span_id: '00f067aa0ba902b7', trace_id: '4bf92f3577b34da6a3ce929d0e0e4736' },
      value: 0.25,
      ms: now - 1000,
    },
  ]);
  assert.equal(ctx.meter.value('prometheus_remote_storage_exemplars_total'), 1);
});

test('native histograms come back', { skip }, async (t) => {
  const { prometheus, ctx, send } = await stage(t);
  const now = Date.now();
  const histogram = {
    countInt: 10,
    sum: 18.5,
    schema: 0,
    zeroThreshold: 0.001,
    zeroCountInt: 1,
    positiveSpans: [
      { offset: 0, length: 2 },
      { offset: 1, length: 1 },
    ],
    positiveDeltas: [2, 1, 1],
    timestamp: now - 1000,
  };
  await send(promBatch([{ ...series({ __name__: 'native' }, []), histograms: [histogram] }]));
  const [{ histogram: found }] = await prometheus.query('native');
  assert.ok(found !== null);
  assert.deepEqual([found.count, found.sum], [10, 18.5]);
  // Index 0 of schema 0 is (0.5, 1], 1 is (1, 2], 3 is (4, 8].
  assert.deepEqual(
    found.buckets.map(({ lower, upper, count }) => [lower, upper, count]),
    [
      [-0.001, 0.001, 1],
      [0.5, 1, 2],
      [1, 2, 3],
      [4, 8, 4],
    ],
  );
  assert.equal(ctx.meter.value('prometheus_remote_storage_histograms_total'), 1);
});

test('metadata is taken', { skip }, async (t) => {
  const { ctx, send } = await stage(t);
  const told = (): number => ctx.meter.value('prometheus_remote_storage_metadata_total');
  await send(
    promBatch([series({ __name__: 'a_total' }, [1], Date.now())], [{ type: 1, metricFamilyName: 'a', help: 'Calls.' }]),
  );
  while (told() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(ctx.meter.value('prometheus_remote_storage_metadata_failed_total'), 0);
});

test('what Prometheus rejects is dropped and counted, and what comes after it is stored', { skip }, async (t) => {
  const { prometheus, ctx, send } = await stage(t);
  const now = Date.now();
  await send(promBatch([series({ __name__: 'order' }, [1], now - 1000)]));
  await send(promBatch([series({ __name__: 'order' }, [2], now - 600_000)]));
  await send(promBatch([series({ __name__: 'order' }, [3], now)]));
  assert.equal((await prometheus.query('order', now))[0].value, 3);
  assert.equal(ctx.meter.value('millrace_component_dropped_items_total', { reason: 'rejected' }), 1);
  assert.ok(ctx.log.lines.some(({ fields }) => String(fields['error']).includes('out of order sample')));
});

test('a Prometheus that scrapes finds what it is shown', { skip }, async (t) => {
  const target = await startPrometheus(t);
  const scraping = await startPrometheus(t, {
    scrape: [{ job: 'other', target: target.url.slice('http://'.length), path: '/metrics' }],
  });
  await scraping.until('up{job="other"}', ([up]) => up?.value === 1);
  assert.deepEqual(
    (await scraping.metadata('prometheus_build_info')).map(({ type }) => type),
    ['gauge'],
  );
});

test('promtool looks at an exposition', { skip: PROMTOOL_SKIP }, () => {
  assert.deepEqual(checkMetrics('# HELP a_total A.\n# TYPE a_total counter\na_total 1\n'), []);
  assert.notDeepEqual(checkMetrics('# TYPE a_total counter\na_total{ 1\n'), []);
});
