/**
 * Scenario: the collector as a process between real senders and a real OTLP destination, with the first user story's
 * configuration: OTLP in (gRPC and HTTP), batch, OTLP out. Guarantees: every item arrives exactly once, equal field by field
 * and in its resource and scope, with 1 and with 2 workers; SIGTERM loses nothing.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { LOGS, METRICS, SIGNALS, SIGNAL_NAMES, TRACES, type Signal } from '#shared/signal.ts';
import { startCollector, type Collector } from '#test/support/collector.ts';
import { sendGrpc, sendHttp } from '#test/support/otlp-send.ts';
import { listItems } from '#test/support/otlp-proto.ts';
import { startOtlpSink, type OtlpSink } from '#test/support/otlp-sink.ts';
import { PayloadSource } from '#test/support/payloads.ts';

const receiver = (ports: readonly number[]): string => `
otelcol.receiver.otlp "default" {
  grpc { endpoint = "127.0.0.1:${ports[0]}" }
  http { endpoint = "127.0.0.1:${ports[1]}" }
  output {
    traces  = [otelcol.processor.batch.default.input]
    metrics = [otelcol.processor.batch.default.input]
    logs    = [otelcol.processor.batch.default.input]
  }
}
otelcol.processor.batch "default" {
  output {
    traces  = [otelcol.exporter.X.default.input]
    metrics = [otelcol.exporter.X.default.input]
    logs    = [otelcol.exporter.X.default.input]
  }
}`;
const grpcOut = (sink: OtlpSink): string => `
otelcol.exporter.otlp "default" {
  client {
    endpoint = "${sink.grpcEndpoint}"
    tls { insecure = true }
  }
}`;
const httpOut = (sink: OtlpSink, encoding: string): string => `
otelcol.exporter.otlphttp "default" {
  encoding = "${encoding}"
  client { endpoint = "${sink.httpUrl}" }
}`;

async function gateway(
  t: TestContext,
  out: 'otlp' | 'otlphttp',
  workers: number,
  encoding = 'proto',
): Promise<{ sink: OtlpSink; collector: Collector }> {
  const sink = await startOtlpSink();
  t.after(() => sink.close());
  const collector = await startCollector({
    ports: 2,
    flags: [`--workers=${workers}`],
    config: (ports) =>
      receiver(ports).replaceAll('.X.', `.${out}.`) + (out === 'otlp' ? grpcOut(sink) : httpOut(sink, encoding)),
  });
  t.after(() => collector[Symbol.asyncDispose]());
  return { sink, collector };
}

function payloads(signal: Signal, count: number): Buffer[] {
  const source = new PayloadSource(17 + signal);
  const make = {
    [TRACES]: () => source.traces(300, 4),
    [METRICS]: () => source.metrics(60, 3),
    [LOGS]: () => source.logs(100, 3),
  }[signal];
  return Array.from({ length: count }, make);
}

const itemsOf = (signal: Signal, requests: readonly Buffer[]): string[] =>
  requests.flatMap((bytes) => listItems(signal, bytes)).sort();

for (const [out, workers] of [
  ['otlp', 1],
  ['otlp', 2],
  ['otlphttp', 1],
  ['otlphttp', 2],
] as const) {
  test(`gRPC and HTTP in, ${out} out, ${workers} worker(s): all three signals arrive once and unaltered; SIGTERM flushes`, async (t) => {
    const { sink, collector } = await gateway(t, out, workers);
    const [grpc, http] = collector.ports as [number, number];
    const sent: Record<number, Buffer[]> = {};
    for (const signal of SIGNALS) {
      sent[signal] = payloads(signal, 12);
      const results = await Promise.all(
        sent[signal].map((bytes, i) => (i % 2 === 0 ? sendGrpc(grpc, signal, bytes) : sendHttp(http, signal, bytes))),
      );
      assert.ok(
        results.every((r) => r.ok),
        JSON.stringify(results),
      );
    }
    assert.deepEqual(await collector.stop('SIGTERM'), { code: 0, signal: null }, collector.output());
    for (const signal of SIGNALS) {
      const arrived = sink.accepted.filter((r) => r.signal === SIGNAL_NAMES[signal]).map((r) => r.bytes);
      assert.deepEqual(itemsOf(signal, arrived), itemsOf(signal, sent[signal]), SIGNAL_NAMES[signal]);
    }
  });
}

test('JSON in and JSON out carry the same spans', async (t) => {
  const { sink, collector } = await gateway(t, 'otlphttp', 1, 'json');
  const { protoToJson } = await import('#codec/otlp/json/write.ts');
  const { jsonToProto } = await import('#codec/otlp/json/read.ts');
  const sent = payloads(TRACES, 4);
  for (const bytes of sent) {
    const body = Buffer.from(protoToJson(TRACES, bytes));
    assert.ok((await sendHttp(collector.ports[1], TRACES, body, { 'content-type': 'application/json' })).ok);
  }
  assert.equal((await collector.stop()).code, 0, collector.output());
  assert.ok(sink.accepted.every((r) => r.contentType === 'application/json'));
  assert.deepEqual(
    itemsOf(
      TRACES,
      sink.accepted.map((r) => jsonToProto(TRACES, r.bytes)),
    ),
    itemsOf(TRACES, sent),
  );
});

test('with two workers all spans of a trace leave through one of them', async (t) => {
  const { sink, collector } = await gateway(t, 'otlp', 2);
  for (const bytes of payloads(TRACES, 10)) assert.ok((await sendGrpc(collector.ports[0], TRACES, bytes)).ok);
  assert.equal((await collector.stop()).code, 0);
  const connections = new Map<string, Set<number>>();
  for (const request of sink.accepted) {
    for (const item of listItems(TRACES, request.bytes)) {
      const trace = (JSON.parse(item) as [unknown, unknown, unknown, unknown, { traceId: string }])[4].traceId;
      const seen = connections.get(trace) ?? new Set();
      connections.set(trace, seen.add(request.connection));
    }
  }
  assert.equal(
    new Set([...connections.values()].flatMap((s) => [...s])).size,
    2,
    'each worker has its own connection and both were used',
  );
  assert.ok([...connections.values()].every((s) => s.size === 1));
});

test('several pipelines side by side: two receivers, one shared batch, one destination that fails does not hurt the other', async (t) => {
  const good = await startOtlpSink();
  const bad = await startOtlpSink();
  t.after(() => Promise.all([good.close(), bad.close()]));
  bad.answerer = () => ({ kind: 'grpc', code: 3, message: 'never' });
  const collector = await startCollector({
    ports: 2,
    config: ([one, two]) => `
      otelcol.receiver.otlp "one" {
        grpc { endpoint = "127.0.0.1:${one}" }
        output { traces = [otelcol.processor.batch.shared.input, otelcol.exporter.otlphttp.direct.input] }
      }
      otelcol.receiver.otlp "two" {
        http { endpoint = "127.0.0.1:${two}" }
        output { traces = [otelcol.processor.batch.shared.input] }
      }
      otelcol.processor.batch "shared" {
        output { traces = [otelcol.exporter.otlp.good.input, otelcol.exporter.otlp.bad.input] }
      }
      otelcol.exporter.otlphttp "direct" {
        client { endpoint = "${good.httpUrl}" }
      }
      otelcol.exporter.otlp "good" {
        client {
          endpoint = "${good.grpcEndpoint}"
          tls { insecure = true }
        }
      }
      otelcol.exporter.otlp "bad" {
        client {
          endpoint = "${bad.grpcEndpoint}"
          tls { insecure = true }
        }
      }`,
  });
  t.after(() => collector[Symbol.asyncDispose]());
  const [first, second] = payloads(TRACES, 2);
  assert.ok((await sendGrpc(collector.ports[0], TRACES, first)).ok);
  assert.ok((await sendHttp(collector.ports[1], TRACES, second)).ok);
  assert.equal((await collector.stop()).code, 0, collector.output());
  const over = (transport: 'grpc' | 'http'): Buffer[] =>
    good.accepted.filter((r) => r.transport === transport).map((r) => r.bytes);
  assert.deepEqual(itemsOf(TRACES, over('grpc')), itemsOf(TRACES, [first, second]));
  assert.deepEqual(itemsOf(TRACES, over('http')), itemsOf(TRACES, [first]));
  assert.equal(bad.accepted.length, 0);
  assert.match(collector.stderr, /component_id=otelcol\.exporter\.otlp\.bad .*reason=rejected/);
});
