import assert from 'node:assert/strict';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { HttpClient } from '#net/client/http.ts';
import { parseHttpUrl } from '#net/client/http-url.ts';
import { systemClock } from '#shared/clock.ts';
import { CertificateAuthority } from '#test/support/certs.ts';
import { RecordingLog } from '#test/support/recording-log.ts';
import { tlsSettings } from '#test/support/tls-settings.ts';

/** Fails a test that hangs; no result depends on it. */
const LONG_MS = 20_000;
const authority = new CertificateAuthority();
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const FINAL = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody';

/** Answers each request (which ends with "!") with the pieces of `answers`, each a write of its own that is sent before the next. */
async function listen(t: TestContext, answers: readonly (readonly string[])[], tls: boolean): Promise<string> {
  const sockets = new Set<Socket>();
  let requests = 0;
  const take = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      if (!chunk.toString('latin1').endsWith('!')) return;
      const pieces = answers[requests++];
      const send = (i: number): void => {
        if (i < pieces.length) socket.write(pieces[i], 'latin1', () => setImmediate(send, i + 1));
      };
      send(0);
    });
  };
  const server = tls ? createTlsServer(authority.issue(), take) : createServer({ noDelay: true }, take);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function answersTo(t: TestContext, answers: readonly (readonly string[])[], tls = false): Promise<string[]> {
  const url = await listen(t, answers, tls);
  const settings = {
    tls: tls ? tlsSettings(authority.cert) : null,
    http2: false,
    http2PingMs: 0,
    maxConnections: 1,
    idleMs: 0,
    keepAlive: true,
  };
  const client = new HttpClient({ ...settings, cookies: false }, new RecordingLog(), systemClock);
  t.after(() => client.destroy());
  const got: string[] = [];
  for (const _ of answers) {
    const result = await client.post({ ...parseHttpUrl(url), proxy: null }, {}, [Buffer.from('data!')], LONG_MS);
    got.push(
      result.kind === 'response' ? `${result.status} ${result.body.toString()} ${result.bytesDone}` : result.message,
    );
  }
  return got;
}

const CASES: readonly (readonly [string, readonly string[]])[] = [
  ['none', [FINAL]],
  ['alone', [CONTINUE, FINAL]],
  ['together with the response', [CONTINUE + FINAL]],
  ['several', [CONTINUE + CONTINUE, CONTINUE, FINAL]],
  ['with a head', ['HTTP/1.1 100 Go on\r\nx-some: thing\r\n\r\n', FINAL]],
  ['byte by byte, and the response, too', [...(CONTINUE + FINAL)]],
  ['beside another interim response', [CONTINUE + 'HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n', FINAL]],
];
for (const [name, pieces] of CASES) {
  test(`100 Continue, ${name}: the final response is taken, on a connection that is used again`, async (t) => {
    for (const tls of [false, true])
      assert.deepEqual(await answersTo(t, [pieces, [FINAL], pieces], tls), Array(3).fill('200 body true'));
  });
}

test('what is no HTTP, or an interim response without an end, is a failure', async (t) => {
  const endless = `HTTP/1.1 100 Continue\r\nx: ${'a'.repeat(20_000)}`;
  for (const answer of ['HTTP/1.0 nonsense\r\n\r\n', endless]) {
    const [got] = await answersTo(t, [[answer]]);
    assert.match(got ?? '', /closed the connection|does not answer in HTTP\/1\.1|headers|overflow/i);
  }
});
