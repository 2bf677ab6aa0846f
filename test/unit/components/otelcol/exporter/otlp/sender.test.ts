import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeStatus } from '#codec/rpc/status.ts';
import { meaning } from '#components/otelcol/exporter/otlp/sender.ts';
import { GRPC } from '#shared/outcome.ts';

const result = (code: number, details: Buffer | null = null) => ({
  code,
  message: 'm',
  details,
  response: code === 0 ? Buffer.alloc(0) : null,
  bytesDone: code === 0,
});
const retryInfo = (retryDelayMs: number): Buffer => encodeStatus({ code: 8, message: 'm', retryDelayMs });

const RETRYABLE: readonly (keyof typeof GRPC)[] = [
  'CANCELLED',
  'DEADLINE_EXCEEDED',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNAVAILABLE',
  'DATA_LOSS',
];
for (const [name, code] of Object.entries(GRPC)) {
  const kind = code === 0 ? 'ok' : RETRYABLE.includes(name as keyof typeof GRPC) ? 'retry' : 'permanent';
  test(`${name} is ${kind}`, () => {
    const meant = meaning(result(code));
    assert.equal(meant.kind, kind);
    if (meant.kind !== 'ok') assert.deepEqual([meant.grpcCode, meant.message], [code, 'm']);
  });
}

test('RESOURCE_EXHAUSTED with RetryInfo is retried after its time, also when the time is 0', () => {
  assert.deepEqual(meaning(result(8, retryInfo(1500))), {
    kind: 'retry',
    grpcCode: 8,
    message: 'm',
    retryAfterMs: 1500,
    bytesDone: false,
  });
  assert.deepEqual(meaning(result(8, retryInfo(0))), {
    kind: 'retry',
    grpcCode: 8,
    message: 'm',
    retryAfterMs: 0,
    bytesDone: false,
  });
});
test('RetryInfo of other retryable codes counts, of permanent ones it does not', () => {
  assert.deepEqual(meaning(result(14, retryInfo(30_000))), {
    kind: 'retry',
    grpcCode: 14,
    message: 'm',
    retryAfterMs: 30_000,
    bytesDone: false,
  });
  assert.equal(meaning(result(3, retryInfo(30_000))).kind, 'permanent');
});
test('details that cannot be read say nothing', () => {
  assert.equal(meaning(result(8, Buffer.from('ffff', 'hex'))).kind, 'permanent');
  assert.deepEqual(meaning(result(14, Buffer.from('ffff', 'hex'))), {
    kind: 'retry',
    grpcCode: 14,
    message: 'm',
    retryAfterMs: 0,
    bytesDone: false,
  });
});
