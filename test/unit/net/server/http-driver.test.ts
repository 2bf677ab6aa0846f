import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHttpServer } from '#net/server/http-driver.ts';
import type { HttpServerOptions } from '#net/server/http.ts';
import { DEFAULT_RECEIVE_BYTES, ReceiveMemory } from '#net/server/receive-memory.ts';
import { parseAddress } from '#net/server/listen.ts';
import { NodeHttpServer } from '#net/server/node-http.ts';
import { UwsHttpServer } from '#net/server/uws.ts';
import { systemClock } from '#shared/clock.ts';
import { uwsStub } from '#test/support/http-uws-stub.ts';
import { RecordingLog } from '#test/support/recording-log.ts';

const tls = {
  cert: null,
  key: null,
  minVersion: '1.2',
  maxVersion: '1.3',
  cipherSuites: [],
  curves: [],
  systemCa: false,
  reloadMs: 0,
  clientCa: null,
} as const;
function options(change: Partial<HttpServerOptions> = {}): HttpServerOptions & { readonly log: RecordingLog } {
  return {
    who: 'me',
    address: parseAddress('127.0.0.1:0'),
    tls: null,
    keepAlives: true,
    handler: () => {},
    clock: systemClock,
    memory: new ReceiveMemory(DEFAULT_RECEIVE_BYTES, systemClock),
    timeouts: { idleMs: 0, readHeaderMs: 0, readMs: 0, writeMs: 0 },
    ...change,
    log: new RecordingLog(),
  };
}
const present = async () => uwsStub;
const absent = async () => 'uWebSockets.js is not installed';

test('auto takes uWebSockets.js when it loads, else node:http with one line that says why', async () => {
  const quiet = options();
  assert.ok((await createHttpServer('auto', quiet, present)) instanceof UwsHttpServer);
  assert.deepEqual(quiet.log.lines, []);
  const told = options();
  assert.ok((await createHttpServer('auto', told, absent)) instanceof NodeHttpServer);
  assert.deepEqual(told.log.lines, [
    { level: 'info', message: 'HTTP is served by node:http', fields: { reason: 'uWebSockets.js is not installed' } },
  ]);
});

test('uws insists; node never asks', async () => {
  await assert.rejects(
    createHttpServer('uws', options(), absent),
    /--http\.driver=uws: uWebSockets\.js is not installed; .* or use --http\.driver=node/,
  );
  assert.ok((await createHttpServer('uws', options(), present)) instanceof UwsHttpServer);
  assert.ok((await createHttpServer('node', options(), () => assert.fail())) instanceof NodeHttpServer);
});

test('TLS and unix sockets are served by node:http', async () => {
  for (const change of [{ tls }, { address: parseAddress('/x', 'unix') }]) {
    const told = options(change);
    assert.ok((await createHttpServer('uws', told, present)) instanceof NodeHttpServer);
    assert.equal(told.log.lines.length, 1);
  }
});
