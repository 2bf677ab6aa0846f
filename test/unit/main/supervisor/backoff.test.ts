import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '#main/supervisor/backoff.ts';

test('doubles from 100 ms to 10 s, and begins anew after a minute of life', () => {
  const backoff = new Backoff();
  const waits = Array.from({ length: 9 }, () => backoff.nextMs(10));
  assert.deepEqual(waits, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  assert.equal(backoff.nextMs(60_000), 100);
  assert.equal(backoff.nextMs(59_999), 200);
});
