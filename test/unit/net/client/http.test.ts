import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { HttpClient } from '#net/client/http.ts';
import type { HttpSettings } from '#net/client/http-dispatcher.ts';
import { BODY_LIMIT } from '#net/client/http-exchange.ts';
import { checkHeaders } from '#net/client/http-headers.ts';
import { parseHttpUrl } from '#net/client/http-url.ts';
import { systemClock } from '#shared/clock.ts';
import { CertificateAuthority } from '#test/support/certs.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { startOtlpSink, type OtlpSink, type SinkOptions } from '#test/support/otlp-sink.ts';
import { RecordingLog } from '#test/support/recording-log.ts';
import { startConnectProxy } from '#test/support/relay.ts';
import { tlsSettings } from '#test/support/tls-settings.ts';

/** Fails a test that hangs; no result depends on it. */
const LONG_MS = 20_000;
const BODY = [Buffer.from('payload')];
const PROTO = { 'content-type': 'application/x-protobuf' };

async function startSink(t: TestContext, options: SinkOptions = {}): Promise<OtlpSink> {
  const sink = await startOtlpSink(options);
  t.after(() => sink.close());
  return sink;
}
function client(t: TestContext, change: Partial<HttpSettings> = {}, clock = systemClock): HttpClient {
  const made = new HttpClient(
    {
      tls: null,
      http2: true,
      http2PingMs: 0,
      maxConnections: 0,
      idleMs: 90_000,
      keepAlive: true,
      cookies: false,
      ...change,
    },
    new RecordingLog(),
    clock,
  );
  t.after(() => made.destroy());
  return made;
}
const to = (text: string) => ({ ...parseHttpUrl(text), proxy: null });

test('a POST carries path, query, headers and body; connections are used again', async (t) => {
  const sink = await startSink(t);
  const http = client(t);
  for (const _ of [1, 2, 3]) {
    const result = await http.post(
      to(`${sink.httpUrl}/a/v1/traces?tenant=1`),
      { ...PROTO, 'x-key': 'v' },
      BODY,
      LONG_MS,
    );
    assert.ok(result.kind === 'response');
    assert.equal(result.status, 200);
    assert.equal(result.headers['content-type'], 'application/x-protobuf');
  }
  // undici gives a connection back one turn of the event loop after its response: a request before that takes another.
  assert.ok(sink.httpConnections <= 2, `${sink.httpConnections} connections`);
  const [request] = sink.requests;
  assert.equal(request?.path, '/a/v1/traces?tenant=1');
  assert.equal(request?.headers['x-key'], 'v');
  assert.equal(request?.headers['content-length'], '7');
  assert.deepEqual(request?.bytes, BODY[0]);
});

test('disable_keep_alives: a connection per request', async (t) => {
  const sink = await startSink(t);
  const http = client(t, { keepAlive: false });
  for (const _ of [1, 2, 3]) assert.equal((await http.post(to(sink.httpUrl), PROTO, BODY, LONG_MS)).kind, 'response');
  assert.equal(sink.httpConnections, 3);
  assert.equal(sink.requests[0]?.headers['connection'], 'close');
});

test('max_conns_per_host bounds the connections; requests beyond it wait', async (t) => {
  const sink = await startSink(t);
  const http = client(t, { maxConnections: 2 });
  const all = await Promise.all(Array.from({ length: 10 }, () => http.post(to(sink.httpUrl), PROTO, BODY, LONG_MS)));
  assert.ok(all.every((r) => r.kind === 'response'));
  assert.equal(sink.httpConnections, 2);
});

test('any status is a response, redirects are not followed', async (t) => {
  const sink = await startSink(t);
  const http = client(t);
  sink.script(
    { kind: 'http', status: 307, headers: { location: '/elsewhere' } },
    { kind: 'http', status: 503, headers: { 'Retry-After': '7' }, body: 'busy' },
  );
  const redirect = await http.post(to(sink.httpUrl), PROTO, BODY, LONG_MS);
  const busy = await http.post(to(sink.httpUrl), PROTO, BODY, LONG_MS);
  assert.ok(redirect.kind === 'response' && busy.kind === 'response');
  assert.deepEqual([redirect.status, redirect.headers['location']], [307, '/elsewhere']);
  assert.deepEqual([busy.status, busy.headers['retry-after'], busy.body.toString()], [503, '7', 'busy']);
  assert.equal(sink.requests.length, 2);
});

test('of a long body the first 64 KiB are kept, and the client goes on', async (t) => {
  const sink = await startSink(t);
  const http = client(t);
  sink.script({ kind: 'http', status: 400, body: Buffer.alloc(5 << 20, 'x') });
  const long = await http.post(to(sink.httpUrl), PROTO, BODY, LONG_MS);
  assert.ok(long.kind === 'response');
  assert.equal(long.body.length, BODY_LIMIT);
  const next = await http.post(to(sink.httpUrl), PROTO, BODY, LONG_MS);
  assert.ok(next.kind === 'response' && next.status === 200);
});

test('no answer in time is a failure at its time, and frees the connection', async (t) => {
  const sink = await startSink(t);
  const clock = new FakeClock();
  const http = client(t, { maxConnections: 1 }, clock);
  sink.script({ kind: 'hang' });
  const hanging = http.post(to(sink.httpUrl), PROTO, BODY, 2999.6);
  await sink.waitForRequests(1);
  await clock.advance(3000);
  assert.deepEqual(await hanging, {
    kind: 'failure',
    timedOut: true,
    message: 'no response within 3000 ms',
    bytesDone: false,
  });
  assert.equal((await http.post(to(sink.httpUrl), PROTO, BODY, 3000)).kind, 'response');
});

test('a request that waits for a connection in vain fails at its time and is not sent later', async (t) => {
  const sink = await startSink(t);
  const clock = new FakeClock();
  const http = client(t, { maxConnections: 1 }, clock);
  sink.script({ kind: 'hang' });
  const first = http.post(to(sink.httpUrl), PROTO, BODY, 9000);
  await sink.waitForRequests(1);
  const second = http.post(to(sink.httpUrl), PROTO, [Buffer.from('late')], 3000);
  await clock.advance(3000);
  const late = await second;
  assert.ok(late.kind === 'failure' && late.timedOut && late.bytesDone);
  await clock.advance(6000);
  await first;
  assert.equal((await http.post(to(sink.httpUrl), PROTO, BODY, 3000)).kind, 'response');
  assert.deepEqual(
    sink.requests.map((r) => r.bytes.toString()),
    ['payload', 'payload'],
  );
});

test('refused and reset connections are failures with a reason; the next request connects again', async (t) => {
  const sink = await startSink(t);
  const http = client(t);
  sink.script({ kind: 'reset' });
  const reset = await http.post(to(sink.httpUrl), PROTO, BODY, LONG_MS);
  assert.ok(reset.kind === 'failure' && !reset.timedOut);
  await sink.down();
  const refused = await http.post(to(sink.httpUrl), PROTO, BODY, LONG_MS);
  assert.ok(refused.kind === 'failure');
  assert.match(refused.message, /ECONNREFUSED/);
  await sink.up();
  assert.equal((await http.post(to(sink.httpUrl), PROTO, BODY, LONG_MS)).kind, 'response');
});

test('close lets a request under way finish and refuses new ones', async (t) => {
  const sink = await startSink(t);
  const http = client(t);
  const arrived = sink.waitForRequests(1);
  const request = http.post(to(sink.httpUrl), PROTO, BODY, LONG_MS);
  await arrived;
  const closed = http.close();
  assert.equal((await http.post(to(sink.httpUrl), PROTO, BODY, LONG_MS)).kind, 'failure');
  assert.equal((await request).kind, 'response');
  await closed;
});

test('cookies are kept and sent back only when enabled', async (t) => {
  for (const cookies of [true, false]) {
    const sink = await startSink(t);
    const http = client(t, { cookies });
    sink.script({ kind: 'http', status: 200, headers: { 'set-cookie': 'node=3; Path=/' } });
    await http.post(to(sink.httpUrl), PROTO, BODY, LONG_MS);
    await http.post(to(sink.httpUrl), PROTO, BODY, LONG_MS);
    assert.equal(sink.requests[1]?.headers['cookie'], cookies ? 'node=3' : undefined);
  }
});

test('a plain proxy gets the whole URL, a TLS destination is reached through CONNECT', async (t) => {
  const authority = new CertificateAuthority();
  const plain = await startSink(t);
  const secure = await startSink(t, { tls: authority.issue() });
  const proxy = await startConnectProxy();
  t.after(() => proxy.close());
  const http = client(t, { tls: tlsSettings(authority.cert, { serverName: 'localhost' }) });

  const asProxy = {
    host: '127.0.0.1',
    port: Number(new URL(plain.httpUrl).port),
    tls: false,
    authorization: 'Basic dTpw',
  };
  const forwarded = await http.post(
    { ...parseHttpUrl('http://collector.example/v1/traces'), proxy: asProxy },
    PROTO,
    BODY,
    LONG_MS,
  );
  assert.equal(forwarded.kind, 'response');
  assert.equal(plain.requests[0]?.path, 'http://collector.example/v1/traces');
  assert.equal(plain.requests[0]?.headers['host'], 'collector.example');
  assert.equal(plain.requests[0]?.headers['proxy-authorization'], 'Basic dTpw');

  const port = new URL(secure.httpUrl).port;
  const tunnelled = await http.post(
    { ...parseHttpUrl(`https://collector.example:${port}/v1/traces`), proxy: { ...asProxy, port: proxy.port } },
    PROTO,
    BODY,
    LONG_MS,
  );
  assert.equal(tunnelled.kind, 'response', JSON.stringify(tunnelled));
  assert.match(proxy.heads[0] ?? '', new RegExp(`^CONNECT collector\\.example:${port} `));
  assert.match(proxy.heads[0] ?? '', /proxy-authorization: Basic dTpw/i);
  assert.equal(secure.requests[0]?.headers['proxy-authorization'], undefined);
});

test('TLS: the authority, the name, skip_verify, client certificates', async (t) => {
  const authority = new CertificateAuthority();
  const stranger = new CertificateAuthority('stranger');
  const sink = await startSink(t, { tls: { ...authority.issue(), ca: authority.cert, requestCert: true } });
  const own = authority.issue('client');
  const pair = { cert: { pem: own.cert }, key: { pem: own.key } };
  const other = stranger.issue('client');
  const attempt = async (tls: Parameters<typeof tlsSettings>): Promise<string> => {
    const result = await client(t, { tls: tlsSettings(...tls) }).post(to(sink.httpUrl), PROTO, BODY, LONG_MS);
    return result.kind === 'response' ? String(result.status) : result.message;
  };
  assert.equal(await attempt([authority.cert, pair]), '200');
  assert.equal(await attempt([authority.cert, { ...pair, serverName: 'localhost' }]), '200');
  assert.equal(await attempt([stranger.cert, { ...pair, skipVerify: true }]), '200');
  assert.match(await attempt([authority.cert, { ...pair, serverName: 'other.example' }]), /other\.example/);
  assert.match(await attempt([stranger.cert, pair]), /certificate|signature/i);
  assert.notEqual(await attempt([authority.cert, {}]), '200');
  assert.notEqual(await attempt([authority.cert, { cert: { pem: other.cert }, key: { pem: other.key } }]), '200');
  assert.equal(sink.requests.length, 3);
});

test('what is wrong between the two sides is said in words, with what to write', async (t) => {
  const authority = new CertificateAuthority();
  const secure = await startSink(t, { tls: authority.issue() });
  const plain = await startSink(t);
  const says = async (url: string): Promise<string> => {
    const result = await client(t, { tls: tlsSettings(null) }).post(to(url), PROTO, BODY, LONG_MS);
    return result.kind === 'response' ? String(result.status) : result.message.replaceAll(/127\.0\.0\.1:\d+/g, 'PEER');
  };
  assert.equal(
    await says(plain.httpUrl.replace('http:', 'https:')),
    'PEER does not speak TLS: for plain text write http://PEER',
  );
  // What Node reports first differs: that the connection ended, or the TLS alert that is no HTTP.
  assert.match(
    await says(secure.httpUrl.replace('https:', 'http:')),
    /^(the server closed the connection without an answer|PEER does not answer in HTTP\/1\.1) \(does it expect TLS/,
  );
  assert.match(await says(secure.httpUrl), /^the certificate of PEER is signed by an unknown authority: set ca_file/);
  assert.equal(
    await says(`http://${plain.grpcEndpoint}`),
    'PEER does not answer in HTTP/1.1 (does it expect TLS, or is it the port of another protocol?)',
  );
});

test('HTTP/2 is used with TLS where asked for, HTTP/1.1 otherwise', async (t) => {
  const authority = new CertificateAuthority();
  const server = createSecureServer({ ...authority.issue(), allowHTTP1: true }, (request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200, { 'x-version': request.httpVersion }).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  for (const [http2, version] of [
    [true, '2.0'],
    [false, '1.1'],
  ] as const) {
    const http = client(t, { http2, tls: tlsSettings(authority.cert) });
    const result = await http.post(
      to(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`),
      PROTO,
      BODY,
      LONG_MS,
    );
    assert.ok(result.kind === 'response', JSON.stringify(result));
    assert.equal(result.headers['x-version'], version);
    await http.close();
  }
});

test('URLs and headers that cannot be sent are errors that name them', () => {
  assert.equal(parseHttpUrl('http://a:1/x').url.pathname, '/x');
  for (const text of ['a:4318', 'ftp://a', '/v1/traces', ''])
    assert.throws(() => parseHttpUrl(text), {
      message: `"${text}" must be a URL that starts with http:// or https://`,
    });
  for (const text of ['http://a:99999', 'https://a b/'])
    assert.throws(() => parseHttpUrl(text), { message: `"${text}" is not a URL: check its host and port` });
  checkHeaders({ 'X-Scope-OrgID': '1', authorization: 'Bearer x' });
  for (const [name, value] of [
    ['a b', '1'],
    ['key', 'sec\nret'],
    ['Transfer-Encoding', 'chunked'],
    ['content-length', '3'],
  ] as const) {
    assert.throws(
      () => checkHeaders({ [name]: value }),
      (error: Error) => error.message.includes(`"${name}"`) && !error.message.includes('ret'),
    );
  }
});

test('user and password of a URL are sent as Basic auth unless a header says otherwise, and stay unsaid', async (t) => {
  const sink = await startSink(t);
  const http = client(t);
  const url = sink.httpUrl.replace('://', '://us%20er:p%40ss@');
  await http.post(to(url), PROTO, BODY, LONG_MS);
  await http.post(to(url), { ...PROTO, authorization: 'Bearer token' }, BODY, LONG_MS);
  await http.post(to(sink.httpUrl), PROTO, BODY, LONG_MS);
  assert.deepEqual(
    sink.requests.map((r) => r.headers['authorization']),
    [`Basic ${Buffer.from('us er:p@ss').toString('base64')}`, 'Bearer token', undefined],
  );
  assert.equal(parseHttpUrl(url).url.href, `${sink.httpUrl}/`);
  for (const [text, message] of [
    [
      'http://u:se%zzcret@a/',
      '"http://***@a/" holds a "%" in its user or password that is not part of a %XX; write %25',
    ],
    ['http://u:secret@a:99999', '"http://***@a:99999" is not a URL: check its host and port'],
  ] as const)
    assert.throws(() => parseHttpUrl(text), { message });
});

test('destroy fails requests under way, also after close and on connections that a reload has replaced', async (t) => {
  const authority = new CertificateAuthority();
  const sink = await startSink(t, { tls: authority.issue() });
  const folder = await mkdtemp(join(tmpdir(), 'millrace-http-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'ca.pem');
  await writeFile(file, authority.cert);
  const clock = new FakeClock();
  const http = client(t, { tls: { ...tlsSettings(null), ca: { file }, reloadMs: 1000 } }, clock);
  sink.answerer = () => ({ kind: 'hang' });
  const old = http.post(to(sink.httpUrl), PROTO, BODY, 0);
  await sink.waitForRequests(1);
  await writeFile(file, `${authority.cert}\n${new CertificateAuthority('other').cert}`);
  // The new material is in use when a second connection is made.
  let posts = 1;
  const later: Promise<unknown>[] = [];
  while (sink.httpConnections < 2) {
    await clock.advance(1000);
    later.push(http.post(to(sink.httpUrl), PROTO, BODY, 0));
    await sink.waitForRequests(++posts);
  }
  await http.destroy();
  assert.equal((await old).kind, 'failure');
  await Promise.all(later);

  const closed = client(t);
  const plain = await startSink(t);
  plain.answerer = () => ({ kind: 'hang' });
  const request = closed.post(to(plain.httpUrl), PROTO, BODY, 0);
  await plain.waitForRequests(1);
  const ended = closed.close();
  await closed.destroy();
  assert.deepEqual(await request, {
    kind: 'failure',
    timedOut: false,
    message: 'the client was closed',
    bytesDone: false,
  });
  await ended;
});
