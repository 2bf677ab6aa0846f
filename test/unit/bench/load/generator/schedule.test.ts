import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Schedule } from '#bench/load/generator/schedule.ts';

test('requests are due at even distances from the start, however late they leave', () => {
  const schedule = new Schedule(1000, 4);
  const due: number[] = [];
  for (let i = 0; i < 4; i++) {
    due.push(schedule.dueMs);
    schedule.take();
  }
  assert.deepEqual(due, [1000, 1250, 1500, 1750]);
});

test('what is given up is counted, and what is due later stays where it was', () => {
  const schedule = new Schedule(0, 10);
  schedule.take();
  assert.equal(schedule.giveUpBefore(50), 0); // the next is due at 100
  assert.equal(schedule.giveUpBefore(100), 0);
  assert.equal(schedule.giveUpBefore(451), 4); // 100 to 400
  assert.equal(schedule.dueMs, 500);
  assert.equal(schedule.giveUpBefore(300), 0);
});

test('a million requests do not drift', () => {
  const schedule = new Schedule(0, 3);
  for (let i = 0; i < 1_000_000; i++) schedule.take();
  assert.ok(Math.abs(schedule.dueMs - 1e9 / 3) < 1e-3);
});
