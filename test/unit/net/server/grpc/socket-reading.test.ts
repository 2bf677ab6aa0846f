/** Sockets that read into the buffer of their thread, and the same where a socket's handle cannot. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { after, describe, test } from 'node:test';
import { takeOver } from '#net/server/grpc/socket-reading.ts';
import { settle } from '#test/support/fake-clock.ts';

interface Pair {
  readonly client: Socket;
  readonly socket: Socket;
  readonly accepted: Socket;
  readonly chunks: Buffer[];
  /** The buffers that the chunks lay in. */
  readonly memory: Set<ArrayBufferLike>;
  received(bytes: number): Promise<string>;
}

const servers = new Set<Server>();
after(() => {
  for (const server of servers) server.close();
});

async function pair(hideHandle: boolean): Promise<Pair> {
  const server = createServer({ pauseOnConnect: true });
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => {}); // tests reset it
  const [accepted] = (await once(server, 'connection')) as [Socket];
  server.close();
  if (hideHandle) {
    const { _handle: handle } = accepted as unknown as { _handle: { useUserBuffer?: unknown } };
    Object.defineProperty(handle, 'useUserBuffer', { value: undefined });
  }
  const chunks: Buffer[] = [];
  const memory = new Set<ArrayBufferLike>();
  const socket = takeOver(accepted, (chunk) => {
    chunks.push(Buffer.from(chunk));
    memory.add(chunk.buffer);
  });
  socket.on('error', () => {}); // the same
  const received = async (bytes: number): Promise<string> => {
    while (Buffer.concat(chunks).length < bytes) await settle();
    return Buffer.concat(chunks).toString();
  };
  return { client, socket, accepted, chunks, memory, received };
}

for (const [name, hidden] of [
  ['a buffer of the thread', false],
  ['where the handle has no user buffer', true],
] as const) {
  describe(name, () => {
    test('bytes come in both directions', async () => {
      const { client, socket, received } = await pair(hidden);
      client.write('hello');
      assert.equal(await received(5), 'hello');
      assert.equal(socket.bytesRead, 5);
      socket.write('answer');
      const [back] = (await once(client, 'data')) as [Buffer];
      assert.equal(back.toString(), 'answer');
      client.destroy();
      await once(socket, 'close');
    });

    test('the end of the client ends the socket', async () => {
      const { client, socket, received } = await pair(hidden);
      client.end('last words');
      client.resume();
      await once(socket, 'close');
      assert.equal(await received(10), 'last words');
    });

    test('a reset closes the socket', async () => {
      const { client, socket, received } = await pair(hidden);
      client.write('x');
      await received(1);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      client.resetAndDestroy();
      await closed;
      assert.equal(socket.destroyed, true);
    });

    test('a paused socket does not read; a resumed one does', async () => {
      const { client, socket, received, chunks } = await pair(hidden);
      client.write('one');
      await received(3);
      socket.pause();
      assert.equal(socket.isPaused(), true);
      client.write('two');
      while (client.writableLength > 0) await settle();
      for (let i = 0; i < 20; i++) await settle();
      assert.equal(chunks.length, 1);
      socket.resume();
      assert.equal(socket.isPaused(), false);
      assert.equal(await received(6), 'onetwo');
      client.destroy();
      await once(socket, 'close');
    });
  });
}

test('sockets share one buffer and do not mix what they read', async () => {
  const pairs = await Promise.all([pair(false), pair(false), pair(false)]);
  for (let round = 0; round < 20; round++)
    for (const [i, { client }] of pairs.entries()) client.write(`${i}`.repeat(1000));
  for (const [i, { received }] of pairs.entries()) assert.equal(await received(20_000), `${i}`.repeat(20_000));
  assert.equal(new Set(pairs.flatMap(({ memory }) => [...memory])).size, 1);
  for (const { client, accepted, socket } of pairs) {
    assert.notEqual(accepted, socket);
    assert.equal(accepted.destroyed, true);
    client.destroy();
    await once(socket, 'close');
  }
});

test('without a handle that can, the accepted socket is used itself', async () => {
  const { client, accepted, socket } = await pair(true);
  assert.equal(accepted, socket);
  client.destroy();
  await once(socket, 'close');
});
