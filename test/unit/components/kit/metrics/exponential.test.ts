import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  addExponential,
  downscale,
  exponentialDelta,
  limitBuckets,
  MAX_BUCKETS,
  NO_BUCKETS,
  readExponential,
  widenZero,
  writeExponential,
  type Buckets,
  type Exponential,
} from '#components/kit/metrics/exponential.ts';
import { EXPONENTIAL, Point } from '#components/kit/metrics/metric.ts';
import { Writer } from '#codec/protobuf/writer.ts';
import { decodeMessage, encodeMessage, messageType } from '#test/support/otlp-proto.ts';

const buckets = (offset: number, ...counts: readonly number[]): Buckets => ({
  offset,
  counts: BigUint64Array.from(counts.map(BigInt)),
});
const count = ({ counts }: Buckets): bigint => counts.reduce((sum, n) => sum + n, 0n);
function make(change: Partial<Exponential> = {}): Exponential {
  const made: Exponential = {
    count: 0n,
    sum: 0,
    min: null,
    max: null,
    scale: 0,
    zeroCount: 0n,
    zeroThreshold: 0,
    positive: NO_BUCKETS,
    negative: NO_BUCKETS,
    ...change,
  };
  made.count = made.zeroCount + count(made.positive) + count(made.negative);
  return made;
}
const shown = ({ offset, counts }: Buckets): unknown => [offset, ...[...counts].map(Number)];
/** Counts by index at a lower scale, without empty ones. */
function model(shift: number, ...all: readonly Buckets[]): Record<string, number> {
  const out: Record<string, number> = {};
  for (const { offset, counts } of all)
    counts.forEach((n, i) => {
      const index = Math.floor((offset + i) / 2 ** shift);
      if (n > 0n) out[index] = (out[index] ?? 0) + Number(n);
    });
  return out;
}

describe('scale', () => {
  it('goes down by joining neighbours, also below zero', () => {
    const value = make({ scale: 3, positive: buckets(-3, 1, 2, 3, 4, 5), negative: buckets(2, 7) });
    downscale(value, 2);
    assert.deepEqual([value.scale, shown(value.positive), shown(value.negative)], [2, [-2, 1, 5, 9], [1, 7]]);
    downscale(value, -40);
    assert.deepEqual([value.scale, shown(value.positive), shown(value.negative)], [-40, [-1, 6, 9], [0, 7]]);
  });

  it('goes down until the buckets are few enough, and no further', () => {
    const value = make({ scale: 5, positive: buckets(0, ...Array.from({ length: 161 }, () => 1)) });
    limitBuckets(value, MAX_BUCKETS);
    assert.equal(value.scale, 4);
    assert.equal(value.positive.counts.length, 81);
    const fitting = make({ scale: 5, positive: buckets(-7, ...Array.from({ length: 160 }, () => 1)) });
    limitBuckets(fitting, MAX_BUCKETS);
    assert.equal(fitting.scale, 5);
  });
});

describe('a zero threshold', () => {
  it('that is raised takes in the buckets below it', () => {
    const value = make({ positive: buckets(0, 1, 2, 4), negative: buckets(1, 8), zeroCount: 1n });
    widenZero(value, 2);
    assert.deepEqual([value.zeroThreshold, value.zeroCount, shown(value.positive)], [2, 2n, [1, 2, 4]]);
    assert.deepEqual(shown(value.negative), [1, 8]);
  });

  it('that falls into a bucket takes in that bucket', () => {
    const value = make({ positive: buckets(0, 1, 2, 4) });
    widenZero(value, 3);
    assert.deepEqual([value.zeroThreshold, value.zeroCount, shown(value.positive)], [4, 3n, [2, 4]]);
  });
});

const index = fc.integer({ min: -300, max: 300 });
const someBuckets = fc
  .tuple(index, fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 200 }))
  .map(([offset, counts]) => buckets(offset, ...counts));
const value = fc
  .record({
    scale: fc.integer({ min: -4, max: 6 }),
    zeroCount: fc.bigInt({ min: 0n, max: 5n }),
    positive: someBuckets,
    negative: someBuckets,
  })
  .map(make);

it('adding conserves every count in its bucket and needs no more than the most buckets', () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      const total = { ...a };
      addExponential(total, { ...b });
      const scale = total.scale;
      assert.ok(scale <= Math.min(a.scale, b.scale));
      assert.equal(total.count, a.count + b.count);
      assert.equal(total.zeroCount, a.zeroCount + b.zeroCount);
      for (const sign of ['positive', 'negative'] as const) {
        assert.ok(
          total[sign].counts.length <= MAX_BUCKETS || (a[sign].counts.length === 0) !== (b[sign].counts.length === 0),
        );
        const wanted = { ...model(a.scale - scale, a[sign]) };
        for (const [i, n] of Object.entries(model(b.scale - scale, b[sign]))) wanted[i] = (wanted[i] ?? 0) + n;
        assert.deepEqual(model(0, total[sign]), wanted);
      }
    }),
  );
});

it('what came is what was added', () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      const total = { ...a };
      addExponential(total, { ...b });
      const delta = exponentialDelta(total, { ...a });
      assert.ok(delta !== null);
      const shift = b.scale - total.scale;
      assert.deepEqual(
        [model(0, delta.positive), model(0, delta.negative)],
        [model(shift, b.positive), model(shift, b.negative)],
      );
      assert.deepEqual([delta.count, delta.zeroCount, delta.min, delta.max], [b.count, b.zeroCount, null, null]);
    }),
  );
});

it('what came is unknown when counts, scale or zero threshold did what they never do', () => {
  const before = make({ positive: buckets(0, 2, 2), zeroThreshold: 0.5 });
  for (const now of [
    make({ positive: buckets(0, 1, 1), zeroThreshold: 0.5 }),
    make({ positive: buckets(0, 1, 9), zeroThreshold: 0.5 }),
    make({ positive: buckets(1, 9), zeroThreshold: 0.5 }),
    make({ positive: buckets(0, 2, 2), zeroThreshold: 0.25 }),
    make({ positive: buckets(0, 2, 2), zeroThreshold: 0.5, scale: 1 }),
  ])
    assert.equal(exponentialDelta(now, { ...before }), null);
  assert.ok(exponentialDelta(make({ positive: buckets(0, 2, 3), zeroThreshold: 0.5 }), { ...before }) !== null);
});

it('a point is read, and written with all else that it had', () => {
  const type = messageType('ExponentialHistogramDataPoint');
  const fields = {
    attributes: [{ key: 'k', value: { stringValue: 'v' } }],
    startTimeUnixNano: 5,
    timeUnixNano: 9,
    count: 10,
    sum: -1.5,
    scale: -2,
    zeroCount: 3,
    positive: { offset: -4, bucketCounts: [0, 1, 2] },
    negative: { offset: 7, bucketCounts: [4, 0] },
    flags: 2,
    exemplars: [{ asInt: 7 }],
    min: 0,
    max: 9,
    zeroThreshold: 0.25,
  };
  const bytes = encodeMessage(type, fields);
  const point = new Point().reset(EXPONENTIAL, bytes, 0, bytes.length);
  const read = readExponential(point);
  assert.deepEqual(
    [shown(read.positive), shown(read.negative)],
    [
      [-3, 1, 2],
      [7, 4],
    ],
  );
  const out = new Writer();
  writeExponential(out, point, 1n, read);
  const wanted = {
    ...fields,
    startTimeUnixNano: 1,
    positive: { offset: -3, bucketCounts: [1, 2] },
    negative: { offset: 7, bucketCounts: [4] },
  };
  assert.deepEqual(decodeMessage(type, out.finish()), decodeMessage(type, encodeMessage(type, wanted)));
});

describe('what makes no sense', () => {
  const type = messageType('ExponentialHistogramDataPoint');
  const odd = fc.constantFrom(0, 1, -1, 20, 21, -11, 63, 1000, 2 ** 31 - 1, -(2 ** 31));
  const oddDouble = fc.constantFrom(0, -0, 1, -1, NaN, Infinity, -Infinity, 5e-324, 1e308);
  const oddBuckets = fc.record({
    offset: odd,
    bucketCounts: fc.array(fc.constantFrom(0, 1, 2 ** 53), { maxLength: 5 }),
  });
  const oddPoint = fc
    .record({
      scale: odd,
      zeroThreshold: oddDouble,
      sum: oddDouble,
      count: fc.nat(),
      positive: oddBuckets,
      negative: oddBuckets,
    })
    .map((fields) => {
      const bytes = encodeMessage(type, fields);
      return new Point().reset(EXPONENTIAL, bytes, 0, bytes.length);
    });

  it('is added, taken apart and written all the same', () => {
    fc.assert(
      fc.property(oddPoint, oddPoint, (a, b) => {
        const total = readExponential(a);
        addExponential(total, readExponential(b));
        exponentialDelta(readExponential(b), readExponential(a));
        const out = new Writer();
        writeExponential(out, a, 1n, total);
        const { positive, zeroThreshold } = decodeMessage(type, out.finish());
        assert.notEqual(zeroThreshold, 'NaN');
        assert.ok(
          positive === undefined ||
            ((positive as { bucketCounts?: unknown[] }).bucketCounts ?? []).length <= MAX_BUCKETS,
        );
      }),
      { numRuns: 500 },
    );
  });
});
