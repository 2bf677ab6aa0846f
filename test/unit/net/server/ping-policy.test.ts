/** Pings as grpc-go judges them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PingPolicy } from '#net/server/ping-policy.ts';

const HOUR = 3600_000;

/** How many pings, `everyMs` apart, are allowed before one is not; at most `upTo`. */
function allowed(policy: PingPolicy, everyMs: number, openCalls: number, upTo = 20): number {
  for (let n = 0; n < upTo; n++) if (!policy.allows(n * everyMs, openCalls)) return n;
  return upTo;
}

test('after the first, two early pings are forgiven, the third is not', () => {
  assert.equal(allowed(new PingPolicy(1000, true), 999, 1), 3);
  assert.equal(allowed(new PingPolicy(1000, true), 1000, 1), 20);
  assert.equal(allowed(new PingPolicy(1000, true), 999, 0), 3);
  assert.equal(allowed(new PingPolicy(1000, true), 1000, 0), 20);
});

test('without a call, where that is not permitted, a ping may come every two hours', () => {
  assert.equal(allowed(new PingPolicy(1000, false), 2 * HOUR - 1, 0), 3);
  assert.equal(allowed(new PingPolicy(1000, false), 2 * HOUR, 0), 20);
  assert.equal(allowed(new PingPolicy(1000, false), 1000, 1), 20);
});

test('a call between two pings forgives everything before', () => {
  const policy = new PingPolicy(1000, true);
  for (let n = 0; n < 20; n++) {
    assert.equal(policy.allows(n, 1), true);
    assert.equal(policy.allows(n, 1), true);
    assert.equal(policy.allows(n, 1), true);
    policy.called();
  }
  for (let n = 0; n < 3; n++) assert.equal(policy.allows(20, 1), true);
  assert.equal(policy.allows(20, 1), false);
});

test('strikes stay until a call forgives them', () => {
  const policy = new PingPolicy(1000, true);
  assert.deepEqual(
    [0, 1, 2, 5000, 9000, 9001].map((at) => policy.allows(at, 1)),
    [true, true, true, true, true, false],
  );
});
