/**
 * What every HTTP door must do. Runs over node:http, over the uWebSockets.js adapter with a stub that has that package's rules,
 * and over the real package where it can be loaded.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { HttpExchange, HttpHandler, HttpServer, HttpServerOptions } from '#net/server/http.ts';
import { parseAddress } from '#net/server/listen.ts';
import { DEFAULT_RECEIVE_BYTES, ReceiveMemory } from '#net/server/receive-memory.ts';
import { NodeHttpServer } from '#net/server/node-http.ts';
import { loadUws, UwsHttpServer } from '#net/server/uws.ts';
import { systemClock } from '#shared/clock.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { RecordingLog } from '#test/support/recording-log.ts';
import { uwsStub } from '#test/support/http-uws-stub.ts';

type Make = (options: HttpServerOptions) => HttpServer;
const real = await loadUws();
const DOORS: readonly { readonly name: string; readonly make: Make; readonly skip: string | false }[] = [
  { name: 'node', make: (options) => new NodeHttpServer(options), skip: false },
  { name: 'uws (stub)', make: (options) => new UwsHttpServer(uwsStub, options), skip: false },
  {
    name: 'uws',
    make: (options) => new UwsHttpServer(real as typeof uwsStub, options),
    skip: typeof real === 'string' ? real : false,
  },
];

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: Buffer | readonly Buffer[];
  readonly agent?: Agent;
}

for (const door of DOORS) {
  const scenario = (name: string, run: () => Promise<void>): void =>
    void test(`${door.name}: ${name}`, { skip: door.skip }, run);

  const thrown: unknown[] = [];
  const create = (handler: HttpHandler, options: Partial<HttpServerOptions>): HttpServer =>
    door.make({
      who: 'otelcol.receiver.otlp.test',
      address: parseAddress('127.0.0.1:0'),
      tls: null,
      keepAlives: true,
      handler: (exchange) => {
        try {
          handler(exchange);
        } catch (error) {
          thrown.push(error); // in a callback of the package nobody else would see it
        }
      },
      memory: new ReceiveMemory(DEFAULT_RECEIVE_BYTES, systemClock),
      log: new RecordingLog(),
      clock: systemClock,
      timeouts: { idleMs: 60_000, readHeaderMs: 60_000, readMs: 0, writeMs: 30_000 },
      ...options,
    });

  async function serve(
    handler: HttpHandler,
    run: (port: number, server: HttpServer) => Promise<void>,
    options: Partial<HttpServerOptions> = {},
  ): Promise<void> {
    const server = create(handler, options);
    const address = await server.start();
    assert.match(address, /^127\.0\.0\.1:\d+$/);
    try {
      await run(Number(address.split(':')[1]), server);
    } finally {
      await server.stop(0);
    }
    assert.deepEqual(thrown.splice(0), []);
  }

  function send(port: number, { method = 'POST', path = '/', headers = {}, body, agent }: Sent): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const req = request({ host: '127.0.0.1', port, method, path, headers, agent: agent ?? false }, (res) => {
        const parts: Buffer[] = [];
        res.on('data', (part: Buffer) => parts.push(part));
        res.on('end', () =>
          resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(parts).toString() }),
        );
        res.on('error', reject);
      });
      req.on('error', reject);
      for (const part of Array.isArray(body) ? (body as readonly Buffer[]) : body === undefined ? [] : [body as Buffer])
        req.write(part);
      req.end();
    });
  }

  /** Sends `text` as it is; resolves with everything that came back before the server closed the connection. */
  async function talk(port: number, text: string): Promise<string> {
    const socket = connect(port, '127.0.0.1');
    socket.write(text);
    return Buffer.concat(await socket.toArray()).toString();
  }

  const echo: HttpHandler = (exchange) =>
    exchange.readBody(1 << 20, (result) =>
      exchange.answer(200, [['X-Size', String(result.length)]], result === 'too_large' ? result : Buffer.from(result)),
    );

  scenario('method, path, headers and body arrive; status, headers and body come back', async () => {
    let seen: object = {};
    await serve(
      (exchange) => {
        seen = {
          method: exchange.method,
          path: exchange.path,
          type: exchange.header('content-type'),
          none: exchange.header('x-none'),
          many: exchange.metadata().get('x-many'),
        };
        exchange.readBody(100, (body) =>
          exchange.answer(
            429,
            [
              ['Retry-After', '7'],
              ['X-A', '1'],
              ['X-A', '2'],
            ],
            `got ${String(body)}`,
          ),
        );
      },
      async (port) => {
        const reply = await send(port, {
          path: '/v1/tr%61ces?x=%2F',
          headers: { 'Content-Type': 'text/x', 'X-Many': ['a', 'b'], 'Content-Length': '5' },
          body: Buffer.from('hello'),
        });
        assert.deepEqual(seen, { method: 'POST', path: '/v1/traces', type: 'text/x', none: '', many: ['a', 'b'] });
        assert.deepEqual(
          [
            reply.status,
            reply.body,
            reply.headers['retry-after'],
            reply.headers['x-a'],
            reply.headers['content-length'],
          ],
          [429, 'got hello', '7', '1, 2', '9'],
        );
      },
    );
  });

  scenario('a large body with and without a declared length arrives whole', async () => {
    const parts = Array.from({ length: 16 }, (_, i) => Buffer.alloc(50_000, i + 1));
    const whole = Buffer.concat(parts);
    await serve(echo, async (port) => {
      for (const headers of [{ 'Content-Length': String(whole.length) }, {}] as Record<string, string>[]) {
        const reply = await send(port, { headers, body: parts });
        assert.equal(reply.headers['x-size'], String(whole.length));
        assert.equal(reply.body, whole.toString());
      }
    });
  });

  scenario('20 MiB arrive whole, and whole at a client that reads late', async () => {
    const body = Buffer.alloc(20 << 20, 'millrace ');
    const back: HttpHandler = (exchange) =>
      exchange.readBody(body.length, (result) => exchange.answer(200, [], result));
    await serve(back, async (port) => {
      const req = request({ host: '127.0.0.1', port, method: 'POST', agent: false });
      req.setHeader('Content-Length', body.length);
      req.end(body);
      const [res] = (await once(req, 'response')) as [IncomingMessage];
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.ok(Buffer.concat(await res.toArray()).equals(body));
    });
  });

  scenario('headers may be long', async () => {
    const long: HttpHandler = (exchange) => exchange.answer(200, [], String(exchange.header('x-long').length));
    await serve(long, async (port) => {
      const reply = await send(port, { method: 'GET', headers: { 'X-Long': 'x'.repeat(40_000) } });
      assert.equal(reply.body, '40000');
    });
  });

  scenario('HEAD gets headers alone', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await serve(
      (exchange) => exchange.answer(405, [['X-A', '1']], 'not allowed'),
      async (port) => {
        const reply = await send(port, { method: 'HEAD', agent });
        assert.deepEqual([reply.status, reply.headers['x-a'], reply.body], [405, '1', '']);
        assert.equal((await send(port, { method: 'GET', agent })).body, 'not allowed');
      },
    );
    agent.destroy();
  });

  scenario('a length that is no number is refused and harms nobody', async () => {
    await serve(echo, async (port, server) => {
      for (const length of ['-2', '0x2', '2e0', '+2', '99999999999999999999']) {
        const reply = await talk(port, `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\nhi`);
        assert.match(reply, /^HTTP\/1\.1 400 /, length);
      }
      assert.equal((await send(port, { method: 'GET' })).status, 200);
      await server.stop(60_000); // nothing is in flight
    });
  });

  scenario('an empty body is an empty buffer', async () => {
    await serve(echo, async (port) => {
      assert.equal((await send(port, { headers: { 'Content-Length': '0' } })).headers['x-size'], '0');
      assert.equal((await send(port, { method: 'GET' })).headers['x-size'], '0');
    });
  });

  scenario('a body at the limit is taken; one byte more is refused, declared or not', async () => {
    const limited: HttpHandler = (exchange) =>
      exchange.readBody(1000, (result) => exchange.answer(200, [], result === 'too_large' ? result : 'fits'));
    await serve(limited, async (port) => {
      for (const declared of [true, false]) {
        for (const [size, answer] of [
          [1000, 'fits'],
          [1001, 'too_large'],
        ] as const) {
          const reply = await send(port, {
            headers: declared ? { 'Content-Length': String(size) } : {},
            body: [Buffer.alloc(size - 1), Buffer.alloc(1)],
          });
          assert.equal(reply.body, answer, `${size} bytes, declared: ${declared}`);
        }
      }
    });
  });

  scenario('the memory of bodies serves again, also of clients that go away in the middle', async () => {
    const memory = new ReceiveMemory(1 << 20, systemClock);
    await serve(
      (exchange) => exchange.readBody(1 << 20, (body) => exchange.answer(200, [], String(body).slice(0, 1))),
      async (port) => {
        for (let i = 0; i < 3; i++) {
          const { body } = await send(port, {
            headers: { 'Content-Length': '400000' },
            body: [Buffer.alloc(200_000, 65 + i), Buffer.alloc(200_000)],
          });
          assert.equal(body, 'ABC'[i]);
          assert.equal(memory.usedBytes, 0);
        }
        const socket = connect(port, '127.0.0.1');
        socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n${'x'.repeat(1000)}`);
        while (memory.usedBytes === 0) await new Promise((resolve) => setImmediate(resolve));
        socket.destroy();
        while (memory.usedBytes > 0) await new Promise((resolve) => setImmediate(resolve));
      },
      { memory },
    );
  });

  scenario('past the bound of all bodies together a request is refused', async () => {
    const memory = new ReceiveMemory(300_000, systemClock);
    const other = memory.take(100_000) as Buffer;
    await serve(
      (exchange) =>
        exchange.readBody(1 << 20, (body) => exchange.answer(200, [], typeof body === 'string' ? body : 'taken')),
      async (port) => {
        const big = { headers: { 'Content-Length': '400000' }, body: [Buffer.alloc(200_000), Buffer.alloc(200_000)] };
        assert.equal((await send(port, big)).body, 'no_memory');
        memory.give(other);
        assert.equal((await send(port, big)).body, 'taken');
        assert.equal(memory.usedBytes, 0);
      },
      { memory },
    );
  });

  scenario('an answer may come later, and before the body is read', async () => {
    const waiting: HttpExchange[] = [];
    await serve(
      (exchange) =>
        exchange.method === 'PUT'
          ? exchange.answer(405, [], 'no')
          : exchange.readBody(100, () => waiting.push(exchange)),
      async (port) => {
        assert.equal(
          (await send(port, { method: 'PUT', body: Buffer.alloc(300_000), headers: { 'Content-Length': '300000' } }))
            .status,
          405,
        );
        const late = send(port, { body: Buffer.from('x'), headers: { 'Content-Length': '1' } });
        while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
        waiting[0]?.answer(503, [], 'later');
        assert.equal((await late).status, 503);
        waiting[0]?.answer(200, [], 'twice'); // does nothing
      },
    );
  });

  scenario('an answer before the body reaches a client that goes on sending', async () => {
    const body = Buffer.alloc(900_000);
    for (const keepAlives of [true, false]) {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      await serve(
        (exchange) =>
          exchange.path === '/limit'
            ? exchange.readBody(1000, () => exchange.answer(400, [], 'no'))
            : exchange.answer(405, [], 'no'),
        async (port) => {
          for (const headers of [{ 'Content-Length': String(body.length) }, {}] as Record<string, string>[]) {
            const refused = await send(port, { headers, body, agent });
            assert.equal(refused.status, 405);
            if (!keepAlives) assert.equal(refused.headers.connection, 'close');
            assert.equal((await send(port, { path: '/limit', headers, body, agent })).status, 400);
          }
          if (!keepAlives) return;
          // One that reads nothing until it has sent everything; node:http cuts it off where connections are not kept.
          const socket = connect(port, '127.0.0.1');
          socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${4 * 100_000}\r\n\r\n`);
          for (let i = 0; i < 4; i++) {
            await new Promise((resolve) => setTimeout(resolve, 5));
            socket.write(body.subarray(0, 100_000));
          }
          assert.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 405 /);
          socket.destroy();
        },
        { keepAlives },
      );
      agent.destroy();
    }
  });

  scenario('a client that goes away gets no callback and harms nobody', async () => {
    const exchanges: HttpExchange[] = [];
    let bodies = 0;
    await serve(
      (exchange) => {
        exchanges.push(exchange);
        exchange.readBody(100, () => {
          bodies++;
          exchange.answer(200, [], 'ok');
        });
      },
      async (port) => {
        const socket = connect(port, '127.0.0.1');
        socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nhalf');
        while (exchanges.length === 0) await new Promise((resolve) => setImmediate(resolve));
        socket.destroy();
        assert.equal((await send(port, { body: Buffer.from('x'), headers: { 'Content-Length': '1' } })).status, 200);
        exchanges[0]?.answer(500, [], 'to nobody');
        assert.equal(bodies, 1);
      },
    );
  });

  scenario('connections are kept, or closed after each answer', async () => {
    for (const keepAlives of [true, false]) {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      await serve(
        echo,
        async (port) => {
          const sockets = new Set<string | undefined>();
          for (let i = 0; i < 3; i++) {
            const reply = await send(port, { agent, body: Buffer.from('x'), headers: { 'Content-Length': '1' } });
            sockets.add(reply.headers.connection);
          }
          assert.deepEqual(
            [...sockets],
            [keepAlives ? 'keep-alive' : 'close'].map((v) => (door.name === 'uws' && keepAlives ? undefined : v)),
          );
        },
        { keepAlives },
      );
      agent.destroy();
    }
  });

  scenario('stop answers what is in flight, accepts nothing more, and closes idle connections', async () => {
    const waiting: HttpExchange[] = [];
    const clock = new FakeClock();
    await serve(
      (exchange) =>
        exchange.path === '/idle' ? exchange.answer(200, [], '') : exchange.readBody(100, () => waiting.push(exchange)),
      async (port, server) => {
        const agent = new Agent({ keepAlive: true });
        await send(port, { method: 'GET', path: '/idle', agent });
        const flying = send(port, { agent, body: Buffer.from('x'), headers: { 'Content-Length': '1' } });
        while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
        let stopped = false;
        const stopping = server.stop(60_000).then(() => (stopped = true));
        await assert.rejects(send(port, { method: 'GET' }), /ECONNREFUSED|ECONNRESET|hang up/);
        assert.equal(stopped, false);
        waiting[0]?.answer(200, [], 'done');
        const last = await flying;
        assert.deepEqual([last.body, last.headers.connection], ['done', 'close']);
        await stopping;
        assert.equal(clock.pending, 0, 'the deadline was not waited for');
        agent.destroy();
      },
      { clock },
    );
  });

  scenario('stop waits for a body that is on its way', async () => {
    let begun = false;
    await serve(
      (exchange) => {
        begun = true;
        exchange.readBody(100, (body) => exchange.answer(200, [], String(body)));
      },
      async (port, server) => {
        const socket = connect(port, '127.0.0.1');
        socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab');
        while (!begun) await new Promise((resolve) => setImmediate(resolve));
        const stopping = server.stop(60_000);
        socket.write('cd');
        const reply = Buffer.concat(await socket.toArray()).toString();
        assert.match(reply, /^HTTP\/1\.1 200 OK\r\n.*\r\nabcd$/s);
        await stopping;
      },
    );
  });

  scenario('stop cuts what is still in flight at its deadline', async () => {
    const clock = new FakeClock();
    const waiting: HttpExchange[] = [];
    await serve(
      (exchange) => exchange.readBody(100, () => waiting.push(exchange)),
      async (port, server) => {
        const flying = assert.rejects(
          send(port, { body: Buffer.from('x'), headers: { 'Content-Length': '1' } }),
          /hang up|ECONNRESET/,
        );
        while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
        const stopping = server.stop(5_000);
        await clock.advance(5_000);
        await stopping;
        await flying;
        assert.equal(clock.pending, 0);
        waiting[0]?.answer(200, [], 'to nobody');
      },
      { clock },
    );
  });

  scenario('the address is free when stop returns, and a second stop can end earlier', async () => {
    const clock = new FakeClock();
    const waiting: HttpExchange[] = [];
    await serve(
      (exchange) => exchange.readBody(100, () => waiting.push(exchange)),
      async (port, server) => {
        const flying = assert.rejects(
          send(port, { body: Buffer.from('x'), headers: { 'Content-Length': '1' } }),
          /hang up|ECONNRESET/,
        );
        while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
        const first = server.stop(60_000);
        const other = createServer().listen(port, '127.0.0.1');
        await once(other, 'listening');
        other.close();
        const second = server.stop(1_000);
        await clock.advance(1_000);
        await Promise.all([first, second, flying]);
        assert.equal(clock.pending, 0);
      },
      { clock },
    );
  });

  scenario('a taken port is an error that names component and address', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const address = parseAddress(`127.0.0.1:${port}`);
    const refused = (): Promise<void> =>
      assert.rejects(
        serve(echo, async () => {}, { address }),
        (error: Error) => {
          assert.equal(error.name, 'MillraceError');
          assert.match(
            error.message,
            new RegExp(`^otelcol\\.receiver\\.otlp\\.test cannot listen on 127\\.0\\.0\\.1:${port}: .*in use`),
          );
          return true;
        },
      );
    await refused();
    taken.close();
    await once(taken, 'close');
    await serve(echo, refused, { address });
    await serve(echo, async () => {}, { address }); // free again
  });

  scenario('listens where it is told, or says why it cannot', async () => {
    for (const [endpoint, bound] of [
      ['localhost:0', /^127\.0\.0\.1:\d+$/],
      ['[::1]:0', /^\[::1\]:\d+$/],
    ] as const) {
      const server = create(echo, { address: parseAddress(endpoint) });
      assert.match(await server.start(), bound);
      await server.stop(0);
    }
    const elsewhere = create(echo, { address: parseAddress('192.0.2.1:0') });
    await assert.rejects(elsewhere.start(), /cannot listen on 192\.0\.2\.1:0: this machine has no such address/);
    await elsewhere.stop(0);
  });
}

test('uws: unix sockets are for the other door', async () => {
  const server = new UwsHttpServer(uwsStub, {
    who: 'a.b.c',
    address: { kind: 'unix', path: '/nowhere' },
  } as HttpServerOptions);
  await assert.rejects(server.start(), /^MillraceError: a\.b\.c: unix sockets need the node driver$/);
});
