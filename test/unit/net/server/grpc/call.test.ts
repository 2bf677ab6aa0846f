/** Unary calls on one connection: how messages are put together, and what becomes of wrong ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { GRPC } from '#shared/outcome.ts';
import { echo, FakeServer } from '#test/support/grpc-connection.ts';
import { call, data, headers, message, REQUEST, reset, type Fields } from '#test/support/http2-frames.ts';

const GZIP: Fields = [...REQUEST, ['grpc-encoding', 'gzip']];
const bytes = (n: number): Buffer => Buffer.from(Array.from({ length: n }, (_, i) => i * 7));

test('a message in one piece, in many, with the end apart from it, and none at all', async () => {
  const server = new FakeServer();
  server.handler = echo;
  const client = await server.connect();
  const content = bytes(1000);
  const framed = message(content);
  await client.send(call(1, content));
  await client.send(headers(3), ...[...framed].map((byte) => data(3, Buffer.of(byte))), data(3, Buffer.alloc(0), true));
  for (const part of [
    headers(5),
    data(5, framed.subarray(0, 3)),
    data(5, framed.subarray(3, 9)),
    data(5, framed.subarray(9), true),
  ])
    await client.send(part);
  await client.send(headers(7), data(7, framed), headers(7, [['some', 'trailer']], { endStream: true }));
  await client.send(headers(9), data(9, message(Buffer.alloc(0)), true));
  for (const id of [1, 3, 5, 7, 9]) {
    const answer = client.answer(id);
    assert.equal(answer.grpcStatus, GRPC.OK, `stream ${id}`);
    assert.deepEqual(answer.body, id === 9 ? message(Buffer.alloc(0)) : framed, `stream ${id}`);
    assert.equal(answer.headers.get('content-type'), 'application/grpc');
  }
  assert.deepEqual([server.memory.usedBytes, server.refused], [0, 0]);
});

test('a message that grows through several buffers arrives as it was sent', async () => {
  const server = new FakeServer();
  const client = await server.connect();
  const content = bytes(3_000_000);
  const framed = message(content);
  await client.send(headers(1));
  for (let at = 0; at < framed.length; at += 50_000)
    await client.send(data(1, framed.subarray(at, at + 50_000), at + 50_000 >= framed.length));
  assert.ok(server.calls[0]?.request.equals(content));
  server.calls[0]?.call.reply(Buffer.from('ok'));
  await client.send();
  assert.deepEqual(client.answer(1).body, message(Buffer.from('ok')));
  assert.equal(server.memory.usedBytes, 0);
});

test('wrong messages are refused, counted, and give back what they held', async () => {
  const cases: [number, RegExp, ...Buffer[]][] = [
    [GRPC.INTERNAL, /no message/, headers(1, REQUEST, { endStream: true })],
    [GRPC.INTERNAL, /no message/, headers(1), data(1, Buffer.alloc(0), true)],
    [GRPC.INTERNAL, /cut short/, headers(1), data(1, Buffer.of(0, 0, 0), true)],
    [GRPC.INTERNAL, /cut short/, headers(1), data(1, message(bytes(9), 0, 10), true)],
    [GRPC.INTERNAL, /cut short/, headers(1), data(1, message(bytes(9), 0, 10)), data(1, Buffer.alloc(0), true)],
    [GRPC.INTERNAL, /one message, more came/, headers(1), data(1, message(bytes(11), 0, 10), true)],
    [GRPC.INTERNAL, /one message, more came/, headers(1), data(1, message(bytes(3))), data(1, message(bytes(3)), true)],
    [GRPC.RESOURCE_EXHAUSTED, /larger than max \(1001 vs. 1000\)/, headers(1), data(1, message(bytes(1001)), true)],
    [GRPC.RESOURCE_EXHAUSTED, /larger than max \(4294967295 vs/, headers(1), data(1, message(bytes(3), 0, 0xffffffff))],
    [GRPC.INTERNAL, /names no compression/, headers(1), data(1, message(bytes(3), 1), true)],
    [GRPC.INTERNAL, /cannot inflate/, headers(1, GZIP), data(1, message(bytes(30), 1), true)],
    [GRPC.RESOURCE_EXHAUSTED, /larger than 1000/, headers(1, GZIP), data(1, message(gzipSync(bytes(1001)), 1), true)],
    [
      GRPC.UNIMPLEMENTED,
      /"br"/,
      headers(1, [...REQUEST, ['grpc-encoding', 'br']]),
      data(1, message(bytes(3), 1), true),
    ],
  ];
  for (const [status, why, ...parts] of cases) {
    const server = new FakeServer({ maxMessageBytes: 1000 });
    const client = await server.connect();
    for (const part of parts) await client.send(part);
    const answer = client.answer(1);
    assert.deepEqual([answer.grpcStatus, answer.ended], [status, true], String(why));
    assert.match(answer.grpcMessage, why);
    assert.deepEqual(
      [server.calls.length, server.refused, server.memory.usedBytes, client.connection.openCalls],
      [0, 1, 0, 0],
    );
    await client.send(data(1, bytes(10)), call(3, bytes(2)));
    assert.equal(server.calls.length, 1, 'the connection goes on');
  }
});

test('the compressed flag decides, not grpc-encoding', async () => {
  const server = new FakeServer();
  const client = await server.connect();
  await client.send(headers(1, GZIP), data(1, message(bytes(5)), true), headers(3, GZIP));
  await client.send(data(3, message(gzipSync(bytes(6)), 1), true));
  assert.deepEqual(
    server.calls.map(({ request }) => request),
    [bytes(5), bytes(6)],
  );
});

test('requests that are not for a handler', async () => {
  const without = (name: string): Fields => REQUEST.filter(([n]) => n !== name);
  const cases: [Fields, string, number, RegExp][] = [
    [[...without(':method'), [':method', 'GET']].reverse() as Fields, '405', NaN, /GET is not allowed/],
    [[...without('content-type'), ['content-type', 'application/json']], '415', NaN, /application\/json/],
    [without('content-type'), '415', NaN, /""/],
    [[...without('content-type'), ['content-type', 'application/grpcx']], '415', NaN, /grpcx/],
    [[...REQUEST, ['grpc-timeout', '5']], '200', GRPC.INTERNAL, /malformed grpc-timeout/],
    [[...REQUEST, ['grpc-timeout', '123456789S']], '200', GRPC.INTERNAL, /malformed grpc-timeout/],
    [
      [[':path', '/test.Service/Other'], ...without(':path')],
      '200',
      GRPC.UNIMPLEMENTED,
      /unknown method Other for service test.Service/,
    ],
    [
      [[':path', '/other.Service/Echo'], ...without(':path')],
      '200',
      GRPC.UNIMPLEMENTED,
      /unknown service other.Service/,
    ],
    [[[':path', 'nonsense'], ...without(':path')], '200', GRPC.UNIMPLEMENTED, /malformed method name/],
  ];
  for (const [fields, status, code, text] of cases) {
    const sorted = [...fields].sort(([a], [b]) => Number(b.startsWith(':')) - Number(a.startsWith(':')));
    const server = new FakeServer();
    const client = await server.connect();
    await client.send(headers(1, sorted), data(1, message(bytes(100)), true));
    const answer = client.answer(1);
    assert.deepEqual(
      [answer.headers.get(':status'), answer.grpcStatus, answer.ended],
      [status, code, true],
      String(text),
    );
    assert.match(answer.grpcMessage + answer.body.toString(), text);
    assert.deepEqual([server.memory.usedBytes, client.connection.openCalls], [0, 0]);
  }
  const server = new FakeServer();
  const client = await server.connect();
  for (const [i, type] of [
    'application/grpc+proto',
    'application/grpc;charset=utf-8',
    'application/grpc+json',
  ].entries())
    await client.send(call(2 * i + 1, bytes(1), [...without('content-type'), ['content-type', type]]));
  assert.equal(server.calls.length, 3);
});

test('a reset frees the call at once; its late answer does nothing', async () => {
  const server = new FakeServer();
  const client = await server.connect();
  await client.send(call(1, bytes(9)), headers(3), data(3, message(bytes(9), 0, 100_000)));
  assert.ok(server.memory.usedBytes > 16_384);
  await client.send(reset(1), reset(3));
  assert.equal(server.memory.usedBytes, 0);
  server.calls[0]?.call.reply(Buffer.alloc(3));
  server.calls[0]?.call.fail(3, 'twice');
  await client.send();
  assert.deepEqual([client.out.answers.size, server.memory.usedBytes], [0, 0]);
});

test('a closed connection frees everything of its calls', async () => {
  const server = new FakeServer();
  const client = await server.connect();
  const timeout: Fields = [...REQUEST, ['grpc-timeout', '1H']];
  await client.send(
    call(1, bytes(9), timeout),
    headers(3, timeout),
    data(3, message(bytes(9), 0, 100_000)),
    headers(5),
  );
  client.socket.destroy();
  await client.send();
  assert.deepEqual([server.memory.usedBytes, client.closed], [0, true]);
  server.calls[0]?.call.reply(Buffer.alloc(3));
  await server.clock.advance(250);
  assert.equal(server.clock.pending, 0);
});

test('a deadline that passes answers DEADLINE_EXCEEDED and frees the call, delivered or not', async () => {
  const server = new FakeServer();
  const client = await server.connect();
  const timeout = (text: string): Fields => [...REQUEST, ['grpc-timeout', text]];
  await client.send(
    call(1, bytes(9), timeout('700m')),
    headers(3, timeout('1S')),
    data(3, message(bytes(9), 0, 100_000)),
  );
  await client.send(call(5, bytes(9), timeout('1H')), call(7, bytes(9)), call(9, bytes(1), timeout('0n')));
  await server.clock.advance(500);
  assert.deepEqual([...client.out.answers.keys()], [9]);
  await server.clock.advance(600);
  assert.deepEqual(
    [1, 3].map((id) => client.answer(id).grpcStatus),
    [GRPC.DEADLINE_EXCEEDED, GRPC.DEADLINE_EXCEEDED],
  );
  server.calls[0]?.call.reply(Buffer.alloc(1));
  server.calls[1]?.call.reply(Buffer.alloc(1));
  server.calls[2]?.call.reply(Buffer.alloc(1));
  await client.send();
  assert.deepEqual(
    [5, 7].map((id) => client.answer(id).grpcStatus),
    [GRPC.OK, GRPC.OK],
  );
  assert.equal(server.memory.usedBytes, 0);
  // Nothing is left to watch.
  await server.clock.advance(250);
  const watching = server.clock.nextDelayMs;
  assert.ok(watching === null || watching > 250, `${watching}`);
});
