import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastTimes, type Noted } from '#components/prometheus/remote_write/last-times.ts';

test('a repeated time is told, another is not, also after growth', () => {
  const times = new LastTimes();
  const each = (ms: number, content = 9): Set<Noted> =>
    new Set(Array.from({ length: 5000 }, (_, i) => times.note(i % 7, i, ms, content)));
  assert.deepEqual(
    [each(1), each(1), each(0), each(0)].flatMap((noted) => [...noted]),
    ['new', 'repeated', 'new', 'repeated'],
  );
  assert.deepEqual([...each(0, 8)], ['conflicting']);
  assert.deepEqual([...each(0, 9)], ['repeated'], 'the first one counts');
});

test('both halves of a hash count', () => {
  const times = new LastTimes();
  assert.deepEqual(
    [
      [1, 1],
      [1, 2],
      [2, 1],
      [1, 1 + 1024],
    ].map(([high, low]) => times.note(high, low, 5, 0)),
    ['new', 'new', 'new', 'new'],
  );
  assert.equal(times.note(2, 1, 5, 0), 'repeated');
});

test('with more series than it may know it begins anew', () => {
  const times = new LastTimes();
  for (let i = 0; i <= 1 << 18; i++) times.note(0, i, 5, 0);
  assert.equal(times.note(0, 1 << 18, 5, 0), 'repeated');
  assert.equal(times.note(0, 0, 5, 0), 'new');
});
