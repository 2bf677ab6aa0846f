/**
 * Scenario: the collector with `--ingest-threads=2`, as an operator runs it. Guarantees: gRPC and HTTP arrive once and
 * unaltered whichever thread accepted them, counters are those of the whole process, a certificate that changes is taken on by
 * every thread, an address in use is an error as ever, a reload loses nothing, SIGTERM drains and ends with 0.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connect } from 'node:tls';
import { SIGNALS, SIGNAL_NAMES, TRACES, type Signal } from '#shared/signal.ts';
import { CertificateAuthority } from '#test/support/certs.ts';
import { spawnCollector, startCollector, type Collector } from '#test/support/collector.ts';
import { listItems, listSpanIds } from '#test/support/otlp-proto.ts';
import { GrpcSender, sendHttp } from '#test/support/otlp-send.ts';
import { startOtlpSink, type OtlpSink } from '#test/support/otlp-sink.ts';
import { PayloadSource } from '#test/support/payloads.ts';
import { metric, scrape } from '#test/support/scrape.ts';

const FLAGS = ['--ingest-threads=2', '--workers=2'];

const config = (ports: readonly number[], sink: OtlpSink, http = ''): string => `
otelcol.receiver.otlp "in" {
  grpc { endpoint = "127.0.0.1:${ports[0]}" }
  http {
    endpoint = "127.0.0.1:${ports[1]}"
    ${http}
  }
  output {
    traces  = [otelcol.processor.batch.b.input]
    metrics = [otelcol.processor.batch.b.input]
    logs    = [otelcol.processor.batch.b.input]
  }
}
otelcol.processor.batch "b" {
  output {
    traces  = [otelcol.exporter.otlp.out.input]
    metrics = [otelcol.exporter.otlp.out.input]
    logs    = [otelcol.exporter.otlp.out.input]
  }
}
otelcol.exporter.otlp "out" {
  client {
    endpoint = "${sink.grpcEndpoint}"
    tls { insecure = true }
  }
}`;

async function gateway(t: TestContext, http = ''): Promise<{ sink: OtlpSink; collector: Collector }> {
  const sink = await startOtlpSink();
  t.after(() => sink.close());
  const collector = await startCollector({ ports: 2, flags: FLAGS, config: (ports) => config(ports, sink, http) });
  t.after(() => collector[Symbol.asyncDispose]());
  return { sink, collector };
}

const requestsOf = (collector: Collector, thread: number): Promise<number> =>
  metric(collector, 'millrace_ingest_requests_total', { thread: `ingest-${thread}` });

/** Whatever `send` does over a connection of its own, until both threads have had some of it. */
async function untilBothThreads(collector: Collector, send: () => Promise<unknown>): Promise<void> {
  const before = [await requestsOf(collector, 0), await requestsOf(collector, 1)];
  do await send();
  while ((await requestsOf(collector, 0)) === before[0] || (await requestsOf(collector, 1)) === before[1]);
}

function payload(source: PayloadSource, signal: Signal): Buffer {
  if (signal === TRACES) return source.traces(200, 4);
  return signal === 1 ? source.metrics(60, 3) : source.logs(100, 3);
}

test('gRPC and HTTP over both threads: all signals arrive once and unaltered, counters add up, SIGTERM flushes', async (t) => {
  const { sink, collector } = await gateway(t);
  const [grpc, http] = collector.ports as [number, number];
  const sent: Record<number, Buffer[]> = { 0: [], 1: [], 2: [] };
  const source = new PayloadSource(23);
  let next = 0;
  const make = (): [Signal, Buffer] => {
    const signal = SIGNALS[next++ % 3];
    const bytes = payload(source, signal);
    sent[signal].push(bytes);
    return [signal, bytes];
  };
  await untilBothThreads(collector, async () => {
    // A new client would use the channel of one before it: gRPC keeps a pool of them.
    const sender = new GrpcSender(grpc, { 'grpc.use_local_subchannel_pool': 1 });
    for (let i = 0; i < 3; i++) assert.ok((await sender.send(...make())).ok);
    sender.close();
  });
  await untilBothThreads(collector, async () => {
    const [signal, bytes] = make();
    assert.ok((await sendHttp(http, signal, bytes, { connection: 'close' })).ok);
  });
  const spans = sent[TRACES].reduce((n, bytes) => n + listItems(TRACES, bytes).length, 0);
  assert.equal(await metric(collector, 'otelcol_receiver_accepted_spans_total'), spans);
  assert.equal((await requestsOf(collector, 0)) + (await requestsOf(collector, 1)), next);
  const samples = await scrape(collector);
  const labels = (name: string, label: string): string[] => [
    ...new Set(samples.filter((s) => s.name === name).map((s) => s.labels[label])),
  ];
  const threads = ['ingest-0', 'ingest-1', 'main', 'worker-0', 'worker-1'];
  assert.deepEqual(labels('millrace_thread_cpu_seconds_total', 'thread').sort(), threads);
  assert.deepEqual(labels('nodejs_eventloop_lag_seconds', 'thread').sort(), threads);
  assert.deepEqual(labels('millrace_ingest_requests_total', 'thread').sort(), ['ingest-0', 'ingest-1']);
  // Main brings in what it makes itself: derived metrics, its own traces.
  assert.deepEqual(labels('millrace_ring_used_bytes', 'producer').sort(), ['ingest-0', 'ingest-1', 'main']);
  assert.deepEqual(labels('millrace_ack_latency_seconds', 'thread').sort(), ['ingest-0', 'ingest-1', 'main']);
  assert.equal(samples.filter((s) => s.name === 'millrace_requests_in_flight').length, 1);
  assert.deepEqual(await collector.stop('SIGTERM'), { code: 0, signal: null }, collector.output());
  for (const signal of SIGNALS) {
    const arrived = sink.accepted.filter((r) => r.signal === SIGNAL_NAMES[signal]).map((r) => r.bytes);
    assert.deepEqual(
      arrived.flatMap((bytes) => listItems(signal, bytes)).sort(),
      sent[signal].flatMap((bytes) => listItems(signal, bytes)).sort(),
      SIGNAL_NAMES[signal],
    );
  }
});

test('SIGTERM under load: what was answered with success arrives, and the exit code is 0', async (t) => {
  const { sink, collector } = await gateway(t);
  const source = new PayloadSource(29);
  const accepted: string[] = [];
  let running = true;
  const senders = Array.from({ length: 6 }, async () => {
    const sender = new GrpcSender(collector.ports[0], { 'grpc.use_local_subchannel_pool': 1 });
    while (running) {
      const bytes = source.traces(50, 2);
      const answer = await sender.send(TRACES, bytes);
      if (answer.ok) accepted.push(...listSpanIds(bytes));
      else running = false;
    }
    sender.close();
  });
  await sink.waitForAccepted(3);
  const exit = await collector.stop('SIGTERM');
  await Promise.all(senders);
  assert.deepEqual(exit, { code: 0, signal: null }, collector.output());
  const arrived = new Set(sink.accepted.flatMap((r) => listSpanIds(r.bytes)));
  assert.deepEqual(
    accepted.filter((id) => !arrived.has(id)),
    [],
  );
});

test('a reload moves the port in every thread; a bad one changes nothing', async (t) => {
  const { sink, collector } = await gateway(t);
  const [grpc, http] = collector.ports as [number, number];
  const source = new PayloadSource(31);
  const send = async (port: number): Promise<void> => {
    assert.ok((await sendHttp(port, TRACES, source.traces(10, 1), { connection: 'close' })).ok);
  };
  await untilBothThreads(collector, () => send(http));
  const reload = async (text: string): Promise<[number, string]> => {
    await writeFile(collector.configFile, text);
    const response = await fetch(`${collector.adminUrl}/-/reload`, { method: 'POST' });
    return [response.status, await response.text()];
  };
  const [status, text] = await reload(config([grpc, grpc], sink));
  assert.equal(status, 400);
  assert.match(
    text,
    new RegExp(`otelcol\\.receiver\\.otlp\\.in cannot listen on 127\\.0\\.0\\.1:${grpc}: the address is in use`),
  );
  await untilBothThreads(collector, () => send(http));
  // The two trade nothing but the port that is free: gRPC goes away, HTTP takes its place.
  const traded = config([grpc, grpc], sink).replace(/ {2}grpc \{.*\n/, '');
  assert.deepEqual(await reload(traded), [200, 'config reloaded\n']);
  await untilBothThreads(collector, () => send(grpc));
  await assert.rejects(send(http), /fetch failed/);
  assert.equal((await collector.stop()).code, 0, collector.output());
});

test('an address in use: one error as with one thread, also when the other process shares its port with itself', async (t) => {
  const { collector, sink } = await gateway(t);
  await using second = await spawnCollector({ flags: FLAGS, config: () => config(collector.ports, sink) });
  assert.deepEqual(await second.exited, { code: 1, signal: null });
  assert.match(
    second.stderr,
    new RegExp(
      `Error: otelcol\\.receiver\\.otlp\\.in cannot listen on 127\\.0\\.0\\.1:${collector.ports[0]}: the address is in use`,
    ),
  );
  assert.doesNotMatch(second.output(), /at .*\.ts:\d+:\d+/);
  assert.ok((await sendHttp(collector.ports[1], TRACES, new PayloadSource(1).traces(10, 1))).ok);
});

test('a new certificate is taken on by both threads', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-ingest-'));
  t.after(() => rm(dir, { recursive: true }));
  const authority = new CertificateAuthority();
  const put = async (): Promise<string> => {
    const { cert, key } = authority.issue();
    await writeFile(join(dir, 'key.pem'), key);
    await writeFile(join(dir, 'cert.pem'), cert);
    return cert;
  };
  const raw = (pem: string): string => pem.replace(/-----.*-----|\n/g, '');
  const first = raw(await put());
  const { collector } = await gateway(
    t,
    `tls {
      cert_file = "${join(dir, 'cert.pem')}"
      key_file = "${join(dir, 'key.pem')}"
      reload_interval = "50ms"
    }`,
  );
  const shown = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: collector.ports[1], ca: authority.cert }, () => {
        resolve(socket.getPeerX509Certificate()?.raw.toString('base64') ?? '');
        socket.destroy();
      });
      socket.once('error', reject);
    });
  assert.equal(await shown(), first);
  const second = raw(await put());
  const reloaded = (): number => collector.stderr.split('reloaded TLS certificates').length - 1;
  while (reloaded() < 2) assert.ok([first, second].includes(await shown()));
  for (const thread of ['ingest-0', 'ingest-1'])
    assert.ok(collector.stderr.split('\n').some((l) => l.includes('reloaded TLS') && l.includes(`thread=${thread}`)));
  for (let i = 0; i < 10; i++) assert.equal(await shown(), second);
  assert.equal((await collector.stop()).code, 0, collector.output());
  assert.ok(raw(await readFile(join(dir, 'cert.pem'), 'utf8')) === second);
});
