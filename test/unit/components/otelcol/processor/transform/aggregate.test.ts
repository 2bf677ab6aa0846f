/** The functions that make one point of several, on the examples of upstream's documentation (`transformprocessor/README.md`) and on what does not fit. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { at, edit, numbers, pick, shown, type Fields } from '#test/support/metric-edits.ts';
import { counter, exponential, gauge, histogram, summary } from '#test/support/metric-requests.ts';
import type { PlainMessage } from '#test/support/otlp-proto.ts';

describe('aggregate_on_attributes', () => {
  const points = [
    at(1, { asInt: 10, startTimeUnixNano: 5 }, { a: 'x', b: '1' }),
    at(1, { asInt: 20, startTimeUnixNano: 4 }, { b: '2', a: 'x' }),
    at(1, { asInt: 31, startTimeUnixNano: 6 }, { a: 'y' }),
    at(2, { asInt: 40 }, { a: 'x', b: '1' }),
  ];
  for (const [args, expected] of [
    ['"sum", ["a"]', ['{a=x}@1: 30', '{a=y}@1: 31', '{a=x}@2: 40']],
    ['"sum", []', ['{}@1: 61', '{}@2: 40']],
    ['"sum"', ['{a=x,b=1}@1: 10', '{b=2,a=x}@1: 20', '{a=y}@1: 31', '{a=x,b=1}@2: 40']],
    ['"max", []', ['{}@1: 31', '{}@2: 40']],
    ['"min", []', ['{}@1: 10', '{}@2: 40']],
    ['"mean", []', ['{}@1: 20', '{}@2: 40']],
    ['"median", []', ['{}@1: 20', '{}@2: 40']],
    ['"median", ["a"]', ['{a=x}@1: 15', '{a=y}@1: 31', '{a=x}@2: 40']],
    ['"count", ["a"]', ['{a=x}@1: 2', '{a=y}@1: 1', '{a=x}@2: 1']],
  ] as const)
    test(args, () => {
      const { items, errors } = edit([counter('n', ...points)], [`aggregate_on_attributes(${args})`]);
      assert.deepEqual([numbers(items[0]), errors], [expected, []]);
    });

  test('doubles, NaN, points without a value; the earliest start', () => {
    const mixed = [{ asDouble: 1.5, startTimeUnixNano: 9 }, { asInt: 2, startTimeUnixNano: 3 }, { asDouble: 4 }];
    for (const [aggregation, expected] of [
      ['sum', 7.5],
      ['mean', 2.5],
      ['min', 1.5],
      ['max', 4],
      ['median', 2],
      ['count', 3],
    ] as const) {
      const { items } = edit(
        [gauge('g', ...mixed.map((p) => at(1, p)))],
        [`aggregate_on_attributes("${aggregation}")`],
      );
      const [point] = shown(items[0]).points;
      assert.deepEqual([point['asDouble'], point['startTimeUnixNano']], [expected, undefined]);
    }
    const { items } = edit(
      [gauge('g', at(1, { asDouble: NaN }), at(1, { asDouble: 1 }), at(2, {}), at(2, { asInt: 4 }))],
      ['aggregate_on_attributes("max")'],
    );
    assert.deepEqual(numbers(items[0]), ['{}@1: NaN', '{}@2: none']);
  });

  test('deltas need the same start', () => {
    const delta = { name: 'd', sum: { aggregationTemporality: 1, dataPoints: points.slice(0, 2) } };
    const { items } = edit([delta], ['aggregate_on_attributes("sum", [])']);
    assert.deepEqual(numbers(items[0]), ['{}@1: 10', '{}@1: 20']);
  });

  test('histograms are added where bounds agree', () => {
    const point = (bounds: number[], counts: number[], more: Fields): Fields =>
      at(1, { explicitBounds: bounds, bucketCounts: counts, ...more }, { a: 'x' });
    const { items, errors } = edit(
      [
        histogram(
          'h',
          point([1], [1, 2], { count: 3, sum: 4, min: 1, max: 2, exemplars: [{ asInt: 1 }] }),
          point([1], [3, 4], { count: 7, sum: 5, min: 0.5, max: 3, exemplars: [{ asInt: 2 }] }),
          point([2], [1, 1], { count: 2, sum: 5 }),
          point([1], [9, 9], { count: 0, sum: 5, min: 0, max: 9 }),
        ),
      ],
      ['aggregate_on_attributes("sum", [])'],
    );
    const [sum, other, ...rest] = shown(items[0]).points;
    assert.deepEqual(pick(sum, 'count', 'sum', 'min', 'max', 'bucketCounts'), {
      count: '10',
      sum: 9,
      min: 0.5,
      max: 3,
      bucketCounts: ['4', '6'],
    });
    assert.equal((sum['exemplars'] as PlainMessage[]).length, 2);
    assert.deepEqual([other['count'], rest, errors], ['2', [], []]);
  });

  test('exponential histograms are added, whatever their offsets', () => {
    const point = (offset: number, bucketCounts: number[], count: number): Fields =>
      at(1, { scale: 1, count, sum: count, zeroCount: 1, positive: { offset, bucketCounts } });
    const { items } = edit(
      [exponential('e', point(2, [1, 2], 4), point(-1, [3], 4))],
      ['aggregate_on_attributes("sum")'],
    );
    const [sum, ...rest] = shown(items[0]).points;
    assert.deepEqual(pick(sum, 'count', 'sum', 'zeroCount', 'positive', 'scale'), {
      count: '8',
      sum: 8,
      zeroCount: '2',
      scale: 1,
      positive: { offset: -1, bucketCounts: ['3', '0', '0', '1', '2'] },
    });
    assert.deepEqual(rest, []);
  });

  test('summaries fail and stay, a metric without data stays', () => {
    const { items, errors } = edit(
      [summary('s', at(1, { count: 1 })), { name: 'none' }],
      ['aggregate_on_attributes("sum", [])'],
    );
    assert.deepEqual(errors, ['aggregate_on_attributes does not take summaries']);
    assert.equal(shown(items[0]).points.length, 1);
  });
});

describe('aggregate_on_attribute_value', () => {
  test('values become one', () => {
    const points = ['val1', 'val2', 'val3'].map((value, i) => at(1, { asInt: i + 1 }, { attr1: value, b: 'z' }));
    const { items } = edit(
      [gauge('g', ...points, at(1, { asInt: 8 }, { b: 'z' }), at(1, { asInt: 9 }, { attr1: 7, b: 'z' }))],
      ['aggregate_on_attribute_value("sum", "attr1", ["val1", "val2", ""], "new_val")'],
    );
    assert.deepEqual(numbers(items[0]), [
      '{attr1=new_val,b=z}@1: 3',
      '{attr1=val3,b=z}@1: 3',
      '{b=z}@1: 8',
      '{attr1=7,b=z}@1: 9',
    ]);
  });

  test('summaries keep their points', () => {
    const { items, errors } = edit(
      [summary('s', at(1, { count: 1 }))],
      ['aggregate_on_attribute_value("sum", "a", ["b"], "c")'],
    );
    assert.deepEqual(
      [shown(items[0]).points.length, errors],
      [1, ['aggregate_on_attribute_value does not take summaries']],
    );
  });
});
