/** Deadlines are looked at now and then, as long as there are any. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadlines, type Expiring } from '#net/server/grpc/deadlines.ts';
import { FakeClock } from '#test/support/fake-clock.ts';

class Call implements Expiring {
  readonly deadlineMs: number;
  expired = 0;
  readonly #deadlines: Deadlines;
  constructor(deadlines: Deadlines, deadlineMs: number) {
    this.deadlineMs = deadlineMs;
    this.#deadlines = deadlines;
    deadlines.watch(this);
  }
  expire(): void {
    this.expired++;
    this.#deadlines.forget(this);
  }
}

test('a call expires within a quarter of a second of its deadline, once', async () => {
  const clock = new FakeClock();
  const deadlines = new Deadlines(clock);
  const calls = [100, 250, 251, 10_000].map((at) => new Call(deadlines, at));
  await clock.advance(249);
  assert.deepEqual(
    calls.map(({ expired }) => expired),
    [0, 0, 0, 0],
  );
  await clock.advance(1);
  assert.deepEqual(
    calls.map(({ expired }) => expired),
    [1, 1, 0, 0],
  );
  await clock.advance(250);
  assert.deepEqual(
    calls.map(({ expired }) => expired),
    [1, 1, 1, 0],
  );
  await clock.advance(20_000);
  assert.deepEqual(
    calls.map(({ expired }) => expired),
    [1, 1, 1, 1],
  );
  assert.equal(clock.pending, 0);
});

test('no timer without a deadline, none after the last, none after stop', async () => {
  const clock = new FakeClock();
  const deadlines = new Deadlines(clock);
  new Call(deadlines, Infinity);
  assert.equal(clock.pending, 0);
  const call = new Call(deadlines, 1000);
  assert.equal(clock.pending, 1);
  deadlines.forget(call);
  await clock.advance(250);
  assert.deepEqual([clock.pending, call.expired], [0, 0]);
  new Call(deadlines, 2000);
  deadlines.stop();
  deadlines.stop();
  assert.equal(clock.pending, 0);
});
