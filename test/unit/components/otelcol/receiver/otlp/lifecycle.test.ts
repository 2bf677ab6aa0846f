/** Start, update and stop of the receiver: what is bound, what is kept, what operators are told. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client, credentials } from '@grpc/grpc-js';
import { freePorts } from '#test/support/free-ports.ts';
import { makeTraces } from '#test/support/payloads.ts';
import { Outcome } from '#shared/outcome.ts';
import { RECEIVER_ID, receiverArgs, withReceiver } from '#test/support/http-receiver.ts';

const made = makeTraces({ spans: 2 }) as Buffer | { readonly bytes: Buffer };
const traces = Buffer.isBuffer(made) ? made : made.bytes;
const TRACE_PATH = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const post = async (address: string, headers: Record<string, string> = {}): Promise<number> =>
  (
    await fetch(`http://${address}/v1/traces`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-protobuf', ...headers },
      body: new Uint8Array(traces),
    })
  ).status;

test('a taken port: one error that names component and address, and nothing is left open', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  for (const protocol of ['grpc', 'http'] as const) {
    await assert.rejects(
      withReceiver(receiverArgs({ [protocol]: { endpoint: `127.0.0.1:${port}` } }), async () => {}),
      (error: Error) => {
        assert.match(
          error.message,
          new RegExp(`^${RECEIVER_ID.replaceAll('.', '\\.')} cannot listen on 127\\.0\\.0\\.1:${port}: `),
        );
        return true;
      },
    );
  }
  taken.close();
});

test('an endpoint that is no address is a clear error', async () => {
  await assert.rejects(
    withReceiver(receiverArgs({ http: { endpoint: 'localhost' } }), async () => {}),
    /"localhost" is not an address to listen on; write host:port/,
  );
});

test('gRPC over a unix socket', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-otlp-'));
  const path = join(dir, 'otlp.sock');
  await withReceiver(
    { ...receiverArgs({ grpc: { endpoint: path, transport: 'unix' } }), http: undefined },
    async ({ entry }) => {
      const client = new Client(`unix:${path}`, credentials.createInsecure());
      await new Promise<void>((resolve, reject) => {
        client.makeUnaryRequest(
          TRACE_PATH,
          (b: Buffer) => b,
          (b: Buffer) => b,
          traces,
          (error) => (error === null ? resolve() : reject(error)),
        );
      });
      client.close();
      assert.equal(entry.offers.length, 1);
    },
  );
  rmSync(dir, { recursive: true });
});

test('without protocols, or without consumers, nothing is bound and a warning says so', async () => {
  await withReceiver({ ...receiverArgs(), grpc: undefined, http: undefined }, async ({ lines }) => {
    assert.deepEqual(
      lines.map((l) => [l.level, l.message]),
      [['warn', 'neither a grpc nor an http block is present: nothing is received']],
    );
  });
  await withReceiver({ ...receiverArgs(), output: { traces: [], metrics: [], logs: [] } }, async ({ lines }) => {
    assert.deepEqual(
      lines.map((l) => [l.level, l.message]),
      [['warn', 'output names no component: nothing is received']],
    );
  });
});

test('a listener on every address without TLS is warned about, once', async () => {
  await withReceiver(
    { ...receiverArgs({ http: { endpoint: '0.0.0.0:0' } }), grpc: undefined },
    async ({ lines, http }) => {
      assert.equal(lines.filter((l) => l.level === 'warn').length, 1);
      assert.match(lines.find((l) => l.level === 'warn')?.message ?? '', /every network address without TLS/);
      assert.match(http, /^(\[::\]|0\.0\.0\.0):\d+$/);
    },
  );
});

test('cors.allowed_headers without origins is warned about', async () => {
  await withReceiver(
    { ...receiverArgs({ http: { cors: { allowed_headers: ['X-A'] } } }), grpc: undefined },
    async ({ lines }) => {
      assert.match(lines.find((l) => l.level === 'warn')?.message ?? '', /cors\.allowed_headers has no effect/);
    },
  );
});

test('an update of request settings keeps the sockets and applies at once', async () => {
  const first = receiverArgs();
  await withReceiver(first, async ({ part, http, entry, lines }) => {
    assert.equal(await post(http, { 'X-A': '1' }), 200);
    const listening = lines.length;
    await part.update(
      receiverArgs({ http: { include_metadata: true, traces_url_path: '/in' }, grpc: { include_metadata: true } }),
    );
    assert.equal(lines.length, listening, 'nothing was bound');
    assert.equal(await post(http), 404);
    const reply = await fetch(`http://${http}/in`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-protobuf', 'X-A': '1' },
      body: new Uint8Array(traces),
    });
    assert.equal(reply.status, 200);
    assert.equal(entry.offers[0]?.metadata, null);
    assert.deepEqual(entry.offers[1]?.metadata?.get('x-a'), ['1']);
  });
});

test('an update re-binds the one protocol that changed, on the same port too', async () => {
  const [port] = await freePorts(1);
  const endpoint = `127.0.0.1:${port}`;
  await withReceiver(receiverArgs({ http: { endpoint } }), async (receiver) => {
    const { part, grpc } = receiver;
    const bound = (): number => receiver.lines.filter((line) => line.message.startsWith('listening')).length;
    assert.equal(await post(endpoint), 200);
    await part.update(receiverArgs({ http: { endpoint, keep_alives_enabled: false } }));
    assert.equal(bound(), 3);
    assert.equal(await post(endpoint), 200);
    assert.equal(receiver.grpc, grpc, 'gRPC was left alone');
    await part.update(receiverArgs({ http: { endpoint: '127.0.0.1:0' } }));
    assert.equal(await post(receiver.http), 200);
    await assert.rejects(post(endpoint), /fetch failed/);
    await part.update({ ...receiverArgs(), grpc: undefined });
    await assert.rejects(fetch(`http://${grpc}/`), /fetch failed/);
    assert.equal(await post(receiver.http), 200);
  });
});

test('an update that cannot bind fails and leaves the previous listeners in use', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  await withReceiver(receiverArgs(), async (receiver) => {
    const { part, http } = receiver;
    await assert.rejects(part.update(receiverArgs({ http: { endpoint: `127.0.0.1:${port}` } })), /in use/);
    assert.equal(await post(http), 200);
  });
  taken.close();
});

const overGrpc = (address: string): Promise<number> => {
  const client = new Client(address, credentials.createInsecure());
  return new Promise<number>((resolve) => {
    client.makeUnaryRequest(
      TRACE_PATH,
      (b: Buffer) => b,
      (b: Buffer) => b,
      traces,
      (error) => {
        client.close();
        resolve(error?.code ?? 0);
      },
    );
  });
};
const on = (grpcPort: number, httpPort: number): ReturnType<typeof receiverArgs> =>
  receiverArgs({ grpc: { endpoint: `127.0.0.1:${grpcPort}` }, http: { endpoint: `127.0.0.1:${httpPort}` } });

test('gRPC and HTTP can swap their ports, and one can take the port that the other leaves', async () => {
  const [a, b, c] = await freePorts(3);
  await withReceiver(on(a, b), async ({ part }) => {
    for (const [grpc, http] of [
      [b, a],
      [a, c],
      [c, b],
    ] as const) {
      await part.update(on(grpc, http));
      assert.deepEqual([await overGrpc(`127.0.0.1:${grpc}`), await post(`127.0.0.1:${http}`)], [0, 200]);
    }
  });
});

test('a swap of which one side cannot be bound is taken back on both', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const [a, b] = await freePorts(2);
  await withReceiver(on(a, b), async ({ part }) => {
    await assert.rejects(part.update(on(b, port)), { code: 'address_in_use' });
    assert.deepEqual([await overGrpc(`127.0.0.1:${a}`), await post(`127.0.0.1:${b}`)], [0, 200]);
  });
  taken.close();
});

test('what it gives up is free at once, requests in flight are answered, and an update listens there again', async () => {
  const [a, b] = await freePorts(2);
  await withReceiver(on(a, b), async ({ part, entry }) => {
    entry.hold = true;
    const waiting = [overGrpc(`127.0.0.1:${a}`), post(`127.0.0.1:${b}`)];
    while (entry.offers.length < 2) await new Promise((resolve) => setImmediate(resolve));
    await part.vacate(on(a, 0));
    const other = createServer().listen(b, '127.0.0.1');
    await once(other, 'listening');
    await assert.rejects(part.update(on(a, b)), { code: 'address_in_use' });
    other.close();
    await once(other, 'close');
    await part.update(on(a, b));
    for (const offer of entry.offers) offer.done(Outcome.accepted);
    assert.deepEqual(await Promise.all(waiting), [0, 200]);
    entry.hold = false;
    assert.deepEqual([await overGrpc(`127.0.0.1:${a}`), await post(`127.0.0.1:${b}`)], [0, 200]);
    await part.vacate(null);
    await assert.rejects(post(`127.0.0.1:${b}`), /fetch failed/);
  });
});

test('an update does not wait for what is in flight on a listener that it replaces; the end does', async () => {
  const [a, b] = await freePorts(2);
  await withReceiver(on(a, b), async ({ part, entry }) => {
    entry.hold = true;
    const waiting = [overGrpc(`127.0.0.1:${a}`), post(`127.0.0.1:${b}`)];
    while (entry.offers.length < 2) await new Promise((resolve) => setImmediate(resolve));
    const { offers } = entry;
    await part.update(on(b, a));
    let ended = false;
    const stopped = part.stop(60_000).then(() => (ended = true));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(ended, false);
    for (const offer of offers) offer.done(Outcome.accepted);
    assert.deepEqual(await Promise.all(waiting), [0, 200]);
    await stopped;
  });
});

test('stop answers the requests in flight of both protocols', async () => {
  await withReceiver(receiverArgs(), async ({ part, entry, http, grpc }) => {
    entry.hold = true;
    const client = new Client(grpc, credentials.createInsecure());
    const overHttp = post(http);
    const overGrpc = new Promise<number>((resolve) => {
      client.makeUnaryRequest(
        TRACE_PATH,
        (b: Buffer) => b,
        (b: Buffer) => b,
        traces,
        (error) => resolve(error?.code ?? 0),
      );
    });
    while (entry.offers.length < 2) await new Promise((resolve) => setImmediate(resolve));
    const stopping = part.stop(60_000);
    for (const offer of entry.offers) offer.done(Outcome.accepted);
    assert.deepEqual([await overHttp, await overGrpc], [200, 0]);
    await stopping;
    client.close();
  });
});
