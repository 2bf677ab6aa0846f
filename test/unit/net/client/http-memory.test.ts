/** When the bytes of an HTTP request may be written to again: never while anything can still read them. */
import assert from 'node:assert/strict';
import { createSecureServer } from 'node:http2';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { HttpClient } from '#net/client/http.ts';
import type { HttpSettings } from '#net/client/http-dispatcher.ts';
import type { HttpResult } from '#net/client/http-exchange.ts';
import { parseHttpUrl } from '#net/client/http-url.ts';
import type { Proxy } from '#net/client/proxy.ts';
import { systemClock } from '#shared/clock.ts';
import { CertificateAuthority } from '#test/support/certs.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { startOtlpSink } from '#test/support/otlp-sink.ts';
import { RecordingLog } from '#test/support/recording-log.ts';
import { startConnectProxy } from '#test/support/relay.ts';
import { tlsSettings } from '#test/support/tls-settings.ts';

/** Fails a test that hangs; no result depends on it. */
const LONG_MS = 20_000;
/** More than the kernel holds for a loopback connection. */
const LARGE = 32 << 20;
const PROTO = { 'content-type': 'application/x-protobuf' };
const NO_CONTENT = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';

function client(t: TestContext, change: Partial<HttpSettings> = {}, clock = systemClock): HttpClient {
  const settings = {
    tls: null,
    http2: true,
    http2PingMs: 0,
    maxConnections: 0,
    idleMs: 90_000,
    keepAlive: true,
    cookies: false,
    ...change,
  };
  const made = new HttpClient(settings, new RecordingLog(), clock);
  t.after(() => made.destroy());
  return made;
}

function post(http: HttpClient, url: string, body: readonly Buffer[], proxy: Proxy | null = null): Promise<HttpResult> {
  return http.post({ ...parseHttpUrl(url), proxy }, PROTO, body, LONG_MS);
}

/** A server that leaves reading and answering to the test. */
async function listen(t: TestContext, server: Server, onSocket: (socket: Socket) => void): Promise<string> {
  const open = new Set<Socket>();
  server.on('connection', (socket) => open.add(socket));
  server.on('secureConnection', onSocket);
  if (!('setSecureContext' in server)) server.on('connection', onSocket);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers after the first bytes, then reads no more; `seen` gets all that comes once it is resumed. */
function answerEarly(seen: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => {
      socket.pause();
      socket.write(NO_CONTENT);
      seen(socket);
    });
  };
}

const authority = new CertificateAuthority();
const variants = [
  ['plain text', {}],
  ['disable_keep_alives', { keepAlive: false }],
  ['TLS', { tls: tlsSettings(authority.cert), http2: false }],
] as const;

for (const [name, change] of variants) {
  const tls = 'tls' in change;

  test(`${name}: bytes that a server has read are done, in one piece and in several`, async (t) => {
    const sink = await startOtlpSink(tls ? { tls: authority.issue() } : {});
    t.after(() => sink.close());
    const http = client(t, change);
    for (const sizes of [[3], [LARGE], [1, 300_000, 0, 2_000_000, 5], []]) {
      const body = sizes.map((size, i) => Buffer.alloc(size, `piece ${i} `));
      const result = await post(http, sink.httpUrl, body);
      assert.ok(result.kind === 'response', JSON.stringify(result));
      assert.equal(result.bytesDone, true, `${sizes.join()} bytes`);
      assert.ok(sink.requests.at(-1)?.bytes.equals(Buffer.concat(body)));
      assert.equal(sink.requests.at(-1)?.headers['transfer-encoding'], undefined);
    }
  });

  test(`${name}: bytes are not done when the answer came before they were sent, and the connection ends`, async (t) => {
    for (const pieces of [1, 4]) {
      const server = tls ? createTlsServer(authority.issue()) : createServer();
      const answered = Promise.withResolvers<Socket>();
      const at = await listen(t, server, answerEarly(answered.resolve));
      const body = Array.from({ length: pieces }, () => Buffer.alloc(LARGE / pieces, 'a'));
      const result = await post(client(t, change), `${tls ? 'https' : 'http'}://${at}/`, body);
      assert.deepEqual([result.kind, result.bytesDone], ['response', false]);
      if (result.bytesDone) for (const piece of body) piece.fill('b');
      const socket = await answered.promise;
      const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      let altered = 0;
      socket.on('data', (chunk) => (altered += chunk.includes('b') ? 1 : 0));
      socket.resume();
      await ended;
      assert.equal(altered, 0);
      assert.ok(socket.bytesRead < LARGE, 'the rest was not sent');
    }
  });
}

test('a server that answers early and never reads holds no more than one request', async (t) => {
  const sockets: Socket[] = [];
  const at = await listen(
    t,
    createServer(),
    answerEarly((socket) => sockets.push(socket)),
  );
  const http = client(t, { maxConnections: 1 });
  for (let i = 0; i < 3; i++) assert.equal((await post(http, `http://${at}/`, [Buffer.alloc(LARGE)])).bytesDone, false);
  assert.equal(sockets.length, 3);
});

test('a server that reads slowly gets one piece after the other, not all at once', async (t) => {
  const reading = Promise.withResolvers<Socket>();
  const at = await listen(t, createServer(), (socket) => {
    let size = 0;
    socket.once('data', () => {
      socket.pause();
      reading.resolve(socket);
    });
    socket.on('data', (chunk) => {
      size += chunk.length;
      if (size > LARGE) socket.write(NO_CONTENT);
    });
  });
  const piece = Buffer.alloc(LARGE / 32);
  let taken = 0;
  const body: Buffer[] = Array.from({ length: 32 }, () => piece);
  const each = body[Symbol.iterator].bind(body);
  body[Symbol.iterator] = function* () {
    for (const one of each()) {
      taken++;
      yield one;
    }
  } as typeof each;
  const posted = post(client(t), `http://${at}/`, body);
  const socket = await reading.promise;
  // A writer that does not wait for room would have taken them all in one turn.
  for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
  assert.ok(taken < body.length, `${taken} pieces`);
  socket.resume();
  assert.deepEqual([(await posted).kind, (await posted).bytesDone, taken], ['response', true, body.length]);
});

test('bytes of a request that never left are done; those of one that was cut off are not', async (t) => {
  const sink = await startOtlpSink();
  t.after(() => sink.close());
  const http = client(t);
  sink.script({ kind: 'reset' });
  const reset = await post(http, sink.httpUrl, [Buffer.alloc(9)]);
  await sink.down();
  const refused = await post(http, sink.httpUrl, [Buffer.alloc(9)]);
  await http.destroy();
  const closed = await post(http, sink.httpUrl, [Buffer.alloc(9)]);
  assert.deepEqual([reset.kind, refused.kind, closed.kind], ['failure', 'failure', 'failure']);
  assert.deepEqual([reset.bytesDone, refused.bytesDone, closed.bytesDone], [false, true, true]);
});

test('bytes are not done when the time is over', async (t) => {
  const connected = Promise.withResolvers<Socket>();
  const at = await listen(t, createServer(), (socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => {
      socket.pause();
      connected.resolve(socket);
    });
  });
  const clock = new FakeClock();
  const posted = post(client(t, {}, clock), `http://${at}/`, [Buffer.alloc(LARGE)]);
  await connected.promise;
  await clock.advance(LONG_MS);
  assert.deepEqual(await posted, {
    kind: 'failure',
    timedOut: true,
    message: `no response within ${LONG_MS} ms`,
    bytesDone: false,
  });
});

test('nothing is known of bytes that went through a proxy or over HTTP/2', async (t) => {
  const sink = await startOtlpSink({ tls: authority.issue() });
  t.after(() => sink.close());
  const proxy = await startConnectProxy();
  t.after(() => proxy.close());
  const way = { host: '127.0.0.1', port: proxy.port, tls: false, authorization: '' };
  const tls = tlsSettings(authority.cert, { serverName: 'localhost' });
  const proxied = await post(client(t, { tls }), sink.httpUrl, [Buffer.alloc(9), Buffer.alloc(9)], way);
  assert.deepEqual([proxied.kind, proxied.bytesDone], ['response', false]);
  assert.equal(sink.requests[0]?.bytes.length, 18);

  const server = createSecureServer(authority.issue(), (request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200).end());
  });
  const at = await listen(t, server, () => undefined);
  const result = await post(client(t, { tls }), `https://${at}/`, [Buffer.alloc(9), Buffer.alloc(9)]);
  assert.deepEqual([result.kind, result.bytesDone], ['response', false]);
});
