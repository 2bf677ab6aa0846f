/** The functions of histograms, on the examples of upstream's documentation (`transformprocessor/README.md`) and on what does not fit. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { exponentialToHistogram } from '#components/otelcol/processor/transform/functions/exponential-to-histogram.ts';
import { withEditors } from '#ottl/editors/library.ts';
import { at, edit, pick, shown, type Fields } from '#test/support/metric-edits.ts';
import { counter, exponential, gauge, histogram, keyValues, summary } from '#test/support/metric-requests.ts';
import { attributesOf } from '#test/support/ottl-edit.ts';

describe('merge_histogram_buckets', () => {
  const buckets = (explicitBounds: number[], bucketCounts: number[]): Fields =>
    histogram('h', at(1, { count: 99, sum: 1, explicitBounds, bucketCounts }));
  const eight = [0.1, 0.2, 0.5, 1, 2.5, 5, 10, 30];
  for (const [text, bounds, counts, mergedBounds, mergedCounts] of [
    ['0.5', [0.1, 0.5, 1], [5, 8, 3, 1], [0.1, 1], [5, 11, 1]],
    ['1.0', [0.1, 0.5, 1], [5, 8, 3, 1], [0.1, 0.5], [5, 8, 4]],
    ['"0.1"', [0.1, 0.5], [5, 8, 3], [0.5], [13, 3]],
    ['1', [1], [5, 8], [], [13]],
    ['0.3', [0.1, 0.5], [5, 8, 3], [0.1, 0.5], [5, 8, 3]],
    ['0.5', [0.1, 0.5], [5, 8], [0.1, 0.5], [5, 8]],
    ['0.5', [], [5], [], [5]],
    ['datapoint.sum', [0.5, 1], [1, 2, 3], [0.5], [1, 5]],
    ['5, method="limit_buckets"', eight, [80, 4, 6, 120, 3, 2, 40, 10, 1], [0.2, 1, 5, 30], [84, 126, 5, 50, 1]],
    ['9, "limit_buckets"', eight, [80, 4, 6, 120, 3, 2, 40, 10, 1], eight, [80, 4, 6, 120, 3, 2, 40, 10, 1]],
    ['1.0, "limit_buckets"', eight, [80, 4, 6, 120, 3, 2, 40, 10, 1], [], [266]],
    ['2, "limit_buckets"', [1, 1, 2], [1, 2, 3, 4], [1, 1, 2], [1, 2, 3, 4]],
  ] as const)
    test(`${text} of ${bounds.join()}`, () => {
      const { items, errors } = edit(
        [buckets([...bounds], [...counts])],
        [`merge_histogram_buckets(${text})`],
        'datapoint',
      );
      const [point] = shown(items[0]).points;
      assert.deepEqual(
        [point['explicitBounds'] ?? [], point['bucketCounts'] ?? [], point['count'], point['sum']],
        [mergedBounds, mergedCounts.map(String), '99', 1],
      );
      assert.deepEqual(errors, []);
    });

  test('a limit that is none fails, other kinds stay', () => {
    const text = 'merge_histogram_buckets(datapoint.attributes["n"], "limit_buckets")';
    assert.deepEqual(edit([buckets([1], [1, 2])], [text], 'datapoint').errors, [
      'merge_histogram_buckets takes a number as `target_value`',
    ]);
    const sums = [counter('n', at(1, { asInt: 1 }))];
    assert.deepEqual(edit(sums, [text], 'datapoint'), edit(sums, [], 'datapoint'));
  });
});

describe('extract_percentile_metric', () => {
  const explicit = (fields: Fields): Fields => histogram('h', at(1, fields, { a: 1 }));
  const expo = (fields: Fields): Fields => exponential('e', at(1, fields, { a: 1 }));
  const even = { count: 10, explicitBounds: [10, 20], bucketCounts: [5, 5, 0] };
  for (const [what, metric, percentile, expected] of [
    ['within the first bucket, from 0', explicit(even), '25.0', 6],
    ['at a bound', explicit(even), '50.0', 10],
    ['within a bucket', explicit(even), '75.0', 16],
    ['from min', explicit({ ...even, min: 5 }), '20.0', 7],
    ['below 0, without min', explicit({ count: 2, explicitBounds: [-5, 0], bucketCounts: [2, 0, 0] }), '50.0', -5],
    ['in the last bucket, without max', explicit({ count: 2, explicitBounds: [5], bucketCounts: [0, 2] }), '50.0', 5],
    [
      'in the last bucket, to max',
      explicit({ count: 2, max: 9, explicitBounds: [5], bucketCounts: [0, 2] }),
      '50.0',
      7,
    ],
    ['one bucket', explicit({ count: 4, min: 0, max: 8, bucketCounts: [4] }), '50.0', 4],
    ['one bucket without max', explicit({ count: 4, min: 0, bucketCounts: [4] }), '50.0', null],
    ['nothing counted', explicit({ explicitBounds: [5], bucketCounts: [0, 0] }), '50.0', null],
    ['positive', expo({ count: 4, scale: 0, positive: { offset: 0, bucketCounts: [2, 2] } }), '50.0', 2],
    [
      'between powers',
      expo({ count: 2, scale: 0, positive: { offset: 1, bucketCounts: [2] } }),
      '50.0',
      2 * Math.SQRT2,
    ],
    ['negative', expo({ count: 4, scale: 0, negative: { offset: 0, bucketCounts: [2, 2] } }), '50.0', -2],
    ['around zero', expo({ count: 2, zeroCount: 2, zeroThreshold: 0.5 }), '50.0', 0],
    [
      'zero, then positive',
      expo({ count: 4, zeroCount: 2, zeroThreshold: 1, positive: { bucketCounts: [2] } }),
      '25.0',
      0.5,
    ],
    ['no buckets', expo({ count: 4 }), '50.0', null],
  ] as const)
    test(what, () => {
      const { items, errors } = edit([metric], [`extract_percentile_metric(${percentile})`]);
      assert.deepEqual(errors, []);
      assert.equal(items.length, expected === null ? 1 : 2);
      if (expected === null) return;
      const [point] = shown(items[1]).points;
      assert.ok(Math.abs(Number(point['asDouble']) - expected) < 1e-12, String(point['asDouble']));
      assert.deepEqual(attributesOf(point), { a: 1n });
    });

  test('names and descriptions', () => {
    const names = (text: string, description = ''): unknown[] => {
      const [, added] = edit([{ ...explicit(even), description, unit: 'ms' }], [text]).items;
      return [shown(added).is, added['description'], added['unit']];
    };
    assert.deepEqual(names('extract_percentile_metric(99.9)'), ['gauge h_p99.9', 'p99.9', 'ms']);
    assert.deepEqual(names('extract_percentile_metric(95.0, ".x")', 'about'), ['gauge h.x', 'about (p95)', 'ms']);
    assert.deepEqual(names('extract_percentile_metric(95.0, "")')[0], 'gauge h_p95');
  });

  test('malformed histograms fail, other kinds stay', () => {
    for (const [metric, error] of [
      [
        explicit({ count: 5, explicitBounds: [1], bucketCounts: [1, 1] }),
        'the buckets of the histogram hold less than its count',
      ],
      [
        explicit({ count: 5, explicitBounds: [1], bucketCounts: [1] }),
        'the histogram needs one bucket more than bounds',
      ],
      [expo({ count: 5, positive: { bucketCounts: [1] } }), 'the buckets of the histogram hold less than its count'],
    ] as const) {
      const { items, errors } = edit([metric], ['extract_percentile_metric(99.0)', 'set(metric.unit, "s")']);
      assert.deepEqual([items.length, errors, items[0]['unit']], [1, [error], 's']);
    }
    const others = [gauge('g', at(1, { asInt: 1 })), summary('s', at(1, {}))];
    assert.deepEqual(edit(others, ['extract_percentile_metric(99.0)']), edit(others, []));
  });
});

describe('convert_exponential_histogram_to_histogram', () => {
  const BOUNDS = '[1.0, 2.0, 3.0, 4.0]';
  // Scale 0, offset 1: one bucket, (2, 4].
  const two = { count: 10, scale: 0, positive: { offset: 1, bucketCounts: [10] } };
  const countsOf = (fields: Fields, args: string, random = 0): string[] => {
    const editors = withEditors(exponentialToHistogram(() => random));
    const { items, errors } = edit(
      [exponential('e', at(1, fields))],
      [`convert_exponential_histogram_to_histogram(${args})`],
      'metric',
      editors,
    );
    assert.deepEqual(errors, []);
    return (shown(items[0]).points[0]['bucketCounts'] ?? []) as string[];
  };
  for (const [distribution, random, expected] of [
    ['upper', 0, '0,0,0,10,0'],
    ['midpoint', 0, '0,0,10,0,0'],
    ['uniform', 0, '0,0,5,5,0'],
    ['random', 0, '0,0,5,5,0'],
  ] as const)
    test(distribution, () => assert.equal(countsOf(two, `"${distribution}", ${BOUNDS}`, random).join(), expected));

  test('random rounds by chance, uniform up', () => {
    const odd = { count: 3, scale: 0, positive: { offset: 1, bucketCounts: [3] } };
    assert.equal(countsOf(odd, `"uniform", ${BOUNDS}`).join(), '0,0,2,1,0');
    assert.equal(countsOf(odd, `"random", ${BOUNDS}`, 0.4).join(), '0,0,1,2,0');
    assert.equal(countsOf(odd, `"random", ${BOUNDS}`, 0.6).join(), '0,0,2,1,0');
    assert.equal(countsOf(odd, `"", ${BOUNDS}`, 0.6).join(), '0,0,2,1,0');
  });

  test('zero, negative values, and those beyond the last bound', () => {
    const all = {
      count: 10,
      scale: 0,
      zeroCount: 1,
      negative: { offset: 0, bucketCounts: [2] },
      positive: { offset: 0, bucketCounts: [3, 0, 4] },
    };
    assert.equal(countsOf(all, '"upper", [-1.0, 0.0, 2.0, 4.0]').join(), '2,1,3,0,4');
  });

  test('what else a point has', () => {
    const point = {
      ...two,
      startTimeUnixNano: 7,
      sum: 30,
      min: 2,
      flags: 1,
      exemplars: [{ asDouble: 3 }],
      attributes: keyValues({ a: 'x' }),
    };
    const metric = {
      ...exponential('e', at(9, point)),
      description: 'about',
      unit: 's',
      metadata: keyValues({ m: 1 }),
    };
    const { items } = edit(
      [metric],
      [
        'convert_exponential_histogram_to_histogram("upper", [10.0])',
        'set(metric.name, "h") where metric.type == METRIC_DATA_TYPE_HISTOGRAM',
      ],
    );
    assert.equal(shown(items[0]).is, 'histogram h');
    assert.deepEqual(shown(items[0]).data, { aggregationTemporality: 2 });
    assert.deepEqual(pick(items[0], 'description', 'unit'), { description: 'about', unit: 's' });
    const [{ attributes, exemplars, ...rest }] = shown(items[0]).points;
    assert.deepEqual(rest, {
      startTimeUnixNano: '7',
      timeUnixNano: '9',
      count: '10',
      sum: 30,
      min: 2,
      flags: 1,
      explicitBounds: [10],
      bucketCounts: ['10', '0'],
    });
    assert.deepEqual([attributesOf({ attributes }), exemplars], [{ a: 'x' }, [{ asDouble: 3 }]]);
  });

  test('a count that the buckets do not make up fails; other kinds stay', () => {
    const text = 'convert_exponential_histogram_to_histogram("upper", [10.0])';
    const { items, errors } = edit([exponential('e', at(1, { ...two, count: 11 }))], [text]);
    assert.deepEqual(
      [shown(items[0]).is, errors],
      ['exponentialHistogram e', ['the buckets of the histogram hold 10, its count is 11']],
    );
    const others = [histogram('h', at(1, {})), gauge('g')];
    assert.deepEqual(edit(others, [text]), edit(others, []));
  });
});
