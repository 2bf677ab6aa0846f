/**
 * Scenario: an application with the OpenTelemetry JavaScript SDK sends spans to the collector with each of its three OTLP
 * exporters, gzip included. Guarantees: every span arrives at the destination with its ids, names, attributes, events,
 * links, status and resource.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace';
import { TRACES } from '#shared/signal.ts';
import { startCollector } from '#test/support/collector.ts';
import { decodeRequest, listSpanIds } from '#test/support/otlp-proto.ts';
import { startOtlpSink, type OtlpSink } from '#test/support/otlp-sink.ts';

async function collector(
  t: TestContext,
): Promise<{ sink: OtlpSink; grpc: number; http: number; stop: () => Promise<unknown> }> {
  const sink = await startOtlpSink();
  t.after(() => sink.close());
  const running = await startCollector({
    ports: 2,
    config: ([grpc, http]) =>
      `
      otelcol.receiver.otlp "in" {
        grpc { endpoint = "127.0.0.1:${grpc}" }
        http { endpoint = "127.0.0.1:${http}" }
        output { traces = [otelcol.processor.batch.b.input] }
      }
      otelcol.processor.batch "b" { output { traces = [otelcol.exporter.otlp.out.input] } }
      otelcol.exporter.otlp "out" { client { endpoint = "${sink.grpcEndpoint}" tls { insecure = true } } }
    `.replace(`" tls {`, `"\ntls {`),
  });
  t.after(() => running[Symbol.asyncDispose]());
  const [grpc, http] = running.ports as [number, number];
  return { sink, grpc, http, stop: () => running.stop() };
}

/** 50 traces of two spans. Returns `traceId:spanId` of each. */
async function sendSpans(exporter: SpanExporter): Promise<string[]> {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop', 'service.instance.id': 7 }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('checkout', '1.2.3');
  const ids: string[] = [];
  for (let i = 0; i < 50; i++) {
    const parent = tracer.startSpan(`order ${i}`, {
      kind: SpanKind.SERVER,
      attributes: { n: i, ratio: i / 3, flag: i % 2 === 0, tags: ['a', 'b'], text: 'ünï✓' },
    });
    const child = tracer.startSpan('pay', {
      kind: SpanKind.CLIENT,
      links: [{ context: parent.spanContext(), attributes: { why: 'test' } }],
    });
    child.addEvent('retry', { attempt: 2 });
    child.setStatus({ code: SpanStatusCode.ERROR, message: 'card declined' });
    for (const span of [child, parent]) {
      span.end();
      ids.push(`${span.spanContext().traceId}:${span.spanContext().spanId}`);
    }
  }
  await provider.shutdown();
  return ids;
}

const exporters: [string, (ports: { grpc: number; http: number }) => SpanExporter][] = [
  ['grpc', ({ grpc }) => new GrpcExporter({ url: `http://127.0.0.1:${grpc}` })],
  ['http/protobuf', ({ http }) => new ProtoExporter({ url: `http://127.0.0.1:${http}/v1/traces` })],
  [
    'http/protobuf gzip',
    ({ http }) => new ProtoExporter({ url: `http://127.0.0.1:${http}/v1/traces`, compression: 'gzip' as never }),
  ],
  ['http/json', ({ http }) => new JsonExporter({ url: `http://127.0.0.1:${http}/v1/traces` })],
];

for (const [name, make] of exporters) {
  test(`OpenTelemetry SDK, ${name}`, async (t) => {
    const { sink, stop, ...ports } = await collector(t);
    const sent = await sendSpans(make(ports));
    await stop();
    assert.deepEqual(sink.accepted.flatMap((r) => listSpanIds(r.bytes)).sort(), sent.sort());
    const text = JSON.stringify(sink.accepted.map((r) => decodeRequest(TRACES, r.bytes)));
    for (const part of [
      'ünï✓',
      'card declined',
      '"retry"',
      '"why"',
      '"checkout"',
      '"1.2.3"',
      '"shop"',
      '"intValue":"7"',
    ]) {
      assert.ok(text.includes(part), `${part} is missing`);
    }
  });
}
