import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeClock } from '#test/support/fake-clock.ts';

describe('fake clock', () => {
  it('runs due timers in order of their times, each at its time', async () => {
    const clock = new FakeClock();
    const ran: [string, number][] = [];
    const note = (name: string) => () => void ran.push([name, clock.monotonicMs()]);
    clock.after(20, note('c'));
    clock.after(10, note('a'));
    clock.after(10, note('b'));
    clock.after(31, note('d'));
    await clock.advance(30);
    assert.deepEqual(ran, [
      ['a', 10],
      ['b', 10],
      ['c', 20],
    ]);
    assert.deepEqual([clock.monotonicMs(), clock.pending, clock.nextDelayMs], [30, 1, 1]);
  });

  it('runs timers that promises set on the way', async () => {
    const clock = new FakeClock();
    const start = clock.now();
    const ranAtMs: number[] = [];
    const wait = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
    void (async () => {
      for (let i = 0; i < 3; i++) {
        await wait(10);
        ranAtMs.push(clock.now() - start);
      }
    })();
    await clock.advance(100);
    assert.deepEqual(ranAtMs, [10, 20, 30]);
  });

  it('forgets cancelled timers', async () => {
    const clock = new FakeClock();
    const cancel = clock.after(5, () => assert.fail('cancelled'));
    cancel();
    cancel();
    await clock.advance(10);
    assert.equal(clock.pending, 0);
  });
});
