import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAST, Pace } from '#bench/load/sink/pace.ts';

test('without a limit nothing waits but for the delay', () => {
  const pace = new Pace();
  assert.equal(pace.waitMs(1000, 0), 0);
  pace.behave({ ...FAST, delayMs: 7 });
  assert.equal(pace.waitMs(1_000_000, 0), 7);
});

test('with a rate, messages queue one behind the other; time without any is not saved up', () => {
  const pace = new Pace();
  pace.behave({ open: true, spansPerSecond: 1000, delayMs: 20 });
  assert.equal(pace.waitMs(100, 0), 100);
  assert.equal(pace.waitMs(100, 0), 200);
  assert.equal(pace.waitMs(100, 150), 150);
  assert.equal(pace.waitMs(1, 5000), 20); // 1 ms, but the delay is longer
  assert.equal(pace.waitMs(100, 6000), 100);
});
