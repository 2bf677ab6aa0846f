import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Sampler } from '#components/otelcol/exporter/debug/sampler.ts';
import { FakeClock } from '#test/support/fake-clock.ts';

async function passes(initial: number, thereafter: number, eventsPerSecond: readonly number[]): Promise<number[][]> {
  const clock = new FakeClock();
  const sampler = new Sampler(clock, initial, thereafter);
  const seconds: number[][] = [];
  for (const events of eventsPerSecond) {
    seconds.push(Array.from({ length: events }, (_, i) => i + 1).filter(() => sampler.pass()));
    await clock.advance(1_000);
  }
  return seconds;
}

it('passes the first N of each second, then every Mth', async () => {
  assert.deepEqual(await passes(2, 3, [9, 1]), [[1, 2, 5, 8], [1]]);
});
it('passes all with thereafter 1', async () => assert.deepEqual(await passes(2, 1, [5]), [[1, 2, 3, 4, 5]]));
it('passes none after the initial ones with thereafter 0', async () =>
  assert.deepEqual(await passes(2, 0, [5, 3]), [
    [1, 2],
    [1, 2],
  ]));
it('passes none with both 0', async () => assert.deepEqual(await passes(0, 0, [5]), [[]]));

it('keeps counting within a second', async () => {
  const clock = new FakeClock();
  const sampler = new Sampler(clock, 1, 0);
  assert.equal(sampler.pass(), true);
  await clock.advance(999);
  assert.equal(sampler.pass(), false);
  await clock.advance(1);
  assert.equal(sampler.pass(), true);
});
