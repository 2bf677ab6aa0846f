/** The bound on what all clients of a thread make us hold, and that it is always given back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GRPC } from '#shared/outcome.ts';
import { FakeClient, FakeServer } from '#test/support/grpc-connection.ts';
import {
  call,
  data,
  headers,
  hello,
  INITIAL_WINDOW_SIZE,
  message,
  REQUEST,
  reset,
  type Fields,
} from '#test/support/http2-frames.ts';

const MIB = 1 << 20;

test('half-sent messages hold what has come, not what was announced, and never more than the bound', async () => {
  const server = new FakeServer({ memoryBytes: 8 * MIB });
  const client = await server.connect();
  let refused = 0;
  for (let id = 1; id < 120; id += 2) {
    await client.send(headers(id), data(id, message(Buffer.alloc(1), 0, 4 * MIB)));
    assert.ok(server.memory.usedBytes <= 8 * MIB);
    if (client.answer(id).ended) {
      refused++;
      assert.equal(client.answer(id).grpcStatus, GRPC.UNAVAILABLE);
    }
  }
  assert.ok(refused >= 28 && refused <= 30, `${refused} refused`);
  assert.equal(server.refused, refused);
  client.socket.destroy();
  await client.send();
  assert.equal(server.memory.usedBytes, 0);
});

/** Opens streams until one is refused. */
async function fill(client: FakeClient, make: (id: number) => Buffer): Promise<number> {
  for (let id = 1; ; id += 2) {
    await client.send(make(id));
    if (client.out.answers.has(id)) return id;
    assert.ok(id < 4000, 'there is no bound');
  }
}

for (const [name, make] of [
  ['headers alone', (id: number) => headers(id)],
  ['a prefix alone', (id: number) => Buffer.concat([headers(id), data(id, Buffer.of(0, 0, 0, 1, 0))])],
  ['half a message', (id: number) => Buffer.concat([headers(id), data(id, message(Buffer.alloc(9), 0, 256))])],
] as const) {
  test(`who stops after ${name} gives way after ten seconds, and others go on`, async () => {
    const server = new FakeServer({ memoryBytes: MIB / 2 });
    const attacker = await server.connect();
    const last = await fill(attacker, make);
    assert.equal(attacker.answer(last).grpcStatus, GRPC.UNAVAILABLE);
    const client = await server.connect();
    const inTwo = async (id: number): Promise<void> => {
      const bytes = call(id, Buffer.alloc(9));
      await client.send(bytes.subarray(0, -4));
      await client.send(bytes.subarray(-4));
    };
    await inTwo(1);
    assert.equal(client.answer(1).grpcStatus, GRPC.UNAVAILABLE);
    await server.clock.advance(10_000);
    await inTwo(3);
    assert.equal(server.calls.length, 1);
    server.calls[0]?.call.reply(Buffer.alloc(0));
    await client.send();
    assert.equal(client.answer(3).grpcStatus, GRPC.OK);
    assert.deepEqual([attacker.answer(1).grpcStatus, attacker.connection.openCalls], [GRPC.UNAVAILABLE, 0]);
    assert.equal(server.memory.usedBytes, 0);
  });
}

test('who waits for its answer does not give way', async () => {
  const server = new FakeServer({ memoryBytes: MIB / 4 });
  const client = await server.connect();
  const long: Fields = [...REQUEST, ['x', 'y'.repeat(20_000)]];
  const parts = { split: [16_000] };
  await client.send(headers(1, long, parts), data(1, message(Buffer.alloc(1)), true));
  await client.send(headers(3, long, parts), data(3, message(Buffer.alloc(2)).subarray(0, 6)));
  await client.send(data(3, Buffer.alloc(1), true));
  await server.clock.advance(60_000);
  for (let id = 5; id < 40; id += 2) await client.send(headers(id, long, parts));
  assert.equal(client.answer(39).grpcStatus, GRPC.UNAVAILABLE);
  assert.deepEqual([client.out.answers.has(1), client.out.answers.has(3)], [false, false]);
});

test('refused requests are counted until they end, and answered early where there is no room', async () => {
  const server = new FakeServer({ memoryBytes: MIB / 4 });
  const client = await server.connect();
  const fields = REQUEST.map(([name, value]) => [name, name === ':path' ? `/${'x'.repeat(20_000)}` : value] as const);
  const open = (id: number): Buffer => headers(id, fields, { split: [16_000] });
  await client.send(open(1), open(3), open(5));
  assert.ok(server.memory.usedBytes > 60_000);
  await client.send(reset(1), data(3, Buffer.alloc(100), true));
  assert.ok(server.memory.usedBytes < 25_000);
  assert.deepEqual([client.out.answers.has(1), client.answer(3).grpcStatus], [false, GRPC.UNIMPLEMENTED]);
  for (let id = 7; id < 100; id += 2) await client.send(open(id));
  assert.ok(server.memory.usedBytes <= MIB / 4);
  assert.deepEqual([client.answer(99).grpcStatus, client.out.answers.has(7)], [GRPC.UNIMPLEMENTED, false]);
  await server.clock.advance(10_000);
  await client.send(open(101), call(103, Buffer.alloc(9)));
  assert.deepEqual([client.answer(7).grpcStatus, server.calls.length], [GRPC.UNIMPLEMENTED, 1]);
  client.socket.destroy();
  await client.send();
  assert.equal(server.memory.usedBytes, 0);
});

test('a message above the bound is taken when nothing else is held', async () => {
  const server = new FakeServer({ memoryBytes: MIB, maxMessageBytes: 8 * MIB });
  const client = await server.connect();
  const content = Buffer.alloc(5 * MIB, 3);
  const framed = message(content);
  await client.send(headers(1));
  for (let at = 0; at < framed.length; at += 100_000)
    await client.send(data(1, framed.subarray(at, at + 100_000), at + 100_000 >= framed.length));
  assert.equal(client.out.answers.size, 0);
  assert.ok(server.calls[0]?.request.equals(content));
  await client.send(reset(1));
  assert.equal(server.memory.usedBytes, 0);
});

test('eviction on the connection that needs the memory: every call is answered, memory returns to 0', async () => {
  const server = new FakeServer({ memoryBytes: MIB });
  const client = await server.connect();
  for (const id of [1, 3]) await client.send(headers(id), data(id, message(Buffer.alloc(9), 0, MIB / 4)));
  await server.clock.advance(10_000);
  await client.send(headers(5), data(5, message(Buffer.alloc(MIB / 2, 5)).subarray(0, MIB / 2 - 10)));
  await client.send(headers(7), data(7, message(Buffer.alloc(9), 0, MIB / 4)));
  assert.deepEqual(
    [1, 3].map((id) => client.answer(id).grpcStatus),
    [GRPC.UNAVAILABLE, GRPC.UNAVAILABLE],
  );
  await client.send(data(1, Buffer.alloc(100)), data(5, Buffer.alloc(15, 5), true), reset(7));
  assert.deepEqual([server.calls.length, server.calls[0]?.request.equals(Buffer.alloc(MIB / 2, 5))], [1, true]);
  server.calls[0]?.call.reply(Buffer.alloc(0));
  await client.send();
  assert.deepEqual([server.memory.usedBytes, client.connection.openCalls], [0, 0]);
});

test('an early answer that waits for a window is given back once', async () => {
  const server = new FakeServer({ memoryBytes: MIB / 64 });
  const client = new FakeClient(server.context);
  await client.send(hello([INITIAL_WINDOW_SIZE, 0]));
  const fields = REQUEST.filter(([name]) => name !== 'content-type');
  await client.send(headers(1, fields));
  await server.clock.advance(10_000);
  for (let id = 3; !client.out.answers.has(1); id += 2) await client.send(headers(id));
  const before = server.memory.usedBytes;
  await client.send(data(1, Buffer.alloc(10)), data(1, Buffer.alloc(10), true));
  assert.equal(server.memory.usedBytes, before);
  client.socket.destroy();
  await client.send();
  assert.equal(server.memory.usedBytes, 0);
});
