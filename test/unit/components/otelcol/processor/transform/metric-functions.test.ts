/** The functions that make other metrics of metrics, on the examples of upstream's documentation (`transformprocessor/README.md`) and on what does not fit. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { at, edit, numbers, pick, shown } from '#test/support/metric-edits.ts';
import { counter, exponential, gauge, histogram, keyValues, summary } from '#test/support/metric-requests.ts';
import { attributesOf } from '#test/support/ottl-edit.ts';
import type { PlainMessage } from '#test/support/otlp-proto.ts';

describe('convert_sum_to_gauge and convert_gauge_to_sum', () => {
  test('a sum becomes a gauge with its points', () => {
    const { items } = edit(
      [counter('n', at(7, { asInt: 1 }, { a: 'x' }), at(8, { asDouble: 2.5 }))],
      ['convert_sum_to_gauge()'],
    );
    assert.equal(shown(items[0]).is, 'gauge n');
    assert.deepEqual(shown(items[0]).data, {});
    assert.deepEqual(numbers(items[0]), ['{a=x}@7: 1', '{}@8: 2.5']);
  });

  for (const [text, data] of [
    ['convert_gauge_to_sum("cumulative", false)', { aggregationTemporality: 2 }],
    ['convert_gauge_to_sum("delta", true)', { aggregationTemporality: 1, isMonotonic: true }],
    ['convert_gauge_to_sum(monotonic=true, string_agg_temp="delta")', { aggregationTemporality: 1, isMonotonic: true }],
  ] as const)
    test(text, () => {
      const { items } = edit([gauge('g', at(7, { asInt: 1 }))], [text]);
      assert.equal(shown(items[0]).is, 'sum g');
      assert.deepEqual(shown(items[0]).data, data);
      assert.deepEqual(numbers(items[0]), ['{}@7: 1']);
    });

  test('other kinds stay as they are', () => {
    const all = [gauge('g'), histogram('h', at(1, {})), summary('s', at(1, {})), { name: 'nothing' }];
    assert.deepEqual(edit(all, ['convert_sum_to_gauge()']).items, edit(all, []).items);
    const { items, errors } = edit([counter('n'), ...all.slice(1)], ['convert_gauge_to_sum("delta", true)']);
    assert.deepEqual(items, edit([counter('n'), ...all.slice(1)], []).items);
    assert.deepEqual(errors, []);
  });

  test('what follows in the same run sees the new kind', () => {
    const statements = [
      'set(metric.metadata["before"], metric.type)',
      'convert_sum_to_gauge() where metric.type == METRIC_DATA_TYPE_SUM',
      'set(metric.metadata["after"], metric.type)',
      'set(metric.is_monotonic, true)',
      'convert_gauge_to_sum("delta", false) where metric.name == "back"',
      'set(metric.is_monotonic, true)',
    ];
    const { items } = edit([counter('n', at(1, { asInt: 1 })), counter('back', at(1, { asInt: 1 }))], statements);
    assert.deepEqual(
      items.map((item) => shown(item).is),
      ['gauge n', 'sum back'],
    );
    assert.deepEqual(attributesOf(items[0], 'metadata'), { before: 2n, after: 1n });
    assert.deepEqual(shown(items[1]).data, { aggregationTemporality: 1, isMonotonic: true });
  });
});

const HISTOGRAMS = [
  histogram(
    'h',
    at(7, { count: 5, sum: 2.5, startTimeUnixNano: 3 }, { a: 1 }),
    at(8, { count: '18446744073709551615' }),
  ),
  exponential('e', at(9, { count: 4, sum: -1 })),
  summary('s', at(9, { count: 6 }, { a: 2 })),
].map((metric) => ({ ...metric, description: 'about', unit: 's' }));

describe('extract_count_metric and extract_sum_metric', () => {
  test('counts', () => {
    const { items, errors } = edit(HISTOGRAMS, [
      'extract_count_metric(true) where metric.type != METRIC_DATA_TYPE_SUM',
    ]);
    assert.deepEqual(
      items.map((item) => shown(item).is),
      ['histogram h', 'exponentialHistogram e', 'summary s', 'sum h_count', 'sum e_count', 'sum s_count'],
    );
    assert.deepEqual(items.slice(3).flatMap(numbers), ['{a=1}@7: 5', '{}@8: -1', '{}@9: 4', '{a=2}@9: 6']);
    assert.equal(shown(items[3]).points[0]['startTimeUnixNano'], '3');
    assert.deepEqual(pick(items[3], 'description', 'unit'), { description: 'about', unit: '1' });
    assert.deepEqual(
      items.slice(3).map((item) => shown(item).data),
      Array(3).fill({ aggregationTemporality: 2, isMonotonic: true }),
    );
    assert.deepEqual(errors, []);
  });

  test('sums: a histogram that does not tell it adds no point', () => {
    const { items } = edit(HISTOGRAMS, ['extract_sum_metric(false, ".sum") where metric.type != METRIC_DATA_TYPE_SUM']);
    assert.deepEqual(
      items.slice(3).map((item) => [shown(item).is, ...numbers(item)]),
      [
        ['sum h.sum', '{a=1}@7: 2.5'],
        ['sum e.sum', '{}@9: -1'],
        ['sum s.sum', '{a=2}@9: 0'],
      ],
    );
    assert.deepEqual(pick(items[3], 'description', 'unit'), { description: 'about', unit: 's' });
  });

  test('without points nothing is added; other kinds fail', () => {
    assert.deepEqual(
      edit([histogram('h')], ['extract_sum_metric(true)', 'extract_count_metric(true)']).items.length,
      1,
    );
    const { errors, items } = edit([gauge('g', at(1, { asInt: 1 })), { name: 'none' }], ['extract_sum_metric(true)']);
    assert.deepEqual(
      errors,
      Array(2).fill('extract_sum_metric takes a histogram, an exponential histogram or a summary'),
    );
    assert.equal(items.length, 2);
    const unspecified = { name: 'h', histogram: { dataPoints: [at(1, { count: 1 })] } };
    assert.deepEqual(edit([unspecified], ['extract_count_metric(true)']).errors, [
      'extract_count_metric takes a metric with an aggregation temporality',
    ]);
  });

  test('what was added is visited too', () => {
    const { items } = edit(HISTOGRAMS.slice(0, 1), [
      'extract_count_metric(true) where metric.type == METRIC_DATA_TYPE_HISTOGRAM',
      'set(metric.description, Concat([metric.description, "!"], ""))',
    ]);
    assert.deepEqual(
      items.map((item) => item['description']),
      ['about!', 'about!'],
    );
  });
});

describe('convert_summary_*', () => {
  const quantiles = [
    { quantile: 0, value: 1 },
    { quantile: 0.5, value: 2 },
    { quantile: 0.999, value: 3 },
    { quantile: 1, value: 4 },
  ];
  const one = { ...summary('s', at(5, { count: 3, sum: 1.5, quantileValues: quantiles }, { a: 'x' })), unit: 's' };

  test('convert_summary_count_val_to_sum', () => {
    const { items } = edit([one], ['convert_summary_count_val_to_sum("delta", true, ".count")'], 'datapoint');
    assert.deepEqual(
      items.map((item) => shown(item).is),
      ['summary s', 'sum s.count'],
    );
    assert.deepEqual(numbers(items[1]), ['{a=x}@5: 3']);
    assert.deepEqual(shown(items[1]).data, { aggregationTemporality: 1, isMonotonic: true });
    assert.equal(items[1]['unit'], 's');
  });

  test('convert_summary_sum_val_to_sum, with what statements before it have changed', () => {
    const { items } = edit(
      [one],
      [
        'set(datapoint.attributes["b"], 7) where metric.name == "s"',
        'convert_summary_sum_val_to_sum("cumulative", false)',
      ],
      'datapoint',
    );
    assert.deepEqual(
      items.map((item) => shown(item).is),
      ['summary s', 'sum s_sum'],
    );
    assert.deepEqual(numbers(items[1]), ['{a=x,b=7}@5: 1.5']);
    assert.deepEqual(attributesOf(shown(items[0]).points[0]), { a: 'x', b: 7n });
  });

  test('once for each point', () => {
    const two = summary('s', at(1, { count: 1 }), at(2, { count: 2 }));
    const { items } = edit([two], ['convert_summary_count_val_to_sum("delta", true)'], 'datapoint');
    assert.deepEqual(items.slice(1).map(numbers), Array(2).fill(['{}@1: 1', '{}@2: 2']));
    const kept = 'convert_summary_count_val_to_sum("delta", true) where datapoint.count == 1';
    assert.equal(edit([two], [kept], 'datapoint').items.length, 2);
  });

  test('convert_summary_quantile_val_to_gauge', () => {
    const { items } = edit([one], ['convert_summary_quantile_val_to_gauge()']);
    assert.equal(shown(items[1]).is, 'gauge s.quantiles');
    assert.deepEqual(numbers(items[1]), [
      '{a=x,quantile=0}@5: 1',
      '{a=x,quantile=0.50}@5: 2',
      '{a=x,quantile=0.999}@5: 3',
      '{a=x,quantile=1}@5: 4',
    ]);
    const named = edit([one], ['convert_summary_quantile_val_to_gauge("a", "_q")']).items[1];
    assert.deepEqual([shown(named).is, ...numbers(named).slice(0, 2)], ['gauge s_q', '{a=0}@5: 1', '{a=0.50}@5: 2']);
  });

  test('other kinds stay as they are', () => {
    const others = [gauge('g', at(1, { asInt: 1 })), histogram('h', at(1, {}))];
    for (const [text, context] of [
      ['convert_summary_quantile_val_to_gauge()', 'metric'],
      ['convert_summary_sum_val_to_sum("delta", true)', 'datapoint'],
    ] as const)
      assert.deepEqual(edit(others, [text], context), edit(others, [], context));
  });
});

describe('copy_metric', () => {
  test('a copy with another name and unit', () => {
    const { items } = edit(
      [{ ...counter('http.status_code', at(1, { asInt: 2 })), description: 'about', metadata: keyValues({ m: 1 }) }],
      ['copy_metric(name="http.request.status_code", unit="s") where metric.name == "http.status_code"'],
    );
    assert.deepEqual(items[1], { ...items[0], name: 'http.request.status_code', unit: 's' });
  });

  test('a copy of what statements have made of it', () => {
    const { items } = edit(
      [counter('n', at(1, { asInt: 2 }))],
      [
        'set(metric.is_monotonic, false)',
        'set(metric.unit, "s")',
        'copy_metric("copy", "") where metric.name == "n"',
        'set(metric.name, "other")',
      ],
    );
    assert.deepEqual(
      items.map((item) => [item['name'], item['unit'], shown(item).data]),
      [
        ['other', 's', { aggregationTemporality: 2 }],
        ['other', 's', { aggregationTemporality: 2 }],
      ],
    );
  });

  test('copies of copies end', () => {
    const { items, errors } = edit([gauge('g', at(1, { asInt: 1 }))], ['copy_metric()']);
    assert.equal(items.length, 20_001);
    assert.equal(errors[0], 'more than 20000 metrics added to one scope');
  });

  test('a name that is no string fails, and adds nothing', () => {
    const { items, errors } = edit([gauge('g')], ['copy_metric(metric.metadata["none"])']);
    assert.deepEqual([items.length, errors], [1, ['copy_metric takes a string, got nil']]);
  });
});

describe('scale_metric', () => {
  test('numbers: ints stay ints', () => {
    const points = [{ asInt: 15 }, { asInt: -15 }, { asDouble: 15 }, {}, { asInt: '9223372036854775807' }];
    const { items } = edit([gauge('g', ...points.map((p, i) => at(i + 1, p)))], ['scale_metric(0.1)']);
    assert.deepEqual(numbers(items[0]), ['{}@1: 1', '{}@2: -1', '{}@3: 1.5', '{}@4: none', '{}@5: 922337203685477632']);
    const { items: grown } = edit(
      [counter('n', at(1, { asInt: '9223372036854775807' }))],
      ['scale_metric(-10.0, "kWh")'],
    );
    assert.deepEqual([...numbers(grown[0]), grown[0]['unit']], ['{}@1: -9223372036854775808', 'kWh']);
  });

  test('histograms: sum, min, max, bounds and exemplars', () => {
    const exemplars = [{ asInt: 4 }, { asDouble: 0.5, filteredAttributes: keyValues({ f: 1 }) }];
    const point = { count: 3, sum: 2, min: 1, explicitBounds: [1, 2], bucketCounts: [1, 1, 1], exemplars };
    const { items } = edit([histogram('h', at(1, point))], ['scale_metric(10.0)']);
    const [scaled] = shown(items[0]).points;
    assert.deepEqual(pick(scaled, 'count', 'sum', 'min', 'max', 'explicitBounds', 'bucketCounts'), {
      count: '3',
      sum: 20,
      min: 10,
      explicitBounds: [10, 20],
      bucketCounts: ['1', '1', '1'],
    });
    const [int, double] = scaled['exemplars'] as PlainMessage[];
    assert.deepEqual(
      [int['asInt'], double['asDouble'], attributesOf(double, 'filteredAttributes')],
      ['40', 5, { f: 1n }],
    );
  });

  test('summaries: sum and quantiles', () => {
    const quantileValues = [{ quantile: 0.5, value: 3 }];
    const { items } = edit([summary('s', at(1, { count: 2, sum: 4, quantileValues }))], ['scale_metric(0.5)']);
    const [scaled] = shown(items[0]).points;
    assert.deepEqual(pick(scaled, 'count', 'sum', 'quantileValues'), {
      count: '2',
      sum: 2,
      quantileValues: [{ quantile: 0.5, value: 1.5 }],
    });
  });

  test('what cannot be scaled fails and stays, its unit too', () => {
    const { items, errors } = edit(
      [exponential('e', at(1, { count: 1 })), { name: 'none' }, gauge('g', at(1, { asInt: 1 }))],
      [
        'scale_metric(2.0, "s") where metric.name != "g"',
        'scale_metric(2.0, metric.metadata["x"]) where metric.name == "g"',
      ],
    );
    assert.deepEqual(errors, [
      'scale_metric does not take exponential histograms',
      'scale_metric takes a metric that has data',
      'scale_metric takes a string, got nil',
    ]);
    assert.deepEqual(
      items.map((item) => item['unit']),
      [undefined, undefined, undefined],
    );
  });
});
