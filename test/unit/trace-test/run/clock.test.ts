import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SteppingClock } from '#trace-test/run/clock.ts';

const START_MS = Date.UTC(2026, 0, 1);
const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

test('timers run when they are due, in order, also those that are set on the way', async () => {
  const clock = new SteppingClock(START_MS);
  const told: string[] = [];
  const tell = (what: string): void => void told.push(`${what} ${clock.monotonicMs()}`);
  clock.after(20, () => tell('b'));
  clock.after(10, () => {
    tell('a');
    clock.after(5, () => tell('inner'));
  });
  clock.after(20, () => tell('c'));
  clock.after(15, () => tell('cancelled'))();
  clock.after(30, () => tell('late'));
  await clock.advance(25);
  assert.deepEqual(told, ['a 10', 'inner 15', 'b 20', 'c 20']);
  assert.deepEqual([clock.now(), clock.monotonicMs()], [START_MS + 25, 25]);
});

test('time waits until everything that a timer has set off has come to rest', async () => {
  const clock = new SteppingClock(START_MS);
  const told: number[] = [];
  clock.after(10, () => {
    void (async () => {
      for (let i = 0; i < 5; i++) {
        await turns(10);
        clock.stir();
        told.push(clock.monotonicMs());
      }
    })();
  });
  clock.after(11, () => told.push(-1));
  await clock.advance(20);
  assert.deepEqual(told, [10, 10, 10, 10, 10, -1]);
});

test('time passes while somebody waits for a timer, and no further', async () => {
  const clock = new SteppingClock(START_MS);
  clock.after(60_000, () => assert.fail('nobody waits for this one'));
  const waited = new Promise<number>((resolve) => clock.after(500, () => resolve(clock.monotonicMs())));
  assert.equal(await clock.until(waited), 500);
  await assert.rejects(clock.until(Promise.reject(new Error('no'))), /no/);
});
