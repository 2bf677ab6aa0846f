/**
 * Scenario: what an operator does to a running collector. Guarantees: exit codes, clear errors instead of stack traces,
 * nothing listens before the configuration is right, the admin endpoints answer as Alloy's do, secrets never show.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer, connect } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { TRACES } from '#shared/signal.ts';
import { CertificateAuthority } from '#test/support/certs.ts';
import { spawnCollector, startCollector, type Collector } from '#test/support/collector.ts';
import { sendHttp } from '#test/support/otlp-send.ts';
import { startOtlpSink } from '#test/support/otlp-sink.ts';
import { makeTraces } from '#test/support/payloads.ts';
import { metric, scrape } from '#test/support/scrape.ts';

const config = (port: number, endpoint: string, client = ''): string => `
otelcol.receiver.otlp "in" {
  http { endpoint = "127.0.0.1:${port}" }
  output { traces = [otelcol.exporter.otlphttp.out.input] }
}
otelcol.exporter.otlphttp "out" {
  client {
    endpoint = "${endpoint}"
    ${client}
  }
}`;

const get = async (collector: Collector, path: string): Promise<[number, string]> => {
  const response = await fetch(collector.adminUrl + path, { signal: AbortSignal.timeout(10_000) });
  return [response.status, await response.text()];
};

const refusesConnections = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), resolve(false)));
    socket.once('error', () => resolve(true));
  });

test('a bad configuration: every mistake at its place, exit 1, nothing listens', async () => {
  await using collector = await spawnCollector({
    ports: 1,
    config: ([port]) => `
otelcol.receiver.otlp "in" {
  http { endpoint = "127.0.0.1:${port}" }
  output { traces = [otelcol.processor.batch.nope.input] }
}
otelcol.processor.batch "b" {
  timout = "1s"
  output {}
}
otelcol.processor.bach "c" { }`,
  });
  assert.deepEqual(await collector.exited, { code: 1, signal: null });
  assert.ok(await refusesConnections(collector.ports[0]));
  for (const place of [/config\.alloy:4:\d+/, /config\.alloy:7:3/, /config\.alloy:10:1/])
    assert.match(collector.stderr, place);
  assert.match(collector.stderr, /timeout/, 'says what was meant');
  assert.doesNotMatch(collector.output(), /at .*\.ts:\d+:\d+/, 'no stack trace');
});

test('a taken port: one error that names component and address, exit 1', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  await using collector = await spawnCollector({ config: () => config(port, 'http://127.0.0.1:1') });
  assert.equal((await collector.exited).code, 1);
  const lines = collector.stderr.split('\n').filter((line) => line.includes(`127.0.0.1:${port}`));
  assert.ok(
    lines.some((line) => line.includes('otelcol.receiver.otlp.in')),
    collector.output(),
  );
  assert.doesNotMatch(collector.output(), /at .*\.ts:\d+:\d+/);
});

test('admin endpoints of a healthy collector; SIGINT ends it with 0', async (t) => {
  const sink = await startOtlpSink();
  t.after(() => sink.close());
  await using collector = await startCollector({ ports: 1, config: ([port]) => config(port, sink.httpUrl) });
  assert.deepEqual(await get(collector, '/-/ready'), [200, 'Alloy is ready.\n']);
  assert.deepEqual(await get(collector, '/-/healthy'), [200, 'All Alloy components are healthy.\n']);
  assert.equal((await get(collector, '/nothing'))[0], 404);
  assert.ok((await sendHttp(collector.ports[0], TRACES, makeTraces({ spans: 30, seed: 1 }))).ok);
  await sink.waitForAccepted(1);
  // The sink counts before it answers, the exporter once it has the answer: then nothing is held any more.
  while ((await metric(collector, 'millrace_component_held_items')) > 0);
  assert.equal(await metric(collector, 'otelcol_receiver_accepted_spans_total', { transport: 'http' }), 30);
  assert.equal(await metric(collector, 'otelcol_exporter_sent_spans_total'), 30);
  const names = new Set((await scrape(collector)).map((s) => s.name));
  for (const name of [
    'alloy_build_info',
    'alloy_config_last_load_successful',
    'alloy_component_controller_running_components',
    'alloy_resources_process_resident_memory_bytes',
    'otelcol_exporter_queue_size',
    'otelcol_exporter_queue_capacity',
    'millrace_ring_used_bytes',
    'millrace_ack_latency_seconds',
    'nodejs_eventloop_lag_seconds',
  ])
    assert.ok(names.has(name), `${name} is missing`);
  const list = JSON.parse((await get(collector, '/api/v0/web/components'))[1]) as {
    localID: string;
    health: { state: string };
  }[];
  assert.deepEqual(list.map((c) => c.localID).sort(), ['otelcol.exporter.otlphttp.out', 'otelcol.receiver.otlp.in']);
  assert.ok(list.every((c) => c.health.state === 'healthy'));
  assert.deepEqual(await collector.stop('SIGINT'), { code: 0, signal: null }, collector.output());
});

test('secrets show nowhere', async () => {
  const { cert, key } = new CertificateAuthority().issue();
  // A line from the middle of the key: enough to know it by.
  const secret = key.split('\n')[1];
  await using collector = await startCollector({
    ports: 1,
    config: ([port]) =>
      `logging { level = "debug" }\n${config(port, 'https://127.0.0.1:1', `tls {\n cert_pem = \`${cert}\`\n key_pem = \`${key}\`\n }`)}`,
  });
  const [, detail] = await get(collector, '/api/v0/web/components/otelcol.exporter.otlphttp.out');
  assert.match(detail, /\(secret\)/);
  const pages = await Promise.all(['/', '/metrics', '/api/v0/web/components'].map((path) => get(collector, path)));
  await collector.stop();
  assert.ok(secret.length > 20 && !(pages.join('') + detail + collector.output()).includes(secret));
});

test('reload: a bad file leaves the old configuration running, a good one moves the port', async (t) => {
  const sink = await startOtlpSink();
  t.after(() => sink.close());
  await using collector = await startCollector({ ports: 2, config: ([port]) => config(port, sink.httpUrl) });
  const [first, second] = collector.ports as [number, number];
  const payload = makeTraces({ spans: 10, seed: 2 });
  await writeFile(collector.configFile, 'otelcol.receiver.otlp "in" { oops }');
  const [status, text] = await get(collector, '/-/reload');
  assert.equal(status, 400);
  assert.match(text, /config\.alloy:1:/);
  assert.equal(await metric(collector, 'alloy_config_last_load_successful'), 0);
  assert.ok((await sendHttp(first, TRACES, payload)).ok);
  await writeFile(collector.configFile, config(second, sink.httpUrl));
  assert.deepEqual(await get(collector, '/-/reload'), [200, 'config reloaded\n']);
  assert.equal(await metric(collector, 'alloy_config_last_load_successful'), 1);
  assert.ok((await sendHttp(second, TRACES, payload)).ok);
  assert.ok(await refusesConnections(first));
  assert.equal((await collector.stop()).code, 0);
});

test('a second signal forces the end', async (t) => {
  const sink = await startOtlpSink();
  t.after(() => sink.close());
  sink.answerer = () => ({ kind: 'hang' });
  await using collector = await startCollector({
    ports: 1,
    config: ([port]) =>
      config(port, sink.httpUrl).replace(
        'client {',
        'sending_queue {\n wait_for_result = true\n }\n client {\n timeout = "60s"\n',
      ),
  });
  const unanswered = sendHttp(collector.ports[0], TRACES, makeTraces({ spans: 10, seed: 2 })).catch(() => null);
  await sink.waitForRequests(1);
  collector.kill('SIGTERM');
  const forced = setInterval(() => collector.kill('SIGTERM'), 200);
  const exit = await collector.exited;
  clearInterval(forced);
  assert.deepEqual(exit, { code: 1, signal: null }, collector.output());
  await unanswered;
});
