import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastTimes } from '#components/prometheus/remote_write/last-times.ts';

test('a repeated time is told, another is not, also after growth', () => {
  const times = new LastTimes();
  const each = (ms: number): boolean[] => Array.from({ length: 5000 }, (_, i) => times.note(i % 7, i, ms));
  assert.ok(each(1).every((again) => !again));
  assert.ok(each(1).every((again) => again));
  assert.ok(each(0).every((again) => !again));
  assert.ok(each(0).every((again) => again));
});

test('both halves of a hash count', () => {
  const times = new LastTimes();
  assert.deepEqual(
    [
      [1, 1],
      [1, 2],
      [2, 1],
      [1, 1 + 1024],
    ].map(([high, low]) => times.note(high, low, 5)),
    [false, false, false, false],
  );
  assert.equal(times.note(2, 1, 5), true);
});

test('with more series than it may know it begins anew', () => {
  const times = new LastTimes();
  for (let i = 0; i <= 1 << 18; i++) times.note(0, i, 5);
  assert.equal(times.note(0, 1 << 18, 5), true);
  assert.equal(times.note(0, 0, 5), false);
});
