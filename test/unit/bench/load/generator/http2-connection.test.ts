/** The generator's HTTP/2 against node:http2 (nghttp2), which is strict about the protocol, and against frames by hand. */
import assert from 'node:assert/strict';
import { createServer, type Http2Server, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { GrpcSender } from '#bench/load/generator/grpc-sender.ts';
import { frame, settings, TYPE, uint32 } from '#bench/load/generator/http2-frames.ts';
import type { Answer } from '#bench/load/generator/sender.ts';

const send = (sender: GrpcSender, message: Buffer): Promise<Answer> =>
  new Promise((resolve) => sender.send(sender.prepare(message, new Uint32Array()), resolve));

async function listen(server: Http2Server | Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

interface Seen {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** A server that answers with these trailers. */
async function serve(
  options: object,
  trailers: (call: number) => Record<string, string>,
  seen: Seen[] = [],
): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer(options);
  const sessions = new Set<Http2Session>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      seen.push({ headers, body: Buffer.concat(chunks) });
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers(trailers(seen.length)));
      stream.end(Buffer.alloc(5));
    });
  });
  const port = await listen(server);
  return {
    port,
    close: async () => {
      for (const session of sessions) session.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

test('headers of first and later requests, and bodies, arrive as they should; windows of any size are respected', async () => {
  const seen: Seen[] = [];
  const { port, close } = await serve({}, () => ({ 'grpc-status': '0' }), seen); // the default window: 64 KiB
  const sender = new GrpcSender(port, 'gzip', 1);
  try {
    const bodies = [0, 10, 16_379, 16_380, 100_000, 1_000_000].map((n) => Buffer.alloc(n, 7));
    const answers = await Promise.all([...bodies, ...bodies].map((body) => send(sender, body)));
    assert.ok(answers.every(({ outcome }) => outcome === 'accepted'));
    const lengths = (list: readonly Buffer[]): number[] => list.map((b) => b.length).sort((a, b) => a - b);
    assert.deepEqual(lengths(seen.map(({ body }) => body.subarray(5))), lengths([...bodies, ...bodies]));
    for (const { headers, body } of seen) {
      assert.equal(headers[':method'], 'POST');
      assert.equal(headers[':path'], '/opentelemetry.proto.collector.trace.v1.TraceService/Export');
      assert.equal(headers['content-type'], 'application/grpc');
      assert.equal(headers['te'], 'trailers');
      assert.equal(headers['grpc-encoding'], 'gzip');
      assert.deepEqual([body[0], body.readUInt32BE(1)], [1, body.length - 5]);
    }
  } finally {
    sender.close();
    await close();
  }
});

test('a server without a header table, and with few streams, gets what it allows', async () => {
  const seen: Seen[] = [];
  const { port, close } = await serve(
    { settings: { headerTableSize: 0, maxConcurrentStreams: 2 } },
    () => ({ 'grpc-status': '0' }),
    seen,
  );
  const sender = new GrpcSender(port, 'none', 1);
  try {
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(sender, Buffer.alloc(50_000))));
    assert.ok(answers.every(({ outcome }) => outcome === 'accepted'));
    assert.equal(seen.length, 20);
  } finally {
    sender.close();
    await close();
  }
});

test('statuses, messages and details are understood in every coding that the server chooses', async () => {
  const all = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).join('');
  // percent-encoded as gRPC wants it; the backslash has a code of 19 bits, which ends the text here
  const printable = all.replace('%', '%25').replace('\\', '');
  const retryInfo = Buffer.from('..type.googleapis.com/google.rpc.RetryInfo..').toString('base64');
  const trailers = [
    { 'grpc-status': '14', 'grpc-message': printable },
    { 'grpc-status': '8', 'grpc-message': 'gone' },
    { 'grpc-status': '8', 'grpc-message': 'later', 'grpc-status-details-bin': retryInfo },
    { 'grpc-status': '3', 'grpc-message': 'bad' },
  ] as const;
  const { port, close } = await serve({}, (call) => ({ ...trailers[(call - 1) % 4] }));
  const sender = new GrpcSender(port, 'none', 1);
  try {
    for (let again = 0; again < 2; again++) {
      const answers: Answer[] = [];
      for (let i = 0; i < 4; i++) answers.push(await send(sender, Buffer.from('x')));
      assert.deepEqual(
        answers.map(({ retryable, text }) => [retryable, text]),
        [
          [true, `gRPC status 14: ${all.replace('\\', '')}`],
          [false, 'gRPC status 8: gone'],
          [true, 'gRPC status 8: later'],
          [false, 'gRPC status 3: bad'],
        ],
      );
    }
  } finally {
    sender.close();
    await close();
  }
});

test('an answer before the request was taken whole is an answer, and the connection goes on', async () => {
  const server = createServer();
  let calls = 0;
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => undefined);
    stream.respond(
      { ':status': 200, 'grpc-status': calls++ === 0 ? '14' : '0', 'grpc-message': 'full' },
      { endStream: true },
    );
    stream.resume();
  });
  const port = await listen(server);
  const sender = new GrpcSender(port, 'none', 1);
  try {
    const early = await send(sender, Buffer.alloc(3_000_000));
    assert.deepEqual(early, { outcome: 'refused', retryable: true, text: 'gRPC status 14: full' });
    assert.equal((await send(sender, Buffer.alloc(10))).outcome, 'accepted');
    assert.equal(calls, 2);
  } finally {
    sender.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
});

test('a server that says goodbye answers what it has; the next request opens another connection', async () => {
  const server = createServer();
  const sessions = new Set<Http2Session>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.session?.goaway();
    stream.resume().on('end', () => stream.respond({ ':status': 200, 'grpc-status': '0' }, { endStream: true }));
  });
  const port = await listen(server);
  const sender = new GrpcSender(port, 'none', 1);
  try {
    assert.equal((await send(sender, Buffer.alloc(10))).outcome, 'accepted');
    assert.equal((await send(sender, Buffer.alloc(10))).outcome, 'accepted');
    assert.equal(sessions.size, 2);
  } finally {
    sender.close();
    for (const session of sessions) session.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
});

/** A server that sends these frames when the request has come, whatever it was. */
async function answerWith(...frames: readonly Buffer[]): Promise<Answer> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.write(settings([]));
    let got = 0;
    socket.on('data', (chunk) => {
      const before = got;
      got += chunk.length;
      // preface, SETTINGS and WINDOW_UPDATE are 24 + 21 bytes or so; a request follows our SETTINGS
      if (before <= 100 && got > 100) for (const one of frames) socket.write(one);
    });
  });
  const port = await listen(server);
  const sender = new GrpcSender(port, 'none', 1);
  try {
    return await send(sender, Buffer.alloc(200));
  } finally {
    sender.close();
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

test('frames by hand: resets, broken blocks, oversized frames', async () => {
  assert.deepEqual(await answerWith(frame(TYPE.rstStream, 0, 1, uint32(7))), {
    outcome: 'refused',
    retryable: true,
    text: 'the server reset the stream with code 7',
  });
  assert.equal((await answerWith(frame(TYPE.rstStream, 0, 1, uint32(2)))).outcome, 'failed');
  assert.match((await answerWith(frame(TYPE.headers, 0x5, 1, Buffer.from([0xbe])))).text, /index 62/);
  assert.match((await answerWith(Buffer.from([0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]))).text, /a frame of 16777215 bytes/);
  assert.match((await answerWith(frame(TYPE.headers, 0x5, 1, Buffer.from([0x88])))).text, /without grpc-status/);
  // a block in two frames, padded: :status 200, then grpc-status 0 as a literal
  const grpcStatus = Buffer.from('\0\x0bgrpc-status\x010', 'latin1');
  assert.equal(
    (
      await answerWith(
        frame(TYPE.headers, 0x9, 1, Buffer.concat([Buffer.from([2, 0x88]), Buffer.alloc(2)])),
        frame(TYPE.continuation, 0x4, 1, grpcStatus),
      )
    ).outcome,
    'accepted',
  );
});
