/** What only the node:http door has: TLS with reload, and timeouts. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { HttpHandler, HttpServerOptions } from '#net/server/http.ts';
import { DEFAULT_RECEIVE_BYTES, ReceiveMemory } from '#net/server/receive-memory.ts';
import { parseAddress } from '#net/server/listen.ts';
import { NodeHttpServer } from '#net/server/node-http.ts';
import { systemClock } from '#shared/clock.ts';
import { CertificateAuthority } from '#test/support/certs.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { RecordingLog } from '#test/support/recording-log.ts';

const none = { idleMs: 0, readHeaderMs: 0, readMs: 0, writeMs: 0 };

async function serve(
  handler: HttpHandler,
  change: Partial<HttpServerOptions>,
  run: (port: number) => Promise<void>,
): Promise<void> {
  const server = new NodeHttpServer({
    who: 'me',
    address: parseAddress('127.0.0.1:0'),
    tls: null,
    keepAlives: true,
    handler,
    log: new RecordingLog(),
    clock: systemClock,
    memory: new ReceiveMemory(DEFAULT_RECEIVE_BYTES, systemClock),
    timeouts: none,
    ...change,
  });
  const address = await server.start();
  try {
    await run(Number(address.split(':')[1]));
  } finally {
    await server.stop(0);
  }
}

test('HTTPS with client certificates; a reload reaches new connections', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-https-'));
  const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
  const ca = new CertificateAuthority();
  const put = (name: string): void => {
    const made = ca.issue(name);
    writeFileSync(cert, made.cert);
    writeFileSync(key, made.key);
  };
  put('first');
  const known = ca.issue('agent');
  const clock = new FakeClock();
  const tls = {
    cert: { file: cert },
    key: { file: key },
    minVersion: '1.2',
    maxVersion: '1.3',
    cipherSuites: [],
    curves: [],
    systemCa: false,
    reloadMs: 1000,
    clientCa: { pem: ca.cert },
  } as const;
  const ask = (port: number, own: object): Promise<string> =>
    new Promise((resolve, reject) => {
      const req = request(
        { host: '127.0.0.1', servername: 'localhost', port, ca: ca.cert, agent: false, ...own },
        (res) => {
          const name = (res.socket as TLSSocket).getPeerCertificate().subject.CN as string;
          res.resume().on('end', () => resolve(`${res.statusCode} from ${name}`));
        },
      );
      req.on('error', reject);
      req.end();
    });
  await serve(
    (exchange) => exchange.answer(200, [], 'hi'),
    { tls, clock },
    async (port) => {
      assert.equal(await ask(port, known), '200 from first');
      await assert.rejects(ask(port, {}), /alert|certificate|hang up|ECONNRESET|disconnected/i);
      put('second');
      await clock.advance(1000);
      assert.equal(await ask(port, known), '200 from second');
    },
  );
  assert.equal(clock.pending, 0);
  rmSync(dir, { recursive: true });
});

/** What a connection gets until the server closes it, when it sends `text` and nothing more. */
async function sendAndWait(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {}); // it is cut
  let got = '';
  socket.on('data', (part) => (got += part.toString()));
  socket.write(text);
  await new Promise((resolve) => socket.once('close', resolve));
  return got;
}

const read: HttpHandler = (exchange) => exchange.readBody(100, () => exchange.answer(200, [], 'ok'));

test('a request whose headers do not end is answered 408 after read_header_timeout', async () => {
  await serve(read, { timeouts: { ...none, readHeaderMs: 50 } }, async (port) => {
    assert.match(await sendAndWait(port, 'POST / HTTP/1.1\r\nHost: x\r\n'), /^HTTP\/1\.1 408 /);
  });
});

test('a request whose body does not end is answered 408 after read_timeout', async () => {
  await serve(read, { timeouts: { ...none, readMs: 50 } }, async (port) => {
    assert.match(
      await sendAndWait(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf'),
      /^HTTP\/1\.1 408 /,
    );
  });
});

test('a connection on which nothing moves is closed after write_timeout', async () => {
  let asked = 0;
  await serve(
    () => asked++,
    { timeouts: { ...none, writeMs: 50 } },
    async (port) => {
      assert.equal(await sendAndWait(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'), '');
      assert.equal(asked, 1);
    },
  );
});

test('a sender that goes on with a body that nobody wants is cut after a megabyte', async () => {
  await serve(
    (exchange) => exchange.readBody(10, () => exchange.answer(400, [], 'no')),
    {},
    async (port) => {
      const got = await sendAndWait(
        port,
        `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n${'x'.repeat(5 << 20)}`,
      );
      assert.ok(got === '' || got.startsWith('HTTP/1.1 400 '), 'the cut may overtake the answer');
    },
  );
});
