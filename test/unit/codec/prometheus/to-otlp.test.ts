import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ToOtlp } from '#codec/prometheus/to-otlp.ts';
import { METRICS } from '#shared/signal.ts';
import { decodeRequest, type PlainMessage } from '#test/support/otlp-proto.ts';
import { encodeWriteRequest, STALE } from '#test/support/prom-proto.ts';

const MS = 1_700_000_000_123;
const NANOS = '1700000000123000000';

type Fields = Readonly<Record<string, unknown>>;
type Labels = Readonly<Record<string, string>>;

function series(name: string, labels: Labels, fields: Fields): Fields {
  const all = Object.entries({ ...(name === '' ? {} : { __name__: name }), ...labels });
  const sorted = all.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([label, value]) => ({ name: label, value }));
  return { labels: sorted, ...fields };
}
const sample = (name: string, value: number, labels: Labels = {}, more: Fields = {}): Fields =>
  series(name, labels, { samples: [{ value, timestamp: MS }], ...more });

interface Read {
  readonly resources: readonly PlainMessage[];
  /** Of the first scope of the first resource. */
  readonly metrics: readonly PlainMessage[];
  readonly items: number;
  readonly lost: Readonly<Record<string, number>>;
}

function convert(timeseries: readonly Fields[], metadata: readonly Fields[] = [], to = new ToOtlp()): Read {
  const { bytes, items, lost } = to.convert(encodeWriteRequest({ timeseries, metadata }));
  const resources = (decodeRequest(METRICS, bytes)['resourceMetrics'] ?? []) as PlainMessage[];
  const scopes = (resources[0]?.['scopeMetrics'] ?? []) as PlainMessage[];
  return {
    resources,
    metrics: (scopes[0]?.['metrics'] ?? []) as PlainMessage[],
    items,
    lost: Object.fromEntries(lost),
  };
}

const attributesOf = (of: unknown, field = 'attributes'): unknown =>
  Object.fromEntries(
    (((of as PlainMessage)[field] ?? []) as PlainMessage[]).map(({ key, value }) => [
      key,
      (value as PlainMessage)['stringValue'],
    ]),
  );
/** The points of a metric, whatever it is. */
const pointsOf = (metric: PlainMessage, kind: string): PlainMessage[] =>
  (metric[kind] as PlainMessage)['dataPoints'] as PlainMessage[];

suite('types', () => {
  test('by metadata: a counter is a monotonic cumulative sum, with help and unit', () => {
    const { metrics, items } = convert(
      [sample('c_seconds_total', 5, { k: 'v' })],
      [{ type: 1, metricFamilyName: 'c_seconds_total', help: 'how much', unit: 'seconds' }],
    );
    assert.equal(items, 1);
    assert.deepEqual(metrics, [
      {
        name: 'c_seconds_total',
        description: 'how much',
        unit: 's',
        sum: {
          dataPoints: [{ timeUnixNano: NANOS, asDouble: 5, attributes: [{ key: 'k', value: { stringValue: 'v' } }] }],
          aggregationTemporality: 2,
          isMonotonic: true,
        },
        metadata: [{ key: 'prometheus.type', value: { stringValue: 'counter' } }],
      },
    ]);
  });

  const kindOf = (metric: PlainMessage): string =>
    ['gauge', 'sum', 'histogram', 'summary', 'exponentialHistogram'].find((kind) => kind in metric) ?? 'none';

  test('by metadata of the family, and of earlier requests', () => {
    const to = new ToOtlp();
    const first = convert([sample('x_total', 1)], [{ type: 1, metricFamilyName: 'x' }], to);
    assert.deepEqual([first.metrics[0]['name'], kindOf(first.metrics[0])], ['x_total', 'sum']);
    const again = convert([sample('x_total', 1), sample('other', 2)], [], to);
    assert.deepEqual(again.metrics.map(kindOf), ['sum', 'gauge']);
  });

  test('gauges, unknown and gauge histograms are gauges; info and state sets are sums that may fall', () => {
    const metadata = [0, 2, 4, 6, 7].map((type) => ({ type, metricFamilyName: `t${type}` }));
    const { metrics } = convert(
      metadata.map(({ metricFamilyName }) => sample(metricFamilyName, 1)),
      metadata,
    );
    assert.deepEqual(metrics.map(kindOf), ['gauge', 'gauge', 'gauge', 'sum', 'sum']);
    assert.equal((metrics[3]['sum'] as PlainMessage)['isMonotonic'], undefined);
    assert.deepEqual(
      metrics.map((metric) => (attributesOf(metric, 'metadata') as PlainMessage)['prometheus.type']),
      ['unknown', 'gauge', 'gaugehistogram', 'info', 'stateset'],
    );
  });

  test('without metadata by what the series show', () => {
    const { metrics } = convert([
      sample('a_total', 1),
      sample('b', 2),
      sample('h_sum', 3),
      sample('h_count', 4),
      sample('h_bucket', 4, { le: '+Inf' }),
      sample('s', 5, { quantile: '0.5' }),
      sample('s_sum', 6),
      sample('s_count', 7),
      sample('lonely_count', 8),
    ]);
    assert.deepEqual(
      metrics.map((metric) => [metric['name'], kindOf(metric)]),
      [
        ['a_total', 'sum'],
        ['b', 'gauge'],
        ['h', 'histogram'],
        ['s', 'summary'],
        ['lonely_count', 'gauge'],
      ],
    );
  });
});

suite('resources and scopes', () => {
  test('job and instance are the resource, with what target_info says', () => {
    const { resources, metrics } = convert([
      sample('g', 1, { job: 'prod/shop', instance: 'i-1', k: 'v', empty: '' }),
      sample('target_info', 1, { job: 'prod/shop', instance: 'i-1', host_name: 'h' }),
      sample('g', 2, { job: 'other' }),
      sample('g', 3),
    ]);
    assert.deepEqual(
      resources.map((entry) => attributesOf(entry['resource'])),
      [{ 'service.name': 'prod/shop', 'service.instance.id': 'i-1', host_name: 'h' }, { 'service.name': 'other' }, {}],
    );
    assert.deepEqual(attributesOf(pointsOf(metrics[0], 'gauge')[0]), { k: 'v' });
  });

  test('an instance that is an address says where the server is', () => {
    const addressOf = (instance: string): unknown => {
      const all = attributesOf(convert([sample('g', 1, { instance })]).resources[0]['resource']) as Labels;
      return [all['server.address'], all['server.port']];
    };
    assert.deepEqual(addressOf('shop.example:8080'), ['shop.example', '8080']);
    assert.deepEqual(addressOf('[2001:db8::1]:80'), ['2001:db8::1', '80']);
    assert.deepEqual(addressOf('localhost:9090'), [undefined, '9090']);
    assert.deepEqual(addressOf('0b6f-uuid'), [undefined, undefined]);
  });

  test('scopes by their labels, with what otel_scope_info says; without them the receiver is the scope', () => {
    const scope = { otel_scope_name: 'lib', otel_scope_version: '1', otel_scope_schema_url: 'https://x' };
    const { resources } = convert([
      sample('g', 1, scope),
      sample('otel_scope_info', 1, { ...scope, k: 'v' }),
      sample('g', 2),
    ]);
    const scopes = resources[0]['scopeMetrics'] as PlainMessage[];
    assert.deepEqual(
      scopes.map((entry) => [entry['scope'], entry['schemaUrl']]),
      [
        [{ name: 'lib', version: '1', attributes: [{ key: 'k', value: { stringValue: 'v' } }] }, 'https://x'],
        [{ name: 'otelcol/prometheusreceiver' }, undefined],
      ],
    );
  });

  test('infos alone are no metrics', () => {
    const { items, resources } = convert([sample('target_info', 1, { job: 'x', host: 'h' })]);
    assert.deepEqual([items, resources], [0, []]);
  });
});

suite('histograms and summaries', () => {
  const HISTOGRAM = [
    sample('h_bucket', 5, { le: '+Inf', k: 'v' }),
    sample('h_bucket', 3, { le: '2.5', k: 'v' }),
    sample('h_bucket', 1, { le: '1', k: 'v' }),
    sample('h_sum', 12.5, { k: 'v' }),
    sample('h_count', 5, { k: 'v' }),
  ];

  test('series of one set of labels and one time are one point', () => {
    const { metrics, items } = convert(HISTOGRAM, [{ type: 3, metricFamilyName: 'h' }]);
    assert.equal(items, 1);
    assert.deepEqual(pointsOf(metrics[0], 'histogram'), [
      {
        timeUnixNano: NANOS,
        count: '5',
        sum: 12.5,
        bucketCounts: ['1', '2', '2'],
        explicitBounds: [1, 2.5],
        attributes: [{ key: 'k', value: { stringValue: 'v' } }],
      },
    ]);
    assert.equal((metrics[0]['histogram'] as PlainMessage)['aggregationTemporality'], 2);
  });

  test('points of different labels and times are apart', () => {
    const two = ['a', 'b'].flatMap((k) => [
      sample('h_bucket', 5, { le: '+Inf', k }),
      series('h_count', { k }, { samples: [MS, MS + 1].map((timestamp) => ({ value: 5, timestamp })) }),
    ]);
    assert.equal(convert(two).items, 4);
  });

  test('+Inf stands in for the count; without both there is no point', () => {
    const { metrics } = convert(HISTOGRAM.slice(0, 4));
    assert.equal(pointsOf(metrics[0], 'histogram')[0]['count'], '5');
    const { items, lost } = convert(HISTOGRAM.slice(1, 4));
    assert.deepEqual([items, lost], [0, { count: 3 }]);
  });

  test('a bound that is no number is lost; equal ones count once; counts never fall', () => {
    const { metrics, lost } = convert([
      sample('h_bucket', 1, { le: 'one' }),
      sample('h_bucket', 4, { le: '1' }),
      sample('h_bucket', 4, { le: '1.0' }),
      sample('h_bucket', 3, { le: '2' }),
      sample('h_bucket', NaN, { le: '3' }),
      sample('h_count', 6),
    ]);
    assert.deepEqual(lost, { bounds: 1 });
    const [read] = pointsOf(metrics[0], 'histogram');
    assert.deepEqual(
      [read['explicitBounds'], read['bucketCounts']],
      [
        [1, 2, 3],
        ['4', '0', '0', '2'],
      ],
    );
  });

  test('summaries', () => {
    const { metrics } = convert(
      [
        sample('s', 9, { quantile: '0.9' }),
        sample('s', 5, { quantile: '0.5' }),
        sample('s_sum', 100),
        sample('s_count', 20),
        sample('s_created', 1_600_000_000.5),
      ],
      [{ type: 5, metricFamilyName: 's' }],
    );
    assert.deepEqual(pointsOf(metrics[0], 'summary'), [
      {
        startTimeUnixNano: '1600000000500000000',
        timeUnixNano: NANOS,
        count: '20',
        sum: 100,
        quantileValues: [
          { quantile: 0.5, value: 5 },
          { quantile: 0.9, value: 9 },
        ],
      },
    ]);
  });

  test('when a counter was made is its start', () => {
    for (const metricFamilyName of ['c', 'c_total']) {
      const { metrics } = convert(
        [sample('c_total', 5), sample('c_created', 1_600_000_000)],
        [{ type: 1, metricFamilyName }],
      );
      assert.equal(metrics.length, 1);
      assert.equal(pointsOf(metrics[0], 'sum')[0]['startTimeUnixNano'], '1600000000000000000');
    }
  });

  test('series that have ended have no value any more', () => {
    const ended = HISTOGRAM.map((one) => ({ ...one, samples: [{ value: STALE, timestamp: MS }] }));
    const { metrics } = convert([...ended, sample('g', STALE), sample('c_total', STALE)]);
    assert.deepEqual(pointsOf(metrics[0], 'histogram')[0], {
      timeUnixNano: NANOS,
      flags: 1,
      bucketCounts: ['0', '0', '0'],
      explicitBounds: [1, 2.5],
      attributes: [{ key: 'k', value: { stringValue: 'v' } }],
    });
    assert.deepEqual(pointsOf(metrics[1], 'gauge')[0], { timeUnixNano: NANOS, flags: 1 });
    assert.deepEqual(pointsOf(metrics[2], 'sum')[0], { timeUnixNano: NANOS, flags: 1 });
  });
});

suite('native histograms', () => {
  const NATIVE = {
    timestamp: MS,
    countInt: 14,
    sum: 42.5,
    schema: 1,
    zeroThreshold: 1e-6,
    zeroCountInt: 2,
    positiveSpans: [
      { offset: -1, length: 2 },
      { offset: 3, length: 1 },
    ],
    positiveDeltas: [1, 3, 1],
    negativeSpans: [{ offset: 3, length: 1 }],
    negativeDeltas: [2],
  };
  const native = (fields: Fields): Read =>
    convert([series('e', { k: 'v' }, { histograms: [{ ...NATIVE, ...fields }] })]);

  test('are exponential ones, without gaps', () => {
    const { metrics, items } = native({});
    assert.equal(items, 1);
    assert.deepEqual(pointsOf(metrics[0], 'exponentialHistogram'), [
      {
        attributes: [{ key: 'k', value: { stringValue: 'v' } }],
        timeUnixNano: NANOS,
        count: '14',
        sum: 42.5,
        scale: 1,
        zeroCount: '2',
        positive: { offset: -2, bucketCounts: ['1', '4', '0', '0', '0', '5'] },
        negative: { offset: 2, bucketCounts: ['2'] },
        zeroThreshold: 1e-6,
      },
    ]);
  });

  test('with float counts are cut to whole ones', () => {
    const { metrics } = native({
      countInt: undefined,
      countFloat: 2.7,
      zeroCountInt: undefined,
      zeroCountFloat: 0.5,
      positiveSpans: [{ offset: 1, length: 1 }],
      positiveDeltas: [],
      positiveCounts: [2.7],
      negativeSpans: [],
      negativeDeltas: [],
    });
    const [read] = pointsOf(metrics[0], 'exponentialHistogram');
    assert.deepEqual([read['count'], read['zeroCount'], read['positive']], ['2', undefined, { bucketCounts: ['2'] }]);
  });

  test('with custom buckets are histograms', () => {
    const { metrics } = native({
      countInt: 6,
      schema: -53,
      customValues: [1, 2, 3],
      positiveSpans: [
        { offset: 0, length: 1 },
        { offset: 2, length: 1 },
      ],
      positiveDeltas: [1, 4],
      negativeSpans: [],
      negativeDeltas: [],
    });
    const [read] = pointsOf(metrics[0], 'histogram');
    assert.deepEqual(
      [read['explicitBounds'], read['bucketCounts'], read['count'], read['sum']],
      [[1, 2, 3], ['1', '0', '0', '5'], '6', 42.5],
    );
  });

  test('one that has ended', () => {
    assert.deepEqual(pointsOf(native({ sum: STALE }).metrics[0], 'exponentialHistogram'), [
      { attributes: [{ key: 'k', value: { stringValue: 'v' } }], timeUnixNano: NANOS, flags: 1 },
    ]);
  });

  test('what cannot be said in OTLP is lost, and cannot fill memory', () => {
    for (const bad of [
      { schema: 9 },
      { schema: -53 },
      { schema: -53, customValues: [2, 1] },
      { positiveSpans: [{ offset: 0, length: 4_000_000_000 }] },
      {
        positiveSpans: [
          { offset: 0, length: 1 },
          { offset: 2_000_000_000, length: 2 },
        ],
      },
    ]) {
      const { items, lost } = native(bad);
      assert.deepEqual([items, lost], [0, { buckets: 1 }]);
    }
  });
});

test('exemplars find their point; ids are ids, the rest are attributes', () => {
  const exemplars = [
    {
      labels: [
        { name: 'span_id', value: 'CD'.repeat(8) },
        { name: 'trace_id', value: 'ab'.repeat(8) },
        { name: 'user', value: 'u' },
      ],
      value: 0.5,
      timestamp: MS,
    },
    { labels: [{ name: 'trace_id', value: 'no hex' }], value: 2 },
  ];
  const { metrics } = convert([
    sample('h_bucket', 1, { le: '1' }, { exemplars: exemplars.slice(0, 1) }),
    sample('h_bucket', 2, { le: '+Inf' }, { exemplars: exemplars.slice(1) }),
    sample('h_count', 2),
  ]);
  assert.deepEqual(pointsOf(metrics[0], 'histogram')[0]['exemplars'], [
    {
      timeUnixNano: NANOS,
      asDouble: 0.5,
      spanId: 'cd'.repeat(8),
      traceId: `${'00'.repeat(8)}${'ab'.repeat(8)}`,
      filteredAttributes: [{ key: 'user', value: { stringValue: 'u' } }],
    },
    { asDouble: 2, filteredAttributes: [{ key: 'trace_id', value: { stringValue: 'no hex' } }] },
  ]);
});

test('series without a name are lost; nothing gives nothing', () => {
  assert.deepEqual(convert([sample('', 1, { a: 'b' })]).lost, { name: 1 });
  assert.deepEqual(convert([]), { resources: [], metrics: [], items: 0, lost: {} });
});
