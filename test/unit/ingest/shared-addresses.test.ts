/** Copies of one part that listen on the same addresses: here in one thread, since the system does not tell the difference. */
import assert from 'node:assert/strict';
import { DEFAULT_RECEIVE_BYTES, ReceiveMemory } from '#net/server/receive-memory.ts';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { SharedAddresses } from '#ingest/shared-addresses.ts';
import { bind, parseAddress } from '#net/server/listen.ts';
import { UwsHttpServer } from '#net/server/uws.ts';
import { systemClock } from '#shared/clock.ts';
import type { KnownAddress } from '#shared/control.ts';
import { uwsStub } from '#test/support/http-uws-stub.ts';
import { RecordingLog } from '#test/support/recording-log.ts';

const held = (addresses: SharedAddresses, isHeld = true): KnownAddress[] =>
  addresses.bound.map((a) => ({ ...a, held: isHeld }));

async function listener(
  t: TestContext,
  addresses: SharedAddresses,
  endpoint: string,
  name = 'http',
): Promise<[Server, string]> {
  const server = createServer();
  t.after(() => server.close());
  return [server, await bind(server, parseAddress(endpoint, 'tcp', addresses.share(name)), 'me')];
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

test('the first chooses a port, the others share it', async (t) => {
  for (const endpoint of ['127.0.0.1:0', 'localhost:0', ':0']) {
    const [first, second] = [new SharedAddresses(true), new SharedAddresses(false)];
    const [, at] = await listener(t, first, endpoint);
    second.setKnown(held(first));
    assert.equal((await listener(t, second, endpoint))[1], at);
    assert.deepEqual(second.bound, first.bound);
    assert.match(at, endpoint === ':0' ? /^(\[::\]|0\.0\.0\.0):\d+$/ : /^127\.0\.0\.1:\d+$/);
  }
});

test('an address that anybody else listens on is in use, also where that one would share it', async (t) => {
  const [, at] = await listener(t, new SharedAddresses(true), '127.0.0.1:0');
  await assert.rejects(
    listener(t, new SharedAddresses(true), at),
    new RegExp(`^MillraceError: me cannot listen on ${at}: the address is in use; `),
  );
  const alone = createServer().listen(0, '127.0.0.1');
  t.after(() => alone.close());
  await once(alone, 'listening');
  const { port } = alone.address() as { port: number };
  await assert.rejects(listener(t, new SharedAddresses(true), `127.0.0.1:${port}`), /the address is in use/);
});

test('two listeners of one part cannot have one address; with port 0 each gets its own', async (t) => {
  const [first, second] = [new SharedAddresses(true), new SharedAddresses(false)];
  const [, at] = await listener(t, first, '127.0.0.1:0', 'grpc');
  await assert.rejects(listener(t, first, at, 'http'), /the address is in use/);
  const [, http] = await listener(t, first, '127.0.0.1:0', 'http');
  assert.notEqual(http, at);
  second.setKnown(held(first));
  assert.equal((await listener(t, second, '127.0.0.1:0', 'http'))[1], http);
  assert.equal((await listener(t, second, '127.0.0.1:0', 'grpc'))[1], at);
});

test('a listener that is made anew on its address finds it held by the other threads', async (t) => {
  const [first, second] = [new SharedAddresses(true), new SharedAddresses(false)];
  const [server, at] = await listener(t, first, '127.0.0.1:0');
  second.setKnown(held(first));
  await listener(t, second, '127.0.0.1:0');
  await close(server);
  assert.deepEqual(first.bound, [], 'a listener that is closed holds nothing');
  first.setKnown(held(second));
  assert.equal((await listener(t, first, '127.0.0.1:0'))[1], at);
});

test('a port can pass from one listener of the part to another', async (t) => {
  const [first, second] = [new SharedAddresses(true), new SharedAddresses(false)];
  const [server, at] = await listener(t, first, '127.0.0.1:0', 'grpc');
  // As an update finds it: the port is written out, this thread has given it up, the other has not yet.
  await close(server);
  const known = (s: SharedAddresses): KnownAddress[] => held(s).map((a) => ({ ...a, where: at }));
  second.setKnown([]);
  await listener(t, second, at, 'grpc');
  first.setKnown(known(second));
  assert.equal((await listener(t, first, at, 'http'))[1], at);
});

test('a known address that nobody holds any more is bound alone first', async (t) => {
  const first = new SharedAddresses(true);
  const [server, at] = await listener(t, first, '127.0.0.1:0');
  const known = held(first, false);
  await close(server);
  const successor = new SharedAddresses(true);
  successor.setKnown(known);
  const [again, address] = await listener(t, successor, '127.0.0.1:0');
  assert.equal(address, at, 'the port stays');
  await close(again);
  const stranger = createServer().listen(known[0].port, '127.0.0.1');
  t.after(() => stranger.close());
  await once(stranger, 'listening');
  await assert.rejects(listener(t, successor, '127.0.0.1:0'), /the address is in use/);
});

test("a socket's path is bound by one thread alone", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-share-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 's.sock');
  const bindAs = async (addresses: SharedAddresses): Promise<Server> => {
    const server = createServer();
    assert.equal(await bind(server, parseAddress(path, 'unix', addresses.share('grpc')), 'me'), path);
    return server;
  };
  const other = await bindAs(new SharedAddresses(false));
  assert.equal(other.listening, false);
  assert.equal(existsSync(path), false);
  const server = await bindAs(new SharedAddresses(true));
  assert.equal(server.listening, true);
  server.close();
});

test('uWebSockets.js shares too, and is kept from sharing with strangers', async () => {
  const make = (addresses: SharedAddresses, endpoint: string): UwsHttpServer =>
    new UwsHttpServer(uwsStub, {
      who: 'me',
      address: parseAddress(endpoint, 'tcp', addresses.share('http')),
      tls: null,
      keepAlives: true,
      handler: () => {},
      clock: systemClock,
      memory: new ReceiveMemory(DEFAULT_RECEIVE_BYTES, systemClock),
      timeouts: { idleMs: 0, readHeaderMs: 0, readMs: 0, writeMs: 0 },
      log: new RecordingLog(),
    });
  const [first, second] = [new SharedAddresses(true), new SharedAddresses(false)];
  const one = make(first, '127.0.0.1:0');
  const at = await one.start();
  second.setKnown(held(first));
  const two = make(second, '127.0.0.1:0');
  assert.equal(await two.start(), at);
  await assert.rejects(make(new SharedAddresses(true), at).start(), /the address is in use/);
  await one.stop(0);
  assert.deepEqual(first.bound, []);
  await two.stop(0);
});
