/**
 * Scenario: a memory limiter behind the receiver, in a collector that takes more than the limit, or fills up because its
 * destination hangs. Guarantees: a request is refused retryably before its body is read, over HTTP and gRPC, whichever
 * thread accepts; it is counted and told once; other signals pass; a reload with a higher limit, or memory that gets free,
 * ends the refusing; what was accepted arrives once.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { test, type TestContext } from 'node:test';
import { LOGS, TRACES } from '#shared/signal.ts';
import { startCollector, type Collector } from '#test/support/collector.ts';
import { rawSession } from '#test/support/http-raw-grpc.ts';
import { listSpanIds } from '#test/support/otlp-proto.ts';
import { GrpcSender, sendHttp } from '#test/support/otlp-send.ts';
import { startOtlpSink, type OtlpSink } from '#test/support/otlp-sink.ts';
import { makeLogs, makeTraces, PayloadSource } from '#test/support/payloads.ts';
import { metric } from '#test/support/scrape.ts';

const LIMITER = 'otelcol.processor.memory_limiter.m';
const TRACE_PATH = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const HIGH = 'limit = "64GiB"';

const config = (ports: readonly number[], sink: OtlpSink, limit: string): string => `
otelcol.receiver.otlp "in" {
  grpc { endpoint = "127.0.0.1:${ports[0]}" }
  http { endpoint = "127.0.0.1:${ports[1]}" }
  output {
    traces = [${LIMITER}.input]
    logs   = [otelcol.exporter.otlp.out.input]
  }
}
otelcol.processor.memory_limiter "m" {
  check_interval = "20ms"
  ${limit}
  output { traces = [otelcol.exporter.otlp.out.input] }
}
otelcol.exporter.otlp "out" {
  timeout = "60s"
  client {
    endpoint    = "${sink.grpcEndpoint}"
    compression = "none"
    tls { insecure = true }
  }
  sending_queue { queue_size = 10000 }
}`;

interface Gateway {
  readonly sink: OtlpSink;
  readonly collector: Collector;
}

async function gateway(t: TestContext, limit: string, flags: readonly string[] = []): Promise<Gateway> {
  const sink = await startOtlpSink();
  t.after(() => sink.close());
  const collector = await startCollector({ ports: 2, flags, config: (ports) => config(ports, sink, limit) });
  t.after(() => collector[Symbol.asyncDispose]());
  return { sink, collector };
}

async function reload({ collector, sink }: Gateway, limit: string): Promise<void> {
  await writeFile(collector.configFile, config(collector.ports, sink, limit));
  const response = await fetch(`${collector.adminUrl}/-/reload`, {
    method: 'POST',
    signal: AbortSignal.timeout(60_000),
  });
  assert.equal(response.status, 200, await response.text());
}

/** What is answered to the headers of a request whose body does not come. */
function overHttp(port: number): Promise<{ readonly status: number; readonly retryAfter: string }> {
  const headers = { 'Content-Type': 'application/x-protobuf', 'Content-Length': '100000' };
  const req = request({ host: '127.0.0.1', port, method: 'POST', path: '/v1/traces', headers, agent: false });
  return new Promise((resolve, reject) => {
    req.on('error', reject);
    req.on('response', (res) => {
      resolve({ status: res.statusCode ?? 0, retryAfter: res.headers['retry-after'] ?? '' });
      req.on('error', () => {});
      req.destroy();
    });
    req.flushHeaders();
  });
}
async function overGrpc(port: number): Promise<{ readonly status: string; readonly message: string }> {
  const session = rawSession(`127.0.0.1:${port}`);
  const head = { ':method': 'POST', ':path': TRACE_PATH, 'content-type': 'application/grpc', te: 'trailers' };
  const stream = session.request(head);
  stream.on('error', () => {});
  const headers = await new Promise<Readonly<Record<string, unknown>>>((resolve) => stream.on('response', resolve));
  session.destroy();
  return { status: String(headers['grpc-status']), message: String(headers['grpc-message']) };
}

const lines = (collector: Collector, text: string): number => collector.stderr.split(text).length - 1;

/** Of what has arrived; with several workers a request arrives in parts. */
const spanIds = ({ accepted }: OtlpSink): string[] =>
  accepted.flatMap(({ signal, bytes }) => (signal === 'traces' ? listSpanIds(bytes) : []));

for (const flags of [['--workers=1'], ['--workers=2', '--ingest-threads=2']])
  test(`above the limit requests are refused unread, until a reload raises it (${flags.join(' ')})`, async (t) => {
    const pipe = await gateway(t, 'limit = "1MiB"', flags);
    const { collector, sink } = pipe;
    const [grpcPort, httpPort] = collector.ports;
    // Several connections, so that each ingest thread has some.
    for (let i = 0; i < 8; i++) {
      assert.deepEqual(await overHttp(httpPort), { status: 503, retryAfter: '1' });
      assert.deepEqual(await overGrpc(grpcPort), { status: '14', message: 'data refused due to high memory usage' });
    }
    assert.equal(await metric(collector, 'millrace_refused_requests_total', { reason: 'memory_limit' }), 16);
    for (const transport of ['grpc', 'http'])
      assert.equal(await metric(collector, 'otelcol_receiver_requests_total', { transport, outcome: 'refused' }), 8);
    assert.equal(await metric(collector, 'millrace_memory_limiter_refusing'), 1);
    assert.equal(lines(collector, 'memory usage is above the soft limit'), 1);

    assert.ok(
      (await sendHttp(httpPort, LOGS, makeLogs({ items: 7 }))).ok,
      'a signal that does not go through it passes',
    );

    await reload(pipe, HIGH);
    const traces = makeTraces({ spans: 5 });
    assert.ok((await sendHttp(httpPort, TRACES, traces)).ok);
    await sink.waitUntil(() => spanIds(sink).length === 5);
    assert.deepEqual(spanIds(sink).sort(), listSpanIds(traces).sort());
    assert.equal(await metric(collector, 'otelcol_processor_memory_limiter_accepted_spans_total'), 5);
    assert.equal(await metric(collector, 'otelcol_processor_memory_limiter_refused_spans_total'), 0);
    assert.equal((await collector.stop('SIGTERM')).code, 0);
  });

test('a destination that hangs fills the collector up to the limit; then it recovers, and nothing accepted is lost', async (t) => {
  const pipe = await gateway(t, HIGH, ['--workers=1']);
  const { collector, sink } = pipe;
  const until = Promise.withResolvers<void>();
  sink.answerer = () => ({ kind: 'held', until: until.promise });
  const sender = new GrpcSender(collector.ports[0]);
  t.after(() => sender.close());
  const source = new PayloadSource(7);
  const accepted: string[] = [];
  const send = async (): Promise<boolean> => {
    const bytes = source.traces(500, 8);
    const { ok, code, message } = await sender.send(TRACES, bytes);
    if (ok) accepted.push(...listSpanIds(bytes));
    else assert.deepEqual([code, message], [14, 'data refused due to high memory usage']);
    return ok;
  };
  // What it takes in full swing, and 40 MiB to fill.
  for (let i = 0; i < 30; i++) await send();
  const used = await metric(collector, 'millrace_memory_limiter_used_bytes');
  const limit = Math.ceil((used / 2 ** 20 + 40) / 0.8);
  await reload(pipe, `limit = "${limit}MiB"`);
  let sent = 0;
  while (await send()) assert.ok(++sent < 5000, 'it never refuses');
  assert.ok(sent > 20, `it refuses after ${sent} requests`);

  until.resolve();
  sink.answerer = () => ({ kind: 'ok' });
  while (!(await send())) await metric(collector, 'millrace_memory_limiter_refusing');
  assert.equal((await collector.stop('SIGTERM')).code, 0);
  assert.deepEqual(spanIds(sink).sort(), accepted.sort());
});
