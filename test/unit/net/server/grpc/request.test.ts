/** What headers say to gRPC. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRequestHead, type RequestHead } from '#net/http2/request-head.ts';
import { readGrpcRequest } from '#net/server/grpc/request.ts';
import { GRPC } from '#shared/outcome.ts';
import { PATH, REQUEST, type Fields } from '#test/support/http2-frames.ts';

const METHODS = new Map([[PATH, () => {}]]);
const read = (...extra: Fields) => {
  const head = readRequestHead([...REQUEST, ...extra].map(([name, value]) => ({ name, value })));
  return readGrpcRequest(head as RequestHead, METHODS);
};

test('timeouts in all units, in milliseconds, never 0', () => {
  const cases = {
    '2H': 7_200_000,
    '3M': 180_000,
    '4S': 4000,
    '5m': 5,
    '6000u': 6,
    '7000000n': 7,
    '0S': 1e-3,
    '1n': 1e-3,
  };
  for (const [text, ms] of Object.entries(cases)) assert.equal(read(['grpc-timeout', text]).timeoutMs, ms, text);
  assert.equal(read(['grpc-timeout', '99999999H']).timeoutMs, 99999999 * 3_600_000);
  assert.equal(read().timeoutMs, 0);
});

test('malformed timeouts are refused', () => {
  for (const text of ['1', 'S', '1s', '-1S', '1.5S', '123456789S', ' 1S', '1S ']) {
    const { handler, http, code } = read(['grpc-timeout', text]);
    assert.deepEqual([handler, http, code], [null, 200, GRPC.INTERNAL], text);
  }
});

test('the encoding is identity unless it is named', () => {
  assert.equal(read().encoding, 'identity');
  assert.equal(read(['grpc-encoding', 'zstd']).encoding, 'zstd');
});
