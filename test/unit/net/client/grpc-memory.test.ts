/** When the bytes of a gRPC request may be written to again: never while anything can still read them. */
import assert from 'node:assert/strict';
import { constants, createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { GrpcClient, type GrpcResult, type GrpcSettings } from '#net/client/grpc.ts';
import { systemClock } from '#shared/clock.ts';
import { GRPC } from '#shared/outcome.ts';
import { answer, startRawGrpcServer } from '#test/support/raw-grpc-server.ts';
import { RecordingLog } from '#test/support/recording-log.ts';
import { grpcSettings, TRACES_PATH } from './grpc-settings.ts';

/** Fails a test that hangs; no result depends on it. */
const LONG_MS = 20_000;
const MESSAGE = [Buffer.from('spans'), Buffer.from(' and more')];
const OK = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '0' };

function client(t: TestContext, endpoint: string, change: Partial<GrpcSettings> = {}): GrpcClient {
  const made = new GrpcClient(grpcSettings(endpoint, change), new RecordingLog(), systemClock);
  t.after(() => made.destroy());
  return made;
}

/** A server that does with streams what the test says, whether or not the request has come whole. */
async function listen(t: TestContext, onStream: (stream: ServerHttp2Stream) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    onStream(stream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const done = async (call: Promise<GrpcResult>): Promise<boolean> => (await call).bytesDone;

test('the bytes are done when all was written, whatever the answer, and when nothing ever left', async (t) => {
  const server = await startRawGrpcServer();
  t.after(() => server.close());
  const grpc = client(t, server.endpoint);
  assert.equal(await done(grpc.call(TRACES_PATH, MESSAGE, LONG_MS)), true);
  server.handler = (call) => answer(call, GRPC.UNAVAILABLE);
  assert.equal(await done(grpc.call(TRACES_PATH, MESSAGE, LONG_MS)), true, 'an error after all was read');
  await grpc.close();
  assert.equal(await done(grpc.call(TRACES_PATH, MESSAGE, LONG_MS)), true, 'closed');
});

test('the bytes are not done when the answer came first, but for compressed ones', async (t) => {
  // More than the window of a server that reads nothing.
  const large = [Buffer.alloc(300_000), Buffer.alloc(300_000)];
  const endpoint = await listen(t, (stream) => stream.respond(OK, { endStream: true }));
  const early = await client(t, endpoint).call(TRACES_PATH, large, LONG_MS);
  assert.deepEqual([early.code, early.bytesDone], [0, false]);
  const packed = await client(t, endpoint, { compression: 'gzip' }).call(TRACES_PATH, large, LONG_MS);
  assert.deepEqual([packed.code, packed.bytesDone], [0, true]);
});

test('the bytes of a call that was made once more are done only when both attempts have let go of them', async (t) => {
  let streams = 0;
  const endpoint = await listen(t, (stream) => {
    if (++streams === 1) return stream.close(constants.NGHTTP2_REFUSED_STREAM);
    stream.resume();
    stream.on('end', () => stream.respond(OK, { endStream: true }));
  });
  const grpc = client(t, endpoint);
  const result = await grpc.call(TRACES_PATH, [Buffer.alloc(2_000_000)], LONG_MS);
  assert.deepEqual([result.code, result.bytesDone, streams], [0, false, 2]);
  assert.equal((await grpc.call(TRACES_PATH, MESSAGE, LONG_MS)).bytesDone, true);
});
