import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SendSet } from '#bench/load/send-set.ts';
import { UniqueArrivals, type Accepted } from '#bench/load/sink/arrivals.ts';

function accepted(end: number): Accepted {
  const set = new SendSet();
  for (let send = 0; send < end; send++) set.add(send);
  return { numbers: 'unique', accepted: set.blocks };
}

test('windows close as requests complete: a long run leaves no more open than are under way', () => {
  const arrivals = new UniqueArrivals(40);
  let most = 0;
  // four requests interleave, as when several workers export
  for (let send = 0; send < 20_000; send += 4) {
    for (let span = 0; span < 40; span++)
      for (let one = 3; one >= 0; one--) arrivals.arrive(send + one, (span * 7 + one) % 40);
    most = Math.max(most, arrivals.open);
  }
  assert.equal(most, 0);
  assert.deepEqual(arrivals.faults(accepted(20_000)), { lost: 0, duplicated: 0, unexpected: 0 });
});

test('a window that is used again remembers nothing of its last request', () => {
  const arrivals = new UniqueArrivals(3);
  for (let span = 0; span < 3; span++) arrivals.arrive(0, span);
  arrivals.arrive(1, 0);
  assert.deepEqual(arrivals.faults(accepted(2)), { lost: 2, duplicated: 0, unexpected: 0 });
});

test('duplicates are seen while a request is open and after it was closed', () => {
  const arrivals = new UniqueArrivals(2);
  arrivals.arrive(7, 0);
  arrivals.arrive(7, 0);
  arrivals.arrive(7, 1);
  arrivals.arrive(7, 1);
  arrivals.arrive(8, 0);
  arrivals.arrive(7, 0);
  assert.equal(arrivals.faults(accepted(0)).duplicated, 3);
});

test('of a refused request, what arrived is unexpected: in part or whole', () => {
  const arrivals = new UniqueArrivals(3);
  for (let span = 0; span < 3; span++) arrivals.arrive(5, span);
  arrivals.arrive(6, 2);
  assert.deepEqual(arrivals.faults(accepted(1)), { lost: 3, duplicated: 0, unexpected: 4 });
});

test('the memory for incomplete requests has a bound', () => {
  const arrivals = new UniqueArrivals(2, 100);
  for (let send = 0; send < 100; send++) arrivals.arrive(send, 0);
  assert.throws(() => arrivals.arrive(100, 0), /100 requests arrived in part/);
});
