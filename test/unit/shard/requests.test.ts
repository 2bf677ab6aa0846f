import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Congestion, NO_DOOR } from '#shard/congestion.ts';
import { MAX_REQUESTS_IN_FLIGHT, RequestTable } from '#shard/requests.ts';
import { Outcome } from '#shared/outcome.ts';

function table(workers = 2): {
  requests: RequestTable;
  latencies: number[];
  answered: [number, number][];
  clock: { ms: number };
} {
  const latencies: number[] = [];
  const clock = { ms: 0 };
  return {
    requests: new RequestTable(
      workers,
      () => clock.ms,
      new Congestion(workers, () => clock.ms),
      (ms) => latencies.push(ms),
    ),
    latencies,
    answered: [],
    clock,
  };
}

test('a request is answered once, with the joined outcome, when its last frame is', () => {
  const { requests, latencies, answered, clock } = table();
  const slot = requests.open(10, NO_DOOR, (outcome, items) => answered.push([outcome, items]));
  requests.expect(slot, 0);
  requests.expect(slot, 1);
  clock.ms = 5;
  requests.answer(slot, 0, Outcome.queueFull);
  assert.deepEqual(answered, []);
  requests.answer(slot, 0, Outcome.accepted);
  assert.deepEqual(answered, [], 'a second answer of the same worker is ignored');
  requests.answer(slot, 1, Outcome.accepted);
  assert.deepEqual(answered, [[Outcome.queueFull, 10]]);
  assert.deepEqual(latencies, [5]);
  assert.equal(requests.inFlight, 0);
});

test('losing a worker answers exactly what it owes', () => {
  const { requests, answered } = table();
  const both = requests.open(1, NO_DOOR, (o, n) => answered.push([o, n]));
  requests.expect(both, 0);
  requests.expect(both, 1);
  const other = requests.open(2, NO_DOOR, (o, n) => answered.push([o, n]));
  requests.expect(other, 1);
  assert.equal(requests.lose(0, Outcome.workerLost), 1);
  requests.answer(both, 1, Outcome.accepted);
  requests.answer(other, 1, Outcome.accepted);
  assert.deepEqual(answered, [
    [Outcome.workerLost, 1],
    [Outcome.accepted, 2],
  ]);
});

test('a late answer for a slot that was given to another request is ignored', () => {
  const { requests, answered } = table();
  const first = requests.open(1, NO_DOOR, (o, n) => answered.push([o, n]));
  requests.expect(first, 0);
  requests.lose(0, Outcome.workerLost);
  const second = requests.open(2, NO_DOOR, (o, n) => answered.push([o, n]));
  assert.equal(second, first);
  requests.expect(second, 1);
  requests.answer(second, 0, Outcome.accepted);
  assert.equal(answered.length, 1);
});

test('the number of requests in flight is bounded', () => {
  const { requests } = table();
  for (let i = 0; i < MAX_REQUESTS_IN_FLIGHT; i++)
    assert.notEqual(
      requests.open(1, NO_DOOR, () => {}),
      -1,
    );
  assert.equal(
    requests.open(1, NO_DOOR, () => {}),
    -1,
  );
  requests.cancel(7);
  assert.equal(
    requests.open(1, NO_DOOR, () => {}),
    7,
  );
});
