import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, spread } from '#bench/load/report/statistics.ts';
import { markdownTable, table } from '#bench/load/report/table.ts';

test('median and spread', () => {
  assert.equal(median([5, 1, 100]), 5);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.deepEqual(spread([2, 9, 4]), { median: 4, low: 2, high: 9 });
});

test('a table pads its columns; in Markdown it escapes what would break a cell', () => {
  const rows = [
    ['a', 'bb'],
    ['ccc', 'd'],
  ];
  assert.deepEqual(table(rows), ['a    bb', 'ccc   d']);
  assert.deepEqual(markdownTable([...rows, ['e|f', 'g']]), [
    '| a | bb |',
    '| --- | ---: |',
    '| ccc | d |',
    '| e\\|f | g |',
  ]);
});
