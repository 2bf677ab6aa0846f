/**
 * Scenario: a collector with span metrics and a service graph, with 1, 2 and 4 workers; traces whose halves come in different
 * requests, metrics out over OTLP and at /metrics/derived, reloads, the end.
 * Guarantees: the same spans give the same series and counts whatever the number of workers; what was counted last leaves at the
 * end; a reload of other components keeps every count; nothing that is wrong with a span stops anything.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { METRICS, TRACES } from '#shared/signal.ts';
import { startCollector, type Collector } from '#test/support/collector.ts';
import { decodeRequest, encodeRequest } from '#test/support/otlp-proto.ts';
import { sendHttp } from '#test/support/otlp-send.ts';
import { startOtlpSink } from '#test/support/otlp-sink.ts';
import { parseExposition, type Sample } from '#test/support/scrape.ts';

const TRACES_SENT = 60;
const START = 1_764_000_000_000_000_000n;

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}
const attribute = (key: string, value: string): Attribute => ({ key, value: { stringValue: value } });
const id = (bytes: number, n: number): Buffer => Buffer.from(n.toString(16).padStart(bytes * 2, '0'), 'hex');

function request(service: string | null, spans: readonly object[]): Buffer {
  const resource = { attributes: service === null ? [] : [attribute('service.name', service)] };
  return encodeRequest(TRACES, { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
}

/** Trace n: shop calls cart, which takes n ms; each third call fails. */
function halves(n: number): readonly Buffer[] {
  const span = (spanId: number, parent: number, name: string, kind: number): object => ({
    traceId: id(16, n + 1),
    spanId: id(8, spanId),
    parentSpanId: parent === 0 ? Buffer.alloc(0) : id(8, parent),
    name,
    kind,
    startTimeUnixNano: String(START),
    endTimeUnixNano: String(START + BigInt(n) * 1_000_000n),
    status: n % 3 === 0 ? { code: 2 } : {},
    attributes: [attribute('http.method', n % 2 === 0 ? 'GET' : 'POST')],
  });
  return [
    request('shop', [span(2 * n + 1, 0, 'GET /cart', 3)]),
    request('cart', [span(2 * n + 2, 2 * n + 1, 'cart', 2)]),
  ];
}

function config(port: number, sinkUrl: string, batch = 200): string {
  return `
otelcol.receiver.otlp "in" {
  http { endpoint = "127.0.0.1:${port}" }
  output {
    traces = [otelcol.connector.spanmetrics.a.input, otelcol.connector.servicegraph.a.input, otelcol.processor.batch.b.input]
  }
}
otelcol.processor.batch "b" {
  send_batch_size     = ${batch}
  send_batch_max_size = ${batch}
  output { }
}
otelcol.connector.spanmetrics "a" {
  dimension { name = "http.method" }
  histogram {
    explicit { buckets = ["10ms", "20ms"] }
  }
  exemplars { enabled = true }
  metrics_flush_interval = "1h"
  output { metrics = [otelcol.exporter.otlphttp.out.input] }
}
otelcol.connector.servicegraph "a" {
  store { ttl = "1h" }
  metrics_flush_interval = "1h"
  output { metrics = [otelcol.exporter.otlphttp.out.input] }
}
otelcol.exporter.otlphttp "out" {
  client { endpoint = "${sinkUrl}" }
}
`;
}

async function sendAll(collector: Collector, from = 0, to = TRACES_SENT): Promise<void> {
  const requests = Array.from({ length: to - from }, (_, i) => halves(from + i));
  // Every server half comes after all client halves, in another request.
  for (const side of [0, 1])
    for (const both of requests) {
      const { ok } = await sendHttp(collector.ports[0], TRACES, both[side]);
      assert.ok(ok);
    }
}

async function derived(collector: Collector): Promise<Sample[]> {
  const response = await fetch(`${collector.adminUrl}/metrics/derived`);
  assert.equal(response.status, 200);
  return parseExposition(await response.text());
}

/** Sums of durations depend on the order in the last bits. */
const text = ({ name, labels, value }: Sample): string =>
  `${name}{${Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${k}="${v}"`)
    .join(',')}} ${Number(value.toPrecision(12))}`;
const sum = (samples: readonly Sample[], name: string): number =>
  samples.filter((s) => s.name === name).reduce((total, s) => total + s.value, 0);

test('1, 2 and 4 workers give the same series and lose no count, also over OTLP at the end', async () => {
  const seen: string[][] = [];
  for (const workers of [1, 2, 4]) {
    const sink = await startOtlpSink();
    await using collector = await startCollector({
      config: ([port]) => config(port, sink.httpUrl),
      flags: [`--workers=${workers}`],
    });
    await sendAll(collector);
    const samples = await derived(collector);
    assert.equal(sum(samples, 'traces_span_metrics_calls_total'), 2 * TRACES_SENT);
    assert.equal(sum(samples, 'traces_span_metrics_duration_milliseconds_count'), 2 * TRACES_SENT);
    assert.equal(sum(samples, 'traces_service_graph_request_total'), TRACES_SENT);
    assert.equal(sum(samples, 'traces_service_graph_request_failed_total'), TRACES_SENT / 3);
    seen.push(samples.map(text).sort());
    assert.equal((await collector.stop('SIGTERM')).code, 0, collector.stderr);
    // The only flush was the one at the end.
    const metrics = sink.accepted.filter(({ signal }) => signal === 'metrics');
    const decoded = JSON.stringify(metrics.map(({ bytes }) => decodeRequest(METRICS, bytes)));
    const counts = [...decoded.matchAll(/"count":"?(\d+)/g)].reduce((total, [, n]) => total + Number(n), 0);
    // Durations of both spans, and latencies of both sides of each edge.
    assert.equal(counts, 2 * TRACES_SENT + 2 * TRACES_SENT);
    await sink.close();
  }
  assert.ok(seen[0].length > 20);
  assert.deepEqual(seen[1], seen[0]);
  assert.deepEqual(seen[2], seen[0]);
});

test('a reload of other components keeps every count', async () => {
  const sink = await startOtlpSink();
  await using collector = await startCollector({
    config: ([port]) => config(port, sink.httpUrl),
    flags: ['--workers=2'],
  });
  await sendAll(collector, 0, 20);
  await writeFile(collector.configFile, config(collector.ports[0], sink.httpUrl, 100));
  assert.equal((await fetch(`${collector.adminUrl}/-/reload`, { method: 'POST' })).status, 200);
  await sendAll(collector, 20, 40);
  const samples = await derived(collector);
  assert.equal(sum(samples, 'traces_span_metrics_calls_total'), 80);
  assert.equal(sum(samples, 'traces_service_graph_request_total'), 40);
  await collector.stop('SIGTERM');
  await sink.close();
});

test('a request that is refused is counted when it is taken, not each time that it comes', async () => {
  const sink = await startOtlpSink();
  await sink.down();
  await using collector = await startCollector({
    config: ([port]) => `
otelcol.receiver.otlp "in" {
  http { endpoint = "127.0.0.1:${port}" }
  output { traces = [otelcol.connector.spanmetrics.a.input, otelcol.exporter.otlphttp.out.input] }
}
otelcol.connector.spanmetrics "a" {
  histogram {
    explicit { }
  }
  output { }
}
otelcol.exporter.otlphttp "out" {
  client { endpoint = "${sink.httpUrl}" }
  sending_queue {
    queue_size    = 3
    num_consumers = 1
  }
  retry_on_failure {
    initial_interval = "10ms"
    max_interval     = "20ms"
  }
}`,
    flags: ['--workers=1'],
  });
  const answers: boolean[] = [];
  for (let n = 0; n < 20; n++) answers.push((await sendHttp(collector.ports[0], TRACES, halves(n)[0])).ok);
  const accepted = answers.filter((ok) => ok).length;
  assert.ok(accepted > 0 && accepted < answers.length, `${accepted} of ${answers.length} were accepted`);
  assert.equal(sum(await derived(collector), 'traces_span_metrics_calls_total'), accepted);
  await sink.up();
  assert.equal((await collector.stop('SIGTERM')).code, 0, collector.stderr);
  await sink.close();
});

test('spans that cannot be counted as they are stop nothing', async () => {
  const sink = await startOtlpSink();
  await using collector = await startCollector({ config: ([port]) => config(port, sink.httpUrl) });
  const span = (fields: object): object => ({
    traceId: id(16, 1),
    spanId: id(8, 1),
    name: 'x',
    kind: 2,
    startTimeUnixNano: String(START),
    endTimeUnixNano: String(START + 5_000_000n),
    ...fields,
  });
  const odd = [
    request(null, [span({ name: 'no service' })]),
    request('odd', [span({ startTimeUnixNano: String(START), endTimeUnixNano: String(START - 1n) })]),
    request('odd', [span({ startTimeUnixNano: '0', endTimeUnixNano: '0' })]),
    request('odd', [span({ traceId: Buffer.alloc(0), spanId: Buffer.alloc(0), kind: 99 })]),
    // A name that is not UTF-8: same length, other bytes.
    Buffer.from(
      request('odd', [span({ name: 'bad~~' })])
        .toString('latin1')
        .replace('bad~~', 'bad\xff\xfe'),
      'latin1',
    ),
  ];
  for (const bytes of odd) assert.ok((await sendHttp(collector.ports[0], TRACES, bytes)).ok);
  const samples = await derived(collector);
  assert.equal(sum(samples, 'traces_span_metrics_calls_total'), 4, 'all but the one without a service');
  assert.equal(sum(samples, 'traces_span_metrics_duration_milliseconds_sum'), 5 + 5);
  assert.ok(samples.some(({ labels }) => labels['span_name'] === 'bad\ufffd\ufffd'));
  await collector.stop('SIGTERM');
  await sink.close();
});
