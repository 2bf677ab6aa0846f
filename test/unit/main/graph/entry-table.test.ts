import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EntryTable } from '#main/graph/entry-table.ts';

test('numbers stay with their ids, and a freed one comes back only after all others', () => {
  const table = new EntryTable();
  table.commit(table.assign(['a', 'b']));
  const next = table.assign(['b', 'c']);
  assert.deepEqual(
    [...next],
    [
      ['b', 1],
      ['c', 2],
    ],
  );
  assert.deepEqual(
    [...table.assign(['a', 'b'])],
    [
      ['a', 0],
      ['b', 1],
    ],
    'nothing changes before the commit',
  );
  table.commit(next);
  for (let i = 0; i < 65_533; i++) table.commit(table.assign(['b', `x${i}`]));
  const last = table.assign(['b', 'last']);
  assert.deepEqual(
    [...last],
    [
      ['b', 1],
      ['last', 0],
    ],
  );
  table.commit(last);
  assert.deepEqual(
    [...table.assign(['b', 'z'])],
    [
      ['b', 1],
      ['z', 2],
    ],
    'the number in use is skipped',
  );
});

test('more receivers than numbers are refused', () => {
  assert.throws(() => new EntryTable().assign(Array.from({ length: 65_537 }, (_, i) => String(i))), {
    code: 'too_many_receivers',
  });
});
