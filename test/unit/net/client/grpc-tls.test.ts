import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { GrpcClient, type GrpcSettings } from '#net/client/grpc.ts';
import { systemClock } from '#shared/clock.ts';
import { GRPC } from '#shared/outcome.ts';
import { CertificateAuthority } from '#test/support/certs.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { startOtlpSink } from '#test/support/otlp-sink.ts';
import { RecordingLog } from '#test/support/recording-log.ts';
import { startConnectProxy } from '#test/support/relay.ts';
import { tlsSettings } from '#test/support/tls-settings.ts';
import { grpcSettings, TRACES_PATH } from './grpc-settings.ts';

const LONG_MS = 20_000;
const MESSAGE = [Buffer.from('secret spans')];

async function call(
  t: TestContext,
  endpoint: string,
  change: Partial<GrpcSettings>,
): Promise<{ readonly code: number; readonly message: string }> {
  const grpc = new GrpcClient(grpcSettings(endpoint, change), new RecordingLog(), systemClock);
  t.after(() => grpc.destroy());
  return grpc.call(TRACES_PATH, MESSAGE, LONG_MS);
}

test('TLS: the authority, the name, skip_verify, the scheme', async (t) => {
  const authority = new CertificateAuthority();
  const stranger = new CertificateAuthority('stranger');
  const sink = await startOtlpSink({ tls: authority.issue() });
  t.after(() => sink.close());
  const attempt = (tls: Parameters<typeof tlsSettings> | null, change: Partial<GrpcSettings> = {}, scheme = '') =>
    call(t, scheme + sink.grpcEndpoint, { tls: tls === null ? null : tlsSettings(...tls), ...change });

  assert.equal((await attempt([authority.cert])).code, 0);
  assert.equal((await attempt([authority.cert, { serverName: 'localhost' }])).code, 0);
  assert.equal(sink.requests.at(-1)?.headers[':authority'], 'localhost');
  assert.equal((await attempt([authority.cert], { authority: 'localhost' })).code, 0);
  assert.equal((await attempt([stranger.cert, { skipVerify: true }])).code, 0);
  assert.equal((await attempt([authority.cert], {}, 'https://')).code, 0);
  const taken = sink.requests.length;

  const wrongName = await attempt([authority.cert, { serverName: 'other.example' }]);
  assert.equal(wrongName.code, GRPC.UNAVAILABLE);
  assert.match(wrongName.message, /other\.example/);
  assert.equal((await attempt([authority.cert], { authority: 'other.example' })).code, GRPC.UNAVAILABLE);
  assert.equal((await attempt([stranger.cert])).code, GRPC.UNAVAILABLE);
  assert.equal((await attempt(null)).code, GRPC.UNAVAILABLE, 'no TLS against a TLS server');
  assert.equal((await attempt([authority.cert], {}, 'http://')).code, GRPC.UNAVAILABLE, 'http:// switches TLS off');
  assert.equal(
    (await attempt(null, {}, 'https://')).code,
    GRPC.UNAVAILABLE,
    "https:// switches it on, with the system's authorities",
  );
  assert.equal(sink.requests.length, taken);
});

test('what is wrong between the two sides is said in words, with the argument to set', async (t) => {
  const authority = new CertificateAuthority();
  const secure = await startOtlpSink({ tls: authority.issue() });
  t.after(() => secure.close());
  const plain = await startOtlpSink();
  t.after(() => plain.close());
  const asked = await startOtlpSink({ tls: { ...authority.issue(), ca: authority.cert, requestCert: true } });
  t.after(() => asked.close());
  const { serverName, ...rest } = tlsSettings(authority.cert);
  const says = async (endpoint: string, change: Partial<GrpcSettings>): Promise<string> =>
    (await call(t, endpoint, change)).message.replaceAll(/127\.0\.0\.1:\d+/g, 'PEER');
  assert.equal(
    await says(plain.grpcEndpoint, { tls: tlsSettings(authority.cert) }),
    'cannot connect to PEER: PEER does not speak TLS: for plain text set insecure = true in the tls block, or write http://PEER',
  );
  assert.equal(
    await says(`https://${plain.grpcEndpoint}`, { tls: null }),
    'cannot connect to https://PEER: PEER does not speak TLS: for plain text write http://PEER',
  );
  assert.equal(
    await says(secure.grpcEndpoint, { tls: null }),
    'cannot connect to PEER: the server closed the connection before it spoke HTTP/2 (does it expect TLS?)',
  );
  assert.match(await says(secure.grpcEndpoint, { tls: tlsSettings(null) }), /unknown authority: set ca_file/);
  assert.match(
    await says(secure.grpcEndpoint, { tls: { ...rest, serverName: 'other.example' } }),
    /not for "other\.example" but for localhost, 127\.0\.0\.1: set server_name/,
  );
  assert.match(
    await says(asked.grpcEndpoint, { tls: { ...rest, serverName } }),
    /wants a client certificate that it trusts: set cert_file and key_file/,
  );
});

test('mTLS: a certificate of the right authority is needed', async (t) => {
  const authority = new CertificateAuthority();
  const stranger = new CertificateAuthority('stranger');
  const sink = await startOtlpSink({ tls: { ...authority.issue(), ca: authority.cert, requestCert: true } });
  t.after(() => sink.close());
  const withPair = ({ cert, key }: { readonly cert: string; readonly key: string }) => ({
    tls: tlsSettings(authority.cert, { cert: { pem: cert }, key: { pem: key } }),
  });
  assert.equal((await call(t, sink.grpcEndpoint, withPair(authority.issue('client')))).code, 0);
  assert.equal((await call(t, sink.grpcEndpoint, withPair(stranger.issue('client')))).code, GRPC.UNAVAILABLE);
  assert.equal((await call(t, sink.grpcEndpoint, { tls: tlsSettings(authority.cert) })).code, GRPC.UNAVAILABLE);
});

test('TLS through a CONNECT proxy verifies the destination, not the proxy', async (t) => {
  const authority = new CertificateAuthority();
  const sink = await startOtlpSink({ tls: authority.issue() });
  t.after(() => sink.close());
  const proxy = await startConnectProxy();
  t.after(() => proxy.close());
  const through = {
    proxy: { host: '127.0.0.1', port: proxy.port, tls: false, authorization: '' },
    tls: tlsSettings(authority.cert),
  };
  const port = sink.grpcEndpoint.split(':')[1];
  assert.equal((await call(t, `localhost:${port}`, through)).code, 0);
  assert.equal((await call(t, `other.example:${port}`, through)).code, GRPC.UNAVAILABLE);
  assert.equal(proxy.connections, 2);
});

test('a reloaded authority is used by new connections; the calls under way are not disturbed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'grpc-tls-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'ca.pem');
  const authority = new CertificateAuthority();
  const sink = await startOtlpSink({ tls: authority.issue() });
  t.after(() => sink.close());
  writeFileSync(file, new CertificateAuthority('old').cert);
  const clock = new FakeClock();
  const grpc = new GrpcClient(
    grpcSettings(sink.grpcEndpoint, { tls: tlsSettings(null, { ca: { file }, reloadMs: 30_000 }) }),
    new RecordingLog(),
    clock,
  );
  t.after(() => grpc.destroy());
  assert.equal((await grpc.call(TRACES_PATH, MESSAGE, 0)).code, GRPC.UNAVAILABLE);
  writeFileSync(file, authority.cert);
  await clock.advance(30_000);
  assert.equal((await grpc.call(TRACES_PATH, MESSAGE, 0)).code, 0);

  sink.script({ kind: 'ok' });
  writeFileSync(file, `${authority.cert}\n${new CertificateAuthority('third').cert}`);
  await clock.advance(30_000);
  assert.equal((await grpc.call(TRACES_PATH, MESSAGE, 0)).code, 0);
  assert.equal(sink.grpcConnections, 3, 'refused, after the first reload, after the second');
});

test('a TLS file that is missing stops the client from being made and is named', () => {
  const make = () =>
    new GrpcClient(
      grpcSettings('127.0.0.1:1', { tls: tlsSettings(null, { ca: { file: '/nowhere/ca.pem' } }) }),
      new RecordingLog(),
      systemClock,
    );
  assert.throws(make, /\/nowhere\/ca\.pem/);
});
