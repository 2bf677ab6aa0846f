import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { request } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { Client, credentials } from '@grpc/grpc-js';
import { serveSink, type SinkServer } from '#bench/load/sink/server.ts';

const PATH = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

interface Sink extends AsyncDisposable {
  readonly port: number;
  readonly messages: Buffer[];
  readonly broken: string[];
  readonly server: SinkServer;
}

async function startSink(waitMs = 0): Promise<Sink> {
  const messages: Buffer[] = [];
  const broken: string[] = [];
  const server = await serveSink(
    (bytes, start, end) => {
      if (bytes[start] === 0xff) throw new Error('malformed');
      messages.push(Buffer.from(bytes.subarray(start, end)));
      return waitMs;
    },
    (reason) => broken.push(reason.message),
  );
  return { port: server.port, messages, broken, server, [Symbol.asyncDispose]: () => server.close() };
}

function grpcMessage(bytes: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

async function call(session: ClientHttp2Session, body: Buffer): Promise<string> {
  const stream = session.request({
    ':method': 'POST',
    ':path': PATH,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.resume();
  stream.end(body);
  const [trailers] = (await once(stream, 'trailers')) as [Record<string, string>];
  return String(trailers['grpc-status']);
}

test('takes gRPC calls of every size from node:http2, many at once on one connection', async () => {
  await using sink = await startSink();
  const session = connectHttp2(`http://127.0.0.1:${sink.port}`);
  try {
    const bodies = [0, 1, 100, 16_384, 16_385, 70_000, 3_000_000].map((n) => Buffer.alloc(n, n % 251));
    const statuses = await Promise.all([...bodies, ...bodies].map((body) => call(session, grpcMessage(body))));
    assert.deepEqual(
      statuses,
      statuses.map(() => '0'),
    );
    const lengths = (list: Buffer[]): number[] => list.map((b) => b.length).sort((a, b) => a - b);
    assert.deepEqual(lengths(sink.messages), lengths([...bodies, ...bodies]));
    for (const message of sink.messages) assert.ok(message.every((byte) => byte === message.length % 251));
  } finally {
    session.destroy();
  }
});

test('tops up the connection window: one client sends more than it holds', async () => {
  await using sink = await startSink();
  const session = connectHttp2(`http://127.0.0.1:${sink.port}`);
  try {
    const body = grpcMessage(Buffer.alloc(8 * 1024 * 1024));
    for (let i = 0; i < 9; i++) assert.equal(await call(session, body), '0'); // 72 MiB; the window is 64 MiB
    assert.equal(sink.messages.length, 9);
  } finally {
    session.destroy();
  }
});

test('the client library @grpc/grpc-js is content with it', async () => {
  await using sink = await startSink();
  const client = new Client(`127.0.0.1:${sink.port}`, credentials.createInsecure());
  try {
    const asIs = (bytes: Buffer): Buffer => bytes;
    const answer = await new Promise<Buffer | undefined>((resolve, reject) => {
      client.makeUnaryRequest(PATH, asIs, asIs, Buffer.from('abc'), (failure, value) =>
        failure ? reject(failure) : resolve(value),
      );
    });
    assert.deepEqual(answer, Buffer.alloc(0));
    assert.deepEqual(sink.messages, [Buffer.from('abc')]);
  } finally {
    client.close();
  }
});

test('takes HTTP/1.1 requests from node:http', async () => {
  await using sink = await startSink();
  for (const body of [Buffer.alloc(0), Buffer.from('hello'), Buffer.alloc(500_000, 7)]) {
    const out = request({
      host: '127.0.0.1',
      port: sink.port,
      method: 'POST',
      path: '/v1/traces',
      headers: { 'content-length': body.length },
    });
    out.end(body);
    const [response] = await once(out, 'response');
    response.resume();
    await once(response, 'end');
    assert.equal(response.statusCode, 200);
    assert.ok(sink.messages.at(-1)?.equals(body));
  }
});

test('HTTP/1.1 in chunks of one byte, two requests back to back', async () => {
  await using sink = await startSink();
  const socket = connect({ port: sink.port, host: '127.0.0.1', noDelay: true });
  try {
    const text =
      'POST /v1/traces HTTP/1.1\r\nhost: x\r\nContent-Length: 3\r\n\r\nabcPOST /v1/traces HTTP/1.1\r\ncontent-length: 2\r\n\r\nde';
    for (const byte of Buffer.from(text)) await new Promise((written) => socket.write(Buffer.from([byte]), written));
    let answers = '';
    while (answers.split('200 OK').length < 3) answers += String((await once(socket, 'data'))[0]);
    assert.deepEqual(sink.messages.map(String), ['abc', 'de']);
  } finally {
    socket.destroy();
  }
});

test('malformed data ends the connection and is reported', async () => {
  await using sink = await startSink();
  const socket = connect({ port: sink.port, host: '127.0.0.1' });
  socket.write('POST / HTTP/1.1\r\ncontent-length: 1\r\n\r\n');
  socket.write(Buffer.from([0xff]));
  socket.on('error', () => undefined); // a reset is as good an end as any
  await once(socket, 'close');
  assert.deepEqual(sink.broken, ['malformed']);
});

test('a chunked body, which no collector sends, is refused loudly; so is what is compressed with something else', async () => {
  await using sink = await startSink();
  const socket = connect({ port: sink.port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  socket.write('POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n');
  await once(socket, 'close');
  const session = connectHttp2(`http://127.0.0.1:${sink.port}`);
  session.on('error', () => undefined);
  const stream = session.request({ ':method': 'POST', ':path': PATH });
  stream.on('error', () => undefined);
  stream.end(Buffer.from([1, 0, 0, 0, 1, 7]));
  await once(stream, 'close');
  assert.match(sink.broken[0] ?? '', /without Content-Length/);
  assert.match(sink.broken[1] ?? '', /neither gzip nor zstd/);
});

test('takes gzip and zstd, over both protocols', async () => {
  await using sink = await startSink();
  const body = Buffer.from('hello '.repeat(1000));
  const session = connectHttp2(`http://127.0.0.1:${sink.port}`);
  try {
    for (const [encoding, bytes] of [
      ['gzip', gzipSync(body)],
      ['zstd', zstdCompressSync(body)],
    ] as const) {
      const message = grpcMessage(bytes);
      message[0] = 1;
      assert.equal(await call(session, message), '0');
      const out = request({
        host: '127.0.0.1',
        port: sink.port,
        method: 'POST',
        path: '/v1/traces',
        headers: { 'content-length': bytes.length, 'content-encoding': encoding },
      });
      out.end(bytes);
      const [response] = await once(out, 'response');
      response.resume();
      await once(response, 'end');
    }
  } finally {
    session.destroy();
  }
  assert.deepEqual(
    sink.messages.map((message) => message.equals(body)),
    [true, true, true, true],
  );
});

test('an answer waits as long as it is told to, and others do not wait with it', async () => {
  await using sink = await startSink(5);
  const session = connectHttp2(`http://127.0.0.1:${sink.port}`);
  try {
    const answers = await Promise.all([
      call(session, grpcMessage(Buffer.from('a'))),
      call(session, grpcMessage(Buffer.from('b'))),
    ]);
    assert.deepEqual(answers, ['0', '0']);
  } finally {
    session.destroy();
  }
});

test('goes away and comes back on the same port', async () => {
  await using sink = await startSink();
  const first = connectHttp2(`http://127.0.0.1:${sink.port}`);
  first.on('error', () => undefined);
  assert.equal(await call(first, grpcMessage(Buffer.from('before'))), '0');
  const cut = once(first, 'close');
  await sink.server.close();
  await cut;
  const refused = connect({ port: sink.port, host: '127.0.0.1' });
  const [failure] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
  assert.equal(failure.code, 'ECONNREFUSED');
  await sink.server.reopen();
  const second = connectHttp2(`http://127.0.0.1:${sink.port}`);
  try {
    assert.equal(await call(second, grpcMessage(Buffer.from('after'))), '0');
  } finally {
    second.destroy();
  }
  assert.deepEqual(sink.messages.map(String), ['before', 'after']);
});
