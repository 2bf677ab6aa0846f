/**
 * A real Prometheus scrapes `/metrics/derived`: what it has stored is what was counted, every series once, with exemplars; promtool
 * has nothing against the text.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { DerivedMetrics, Entry } from '#components/kit/component.ts';
import { derivedMetrics } from '#components/kit/series/derived.ts';
import { derivedText, leftOutCounter } from '#main/admin/derived.ts';
import { startAdmin } from '#main/admin/server.ts';
import { http } from '#main/graph/blocks/http.ts';
import { Tracer } from '#main/tracing/tracer.ts';
import { systemClock } from '#shared/clock.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { FakeMeter } from '#test/support/fake-meter.ts';
import { histogramValues, writeParcel } from '#test/support/parcels.ts';
import { checkMetrics, PROMETHEUS_SKIP, PROMTOOL_SKIP, startPrometheus } from '#test/support/prometheus.ts';
import { RecordingLog } from '#test/support/recording-log.ts';
import { BOUNDS, CALLS, DURATION, EXPONENTIAL, GAUGE, planOf, storeOf } from '#test/support/series-store.ts';

/** The admin server traces nothing here. */
const NO_ENTRY: Entry = { has: () => false, offer: () => assert.fail('nothing is traced') };

const TRACE_ID = '0a'.repeat(16);
const SPAN_ID = '0b'.repeat(8);

/** Two pods of one service, one series each, its name full of what has to be escaped. */
function derived(nowMs: number): DerivedMetrics {
  const help = (text: string) => ({ description: text });
  const plan = planOf(
    {},
    {
      instruments: [
        { ...CALLS, ...help('Spans "by" name.') },
        { ...DURATION, ...help('How long\nspans take.'), unit: 's' },
        { ...EXPONENTIAL, ...help('The same.'), unit: 's' },
        { ...GAUGE, ...help('A level.') },
      ],
      limit: 0,
    },
  );
  const { store } = storeOf(plan);
  for (const [pod, n] of [
    ['pod1', 3],
    ['pod2', 4],
  ] as const) {
    const observed = Array.from({ length: n }, (_, i) => 0.5 + i);
    const parcel = writeParcel(plan, [
      {
        resource: 'shop',
        resourceAttributes: { pod },
        key: 'k',
        attributes: { 'span.name': 'GET "/a\\b"\nüß' },
        firstMs: nowMs,
        values: [[n], histogramValues(BOUNDS, observed), [n, 7, 1, 4, 0, 0, 0, 2, 1, n - 1], [0.25]],
        exemplars: [{ instrument: 1, value: 1.5, traceId: TRACE_ID, spanId: SPAN_ID }],
      },
    ]);
    // Resources are known by their pods.
    parcel.set(Buffer.from(pod), 8 + 24);
    store.merge(parcel);
  }
  return derivedMetrics(() => store);
}

async function serve(t: TestContext, of: DerivedMetrics): Promise<string> {
  const meter = new FakeMeter();
  const log = new RecordingLog();
  const server = await startAdmin({
    listenAddr: '127.0.0.1:0',
    uiPathPrefix: '/',
    version: '1.2.3',
    config: 'c.alloy',
    log,
    clock: systemClock,
    ready: () => true,
    components: () => [],
    modules: () => [],
    scrape: () => [],
    derived: () => [of],
    meter,
    reload: () => Promise.resolve(null),
    settings: argsOf(http.args, ''),
    tracer: new Tracer({ version: '1.2.3', entry: NO_ENTRY, clock: systemClock, meter, log }),
  });
  t.after(() => server.stop(0));
  return server.address;
}

test('Prometheus stores what was counted', { skip: PROMETHEUS_SKIP }, async (t) => {
  const nowMs = Date.now();
  const target = await serve(t, derived(nowMs));
  const prometheus = await startPrometheus(t, { scrape: [{ job: 'millrace', target, path: '/metrics/derived' }] });
  const calls = await prometheus.until('calls_total', (found) => found.length === 2);
  assert.deepEqual(new Set(calls.map(({ value }) => value)), new Set([3, 4]));
  assert.ok(
    calls.every(({ labels }) => labels['span_name'] === 'GET "/a\\b"\nüß' && labels['exported_job'] === 'shop'),
  );
  assert.equal(calls.filter(({ labels }) => labels['otel_resource'] === undefined).length, 1);

  const one = async (promql: string): Promise<number> => (await prometheus.query(promql))[0].value;
  assert.equal(await one('sum(duration_seconds_count)'), 7);
  assert.equal(await one('sum(duration_seconds_sum)'), 4.5 + 8);
  assert.equal(await one('sum(duration_seconds_bucket{le="1"})'), 2);
  assert.equal(await one('sum(duration_seconds_bucket{le="+Inf"})'), 7);
  assert.equal(await one('sum(exp_seconds_bucket{le="2"})'), 2);
  assert.equal(await one('sum(exp_seconds_bucket{le="4"})'), 7);
  assert.equal(await one('max(level)'), 0.25);

  const exemplars = await prometheus.exemplars('duration_seconds_bucket', nowMs - 60_000, nowMs + 60_000);
  assert.deepEqual(
    exemplars.map(({ labels, value, ms }) => [labels, value, ms]),
    [1, 2].map(() => [{ trace_id: TRACE_ID, span_id: SPAN_ID }, 1.5, nowMs]),
  );
  assert.deepEqual(
    [await prometheus.metadata('calls'), await prometheus.metadata('duration_seconds')],
    [
      [{ type: 'counter', help: 'Spans "by" name.', unit: '' }],
      [{ type: 'histogram', help: 'How long\nspans take.', unit: 'seconds' }],
    ],
  );
});

test('promtool has nothing against the text format', { skip: PROMTOOL_SKIP }, () => {
  const next = derivedText([derived(Date.now())], false, leftOutCounter(new FakeMeter()));
  let text = '';
  for (let piece = next(); piece !== null; piece = next()) text += piece;
  assert.match(text, /calls_total\{/);
  assert.deepEqual(checkMetrics(text), []);
});
