/** A client's connection: pings, the times of its life, its end, its socket. The clock is a fake one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GRPC } from '#shared/outcome.ts';
import type { GrpcServerKeepalive } from '#net/server/grpc.ts';
import { echo, FakeClient, FakeServer, KEEPALIVE } from '#test/support/grpc-connection.ts';
import { call, data, headers, hello, message, ping, REQUEST } from '#test/support/http2-frames.ts';

const HOUR = 3600_000;
const content = Buffer.from('hello');

const serving = (keepalive: Partial<GrpcServerKeepalive> = {}): FakeServer =>
  new FakeServer({ keepalive: { ...KEEPALIVE, ...keepalive } });

const ends = (client: FakeClient): [number, number][] => client.out.goAways.map(({ lastId, code }) => [lastId, code]);

test('pings that follow answers are no abuse: a client may measure its window with each', async () => {
  const server = serving();
  const client = await server.connect();
  await client.send(...Array.from({ length: 20 }, (_, i) => call(2 * i + 1, content)));
  for (const { call: open } of server.calls) {
    open.reply(content);
    await client.send(ping());
  }
  assert.deepEqual([client.out.goAways.length, client.out.pongs.length], [0, 20]);
});

test('pings without anything between them are, and the client is told why', async () => {
  const server = serving();
  const client = await server.connect();
  await client.send(call(1, content));
  for (let i = 0; i < 10; i++) await client.send(ping());
  assert.deepEqual(
    client.out.goAways.map(({ code, debug }) => [code, debug]),
    [[11, 'too_many_pings']],
  );
  assert.equal(client.socket.ended, true);
  server.calls[0]?.call.reply(content);
  assert.equal(server.memory.usedBytes, 0);
});

test('who never speaks HTTP/2 is cut after two minutes, who does is not', async () => {
  const server = serving();
  const mute = new FakeClient(server.context);
  const half = new FakeClient(server.context);
  await half.send(hello().subarray(0, 30));
  const client = await server.connect();
  await server.clock.advance(119_999);
  assert.deepEqual([mute.closed, half.closed], [false, false]);
  await server.clock.advance(1);
  assert.deepEqual([mute.closed, half.closed, client.closed], [true, true, false]);
  client.socket.destroy();
  await client.send();
  assert.equal(server.clock.pending, 0);
});

test('a silent client is pinged, and cut when it does not answer', async () => {
  const server = serving({ timeMs: 60_000, timeoutMs: 5000 });
  const [dead, alive] = [await server.connect(), await server.connect()];
  await server.clock.advance(60_000);
  assert.deepEqual([dead.out.pings, alive.out.pings], [['millrace'], ['millrace']]);
  await alive.send(ping('millrace', true));
  await server.clock.advance(5000);
  assert.deepEqual([dead.closed, alive.closed], [true, false]);
  await server.clock.advance(55_000);
  assert.equal(alive.out.pings.length, 2);
  await alive.send(call(1, content));
  await server.clock.advance(59_999);
  assert.deepEqual([alive.closed, alive.out.pings.length], [false, 2]);
  alive.socket.destroy();
});

test('without settings a ping goes out after two hours and waits twenty seconds', async () => {
  const server = serving();
  const client = await server.connect();
  await server.clock.advance(2 * HOUR - 1);
  assert.equal(client.out.pings.length, 0);
  await server.clock.advance(1);
  assert.equal(client.out.pings.length, 1);
  await server.clock.advance(19_999);
  assert.equal(client.closed, false);
  await server.clock.advance(1);
  assert.deepEqual([client.closed, server.clock.pending], [true, 0]);
});

test('an idle connection is drained; calls keep it', async () => {
  const server = serving({ maxConnectionIdleMs: 10_000 });
  const client = await server.connect();
  await server.clock.advance(9000);
  await client.send(call(1, content));
  await server.clock.advance(30_000);
  assert.deepEqual(ends(client), []);
  server.calls[0]?.call.reply(content);
  await client.send();
  await server.clock.advance(9999);
  assert.deepEqual(ends(client), []);
  await server.clock.advance(1);
  assert.deepEqual(ends(client), [[0x7fffffff, 0]]);
  await client.send(ping('draining', true));
  assert.deepEqual(ends(client).at(-1), [1, 0]);
  assert.equal(client.socket.ended, true);
});

test('an old connection is drained near its age, and cut after its grace', async () => {
  const server = serving({ maxConnectionAgeMs: 100_000, maxConnectionAgeGraceMs: 7000 });
  const client = await server.connect();
  await client.send(call(1, content));
  await server.clock.advance(89_999);
  assert.deepEqual(ends(client), []);
  // A tenth over its age at the latest, and the time for the answer to the drain's ping.
  await server.clock.advance(20_001 + 500);
  assert.equal(ends(client).length, 2);
  assert.equal(client.socket.ended, false, 'a call is open');
  await server.clock.advance(7000);
  assert.deepEqual([client.closed, server.memory.usedBytes, server.clock.pending], [true, 0, 0]);
});

test('without a grace an old connection waits for its calls', async () => {
  const server = serving({ maxConnectionAgeMs: 1000 });
  const client = await server.connect();
  await client.send(call(1, content));
  await server.clock.advance(HOUR);
  assert.equal(client.closed, false);
  server.calls[0]?.call.reply(content);
  await client.send();
  assert.deepEqual([client.answer(1).grpcStatus, client.socket.ended], [GRPC.OK, true]);
});

test('a drain serves what was on its way, and what comes after the last GOAWAY is left to others', async () => {
  const server = serving();
  const client = await server.connect();
  await client.send(call(1, content));
  client.connection.drain();
  client.connection.drain();
  await client.send(call(3, content), ping('draining', true), call(5, content));
  assert.deepEqual(ends(client), [
    [0x7fffffff, 0],
    [3, 0],
  ]);
  assert.equal(server.calls.length, 2);
  server.calls[1]?.call.reply(content);
  await client.send();
  assert.equal(client.socket.ended, false);
  server.calls[0]?.call.reply(content);
  await client.send();
  assert.deepEqual([client.answer(1).ended, client.answer(3).ended, client.socket.ended], [true, true, true]);
  await server.clock.advance(500);
  assert.deepEqual([client.closed, server.clock.pending], [true, 0]);
});

test('a drain does not wait for a client that does not answer its ping, nor for a handler that answers within data', async () => {
  const server = serving();
  server.handler = echo;
  const client = await server.connect();
  await client.send(headers(1), data(1, message(content).subarray(0, 3)));
  client.connection.drain();
  await server.clock.advance(500);
  assert.equal(ends(client).length, 2);
  await client.send(data(1, message(content).subarray(3), true), ping(), call(3, content));
  assert.deepEqual([client.answer(1).grpcStatus, client.socket.ended, client.out.pongs.length], [GRPC.OK, true, 0]);
  const early = new FakeClient(server.context);
  early.connection.drain();
  await early.send();
  assert.equal(early.closed, true, 'one that has said nothing');
});

test('a client that does not read its answers is not read either, until it reads again', async () => {
  const server = serving();
  server.handler = echo;
  const client = await server.connect();
  client.socket.stuck = true;
  const large = Buffer.alloc(60_000, 7);
  let sent = 0;
  for (; sent < 100 && !client.socket.isPaused(); sent++) await client.send(call(2 * sent + 1, large));
  // The client's window of 64 KiB holds answers back; only what needs no window gets this far.
  assert.equal(client.socket.isPaused(), false);
  client.socket.destroy();
  await client.send();
  assert.equal(server.memory.usedBytes, 0);

  const other = await server.connect();
  other.socket.stuck = true;
  const wrong = REQUEST.map(([name, value]) => [name, name === ':path' ? `/${'x'.repeat(3000)}` : value] as const);
  for (sent = 0; sent < 3000 && !other.socket.isPaused(); sent++)
    await other.send(headers(2 * sent + 1, wrong, { endStream: true }));
  assert.equal(other.socket.isPaused(), true);
  assert.ok(other.socket.writableLength < (1 << 20) + 10_000, `${other.socket.writableLength}`);
  other.socket.unstick();
  await other.send();
  assert.equal(other.socket.isPaused(), false);
  assert.equal(other.out.answers.size, sent);
});

test('answers to a socket that is gone do nothing', async () => {
  const server = serving();
  const client = await server.connect();
  await client.send(call(1, content), call(3, content));
  client.socket.destroy(new Error('ECONNRESET'));
  server.calls[0]?.call.reply(content);
  await client.send();
  server.calls[1]?.call.reply(content);
  await client.send();
  assert.deepEqual([client.out.answers.size, server.memory.usedBytes, client.closed], [0, 0, true]);
});

test('a connection that has ended itself is cut after half a second, also when the server stops meanwhile', async () => {
  const server = serving();
  const client = await server.connect();
  await client.send(data(0, content));
  assert.deepEqual([ends(client), client.socket.ended], [[[0, 1]], true]);
  await server.clock.advance(400);
  client.connection.drain();
  await server.clock.advance(99);
  assert.equal(client.closed, false);
  await server.clock.advance(1);
  assert.deepEqual([client.closed, server.clock.pending], [true, 0]);
});
