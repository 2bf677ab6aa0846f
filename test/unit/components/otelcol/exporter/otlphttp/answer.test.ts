import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeStatus } from '#codec/rpc/status.ts';
import { meaning, remark } from '#components/otelcol/exporter/otlphttp/answer.ts';
import { GRPC } from '#shared/outcome.ts';
import { partialSuccess } from '#test/support/sink-messages.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const response = (status: number, headers: Record<string, string> = {}, body: string | Buffer = '') =>
  ({ kind: 'response', status, headers, body: Buffer.from(body), bytesDone: true }) as const;

const STATUSES = [
  [200, 'ok', 0],
  [202, 'ok', 0],
  [204, 'ok', 0],
  [299, 'ok', 0],
  [301, 'permanent', GRPC.UNKNOWN],
  [308, 'permanent', GRPC.UNKNOWN],
  [400, 'permanent', GRPC.INVALID_ARGUMENT],
  [401, 'permanent', GRPC.UNAUTHENTICATED],
  [403, 'permanent', GRPC.PERMISSION_DENIED],
  [404, 'permanent', GRPC.UNIMPLEMENTED],
  [405, 'permanent', GRPC.UNKNOWN],
  [408, 'permanent', GRPC.UNKNOWN],
  [413, 'permanent', GRPC.UNKNOWN],
  [415, 'permanent', GRPC.UNKNOWN],
  [429, 'retry', GRPC.UNAVAILABLE],
  [500, 'permanent', GRPC.UNKNOWN],
  [501, 'permanent', GRPC.UNKNOWN],
  [502, 'retry', GRPC.UNAVAILABLE],
  [503, 'retry', GRPC.UNAVAILABLE],
  [504, 'retry', GRPC.UNAVAILABLE],
  [505, 'permanent', GRPC.UNKNOWN],
] as const;
for (const [status, kind, code] of STATUSES) {
  test(`HTTP ${status} is ${kind}`, () => {
    const meant = meaning(response(status), false, NOW);
    assert.equal(meant.kind, kind);
    if (meant.kind !== 'ok') assert.equal(meant.grpcCode, code);
  });
}

test('no response is retried; a timeout says so', () => {
  assert.deepEqual(
    meaning({ kind: 'failure', timedOut: false, message: 'ECONNREFUSED', bytesDone: true }, false, NOW),
    {
      kind: 'retry',
      grpcCode: GRPC.UNAVAILABLE,
      message: 'ECONNREFUSED',
      retryAfterMs: 0,
      bytesDone: true,
    },
  );
  assert.deepEqual(meaning({ kind: 'failure', timedOut: true, message: 'late', bytesDone: false }, false, NOW), {
    kind: 'retry',
    grpcCode: GRPC.DEADLINE_EXCEEDED,
    message: 'late',
    retryAfterMs: 0,
    bytesDone: false,
  });
});

test('Retry-After counts with 429 and 503 only', () => {
  for (const [status, ms] of [
    [429, 7000],
    [503, 7000],
    [502, 0],
    [504, 0],
  ] as const) {
    const meant = meaning(response(status, { 'retry-after': '7' }), false, NOW);
    assert.ok(meant.kind === 'retry');
    assert.equal(meant.retryAfterMs, ms);
    assert.equal(meant.grpcCode, status === 429 ? GRPC.RESOURCE_EXHAUSTED : GRPC.UNAVAILABLE);
  }
});

test('the message says what the body says: a status in protobuf or JSON, the beginning of a text, or nothing', () => {
  const message = (headers: Record<string, string>, body: string | Buffer) => {
    const meant = meaning(response(400, headers, body), false, NOW);
    return meant.kind === 'ok' ? '' : meant.message;
  };
  const status = encodeStatus({ code: 3, message: 'bad span', retryDelayMs: null });
  assert.equal(message({ 'content-type': 'application/x-protobuf' }, status), 'HTTP status 400: bad span');
  assert.equal(message({}, status), 'HTTP status 400: bad span');
  assert.equal(
    message({ 'content-type': 'application/json; charset=utf-8' }, '{"code":3,"message":"bad span"}'),
    'HTTP status 400: bad span',
  );
  assert.equal(message({ 'content-type': 'text/plain' }, 'no\n  such tenant'), 'HTTP status 400: no such tenant');
  assert.equal(message({ 'content-type': 'text/html' }, 'x'.repeat(5000)), `HTTP status 400: ${'x'.repeat(256)}...`);
  assert.equal(
    message({ 'content-type': 'application/octet-stream' }, Buffer.from('ffffff', 'hex')),
    'HTTP status 400',
  );
  assert.equal(message({ 'content-type': 'application/json' }, '{"broken'), 'HTTP status 400');
});
test('a redirect says where to', () => {
  const meant = meaning(response(307, { location: 'https://new/' }), false, NOW);
  assert.ok(meant.kind === 'permanent');
  assert.match(meant.message, /redirects are not followed.*https:\/\/new\//);
});

test('a remark is read from the two OTLP types, is nothing for others, and null when unreadable', () => {
  const proto = { 'content-type': 'application/x-protobuf' };
  assert.deepEqual(remark(response(200, proto, partialSuccess(3, 'old'))), { rejected: 3, message: 'old' });
  assert.deepEqual(
    remark(
      response(
        200,
        { 'content-type': 'application/json' },
        '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"old"}}',
      ),
    ),
    { rejected: 3, message: 'old' },
  );
  assert.deepEqual(remark(response(200, proto)), { rejected: 0, message: '' });
  assert.deepEqual(remark(response(200, { 'content-type': 'text/html' }, '<html>')), { rejected: 0, message: '' });
  assert.equal(remark(response(200, proto, Buffer.from('ffffff', 'hex'))), null);
  assert.equal(remark(response(200, { 'content-type': 'application/json' }, '<html>')), null);
});
