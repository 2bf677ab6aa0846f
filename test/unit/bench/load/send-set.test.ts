import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SendSet } from '#bench/load/send-set.ts';

test('holds what was added, in any order, and nothing else', () => {
  const set = new SendSet();
  for (const n of [5, 0, 100_000, 31, 32, 5]) set.add(n);
  assert.deepEqual(
    [0, 1, 5, 31, 32, 33, 99_999, 100_000, 4_000_000_000].map((n) => set.has(n)),
    [true, false, true, true, true, false, false, true, false],
  );
  assert.equal(set.size, 5);
});

test('a run of hours without refusals takes no memory: full blocks are a constant', () => {
  const set = new SendSet();
  for (let n = 0; n < 2_000_000; n++) set.add(n);
  assert.ok(set.blocks.filter((block) => typeof block !== 'boolean').length <= 1);
  assert.equal(set.size, 2_000_000);
  assert.ok(set.has(1_999_999) && !set.has(2_000_000));
});

test('what another process makes of its blocks is the same set', () => {
  const set = new SendSet();
  for (let n = 0; n < 40_000; n++) set.add(n * 3);
  const copy = new SendSet(structuredClone(set.blocks));
  assert.equal(copy.size, 40_000);
  copy.differences(set, (n) => assert.fail(`${n}`));
  copy.add(1);
  const different: number[] = [];
  set.differences(copy, (n) => different.push(n));
  assert.deepEqual(different, [1]);
});

test('differences go both ways, over sets of different length', () => {
  const a = new SendSet();
  const b = new SendSet();
  for (let n = 0; n < 40_000; n++) a.add(n);
  for (let n = 0; n < 32_768; n++) b.add(n);
  b.add(70_000);
  let differences = 0;
  a.differences(b, (n) => {
    differences++;
    assert.ok(n >= 32_768);
  });
  assert.equal(differences, 40_000 - 32_768 + 1);
});
