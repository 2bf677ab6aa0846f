import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Poller } from '#components/kit/watch/poller.ts';
import { FakeClock } from '#test/support/fake-clock.ts';

/** A poll that ends when the test says so. */
function controlled(): {
  readonly begun: AbortSignal[];
  readonly end: () => void;
  readonly poll: (s: AbortSignal) => Promise<void>;
} {
  const begun: AbortSignal[] = [];
  const ends: (() => void)[] = [];
  return {
    begun,
    end: () => ends.shift()?.(),
    poll: (signal) => {
      begun.push(signal);
      return new Promise((resolve) => ends.push(resolve));
    },
  };
}

test('polls are so far apart from beginning to beginning, however long they take', async () => {
  const clock = new FakeClock();
  const { begun, end, poll } = controlled();
  const poller = new Poller(clock, 1000, poll);
  poller.start();
  await clock.advance(999);
  assert.equal(begun.length, 0);
  await clock.advance(1);
  assert.equal(begun.length, 1);
  await clock.advance(400);
  end();
  await clock.advance(599);
  assert.equal(begun.length, 1);
  await clock.advance(1);
  assert.equal(begun.length, 2);
  end();
  await poller.stop();
});

test('never two at once: what is due meanwhile begins when the one before has ended', async () => {
  const clock = new FakeClock();
  const { begun, end, poll } = controlled();
  const poller = new Poller(clock, 1000, poll);
  poller.start();
  await clock.advance(10_000);
  assert.equal(begun.length, 1);
  poller.soon(5);
  poller.soon(50);
  await clock.advance(100);
  assert.equal(begun.length, 1);
  end();
  await clock.advance(0);
  assert.equal(begun.length, 2);
  end();
  await poller.stop();
  assert.equal(clock.pending, 0);
});

test('one that is asked for comes early, once, and the clock begins anew', async () => {
  const clock = new FakeClock();
  let polls = 0;
  const poller = new Poller(clock, 1000, () => Promise.resolve(void polls++));
  poller.soon(30);
  poller.start();
  poller.soon(40);
  await clock.advance(30);
  assert.equal(polls, 1);
  await clock.advance(999);
  assert.equal(polls, 1);
  await clock.advance(1);
  assert.equal(polls, 2);
  await poller.stop();
  await clock.advance(10_000);
  poller.soon(0);
  await clock.advance(10_000);
  assert.equal(polls, 2);
});

test('without a frequency it polls only when asked', async () => {
  const clock = new FakeClock();
  let polls = 0;
  const poller = new Poller(clock, 0, () => Promise.resolve(void polls++));
  poller.start();
  await clock.advance(1e9);
  assert.deepEqual([polls, clock.pending], [0, 0]);
  poller.soon(10);
  await clock.advance(1e9);
  assert.equal(polls, 1);
  await poller.stop();
});

test('a frequency beyond the range of a timer is kept', async () => {
  const clock = new FakeClock();
  /** As the real one: it fires early rather than never. */
  const short = Object.assign(Object.create(clock) as FakeClock, {
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs(),
    after: (ms: number, run: () => void) => clock.after(Math.min(ms, 1000), run),
  });
  let polls = 0;
  const poller = new Poller(short, 10_000, () => Promise.resolve(void polls++));
  poller.start();
  await clock.advance(9999);
  assert.equal(polls, 0);
  await clock.advance(1);
  assert.equal(polls, 1);
  await poller.stop();
});

test('stop aborts the one under way and waits for it', async () => {
  const clock = new FakeClock();
  const { begun, end, poll } = controlled();
  const poller = new Poller(clock, 1000, poll);
  poller.start();
  await clock.advance(1000);
  let isStopped = false;
  const stopping = poller.stop().then(() => (isStopped = true));
  assert.equal(begun[0].aborted, true);
  await clock.advance(0);
  assert.equal(isStopped, false);
  end();
  await stopping;
  await poller.stop();
  assert.equal(clock.pending, 0);
});
