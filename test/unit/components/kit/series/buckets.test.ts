import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Buckets } from '#components/kit/series/buckets.ts';

test('bucket i holds values up to bound i, that one included', () => {
  const number = fc.oneof(
    fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
    fc.double({ min: -10, max: 100, noNaN: true }),
    fc.integer({ min: -3, max: 20_000 }),
  );
  fc.assert(
    fc.property(fc.uniqueArray(number, { maxLength: 20 }), fc.array(number), (unordered, values) => {
      const bounds = unordered.sort((a, b) => a - b);
      const buckets = new Buckets(bounds);
      assert.equal(buckets.count, bounds.length + 1);
      for (const value of [...values, ...bounds]) {
        const wanted = bounds.findIndex((bound) => value <= bound);
        assert.equal(buckets.of(value), wanted < 0 ? bounds.length : wanted);
      }
    }),
  );
});
