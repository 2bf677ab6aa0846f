/** The functions of metrics, on the examples of upstream's documentation (`transformprocessor/README.md`) and on what does not fit. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EDITORS, OWN_EDITORS } from '#components/otelcol/processor/transform/functions.ts';
import { exponentialToHistogram } from '#components/otelcol/processor/transform/functions/exponential-to-histogram.ts';
import type { ContextName } from '#ottl/context.ts';
import { withEditors, type Editors } from '#ottl/editors/library.ts';
import { OttlError } from '#ottl/error.ts';
import { compileStatement } from '#ottl/expression.ts';
import {
  counter,
  exponential,
  gauge,
  histogram,
  keyValues,
  summary,
  type Attributes,
} from '#test/support/metric-requests.ts';
import { attributesOf, editAll, type Edited } from '#test/support/ottl-edit.ts';
import type { PlainMessage } from '#test/support/otlp-proto.ts';

type Fields = Readonly<Record<string, unknown>>;

const at = (time: number, fields: Fields, attributes: Attributes = {}): Fields => ({
  timeUnixNano: time,
  attributes: keyValues(attributes),
  ...fields,
});

function edit(
  items: readonly Fields[],
  statements: readonly string[],
  context: ContextName = 'metric',
  editors: Editors = EDITORS,
): Edited {
  return editAll(context, items, statements, { editors });
}

const KINDS = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'];

/** A metric as `KIND NAME`, its data beside its points, and its points. */
function shown(metric: PlainMessage): {
  readonly is: string;
  readonly data: PlainMessage;
  readonly points: PlainMessage[];
} {
  const kinds = KINDS.filter((kind) => metric[kind] !== undefined);
  const { dataPoints = [], ...data } = (metric[kinds[0]] ?? {}) as PlainMessage;
  return { is: `${kinds.join('+')} ${String(metric['name'])}`, data, points: dataPoints as PlainMessage[] };
}

/** Each point as `{attributes}@time: value`. */
const numbers = (metric: PlainMessage): string[] =>
  shown(metric).points.map((point) => {
    const attributes = Object.entries(attributesOf(point)).map(([key, value]) => `${key}=${String(value)}`);
    return `{${attributes.join()}}@${String(point['timeUnixNano'] ?? 0)}: ${String(point['asInt'] ?? point['asDouble'] ?? 'none')}`;
  });

const pick = (message: PlainMessage, ...fields: string[]): PlainMessage =>
  Object.fromEntries(fields.filter((field) => field in message).map((field) => [field, message[field]]));

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

describe('statements that cannot be', () => {
  for (const [context, text, message] of [
    ['span', 'convert_sum_to_gauge()', 'convert_sum_to_gauge is not for the context span, only for metric'],
    ['datapoint', 'convert_sum_to_gauge()', 'convert_sum_to_gauge is not for the context datapoint, only for metric'],
    [
      'metric',
      'merge_histogram_buckets(0.5)',
      'merge_histogram_buckets is not for the context metric, only for datapoint',
    ],
    [
      'metric',
      'convert_summary_sum_val_to_sum("delta", true)',
      'convert_summary_sum_val_to_sum is not for the context metric, only for datapoint',
    ],
    ['metric', 'set_semconv_span_name("1.37.0")', 'set_semconv_span_name is not for the context metric, only for span'],
    ['metric', 'convert_sum_to_gauge(1)', 'convert_sum_to_gauge takes no arguments'],
    ['metric', 'convert_gauge_to_sum("none", true)', 'there is no aggregation temporality "none"'],
    ['metric', 'convert_gauge_to_sum("delta")', 'convert_gauge_to_sum lacks its argument `monotonic`'],
    ['metric', 'convert_gauge_to_sum("delta", "true")', 'convert_gauge_to_sum takes true or false as `monotonic`'],
    ['metric', 'convert_gauge_to_sum(name, true)', 'convert_gauge_to_sum takes a string literal as `string_agg_temp`'],
    ['metric', 'extract_sum_metric(true, 1)', 'extract_sum_metric takes a string literal as `suffix`'],
    ['metric', 'extract_percentile_metric(0.0)', 'the percentile is greater than 0 and less than 100, got 0'],
    ['metric', 'extract_percentile_metric(100.0)', 'the percentile is greater than 0 and less than 100, got 100'],
    ['metric', 'extract_percentile_metric(50)', 'extract_percentile_metric takes a double literal as `percentile`'],
    ['metric', 'scale_metric(10)', 'scale_metric takes a double literal as `multiplier`'],
    ['metric', 'scale_metric(10.0, 1)', 'scale_metric takes a string as `unit`, got int'],
    ['metric', 'aggregate_on_attributes("avg")', 'there is no aggregation "avg"'],
    ['metric', 'aggregate_on_attributes("Sum")', 'there is no aggregation "Sum"'],
    [
      'metric',
      'aggregate_on_attributes("sum", "a")',
      'aggregate_on_attributes takes a list of string literals as `attributes`',
    ],
    [
      'metric',
      'aggregate_on_attribute_value("sum", "a", [1], "b")',
      'aggregate_on_attribute_value takes a list of string literals as `values`',
    ],
    ['datapoint', 'merge_histogram_buckets(nil)', 'merge_histogram_buckets takes a number as `target_value`'],
    ['datapoint', 'merge_histogram_buckets(0, "limit_buckets")', 'the limit of buckets is a positive integer, got 0'],
    [
      'datapoint',
      'merge_histogram_buckets(1.5, "limit_buckets")',
      'the limit of buckets is a positive integer, got 1.5',
    ],
    ['datapoint', 'merge_histogram_buckets(1, "other")', 'the method is one of remove_explicit_bound, limit_buckets'],
    [
      'metric',
      'convert_exponential_histogram_to_histogram("lower", [1.0])',
      'the distribution is one of upper, midpoint, uniform, random',
    ],
    ['metric', 'convert_exponential_histogram_to_histogram("upper", [])', 'there has to be a bound'],
    ['metric', 'convert_exponential_histogram_to_histogram("upper", [1])', 'the bounds are a list of double literals'],
    ['metric', 'convert_exponential_histogram_to_histogram("upper", [2.0, 1.0])', 'the bounds have to rise'],
  ] as const)
    test(text, () => {
      assert.throws(
        () => compileStatement(text, context, undefined, EDITORS),
        (error) => error instanceof OttlError && error.message === message,
      );
    });
});

test('every editor of metrics is tried', async () => {
  const { readFile } = await import('node:fs/promises');
  const source = await readFile(new URL(import.meta.url), 'utf8');
  const missing = OWN_EDITORS.filter(
    ({ name, contexts }) => contexts?.includes('span') !== true && !source.includes(`${name}(`),
  );
  assert.deepEqual(
    missing.map(({ name }) => name),
    [],
  );
});
