/** Answers that are made while they are sent: with backpressure, one piece in a turn, no more when the client has gone. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { describe, test } from 'node:test';
import type { StreamingExchange } from '#net/server/http.ts';
import { parseAddress } from '#net/server/listen.ts';
import { ReceiveMemory } from '#net/server/receive-memory.ts';
import { SwitchingHttpServer } from '#net/server/switching-http.ts';
import { systemClock } from '#shared/clock.ts';
import { RecordingLog } from '#test/support/recording-log.ts';

async function serve(
  handler: (exchange: StreamingExchange) => void,
  method: string,
  use: (response: IncomingMessage) => Promise<void>,
): Promise<void> {
  const server = new SwitchingHttpServer({
    who: 'test',
    address: parseAddress('127.0.0.1:0'),
    timeouts: { idleMs: 0, readHeaderMs: 0, readMs: 0, writeMs: 0 },
    keepAlives: true,
    memory: new ReceiveMemory(0, systemClock),
    handler,
    log: new RecordingLog(),
    clock: systemClock,
  });
  const port = (await server.start(null)).split(':').at(-1);
  const asked = request({ host: '127.0.0.1', port, method, agent: false }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  await use(response);
  await server.stop(0);
}

/** Waits until a value stays the same through several turns of the event loop with I/O in between. */
async function steady(read: () => number): Promise<number> {
  for (let before = -1; ;) {
    const now = read();
    if (now === before) return now;
    before = now;
    for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
  }
}

const PIECE = 'x'.repeat(64 * 1024);

describe('stream', () => {
  test('sends all pieces, each made in a turn of its own', async () => {
    let made = 0;
    let turn = 0;
    const turns: number[] = [];
    const next = (): string | null => {
      turns.push(turn);
      setImmediate(() => turn++);
      if (made === 3) return null;
      return made++ === 1 ? '' : PIECE;
    };
    await serve(
      (exchange) => exchange.stream(200, [['Content-Type', 'text/plain']], next),
      'GET',
      async (response) => {
        let length = 0;
        response.on('data', (chunk: Buffer) => (length += chunk.length));
        await once(response, 'end');
        assert.deepEqual(
          [response.statusCode, response.headers['content-type'], length],
          [200, 'text/plain', 2 * PIECE.length],
        );
        assert.deepEqual(new Set(turns).size, turns.length);
      },
    );
  });

  test('a client that does not read gets no more made for it; one that goes away neither', async () => {
    let made = 0;
    const next = (): string | null => (made++, PIECE);
    await serve(
      (exchange) => exchange.stream(200, [], next),
      'GET',
      async (response) => {
        response.pause();
        const waiting = await steady(() => made);
        assert.ok(waiting < 1000, `${waiting} pieces for a client that reads nothing`);
        response.once('data', () => response.pause());
        response.resume();
        await once(response, 'data');
        response.destroy();
        const gone = await steady(() => made);
        assert.equal(await steady(() => made), gone);
      },
    );
  });

  test('a piece that cannot be made cuts the connection, and nothing else', async () => {
    let made = 0;
    const next = (): string => {
      if (made++ === 2) throw new Error('a bug');
      return PIECE;
    };
    await serve(
      (exchange) => exchange.stream(200, [], next),
      'GET',
      async (response) => {
        response.resume();
        const [cut] = (await once(response, 'error')) as [Error];
        assert.match(cut.message, /aborted/);
        assert.equal(response.complete, false);
      },
    );
  });

  test('HEAD has no body, and nothing is made', async () => {
    let made = 0;
    await serve(
      (exchange) => exchange.stream(200, [['X-A', 'b']], () => (made++, null)),
      'HEAD',
      async (response) => {
        response.resume();
        await once(response, 'end');
        assert.deepEqual([response.statusCode, response.headers['x-a'], made], [200, 'b', 0]);
      },
    );
  });
});
