import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  bucketIndex,
  exponentialLength,
  mergeExponential,
  newExponential,
  observeExponential,
} from '#components/kit/series/exponential.ts';

type Observation = readonly [value: number, count: number];

const observed = (observations: readonly Observation[], maxSize: number): Float64Array =>
  observations.reduce((h, [value, count]) => observeExponential(h, maxSize, value, count), newExponential());

/** The definition: the largest scale at which all buckets fit, each value in its bucket. */
function model(observations: readonly Observation[], maxSize: number) {
  const buckets = observations
    .filter(([value]) => value > 0)
    .map(([value, count]) => ({ index: bucketIndex(value), count }));
  let shift = 0;
  const at = (index: number): number => Math.floor(index / 2 ** shift);
  const low = Math.min(...buckets.map((b) => b.index));
  const high = Math.max(...buckets.map((b) => b.index));
  while (buckets.length > 0 && at(high) - at(low) >= maxSize) shift++;
  const counts: Record<string, number> = {};
  for (const { index, count } of buckets) counts[at(index)] = (counts[at(index)] ?? 0) + count;
  return { scale: 20 - shift, counts };
}

const shown = (h: Float64Array) => ({
  scale: h[5],
  counts: Object.fromEntries(
    Array.from(h.subarray(8, 8 + h[7]), (count, i) => [h[6] + i, count] as const).filter(([, count]) => count > 0),
  ),
});

const value = fc.oneof(
  fc.constant(0),
  fc.double({ min: 5e-324, max: Number.MAX_VALUE, noNaN: true }),
  fc.double({ min: 0.001, max: 60_000, noNaN: true }),
  fc.integer({ min: 0, max: 100_000 }),
  fc.integer({ min: -1074, max: 1023 }).map((exponent) => 2 ** exponent),
);
const observations = fc.array(fc.tuple(value, fc.integer({ min: 1, max: 9 })), { maxLength: 60 });
const maxSize = fc.oneof(fc.constant(160), fc.integer({ min: 2, max: 20 }));

describe('exponential histogram', () => {
  it('is that of the definition, whatever the order of observations', () => {
    fc.assert(
      fc.property(observations, maxSize, (all, most) => {
        const h = observed(all, most);
        assert.deepEqual(shown(h), model(all, most));
        assert.ok(h[7] <= most);
        const count = all.reduce((sum, [, n]) => sum + n, 0);
        assert.equal(h[0], count);
        assert.equal(
          h[4],
          all.reduce((sum, [v, n]) => sum + (v === 0 ? n : 0), 0),
        );
        if (count > 0) {
          assert.equal(h[2], Math.min(...all.map(([v]) => v)));
          assert.equal(h[3], Math.max(...all.map(([v]) => v)));
        }
      }),
    );
  });

  it('merged of two is that of all observations', () => {
    fc.assert(
      fc.property(observations, observations, maxSize, (a, b, most) => {
        const from = observed(b, most);
        const before = Array.from(from);
        const shifted = [NaN, NaN, ...from];
        const merged = mergeExponential(observed(a, most), most, shifted, 2);
        const whole = observed([...a, ...b], most);
        assert.deepEqual(shown(merged), shown(whole));
        for (const at of [0, 2, 3, 4]) assert.equal(merged[at], whole[at]);
        assert.deepEqual(Array.from(from), before, 'what is merged stays as it is');
      }),
    );
  });

  it('has powers of two as upper bounds of their buckets', () => {
    const h = observed(
      [
        [1, 1],
        [2, 1],
        [4, 1],
      ],
      2,
    );
    // At scale -1 buckets reach to 1, 4, 16.
    assert.deepEqual(shown(h), { scale: -1, counts: { '-1': 1, '0': 2 } });
    assert.equal(bucketIndex(1), -1);
    assert.equal(bucketIndex(2), 2 ** 20 - 1);
  });

  it('takes as many numbers as it has buckets', () => {
    assert.equal(exponentialLength(newExponential()), 8);
    assert.equal(
      exponentialLength(
        observed(
          [
            [1, 1],
            [1.000_001, 1],
          ],
          160,
        ),
      ),
      8 + 3,
    );
  });

  it('keeps one million different values within its buckets', () => {
    let h = newExponential();
    for (let i = 1; i <= 1_000_000; i++) h = observeExponential(h, 160, i, 1);
    assert.equal(h[0], 1_000_000);
    assert.ok(h[7] <= 160);
    assert.ok(h.length < 400);
    assert.equal(
      Array.from(h.subarray(8, 8 + h[7])).reduce((sum, n) => sum + n, 0),
      1_000_000,
    );
  });
});
