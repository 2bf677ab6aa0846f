import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { GrpcClient, type GrpcResult, type GrpcSettings } from '#net/client/grpc.ts';
import { systemClock } from '#shared/clock.ts';
import { GRPC } from '#shared/outcome.ts';
import { FakeClock, settle } from '#test/support/fake-clock.ts';
import { startOtlpSink } from '#test/support/otlp-sink.ts';
import {
  answer,
  answerOk,
  startRawGrpcServer,
  type RawGrpcServer,
  type RawHandler,
} from '#test/support/raw-grpc-server.ts';
import { startConnectProxy, startRelay } from '#test/support/relay.ts';
import { RecordingLog } from '#test/support/recording-log.ts';
import { inflate } from '#test/support/sink-inflate.ts';
import { grpcSettings, TRACES_PATH } from './grpc-settings.ts';

/** Fails a test that hangs; no result depends on it. */
const LONG_MS = 20_000;
const MESSAGE = [Buffer.from('a message that repeats, '), Buffer.from('repeats, repeats, repeats, repeats')];
const JOINED = Buffer.concat(MESSAGE);

async function raw(t: TestContext, handler: RawHandler = answerOk): Promise<RawGrpcServer> {
  const server = await startRawGrpcServer(handler);
  t.after(() => server.close());
  return server;
}

function client(t: TestContext, endpoint: string, change: Partial<GrpcSettings> = {}): GrpcClient {
  const made = new GrpcClient(grpcSettings(endpoint, change), new RecordingLog(), systemClock);
  t.after(() => made.destroy());
  return made;
}

test('a grpc-js server takes our calls: messages from empty to several flow-control windows', async (t) => {
  const sink = await startOtlpSink();
  t.after(() => sink.close());
  const grpc = client(t, sink.grpcEndpoint);
  for (const size of [0, 1, 5, 16_379, 65_535, 3_000_000]) {
    const message = Buffer.alloc(size, `size ${size} `);
    const result = await grpc.call(TRACES_PATH, [message], LONG_MS);
    assert.deepEqual({ code: result.code, response: result.response }, { code: 0, response: Buffer.alloc(0) });
    assert.deepEqual(sink.requests.at(-1)?.bytes, message);
  }
  assert.equal(sink.grpcConnections, 1);
});

for (const compression of ['gzip', 'deflate', 'zlib'] as const) {
  test(`grpc-js understands our ${compression}`, async (t) => {
    const sink = await startOtlpSink();
    t.after(() => sink.close());
    const result = await client(t, sink.grpcEndpoint, { compression }).call(TRACES_PATH, MESSAGE, LONG_MS);
    assert.equal(result.code, 0, result.message);
    assert.deepEqual(sink.requests[0]?.bytes, JOINED);
  });
}

const WIRE_NAMES = [
  ['none', undefined, ''],
  ['', undefined, ''],
  ['gzip', 'gzip', 'gzip'],
  ['zlib', 'deflate', 'zlib'],
  ['deflate', 'deflate', 'zlib'],
  ['zstd', 'zstd', 'zstd'],
  ['snappy', 'snappy', 'x-snappy-framed'],
] as const;
for (const [compression, wireName, format] of WIRE_NAMES) {
  test(`compression "${compression}" is sent as grpc-encoding ${wireName}, flag and length in front`, async (t) => {
    const server = await raw(t);
    await client(t, server.endpoint, { compression }).call(TRACES_PATH, MESSAGE, LONG_MS);
    const [call] = server.calls;
    assert.ok(call);
    assert.equal(call.headers['grpc-encoding'], wireName);
    assert.equal(call.body[0], format === '' ? 0 : 1);
    assert.equal(call.body.readUInt32BE(1), call.body.length - 5);
    assert.deepEqual(inflate(format, call.body.subarray(5)), JOINED);
  });
}

test("headers: gRPC's own, lower-cased metadata, base64 for -bin, reserved names left out", async (t) => {
  const server = await raw(t);
  const log = new RecordingLog();
  const grpc = new GrpcClient(
    grpcSettings(server.endpoint, {
      headers: { 'X-Scope-OrgID': 'team 1', 'trace-bin': 'ä', TE: 'gzip', 'grpc-timeout': '1S' },
    }),
    log,
    systemClock,
  );
  t.after(() => grpc.destroy());
  await grpc.call(TRACES_PATH, MESSAGE, 7000);
  const headers = server.calls[0]?.headers ?? {};
  assert.equal(headers[':method'], 'POST');
  assert.equal(headers[':scheme'], 'http');
  assert.equal(headers[':path'], TRACES_PATH);
  assert.equal(headers[':authority'], server.endpoint);
  assert.equal(headers['te'], 'trailers');
  assert.equal(headers['content-type'], 'application/grpc');
  assert.equal(headers['user-agent'], 'test/1');
  assert.match(String(headers['grpc-timeout']), /^(7000|6\d\d\d)m$/);
  assert.equal(headers['x-scope-orgid'], 'team 1');
  assert.equal(headers['trace-bin'], 'w6Q');
  assert.deepEqual(
    log.lines.map((l) => l.fields['headers']),
    ['te, grpc-timeout'],
  );
});

test("authority replaces the endpoint's name", async (t) => {
  const server = await raw(t);
  await client(t, server.endpoint, { authority: 'collector.example' }).call(TRACES_PATH, MESSAGE, LONG_MS);
  assert.equal(server.calls[0]?.headers[':authority'], 'collector.example');
});

test('a time that is over before the call is sent is told in whole milliseconds', async (t) => {
  const server = await raw(t);
  let leapMs = 0;
  const clock = { ...systemClock, monotonicMs: () => (leapMs += 10), after: systemClock.after.bind(systemClock) };
  const grpc = new GrpcClient(grpcSettings(server.endpoint), new RecordingLog(), clock);
  t.after(() => grpc.destroy());
  assert.equal((await grpc.call(TRACES_PATH, MESSAGE, 0)).code, 0);
  const late = await grpc.call(TRACES_PATH, MESSAGE, 7.6);
  assert.deepEqual([late.code, late.message], [GRPC.DEADLINE_EXCEEDED, 'no answer within 8 ms']);
});

test('settings that cannot work are errors that name them', () => {
  const make = (change: Partial<GrpcSettings>) => () =>
    new GrpcClient(grpcSettings('127.0.0.1:1', change), new RecordingLog(), systemClock);
  assert.throws(make({ endpoint: 'no port here:x' }), /"no port here:x" is not a gRPC endpoint/);
  assert.throws(make({ headers: { 'white space': '1' } }), /"white space" cannot be a gRPC header name/);
  assert.throws(make({ headers: { key: 'line\nbreak' } }), /the value of the gRPC header "key"/);
});

test('a status comes back with its decoded message and its details; a trailers-only answer too', async (t) => {
  const trailers = { 'grpc-message': 'voll %E2%82%AC 100%25', 'grpc-status-details-bin': 'CAg' };
  const server = await raw(t, (call) => answer(call, GRPC.RESOURCE_EXHAUSTED, { trailers }));
  const grpc = client(t, server.endpoint);
  const expected = {
    code: GRPC.RESOURCE_EXHAUSTED,
    message: 'voll € 100%',
    details: Buffer.from([8, 8]),
    response: null,
    bytesDone: true,
    unprocessed: false,
  };
  assert.deepEqual(await grpc.call(TRACES_PATH, MESSAGE, LONG_MS), expected);
  server.handler = ({ stream }) =>
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '8', ...trailers },
      { endStream: true },
    );
  assert.deepEqual(await grpc.call(TRACES_PATH, MESSAGE, LONG_MS), expected);
});

test('a response message is inflated; one that cannot be read still counts as success', async (t) => {
  const partial = Buffer.from('partial success, say');
  const server = await raw(t);
  const grpc = client(t, server.endpoint);
  for (const [encoding, bytes] of [
    ['gzip', gzipSync(partial)],
    ['zstd', zstdCompressSync(partial)],
  ] as const) {
    server.handler = (call) =>
      answer(call, 0, { message: bytes, compressed: true, headers: { 'grpc-encoding': encoding } });
    assert.deepEqual((await grpc.call(TRACES_PATH, MESSAGE, LONG_MS)).response, partial);
  }
  server.handler = (call) =>
    answer(call, 0, { message: partial, compressed: true, headers: { 'grpc-encoding': 'gzip' } });
  const unreadable = await grpc.call(TRACES_PATH, MESSAGE, LONG_MS);
  assert.equal(unreadable.code, 0);
  assert.match(unreadable.message, /unreadable response/);
});

const HTTP_CODES = [
  [400, GRPC.INTERNAL],
  [401, GRPC.UNAUTHENTICATED],
  [403, GRPC.PERMISSION_DENIED],
  [404, GRPC.UNIMPLEMENTED],
  [429, GRPC.UNAVAILABLE],
  [502, GRPC.UNAVAILABLE],
  [503, GRPC.UNAVAILABLE],
  [504, GRPC.UNAVAILABLE],
  [500, GRPC.UNKNOWN],
  [302, GRPC.UNKNOWN],
] as const;
test('an HTTP status without a gRPC status is mapped by the gRPC table', async (t) => {
  const server = await raw(t);
  const grpc = client(t, server.endpoint);
  for (const [status, code] of HTTP_CODES) {
    server.handler = ({ stream }) => {
      stream.respond({ ':status': status, 'content-type': 'text/html' });
      stream.end('<html>');
    };
    const result = await grpc.call(TRACES_PATH, MESSAGE, LONG_MS);
    assert.equal(result.code, code, `${status}`);
    assert.match(result.message, new RegExp(String(status)));
  }
  server.handler = ({ stream }) => {
    stream.respond({ ':status': 200, 'content-type': 'text/html' });
    stream.end('<html>');
  };
  assert.equal((await grpc.call(TRACES_PATH, MESSAGE, LONG_MS)).code, GRPC.UNKNOWN);
  server.handler = ({ stream }) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
    stream.end();
  };
  assert.match((await grpc.call(TRACES_PATH, MESSAGE, LONG_MS)).message, /without a status/);
});

const RESETS = [
  [1, GRPC.INTERNAL],
  [2, GRPC.INTERNAL],
  [8, GRPC.CANCELLED],
  [11, GRPC.RESOURCE_EXHAUSTED],
  [12, GRPC.PERMISSION_DENIED],
] as const;
test('a reset stream is mapped by the gRPC table, and the connection goes on', async (t) => {
  const server = await raw(t);
  const grpc = client(t, server.endpoint);
  for (const [http2Code, code] of RESETS) {
    server.handler = ({ stream }) => stream.close(http2Code);
    assert.equal((await grpc.call(TRACES_PATH, MESSAGE, LONG_MS)).code, code, `HTTP/2 error ${http2Code}`);
  }
  assert.equal(server.connections, 1);
});

test('a refused stream is sent once more at once, a second refusal is UNAVAILABLE', async (t) => {
  const server = await raw(t);
  const grpc = client(t, server.endpoint);
  let refusals = 1;
  server.handler = (call) => (refusals-- > 0 ? call.stream.close(7) : answerOk(call));
  assert.equal((await grpc.call(TRACES_PATH, MESSAGE, LONG_MS)).code, 0);
  assert.equal(server.calls.length, 2);
  refusals = 2;
  assert.equal((await grpc.call(TRACES_PATH, MESSAGE, LONG_MS)).code, GRPC.UNAVAILABLE);
  assert.equal(server.calls.length, 4);
});

test('GOAWAY: calls under way finish on the old connection, new ones go to a new one', async (t) => {
  const server = await raw(t);
  const grpc = client(t, server.endpoint);
  const held: (() => void)[] = [];
  const arrived = new Promise<void>((resolve) => {
    server.handler = (call) => {
      held.push(() => answerOk(call));
      call.session.goaway(0);
      resolve();
    };
  });
  const first = grpc.call(TRACES_PATH, MESSAGE, LONG_MS);
  await arrived;
  server.handler = answerOk;
  // The call may still be given to the old session before the GOAWAY has come; either way it must succeed.
  while (server.connections === 1) assert.equal((await grpc.call(TRACES_PATH, MESSAGE, LONG_MS)).code, 0);
  held[0]?.();
  assert.equal((await first).code, 0);
});

test('a connection that breaks in the middle of a call is UNAVAILABLE, and the next call connects anew', async (t) => {
  const sink = await startOtlpSink();
  t.after(() => sink.close());
  const grpc = client(t, sink.grpcEndpoint);
  sink.script({ kind: 'reset' });
  assert.equal((await grpc.call(TRACES_PATH, MESSAGE, LONG_MS)).code, GRPC.UNAVAILABLE);
  assert.equal((await grpc.call(TRACES_PATH, MESSAGE, LONG_MS)).code, 0);
  assert.equal(sink.grpcConnections, 2);
});

test('nobody listens: UNAVAILABLE with the reason; once somebody does, calls succeed after the backoff', async (t) => {
  const sink = await startOtlpSink();
  t.after(() => sink.close());
  await sink.down();
  const clock = new FakeClock();
  const log = new RecordingLog();
  const grpc = new GrpcClient(grpcSettings(sink.grpcEndpoint), log, clock);
  t.after(() => grpc.destroy());
  const refused = await grpc.call(TRACES_PATH, MESSAGE, 0);
  assert.equal(refused.code, GRPC.UNAVAILABLE);
  assert.match(refused.message, /ECONNREFUSED/);
  await sink.up();
  assert.equal((await grpc.call(TRACES_PATH, MESSAGE, 0)).code, GRPC.UNAVAILABLE, 'still backing off');
  await clock.advance(1200);
  assert.equal((await grpc.call(TRACES_PATH, MESSAGE, 0)).code, 0);
  assert.equal(log.lines.filter((l) => l.level === 'warn').length, 1, 'one line for the outage');
});

test('a call the server does not answer is DEADLINE_EXCEEDED at its deadline and cancelled on the wire', async (t) => {
  const server = await raw(t, () => undefined);
  const clock = new FakeClock();
  const grpc = new GrpcClient(grpcSettings(server.endpoint), new RecordingLog(), clock);
  t.after(() => grpc.destroy());
  const arrived = new Promise<number>((resolve) => {
    server.handler = ({ stream }) => {
      stream.once('close', () => resolve(stream.rstCode));
      void clock.advance(4999).then(() => clock.advance(1));
    };
  });
  const result = await grpc.call(TRACES_PATH, MESSAGE, 5000);
  assert.equal(result.code, GRPC.DEADLINE_EXCEEDED);
  assert.equal(clock.monotonicMs(), 5000);
  assert.equal(await arrived, 8);
});

test('a connection that went silent is dropped after a missed deadline and an unanswered ping', async (t) => {
  const server = await raw(t);
  const relay = await startRelay(server.port);
  t.after(() => relay.close());
  const clock = new FakeClock();
  const grpc = new GrpcClient(grpcSettings(`127.0.0.1:${relay.port}`), new RecordingLog(), clock);
  t.after(() => grpc.destroy());
  assert.equal((await grpc.call(TRACES_PATH, MESSAGE, 0)).code, 0);
  relay.freeze();
  const silent = grpc.call(TRACES_PATH, MESSAGE, 5000);
  await clock.advance(5000);
  assert.equal((await silent).code, GRPC.DEADLINE_EXCEEDED);
  assert.equal(relay.connections, 1);
  await clock.advance(20_000);
  assert.equal((await grpc.call(TRACES_PATH, MESSAGE, 0)).code, 0);
  assert.equal(relay.connections, 2);
});

test('a server that is merely slow answers the ping and keeps its connection', async (t) => {
  const server = await raw(t, () => undefined);
  const clock = new FakeClock();
  const grpc = new GrpcClient(grpcSettings(server.endpoint), new RecordingLog(), clock);
  t.after(() => grpc.destroy());
  const arrived = new Promise<void>((resolve) => (server.handler = () => resolve()));
  const slow = grpc.call(TRACES_PATH, MESSAGE, 5000);
  await arrived;
  const pinged = new Promise<void>((resolve) => server.calls[0]?.session.once('ping', () => resolve()));
  await clock.advance(5000);
  assert.equal((await slow).code, GRPC.DEADLINE_EXCEEDED);
  await pinged;
  server.handler = answerOk;
  assert.equal((await grpc.call(TRACES_PATH, MESSAGE, 0)).code, 0, 'its answer also shows that the ping was answered');
  await clock.advance(60_000);
  assert.equal((await grpc.call(TRACES_PATH, MESSAGE, 0)).code, 0);
  assert.equal(server.connections, 1);
});

test('wait_for_ready: a call waits for the server until its deadline', async (t) => {
  const sink = await startOtlpSink();
  t.after(() => sink.close());
  await sink.down();
  const clock = new FakeClock();
  const log = new RecordingLog();
  const grpc = new GrpcClient(grpcSettings(sink.grpcEndpoint, { waitForReady: true }), log, clock);
  t.after(() => grpc.destroy());
  const failedOnce = async (): Promise<void> => {
    while (log.lines.length === 0) await settle();
  };
  const late = grpc.call(TRACES_PATH, MESSAGE, 700);
  await failedOnce();
  await clock.advance(700);
  const result = await late;
  assert.equal(result.code, GRPC.DEADLINE_EXCEEDED);
  assert.match(result.message, /no connection to .* in time: .*ECONNREFUSED/);

  const patient = grpc.call(TRACES_PATH, MESSAGE, 60_000);
  await sink.up();
  await clock.advance(1200);
  assert.equal((await patient).code, 0);
});

test('round_robin spreads calls over all addresses and goes on without one that is down', async (t) => {
  const a = await startRawGrpcServer(answerOk, '127.0.0.1');
  t.after(() => a.close());
  const b = await startRawGrpcServer(answerOk, '127.0.0.2', a.port);
  t.after(() => b.close());
  const looked: string[] = [];
  const system = {
    random: () => 0.5,
    resolve: (host: string) => (looked.push(host), Promise.resolve(['127.0.0.1', '127.0.0.2'])),
  };
  const grpc = new GrpcClient(grpcSettings(`dns:///two.example:${a.port}`), new RecordingLog(), systemClock, system);
  t.after(() => grpc.destroy());
  while (a.connections === 0 || b.connections === 0)
    assert.equal((await grpc.call(TRACES_PATH, MESSAGE, LONG_MS)).code, 0);
  // One answered call on each proves both ready.
  while (a.calls.length === 0 || b.calls.length === 0) await grpc.call(TRACES_PATH, MESSAGE, LONG_MS);
  const before = [a.calls.length, b.calls.length] as const;
  for (let i = 0; i < 10; i++) await grpc.call(TRACES_PATH, MESSAGE, LONG_MS);
  assert.deepEqual([a.calls.length - before[0], b.calls.length - before[1]], [5, 5]);
  assert.deepEqual(looked, ['two.example']);
  assert.equal(a.calls[0]?.headers[':authority'], `two.example:${a.port}`);
  await b.close();
  // Calls that meet the loss fail with UNAVAILABLE at most; those after it succeed.
  let code: number = GRPC.UNAVAILABLE;
  while (code !== 0) ({ code } = await grpc.call(TRACES_PATH, MESSAGE, LONG_MS));
  for (let i = 0; i < 4; i++) assert.equal((await grpc.call(TRACES_PATH, MESSAGE, LONG_MS)).code, 0);
});

test('round_robin looks the name up again after a loss and follows it to a new address', async (t) => {
  const a = await startRawGrpcServer(answerOk, '127.0.0.1');
  t.after(() => a.close());
  const b = await startRawGrpcServer(answerOk, '127.0.0.2', a.port);
  t.after(() => b.close());
  let address = '127.0.0.1';
  const clock = new FakeClock();
  const grpc = new GrpcClient(grpcSettings(`moving.example:${a.port}`), new RecordingLog(), clock, {
    random: () => 0.5,
    resolve: () => Promise.resolve([address]),
  });
  t.after(() => grpc.destroy());
  assert.equal((await grpc.call(TRACES_PATH, MESSAGE, 0)).code, 0);
  address = '127.0.0.2';
  await a.close();
  let code: number = GRPC.UNAVAILABLE;
  while (code !== 0) {
    ({ code } = await grpc.call(TRACES_PATH, MESSAGE, 0));
    await clock.advance(1000);
  }
  assert.equal(b.calls.length, 1);
});

test('destroy fails a call without a deadline, also one on an address that the name has no longer', async (t) => {
  const a = await startRawGrpcServer(answerOk, '127.0.0.1');
  t.after(() => a.close());
  const b = await startRawGrpcServer(answerOk, '127.0.0.2', a.port);
  const c = await startRawGrpcServer(answerOk, '127.0.0.3', a.port);
  t.after(() => c.close());
  let addresses = ['127.0.0.1', '127.0.0.2'];
  const clock = new FakeClock();
  const grpc = new GrpcClient(grpcSettings(`moving.example:${a.port}`), new RecordingLog(), clock, {
    random: () => 0.5,
    resolve: () => Promise.resolve(addresses),
  });
  t.after(() => grpc.destroy());
  // b has answered: both are known.
  while (b.calls.length === 0) assert.equal((await grpc.call(TRACES_PATH, MESSAGE, 0)).code, 0);
  let held = false;
  a.handler = () => (held = true);
  const calls: Promise<GrpcResult>[] = [];
  while (!held) {
    calls.push(grpc.call(TRACES_PATH, MESSAGE, 0));
    await new Promise(setImmediate);
  }
  // The loss of b makes the client look the name up again, and a is gone from it.
  addresses = ['127.0.0.3'];
  await b.close();
  while (c.connections === 0) {
    await clock.advance(1000);
    void grpc.call(TRACES_PATH, MESSAGE, 0);
  }
  await grpc.destroy();
  const codes = (await Promise.all(calls)).map((result) => result.code);
  assert.ok(codes.includes(GRPC.UNAVAILABLE), codes.join());
});

test('a name that cannot be resolved is UNAVAILABLE with the reason', async (t) => {
  const grpc = new GrpcClient(grpcSettings('nowhere.example:4317'), new RecordingLog(), systemClock, {
    random: () => 0.5,
    resolve: () => Promise.reject(new Error('ENOTFOUND nowhere.example')),
  });
  t.after(() => grpc.destroy());
  const result = await grpc.call(TRACES_PATH, MESSAGE, LONG_MS);
  assert.equal(result.code, GRPC.UNAVAILABLE);
  assert.match(result.message, /ENOTFOUND nowhere\.example/);
});

test('close lets a call under way finish and refuses new ones', async (t) => {
  const server = await raw(t);
  const grpc = client(t, server.endpoint);
  const held = new Promise<() => void>((resolve) => (server.handler = (call) => resolve(() => answerOk(call))));
  const call = grpc.call(TRACES_PATH, MESSAGE, LONG_MS);
  const release = await held;
  const closed = grpc.close();
  assert.equal((await grpc.call(TRACES_PATH, MESSAGE, LONG_MS)).code, GRPC.UNAVAILABLE);
  release();
  assert.equal((await call).code, 0);
  await closed;
});

const KEEPALIVE = { pingWaitMs: 10_000, pingTimeoutMs: 3_000, withoutCalls: false };

test('keepalive drops a connection that does not answer pings while a call is under way', async (t) => {
  const server = await raw(t);
  const relay = await startRelay(server.port);
  t.after(() => relay.close());
  const clock = new FakeClock();
  const grpc = new GrpcClient(
    grpcSettings(`127.0.0.1:${relay.port}`, { keepalive: KEEPALIVE }),
    new RecordingLog(),
    clock,
  );
  t.after(() => grpc.destroy());
  assert.equal((await grpc.call(TRACES_PATH, MESSAGE, 0)).code, 0);
  relay.freeze();
  const call = grpc.call(TRACES_PATH, MESSAGE, 0);
  // The first look still sees the bytes of the first call.
  await clock.advance(20_000 + 3_000);
  const result = await call;
  assert.equal(result.code, GRPC.UNAVAILABLE, result.message);
});

test('keepalive pings an idle connection only with ping_without_stream', async (t) => {
  for (const withoutCalls of [false, true]) {
    const server = await raw(t);
    const clock = new FakeClock();
    const grpc = new GrpcClient(
      grpcSettings(server.endpoint, { keepalive: { ...KEEPALIVE, withoutCalls } }),
      new RecordingLog(),
      clock,
    );
    t.after(() => grpc.destroy());
    assert.equal((await grpc.call(TRACES_PATH, MESSAGE, 0)).code, 0);
    let pings = 0;
    const pinged = new Promise<void>((resolve) => server.calls[0]?.session.on('ping', () => (pings++, resolve())));
    await clock.advance(20_000);
    if (withoutCalls) await pinged;
    assert.equal((await grpc.call(TRACES_PATH, MESSAGE, 0)).code, 0);
    assert.equal(pings > 0, withoutCalls);
  }
});

test('a CONNECT proxy is asked for the endpoint, with credentials, and resolves its name', async (t) => {
  const server = await raw(t);
  const proxy = await startConnectProxy();
  t.after(() => proxy.close());
  const grpc = client(t, `unresolvable.example:${server.port}`, {
    proxy: { host: '127.0.0.1', port: proxy.port, tls: false, authorization: 'Basic dTpw' },
  });
  assert.equal((await grpc.call(TRACES_PATH, MESSAGE, LONG_MS)).code, 0);
  assert.equal(proxy.heads.length, 1);
  const head = proxy.heads[0] ?? '';
  assert.match(head, new RegExp(`^CONNECT unresolvable\\.example:${server.port} HTTP/1\\.1`));
  assert.match(head, /^proxy-authorization: Basic dTpw$/im);
});

test('a proxy that refuses makes calls UNAVAILABLE and is named', async (t) => {
  const proxy = await startConnectProxy(407);
  t.after(() => proxy.close());
  const result = await client(t, 'backend.example:4317', {
    proxy: { host: '127.0.0.1', port: proxy.port, tls: false, authorization: '' },
  }).call(TRACES_PATH, MESSAGE, LONG_MS);
  assert.equal(result.code, GRPC.UNAVAILABLE);
  assert.match(result.message, /answered 407 to CONNECT backend\.example:4317/);
});

test('a server that does not speak HTTP/2 makes calls UNAVAILABLE', async (t) => {
  const sink = await startOtlpSink();
  t.after(() => sink.close());
  const result = await client(t, sink.httpUrl).call(TRACES_PATH, MESSAGE, LONG_MS);
  assert.equal(result.code, GRPC.UNAVAILABLE);
});
