/** Clients that others wrote, node:http2 (nghttp2) and grpc-js, as oracles for what frames alone do not show. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { constants } from 'node:http2';
import { test } from 'node:test';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { GrpcCall } from '#net/server/grpc.ts';
import { GRPC } from '#shared/outcome.ts';
import { settle } from '#test/support/fake-clock.ts';
import { echo } from '#test/support/grpc-connection.ts';
import { serve, TLS } from '#test/support/grpc-server.ts';
import { PATH } from '#test/support/http2-frames.ts';
import { rawCall, rawSession } from '#test/support/http-raw-grpc.ts';

const bytes = (length: number, seed: number): Buffer => Buffer.alloc(length, `${seed} and more `);

for (const [name, options] of [
  ['tiny windows', { settings: { initialWindowSize: 100 } }],
  ['padded frames', { paddingStrategy: constants.PADDING_STRATEGY_MAX }],
  ['large frames', { settings: { maxFrameSize: 1 << 20, initialWindowSize: 1 << 22 } }],
  ['no header table', { settings: { headerTableSize: 0 } }],
  ['a small header table', { settings: { headerTableSize: 100 } }],
] as const) {
  test(`node:http2 with ${name}: answers are right, windows come back`, async () => {
    await serve(echo, async ({ address, memory }) => {
      const session = rawSession(address, options);
      for (let round = 0; round < 3; round++) {
        const sizes = [0, 1, 90, 5000, 70_000, round === 1 ? 3_000_000 : 10];
        const messages = sizes.map((size, i) => bytes(size, i));
        const replies = await Promise.all(messages.map((content) => rawCall(session, PATH, content)));
        assert.ok(replies.every(({ status }) => status === 0));
        assert.ok(replies.every(({ body }, i) => body.subarray(5).equals(messages[i])));
      }
      assert.ok((session.state.remoteWindowSize ?? 0) > 1 << 19, `${session.state.remoteWindowSize}`);
      assert.equal(memory.usedBytes, 0);
      session.destroy();
    });
  });
}

test('node:http2 that changes its settings while answers wait', async () => {
  await serve(echo, async ({ address }) => {
    const session = rawSession(address, { settings: { initialWindowSize: 0 } });
    const replies = Array.from({ length: 5 }, (_, i) => rawCall(session, PATH, bytes(20_000, i)));
    await once(session, 'localSettings');
    for (const [initialWindowSize, headerTableSize] of [
      [10, 0],
      [5, 4096],
      [30_000, 50],
    ] as const) {
      session.settings({ initialWindowSize, headerTableSize });
      await once(session, 'localSettings');
    }
    for (const [i, { status, body }] of (await Promise.all(replies)).entries()) {
      assert.equal(status, 0);
      assert.ok(body.subarray(5).equals(bytes(20_000, i)));
    }
    session.destroy();
  });
});

test('node:http2: an early refusal of a large message leaves the connection in order', async () => {
  await serve(
    echo,
    async ({ address, memory }) => {
      const session = rawSession(address);
      for (let round = 0; round < 5; round++) {
        const [large, unknown, good] = await Promise.all([
          rawCall(session, PATH, bytes(2_000_000, 1)),
          rawCall(session, '/no.Such/Method', bytes(300_000, 1)),
          rawCall(session, PATH, bytes(999, 2)),
        ]);
        assert.deepEqual(
          [large.status, unknown.status, good.status],
          [GRPC.RESOURCE_EXHAUSTED, GRPC.UNIMPLEMENTED, GRPC.OK],
        );
      }
      assert.equal(memory.usedBytes, 0);
      session.destroy();
    },
    { maxMessageBytes: 1000 },
  );
});

test('grpc-js: large messages, many calls, deadlines, cancellation, over TLS', async () => {
  const held: GrpcCall[] = [];
  await serve(
    (request, call) => (request.toString() === 'hold' ? void held.push(call) : echo(request, call)),
    async ({ address, memory }) => {
      const creds = credentials.createSsl(null, null, null, { rejectUnauthorized: false });
      const client = new Client(address, creds, {
        'grpc.ssl_target_name_override': 'localhost',
        'grpc.max_receive_message_length': -1,
      });
      const start = (content: Buffer, path: string, deadline: number, done: (code: number, body?: Buffer) => void) =>
        client.makeUnaryRequest(
          path,
          (b: Buffer) => b,
          (b: Buffer) => b,
          content,
          new Metadata(),
          { deadline },
          (error: ServiceError | null, body?: Buffer) => done(error?.code ?? 0, body),
        );
      const unary = (content: Buffer, path = PATH, deadline = Infinity): Promise<[number, Buffer | undefined]> =>
        new Promise((resolve) => start(content, path, deadline, (code, body) => resolve([code, body])));

      const messages = Array.from({ length: 30 }, (_, i) => bytes(i % 10 === 9 ? 4_000_000 : i * 1000, i));
      for (const [i, [code, body]] of (await Promise.all(messages.map((content) => unary(content)))).entries()) {
        assert.equal(code, 0);
        assert.ok(body?.equals(messages[i]));
      }
      assert.equal((await unary(bytes(1_000_000, 1), '/no.Such/Method'))[0], GRPC.UNIMPLEMENTED);
      assert.equal((await unary(Buffer.from('hold'), PATH, Date.now() + 300))[0], GRPC.DEADLINE_EXCEEDED);
      const cancelled = new Promise<number>((resolve) => {
        const call = start(Buffer.from('hold'), PATH, Infinity, resolve);
        const cancel = (): void => void (held.length === 2 ? call.cancel() : setImmediate(cancel));
        cancel();
      });
      assert.equal(await cancelled, GRPC.CANCELLED);
      while (memory.usedBytes > 0) await settle();
      for (const call of held) call.reply(Buffer.alloc(1));
      assert.equal((await unary(Buffer.from('last')))[1]?.toString(), 'last');
      client.close();
    },
    { tls: TLS },
  );
});
