/**
 * Scenario: clients on real sockets, plain and TLS, that send half and stop, never read, hang up, or say nonsense. Guarantee: what
 * the server holds for all of them stays under its bound and comes back, and well-behaved clients are served meanwhile.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, test } from 'node:test';
import { encodeHeaders } from '#net/http2/hpack/encoder.ts';
import { ReceiveMemory } from '#net/server/receive-memory.ts';
import { GRPC } from '#shared/outcome.ts';
import { FakeClock, settle } from '#test/support/fake-clock.ts';
import { echo } from '#test/support/grpc-connection.ts';
import { serve, TLS } from '#test/support/grpc-server.ts';
import { AnswerReader } from '#test/support/http2-answers.ts';
import { call, data, headers, hello, MAX_FRAME_SIZE, message, ping, REQUEST } from '#test/support/http2-frames.ts';
import { rawCall, rawSession } from '#test/support/http-raw-grpc.ts';

const MIB = 1 << 20;
const PATH = '/test.Service/Echo';

class RawClient {
  readonly socket: Socket;
  readonly out = new AnswerReader();
  closed = false;
  constructor(port: number, secure: boolean) {
    this.socket = secure
      ? connectTls({ port, host: '127.0.0.1', ALPNProtocols: ['h2'], rejectUnauthorized: false })
      : connect(port, '127.0.0.1');
    this.socket.on('error', () => {}); // tests cut it
    this.socket.once('close', () => (this.closed = true));
  }
  read(): this {
    this.socket.on('data', (bytes: Buffer) => this.out.push(bytes));
    return this;
  }
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await settle();
  }
}

for (const [name, tls] of [
  ['plain', null],
  ['TLS', TLS],
] as const) {
  const secure = tls !== null;
  const scheme = secure ? 'https' : 'http';
  const session = (address: string) => rawSession(address, secure ? { rejectUnauthorized: false } : {}, scheme);

  describe(name, () => {
    test('sixty half-sent messages of 4 MiB on one connection stay under the bound; stalled ones give way', async () => {
      const clock = new FakeClock();
      const memory = new ReceiveMemory(16 * MIB, clock);
      let peak = 0;
      await serve(
        echo,
        async ({ port, address }) => {
          const client = new RawClient(port, secure).read();
          client.socket.write(hello());
          const half = message(Buffer.alloc(2 * MIB), 0, 4 * MIB);
          // In turns of 16 KiB, as far as the windows go: the server gives them back at once.
          let used = 0;
          for (let at = 0; at < half.length; at += 16_384) {
            for (let id = 1; id < 120; id += 2) {
              if (at === 0) client.socket.write(headers(id));
              if (client.out.answers.has(id)) continue;
              const part = data(id, half.subarray(at, at + 16_384));
              await client.until(
                () => 65_535 + (client.out.granted.get(0) ?? 0) - used >= part.length || client.closed,
              );
              used += part.length - 9;
              client.socket.write(part);
              peak = Math.max(peak, memory.usedBytes);
            }
          }
          await client.until(() => client.out.answers.size >= 40);
          assert.ok(peak > 8 * MIB && peak <= 16 * MIB, `${peak} bytes held`);
          assert.ok([...client.out.answers.values()].every(({ grpcStatus }) => grpcStatus === GRPC.UNAVAILABLE));
          assert.equal(client.closed, false);

          // Another one needs memory: refused while the stalled ones are young, served when they are not.
          const other = session(address);
          const large = Buffer.alloc(3 * MIB, 7);
          const early = await rawCall(other, PATH, large);
          assert.equal(early.status, GRPC.UNAVAILABLE);
          await clock.advance(10_000);
          const late = await rawCall(other, PATH, large);
          assert.equal(late.status, GRPC.OK);
          assert.ok(late.body.subarray(5).equals(large));
          await client.until(() => client.out.answers.size === 60);
          other.destroy();
          client.socket.destroy();
          await client.until(() => memory.usedBytes === 0);
        },
        { tls, memory, clock },
      );
    });

    test('a client that never reads is read no further, and others are served', async () => {
      let calls = 0;
      await serve(
        (_request, open) => (calls++, open.fail(GRPC.UNAVAILABLE, 'x'.repeat(2000))),
        async ({ port, address, memory }) => {
          const client = new RawClient(port, secure);
          client.socket.write(hello());
          if (secure) await once(client.socket, 'secureConnect');
          client.socket.pause();
          // Asks until the server stops reading, which its own socket then shows: nothing more is taken from it.
          let id = 1;
          let still = 0;
          while (still < 200) {
            const before = calls;
            for (let n = 0; n < 50 && client.socket.writableLength < MIB; n++, id += 2)
              client.socket.write(call(id, Buffer.alloc(1000)));
            await settle();
            still = calls === before ? still + 1 : 0;
            assert.ok(id < 200_000, 'the server reads on and on');
          }
          assert.ok(memory.usedBytes < 65_536, 'at most one request came in part');
          const other = session(address);
          assert.equal((await rawCall(other, PATH, Buffer.alloc(1))).status, GRPC.UNAVAILABLE);
          other.destroy();
          // It reads again: everything that it asked is answered.
          const asked = (id - 1) / 2;
          client.read();
          client.socket.resume();
          await client.until(() => client.out.answers.size === asked);
          client.socket.destroy();
        },
        { tls },
      );
    });

    test('a frame may be as large as announced, DATA and HEADERS alike, and no larger', async () => {
      await serve(
        echo,
        async ({ port }) => {
          const token = (bytes: number): Buffer =>
            headers(1, [
              ...REQUEST,
              ['token', '*'.repeat(bytes - encodeHeaders([...REQUEST, ['token', '']]).length - 2)],
            ]);
          for (const make of [token, (bytes: number) => Buffer.concat([headers(1), data(1, Buffer.alloc(bytes))])]) {
            const client = new RawClient(port, secure).read();
            client.socket.write(hello());
            await client.until(() => client.out.settingsAcks === 1);
            const announced = client.out.settings.get(MAX_FRAME_SIZE) ?? 16_384;
            client.socket.write(Buffer.concat([make(announced), ping()]));
            await client.until(() => client.out.pongs.length === 1);
            client.socket.write(data(1, Buffer.alloc(announced + 1)));
            await client.until(() => client.closed);
            assert.equal(client.out.goAways[0]?.code, 6);
          }
        },
        { tls },
      );
    });

    test('clients that hang up in the middle leave nothing behind', async () => {
      await serve(
        () => {},
        async ({ port, memory, server }) => {
          for (const how of ['end', 'reset', 'destroy'] as const) {
            const client = new RawClient(port, secure).read();
            client.socket.write(Buffer.concat([hello(), call(1, Buffer.alloc(9)), headers(3)]));
            client.socket.write(data(3, message(Buffer.alloc(16_000), 0, 200_000)));
            await client.until(() => memory.usedBytes > 200_000);
            if (how === 'end') client.socket.end();
            else if (how === 'reset' && !secure) client.socket.resetAndDestroy();
            else client.socket.destroy();
            await client.until(() => memory.usedBytes === 0);
          }
          // No connection is left to wait for.
          await server.stop(600_000);
        },
        { tls },
      );
    });

    test('nonsense ends its own connection only', async () => {
      await serve(
        echo,
        async ({ port, address }) => {
          const good = session(address);
          for (const text of ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', '\0\0\0\0\0\0\0\0', 'PRI * HTTP/2.0\r\n\r\nXX']) {
            const client = new RawClient(port, secure).read();
            client.socket.write(text);
            await client.until(() => client.closed);
            assert.deepEqual(
              client.out.goAways.map(({ code }) => code),
              [1],
            );
          }
          const client = new RawClient(port, secure).read();
          client.socket.write(Buffer.concat([hello(), headers(1), data(3, Buffer.alloc(1))]));
          await client.until(() => client.closed);
          assert.equal((await rawCall(good, PATH, Buffer.from('x'))).status, GRPC.OK);
          good.destroy();
        },
        { tls },
      );
    });

    test('a stop answers what is under way and says so in the right order', async () => {
      const waiting: (() => void)[] = [];
      await serve(
        (_request, open) => void waiting.push(() => open.reply(Buffer.from('done'))),
        async ({ port, server }) => {
          const client = new RawClient(port, secure).read();
          client.socket.write(Buffer.concat([hello(), call(1, Buffer.alloc(9), REQUEST)]));
          await client.until(() => waiting.length === 1);
          const stopped = server.stop(600_000);
          await client.until(() => client.out.goAways.length === 2);
          client.socket.write(call(3, Buffer.alloc(9)));
          waiting[0]();
          await client.until(() => client.closed);
          await stopped;
          assert.deepEqual(client.out.answer(1).body, message(Buffer.from('done')));
          assert.deepEqual([client.out.answers.has(3), waiting.length], [false, 1]);
        },
        { tls },
      );
    });
  });
}
