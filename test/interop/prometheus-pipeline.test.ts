/**
 * Scenario: the collector as it is run, with 1, 2 and 4 workers, and a real Prometheus behind it: spans in; span metrics (explicit
 * with exemplars, and exponential) and a service graph out, by remote write and by a scrape of `/metrics/derived`.
 * Guarantees: Prometheus has exactly what was counted, every series once, whatever the number of workers and the way; exemplars
 * lead to the traces; nothing is rejected, retried or out of order.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TRACES } from '#shared/signal.ts';
import { startCollector, type Collector } from '#test/support/collector.ts';
import { encodeRequest } from '#test/support/otlp-proto.ts';
import { sendHttp } from '#test/support/otlp-send.ts';
import { PROMETHEUS_SKIP, startPrometheus, type Prometheus } from '#test/support/prometheus.ts';
import { parseExposition } from '#test/support/scrape.ts';

const TRACES_SENT = 60;
const CALLS = 'traces_span_metrics_calls_total';
const DURATION = 'traces_span_metrics_duration_milliseconds';
const NATIVE = 'native_duration_seconds';
const EDGE = 'traces_service_graph_request';

function config(port: number, writeUrl: string, flush = '1s'): string {
  return `
otelcol.receiver.otlp "in" {
  http { endpoint = "127.0.0.1:${port}" }
  output {
    traces = [
      otelcol.connector.spanmetrics.explicit.input,
      otelcol.connector.spanmetrics.native.input,
      otelcol.connector.servicegraph.a.input,
    ]
  }
}
otelcol.connector.spanmetrics "explicit" {
  dimension { name = "http.method" }
  histogram {
    explicit { buckets = ["10ms", "20ms"] }
  }
  exemplars { enabled = true }
  metrics_flush_interval = "${flush}"
  output { metrics = [otelcol.exporter.prometheus.a.input] }
}
otelcol.connector.spanmetrics "native" {
  namespace = "native"
  histogram {
    unit = "s"
    exponential { }
  }
  metrics_flush_interval = "${flush}"
  output { metrics = [otelcol.exporter.prometheus.a.input] }
}
otelcol.connector.servicegraph "a" {
  store { ttl = "1h" }
  metrics_flush_interval = "${flush}"
  output { metrics = [otelcol.exporter.prometheus.a.input] }
}
otelcol.exporter.prometheus "a" {
  forward_to = [prometheus.relabel.a.receiver]
}
prometheus.relabel "a" {
  forward_to = [prometheus.remote_write.a.receiver]
  rule {
    source_labels = ["__name__"]
    regex         = "native_calls_total"
    action        = "drop"
  }
  rule {
    source_labels = ["http_method"]
    regex         = "(.+)"
    target_label  = "method"
  }
  rule {
    regex  = "http_method"
    action = "labeldrop"
  }
}
prometheus.remote_write "a" {
  external_labels = { cluster = "test" }
  endpoint {
    url                    = "${writeUrl}"
    send_native_histograms = true
    queue_config {
      batch_send_deadline = "100ms"
      min_shards          = 4
    }
  }
}
`;
}

const id = (bytes: number, n: number): Buffer => Buffer.from(n.toString(16).padStart(bytes * 2, '0'), 'hex');
const traceId = (n: number): string => id(16, n + 1).toString('hex');

/** Trace n: shop calls cart, both take n ms; each third call fails, each second is a GET. */
async function sendTraces(port: number): Promise<void> {
  const start = BigInt(Date.now()) * 1_000_000n - 1_000_000_000n;
  const span = (n: number, server: boolean): object => ({
    traceId: id(16, n + 1),
    spanId: id(8, 2 * n + (server ? 2 : 1)),
    parentSpanId: server ? id(8, 2 * n + 1) : Buffer.alloc(0),
    name: 'GET /cart',
    kind: server ? 2 : 3,
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + BigInt(n) * 1_000_000n),
    status: n % 3 === 0 ? { code: 2 } : {},
    attributes: [{ key: 'http.method', value: { stringValue: n % 2 === 0 ? 'GET' : 'POST' } }],
  });
  for (const server of [false, true])
    for (let n = 0; n < TRACES_SENT; n++) {
      const attributes = [
        { key: 'service.name', value: { stringValue: server ? 'cart' : 'shop' } },
        { key: 'service.instance.id', value: { stringValue: server ? 'cart-1' : 'shop-1' } },
        { key: 'region', value: { stringValue: 'eu' } },
      ];
      const bytes = encodeRequest(TRACES, {
        resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans: [span(n, server)] }] }],
      });
      assert.ok((await sendHttp(port, TRACES, bytes)).ok);
    }
}

/** Of the traces 0 to 59. */
const count = (which: (n: number) => boolean): number =>
  Array.from({ length: TRACES_SENT }, (_, n) => n).filter(which).length;
const SUM_MS = (TRACES_SENT * (TRACES_SENT - 1)) / 2;

/**
 * By `of` (labels that choose the way) it is asked for. `by`: names of labels that tell one series from the others, as they are called
 * on that way.
 */
async function assertCounted(
  prometheus: Prometheus,
  of: string,
  by: { readonly job: string; readonly method: string },
): Promise<void> {
  // Ends of a run: what was sent last has been counted and exported.
  await prometheus.until(`sum(${CALLS}{${of}})`, ([all]) => all?.value === 2 * TRACES_SENT);
  await prometheus.until(`sum(${DURATION}_count{${of}})`, ([all]) => all?.value === 2 * TRACES_SENT);
  await prometheus.until(`sum(${EDGE}_total{${of}})`, ([all]) => all?.value === TRACES_SENT);
  const valueOf = async (promql: string): Promise<number> => {
    const found = await prometheus.query(promql);
    assert.equal(found.length, 1, promql);
    return found[0].value;
  };
  for (const service of ['shop', 'cart']) {
    const mine = `${of},${by.job}="${service}"`;
    for (const method of ['GET', 'POST'])
      for (const failed of [true, false]) {
        const status = failed ? 'STATUS_CODE_ERROR' : 'STATUS_CODE_UNSET';
        const only = `${mine},${by.method}="${method}",status_code="${status}",span_name="GET /cart"`;
        const expected = (least: number, most: number): number =>
          count((n) => (n % 3 === 0) === failed && (n % 2 === 0) === (method === 'GET') && n >= least && n <= most);
        assert.equal(await valueOf(`${CALLS}{${only}}`), expected(0, Infinity));
        assert.equal(await valueOf(`${DURATION}_count{${only}}`), expected(0, Infinity));
        for (const [le, most] of [
          ['10', 10],
          ['20', 20],
          ['+Inf', Infinity],
        ] as const)
          assert.equal(await valueOf(`${DURATION}_bucket{${only},le="${le}"}`), expected(0, most), `${only} ${le}`);
      }
    assert.equal(await valueOf(`sum(${DURATION}_sum{${mine}})`), SUM_MS);
  }
  // Two services, two methods, two codes; and none of them twice.
  assert.equal(await valueOf(`count(${CALLS}{${of}})`), 8);
  assert.equal(await valueOf(`count(${DURATION}_bucket{${of}})`), 24);
  const edge = `${of},client="shop",server="cart"`;
  assert.equal(await valueOf(`sum(${EDGE}_total{${edge}})`), TRACES_SENT);
  assert.equal(
    await valueOf(`sum(${EDGE}_failed_total{${edge}})`),
    count((n) => n % 3 === 0),
  );
  assert.equal(await valueOf(`sum(${EDGE}_client_seconds_count{${edge}})`), TRACES_SENT);
  assert.equal(await valueOf(`sum(${EDGE}_server_seconds_bucket{${edge},le="+Inf"})`), TRACES_SENT);
  assert.ok(Math.abs((await valueOf(`sum(${EDGE}_server_seconds_sum{${edge}})`)) - SUM_MS / 1000) < 1e-9);
}

/** Every exemplar is one of the spans, in the bucket of its duration. */
async function assertExemplars(prometheus: Prometheus, of: string): Promise<void> {
  const found = await prometheus.exemplars(`${DURATION}_bucket{${of}}`, Date.now() - 600_000, Date.now() + 60_000);
  assert.ok(found.length > 0);
  for (const { series, labels, value } of found) {
    assert.equal(labels['trace_id'], traceId(value));
    assert.match(labels['span_id'], /^[0-9a-f]{16}$/);
    const [above, below] = { '10': [0, 10], '20': [10, 20], '+Inf': [20, Infinity] }[series['le']] ?? [NaN, NaN];
    assert.ok(value >= above && value <= below, `${value} in le=${series['le']}`);
  }
  assert.equal(new Set(found.map(({ series }) => series['le'])).size, 3);
}

async function counterOf(collector: Collector, name: string): Promise<number> {
  const samples = parseExposition(await (await fetch(`${collector.adminUrl}/metrics`)).text());
  const found = samples.filter((sample) => sample.name === name);
  assert.ok(found.length > 0, name);
  return found.reduce((sum, { value }) => sum + value, 0);
}

for (const workers of [1, 2, 4])
  test(`${workers} workers: Prometheus has what was counted`, { skip: PROMETHEUS_SKIP }, async (t) => {
    const prometheus = await startPrometheus(t);
    await using collector = await startCollector({
      config: ([port]) => config(port, prometheus.writeUrl),
      flags: [`--workers=${workers}`],
    });
    await sendTraces(collector.ports[0]);
    const of = 'cluster="test"';
    await assertCounted(prometheus, of, { job: 'job', method: 'method' });
    await assertExemplars(prometheus, of);

    const natives = await prometheus.until(
      `sum(${NATIVE}{${of}})`,
      ([all]) => all?.histogram?.count === 2 * TRACES_SENT,
    );
    assert.ok(Math.abs((natives[0].histogram?.sum ?? 0) - (2 * SUM_MS) / 1000) < 1e-9);
    const each = await prometheus.query(`${NATIVE}{${of},job="shop",status_code="STATUS_CODE_ERROR"}`);
    assert.deepEqual(
      each.map(({ histogram }) => histogram?.count),
      [count((n) => n % 3 === 0)],
    );
    const buckets = each[0].histogram?.buckets ?? [];
    assert.equal(
      buckets.reduce((sum, bucket) => sum + bucket.count, 0),
      count((n) => n % 3 === 0),
    );
    // The longest of these takes 57 ms.
    assert.ok(buckets.at(-1)!.lower < 0.057 && buckets.at(-1)!.upper >= 0.057);

    const targets = await prometheus.query(`target_info{${of}}`);
    assert.deepEqual(targets.map(({ labels }) => `${labels['job']} ${labels['instance']} ${labels['region']}`).sort(), [
      'cart cart-1 eu',
      'shop shop-1 eu',
    ]);
    assert.deepEqual(await prometheus.query(`{__name__="native_calls_total"}`), []);
    assert.deepEqual(await prometheus.query(`{http_method=~".+"}`), []);

    for (const what of ['samples_failed', 'samples_retried', 'histograms_failed', 'exemplars_failed'])
      assert.equal(await counterOf(collector, `prometheus_remote_storage_${what}_total`), 0, what);
    assert.equal((await collector.stop('SIGTERM')).code, 0);
    assert.doesNotMatch(collector.output(), /out of order|duplicate|sending failed/);
  });

test('a scrape of /metrics/derived gives the same', { skip: PROMETHEUS_SKIP }, async (t) => {
  const written = await startPrometheus(t);
  await using collector = await startCollector({
    config: ([port]) => config(port, written.writeUrl),
    flags: ['--workers=2'],
  });
  const target = new URL(collector.adminUrl).host;
  const scraping = await startPrometheus(t, { scrape: [{ job: 'millrace', target, path: '/metrics/derived' }] });
  await sendTraces(collector.ports[0]);
  const of = 'job="millrace"';
  await assertCounted(scraping, of, { job: 'exported_job', method: 'http_method' });
  await assertExemplars(scraping, of);
  const [{ value: exponential }] = await scraping.query(`sum(${NATIVE}_count{${of}})`);
  assert.equal(exponential, 2 * TRACES_SENT);
});

test('what was counted last reaches Prometheus at the end', { skip: PROMETHEUS_SKIP }, async (t) => {
  const prometheus = await startPrometheus(t);
  await using collector = await startCollector({
    config: ([port]) => config(port, prometheus.writeUrl, '1h'),
    flags: ['--workers=2'],
  });
  await sendTraces(collector.ports[0]);
  assert.deepEqual(await prometheus.query(`{cluster="test"}`), []);
  assert.equal((await collector.stop('SIGTERM')).code, 0);
  await assertCounted(prometheus, 'cluster="test"', { job: 'job', method: 'method' });
  await assertExemplars(prometheus, 'cluster="test"');
  const [all] = await prometheus.query(`sum(${NATIVE})`);
  assert.equal(all.histogram?.count, 2 * TRACES_SENT);
});

/** They say which pod they are and not which instance: in Prometheus their series have the same labels. */
async function sendPods(port: number, pods: number): Promise<void> {
  const start = BigInt(Date.now()) * 1_000_000n;
  for (let pod = 0; pod < pods; pod++)
    for (let n = 0; n <= pod; n++) {
      const span = (name: string): object => ({
        traceId: id(16, 1000 + pod * pods + n),
        spanId: id(8, pod + 1),
        name,
        startTimeUnixNano: String(start),
        endTimeUnixNano: String(start + 1_000_000n),
      });
      const attributes = [
        { key: 'service.name', value: { stringValue: 'shop' } },
        { key: 'pod', value: { stringValue: String(pod) } },
      ];
      const scopeSpans = [{ spans: [span('shared'), span(`own ${pod}`)] }];
      const bytes = encodeRequest(TRACES, { resourceSpans: [{ resource: { attributes }, scopeSpans }] });
      assert.ok((await sendHttp(port, TRACES, bytes)).ok);
    }
}

for (const workers of [1, 4])
  test(
    `${workers} workers: resources with the same labels cost no other series`,
    { skip: PROMETHEUS_SKIP },
    async (t) => {
      const pods = 6;
      const prometheus = await startPrometheus(t);
      await using collector = await startCollector({
        config: ([port]) => config(port, prometheus.writeUrl),
        flags: [`--workers=${workers}`],
      });
      await sendPods(collector.ports[0], pods);
      for (let pod = 0; pod < pods; pod++)
        await prometheus.until(`${CALLS}{span_name="own ${pod}"}`, ([own]) => own?.value === pod + 1);
      assert.equal((await prometheus.query(`${CALLS}{span_name="shared"}`)).length, 1);
      assert.equal(await counterOf(collector, 'prometheus_remote_storage_samples_failed_total'), 0);
      assert.ok((await counterOf(collector, 'prometheus_remote_storage_samples_dropped_total')) > 0);
      assert.equal((await collector.stop('SIGTERM')).code, 0);
      assert.match(collector.output(), /two values of one time.*service\.instance\.id/);
      assert.doesNotMatch(collector.output(), /sending failed/);
    },
  );
