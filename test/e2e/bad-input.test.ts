/**
 * Scenario: hostile and broken requests against a running collector. Guarantees: each is answered with the status that users
 * of the Collector know (semantics 2.2-2.5), counted, not logged one by one, costs no memory that stays, and the next good
 * request passes.
 */
import assert from 'node:assert/strict';
import { before, after, test } from 'node:test';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { TRACES } from '#shared/signal.ts';
import { startCollector, type Collector } from '#test/support/collector.ts';
import { encodeRequest, listSpanIds } from '#test/support/otlp-proto.ts';
import { GrpcSender } from '#test/support/otlp-send.ts';
import { startOtlpSink, type OtlpSink } from '#test/support/otlp-sink.ts';
import { makeTraces } from '#test/support/payloads.ts';
import { metric } from '#test/support/scrape.ts';

let sink: OtlpSink;
let collector: Collector;
const good = makeTraces({ spans: 20, resources: 2, seed: 4 });

before(async () => {
  sink = await startOtlpSink();
  collector = await startCollector({
    ports: 2,
    config: ([grpc, http]) => `
      otelcol.receiver.otlp "in" {
        grpc { endpoint = "127.0.0.1:${grpc}" }
        http {
          endpoint = "127.0.0.1:${http}"
          max_request_body_size = "1MiB"
        }
        output { traces = [otelcol.exporter.otlp.out.input] }
      }
      otelcol.exporter.otlp "out" {
        client {
          endpoint = "${sink.grpcEndpoint}"
          tls { insecure = true }
        }
      }`,
  });
});
after(async () => {
  await collector[Symbol.asyncDispose]();
  await sink.close();
});

interface Request {
  readonly body?: Buffer | string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function http(request: Request): Promise<number> {
  const method = request.method ?? 'POST';
  const response = await fetch(`http://127.0.0.1:${collector.ports[1]}${request.path ?? '/v1/traces'}`, {
    method,
    ...(method === 'GET'
      ? {}
      : { body: typeof request.body === 'string' ? request.body : new Uint8Array(request.body ?? good) }),
    headers: { 'content-type': 'application/x-protobuf', ...request.headers },
    signal: AbortSignal.timeout(20_000),
  });
  await response.arrayBuffer();
  return response.status;
}

const span = (extra: object): Buffer =>
  encodeRequest(TRACES, {
    resourceSpans: [
      { scopeSpans: [{ spans: [{ traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 1), name: 'x', ...extra }] }] },
    ],
  });
/** A span with one attribute whose value is `depth` arrays deep. By hand: the oracle refuses to write such a thing. */
function nested(depth: number): Buffer {
  const wrap = (tag: number, content: Buffer): Buffer => {
    const length = content.length < 128 ? [content.length] : [(content.length & 0x7f) | 0x80, content.length >> 7];
    return Buffer.concat([Buffer.from([tag, ...length]), content]);
  };
  let value: Buffer = Buffer.from([0x18, 1]);
  for (let i = 0; i < depth; i++) value = wrap(0x2a, wrap(0x0a, value));
  return wrap(
    0x0a,
    wrap(0x12, wrap(0x12, wrap(0x4a, Buffer.concat([Buffer.from([0x0a, 1, 0x6b]), wrap(0x12, value)])))),
  );
}
const json = { 'content-type': 'application/json' };
const zeros = Buffer.alloc(64 * 1024 * 1024);
/** A snappy block header that declares 2 GiB. */
const snappyBomb = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x08, 0x00, 0x00]);

const TABLE: readonly [string, number, Request][] = [
  ['truncated protobuf', 400, { body: good.subarray(0, good.length - 5) }],
  ['garbage', 400, { body: Buffer.from('this is not protobuf at all, not even close') }],
  ['length beyond its parent', 400, { body: Buffer.from([0x0a, 0x04, 0x12, 0x09, 0x12, 0x00]) }],
  ['wrong wire type', 400, { body: Buffer.from([0x08, 0x01]) }],
  ['100-deep nesting', 400, { body: nested(100) }],
  ['trace id of 15 bytes', 400, { body: span({ traceId: Buffer.alloc(15, 1) }) }],
  ['span id of 9 bytes', 400, { body: span({ spanId: Buffer.alloc(9, 1) }) }],
  ['bad JSON', 400, { body: '{"resourceSpans": [', headers: json }],
  ['empty JSON body', 400, { body: '', headers: json }],
  [
    'JSON with a trace id that is too short',
    400,
    { body: '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"abcd"}]}]}]}', headers: json },
  ],
  ['body over the limit', 400, { body: Buffer.alloc(1024 * 1024 + 1) }],
  ['gzip bomb', 400, { body: gzipSync(zeros), headers: { 'content-encoding': 'gzip' } }],
  ['zstd bomb', 400, { body: zstdCompressSync(zeros), headers: { 'content-encoding': 'zstd' } }],
  ['zlib bomb', 400, { body: deflateSync(zeros), headers: { 'content-encoding': 'deflate' } }],
  ['snappy bomb by declared size', 400, { body: snappyBomb, headers: { 'content-encoding': 'snappy' } }],
  ['gzip cut short', 400, { body: gzipSync(good).subarray(0, 100), headers: { 'content-encoding': 'gzip' } }],
  ['gzip that is none', 400, { body: good, headers: { 'content-encoding': 'gzip' } }],
  ['unknown encoding', 400, { headers: { 'content-encoding': 'br' } }],
  ['wrong method', 405, { method: 'GET' }],
  ['wrong content type', 415, { headers: { 'content-type': 'text/plain' } }],
  ['unknown path', 404, { path: '/v1/nothing' }],
  ['a signal without an output', 404, { path: '/v1/metrics' }],
  ['empty protobuf body', 200, { body: Buffer.alloc(0) }],
  ['empty JSON object', 200, { body: '{}', headers: json }],
];

for (const [name, status, request] of TABLE) {
  test(`HTTP: ${name} -> ${status}, and the next good request passes`, async () => {
    assert.equal(await http(request), status);
    assert.equal(await http({}), 200);
  });
}

test('gRPC: malformed, oversized and unknown', async () => {
  const sender = new GrpcSender(collector.ports[0], { 'grpc.max_send_message_length': -1 });
  const malformed = await sender.send(TRACES, good.subarray(0, good.length - 5));
  assert.equal(malformed.ok, false);
  assert.ok([3, 13].includes(malformed.code), `InvalidArgument or Internal, not ${malformed.code}`);
  assert.equal((await sender.send(TRACES, Buffer.alloc(5 * 1024 * 1024))).code, 8, 'ResourceExhausted');
  assert.equal((await sender.send(1, good)).code, 12, 'Unimplemented');
  assert.ok((await sender.send(TRACES, good)).ok);
  sender.close();
});

test('hundreds of bad requests: one process, few log lines, no memory kept', async () => {
  const lines = (): number => collector.output().split('\n').length;
  const rss = (): Promise<number> => metric(collector, 'alloy_resources_process_resident_memory_bytes');
  for (const [, , request] of TABLE) await http(request);
  const [linesBefore, rssBefore] = [lines(), await rss()];
  for (let round = 0; round < 20; round++)
    await Promise.all(TABLE.filter(([, , r]) => (r.body?.length ?? 0) < 1e6).map(([, , request]) => http(request)));
  assert.ok(lines() - linesBefore < 20, collector.output());
  assert.ok((await rss()) - rssBefore < 100 * 1024 * 1024, 'RSS grew by more than 100 MiB');
  assert.ok(collector.running);
});

test('what was good has arrived, once each time, and the counters add up', async () => {
  const accepted = await metric(collector, 'otelcol_receiver_accepted_spans_total');
  assert.equal(accepted % 20, 0);
  assert.equal((await collector.stop()).code, 0, collector.output());
  const arrived = sink.accepted.flatMap((r) => listSpanIds(r.bytes));
  assert.equal(arrived.length, accepted);
  assert.deepEqual([...new Set(arrived)].sort(), [...new Set(listSpanIds(good))].sort());
});
