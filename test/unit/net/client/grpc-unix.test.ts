import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { GrpcClient } from '#net/client/grpc.ts';
import { systemClock } from '#shared/clock.ts';
import { RecordingLog } from '#test/support/recording-log.ts';
import { grpcSettings, TRACES_PATH } from './grpc-settings.ts';

test('a Unix domain socket is a destination, under the authority localhost', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'grpc-unix-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'otlp.sock');
  const authorities: unknown[] = [];
  const server = createServer();
  server.on('stream', (stream, headers) => {
    authorities.push(headers[':authority']);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '0' }, { endStream: true });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => server.close());
  const grpc = new GrpcClient(grpcSettings(`unix://${path}`), new RecordingLog(), systemClock);
  t.after(() => grpc.destroy());
  const result = await grpc.call(TRACES_PATH, [Buffer.from('spans')], 20_000);
  assert.equal(result.code, 0, result.message);
  assert.deepEqual(authorities, ['localhost']);
});
