import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HealthBoard } from '#main/graph/health.ts';
import { systemClock } from '#shared/clock.ts';

test('of equally grave reports the latest stands; a repeated one keeps its time', () => {
  let now = 1;
  const board = new HealthBoard({ ...systemClock, now: () => now });
  assert.equal(board.of('a').state, 'unknown');
  board.report('a', 'worker 0', 'unhealthy', 'first');
  now = 2;
  board.report('a', 'worker 1', 'unhealthy', 'second');
  assert.deepEqual(board.of('a'), { state: 'unhealthy', message: 'second', updatedMs: 2 });
  now = 3;
  board.report('a', 'worker 0', 'unhealthy', 'first');
  assert.deepEqual(board.of('a'), { state: 'unhealthy', message: 'second', updatedMs: 2 });
  board.report('a', 'worker 0', 'exited', 'gone');
  assert.equal(board.of('a').state, 'exited');
  board.forget('a');
  assert.equal(board.of('a').state, 'unknown');
});
