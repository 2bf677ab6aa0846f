/**
 * Scenario: an operator puts TLS and a password before the admin server of a running collector, and takes them away again; a
 * collector that traces itself. Guarantees: one address all the time, a bad certificate leaves the last good configuration
 * running, `healthcheck` understands both, and millrace's own spans arrive like anybody's.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { TRACES } from '#shared/signal.ts';
import { CertificateAuthority } from '#test/support/certs.ts';
import { startCollector, type Collector } from '#test/support/collector.ts';
import { decodeRequest, type PlainMessage } from '#test/support/otlp-proto.ts';
import { startOtlpSink } from '#test/support/otlp-sink.ts';

const SINK = 'otelcol.exporter.debug "d" { }';
const EXPERIMENTAL = { ports: 1, flags: ['--stability.level=experimental', '--workers=1'] };
const MAIN = resolve(import.meta.dirname, '../../src/main/cli/main.ts');

const authority = new CertificateAuthority();
const basic = `Basic ${Buffer.from('u:p').toString('base64')}`;

async function overTls(
  collector: Collector,
  path: string,
  headers: Record<string, string> = {},
): Promise<[number, string]> {
  const asked = request(collector.adminUrl.replace('http:', 'https:') + path, {
    ca: authority.cert,
    agent: false,
    headers,
  });
  asked.end();
  const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk as string;
  return [response.statusCode ?? 0, body];
}

async function healthcheck(collector: Collector): Promise<{ code: number | null; out: string }> {
  const address = collector.adminUrl.replace('http://', '');
  const child = spawn(
    process.execPath,
    ['--conditions=source', MAIN, 'healthcheck', `--server.http.listen-addr=${address}`],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (out += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out };
}

test('TLS and a password come and go with a reload', async () => {
  await using collector = await startCollector({ ...EXPERIMENTAL, config: () => SINK });
  const folder = dirname(collector.configFile);
  const { cert, key } = authority.issue();
  await writeFile(join(folder, 'cert.pem'), cert);
  await writeFile(join(folder, 'key.pem'), key);
  const http = (keyFile: string, auth = ''): string => `
http {
  tls {
    cert_file = "${folder}/cert.pem"
    key_file  = "${folder}/${keyFile}"
  }
  ${auth}
}
${SINK}`;
  const AUTH = `
  auth {
    basic {
      username = "u"
      password = "p"
    }
    filter {
      paths = ["/-/ready"]
      authenticate_matching_paths = false
    }
  }`;

  await writeFile(collector.configFile, http('gone.pem'));
  const refused = await fetch(`${collector.adminUrl}/-/reload`);
  assert.equal(refused.status, 400);
  assert.match(await refused.text(), /config\.alloy:2:1: error: cannot read the TLS key_file .*gone\.pem/);

  await writeFile(collector.configFile, http('key.pem', AUTH));
  const switched = await fetch(`${collector.adminUrl}/-/reload`);
  assert.deepEqual([switched.status, await switched.text()], [200, 'config reloaded\n']);
  assert.deepEqual(await overTls(collector, '/-/ready'), [200, 'Alloy is ready.\n']);
  assert.equal((await overTls(collector, '/metrics'))[0], 401);
  assert.equal((await overTls(collector, '/metrics', { authorization: basic }))[0], 200);
  assert.deepEqual(await healthcheck(collector), { code: 0, out: 'Alloy is ready.\n' });

  await writeFile(collector.configFile, http('key.pem', AUTH.replace('"/-/ready"', '')));
  assert.equal((await overTls(collector, '/-/reload', { authorization: basic }))[0], 200);
  const asked = await healthcheck(collector);
  assert.equal(asked.code, 1);
  assert.match(asked.out, /asks for a password/);

  await writeFile(collector.configFile, `livedebugging { enabled = true }\n${SINK}`);
  assert.equal((await overTls(collector, '/-/reload', { authorization: basic }))[0], 200);
  assert.equal((await fetch(`${collector.adminUrl}/metrics`)).status, 200);
  assert.match(collector.stderr, /livedebugging has no effect/);
  assert.doesNotMatch(collector.output(), /"p"|dTpw/);
  assert.deepEqual(await collector.stop(), { code: 0, signal: null }, collector.output());
});

const list = (of: PlainMessage, name: string): PlainMessage[] => (of[name] ?? []) as PlainMessage[];

for (const ingestThreads of [0, 1])
  test(`millrace's own traces arrive where write_to sends them, with ${ingestThreads} ingest threads`, async (t) => {
    const sink = await startOtlpSink();
    t.after(() => sink.close());
    await using collector = await startCollector({
      ports: 1,
      flags: ['--workers=1', `--ingest-threads=${ingestThreads}`],
      config: ([port]) => `
tracing {
  sampling_fraction = 1
  send_traceparent  = true
  write_to          = [otelcol.exporter.otlphttp.out.input]
}
otelcol.receiver.otlp "in" {
  http { endpoint = "127.0.0.1:${port}" }
  output { traces = [otelcol.exporter.otlphttp.out.input] }
}
otelcol.exporter.otlphttp "out" {
  client { endpoint = "${sink.httpUrl}" }
}`,
    });
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    assert.equal((await fetch(`${collector.adminUrl}/-/reload`, { headers: { traceparent } })).status, 200);
    assert.deepEqual(await collector.stop(), { code: 0, signal: null }, collector.output());
    assert.equal(collector.stderr.split('tracing.send_traceparent has no effect').length, 2, 'which is said once');
    const spans = sink.accepted
      .flatMap(({ bytes }) => list(decodeRequest(TRACES, bytes), 'resourceSpans'))
      .flatMap((entry) => list(entry, 'scopeSpans'))
      .flatMap((scope) => list(scope, 'spans'));
    const evaluations = spans.filter(({ name }) => name === 'GraphEvaluate');
    assert.equal(evaluations.length, 2, 'the start and the reload');
    const named = (wanted: string): number => spans.filter(({ name }) => name === wanted).length;
    assert.deepEqual([named('ApplyGraph'), named('EvaluateNode')], [2, 4]);
    for (const span of spans.filter(({ name }) => name === 'ApplyGraph' || name === 'EvaluateNode'))
      assert.ok(evaluations.some(({ spanId }) => spanId === span['parentSpanId']));
    const reload = spans.find(({ name }) => name === 'GET /-/reload');
    assert.equal(reload?.['traceId'], '4bf92f3577b34da6a3ce929d0e0e4736');
  });
