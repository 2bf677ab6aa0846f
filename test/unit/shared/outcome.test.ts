import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  GRPC,
  Outcome,
  httpStatusOf,
  isAccepted,
  isRefused,
  isRejected,
  join,
  statusOf,
  withDownstream,
} from '#shared/outcome.ts';

test('every outcome is exactly one of accepted, refused, rejected', () => {
  for (const outcome of Object.values(Outcome)) {
    assert.equal([isAccepted, isRefused, isRejected].filter((is) => is(outcome)).length, 1);
  }
});

test('refused is Unavailable (503), rejected is Internal (500), malformed InvalidArgument (400)', () => {
  assert.equal(statusOf(Outcome.queueFull).grpc, GRPC.UNAVAILABLE);
  assert.equal(httpStatusOf(statusOf(Outcome.queueFull).grpc), 503);
  assert.equal(httpStatusOf(statusOf(Outcome.metadataCardinality).grpc), 500);
  assert.equal(httpStatusOf(statusOf(Outcome.malformed).grpc), 400);
});

test('a downstream status and its delay travel in the outcome', () => {
  const outcome = withDownstream(Outcome.downstream, GRPC.RESOURCE_EXHAUSTED, 7.9);
  assert.deepEqual(statusOf(outcome), {
    grpc: 8,
    message: 'the destination did not take the data; retry later (RESOURCE_EXHAUSTED)',
    retryAfterS: 7,
  });
  assert.equal(httpStatusOf(statusOf(outcome).grpc), 429);
  assert.ok(isRefused(outcome));
  assert.equal(statusOf(withDownstream(Outcome.downstream, 14, 1e9)).retryAfterS, 65535);
});

test('join: rejected over refused over accepted, the first of equals stays', () => {
  const { accepted, queueFull, ringFull, malformed } = Outcome;
  assert.equal(join(accepted, accepted), accepted);
  assert.equal(join(accepted, queueFull), queueFull);
  assert.equal(join(queueFull, accepted), queueFull);
  assert.equal(join(queueFull, malformed), malformed);
  assert.equal(join(malformed, queueFull), malformed);
  assert.equal(join(queueFull, ringFull), queueFull);
});

test('gRPC to HTTP', () => {
  const table: Record<number, number> = {
    0: 200,
    1: 503,
    2: 500,
    3: 400,
    4: 503,
    5: 500,
    7: 403,
    8: 429,
    10: 503,
    11: 503,
    12: 404,
    13: 500,
    14: 503,
    15: 503,
    16: 401,
  };
  for (const [grpc, http] of Object.entries(table)) assert.equal(httpStatusOf(Number(grpc)), http, `gRPC ${grpc}`);
});
