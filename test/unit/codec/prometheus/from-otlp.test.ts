import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FromOtlp, type FromOtlpOptions } from '#codec/prometheus/from-otlp.ts';
import {
  counter,
  exponential,
  gauge,
  histogram,
  metricsRequest,
  point,
  POINT_MS,
  summary,
} from '#test/support/metric-requests.ts';
import { encodeRequest } from '#test/support/otlp-proto.ts';
import { decodeWriteRequest, listSeries, seriesText, type SeriesRead } from '#test/support/prom-proto.ts';
import { METRICS } from '#shared/signal.ts';

const NOW_MS = 1_800_000_000_000;
const OPTIONS: FromOtlpOptions = {
  suffixes: true,
  targetInfo: false,
  scopeInfo: false,
  scopeLabels: true,
  resourceLabels: false,
  keepIdentifying: false,
  customBuckets: false,
  metadata: false,
};
const STALE_FLAG = 1;

interface Converted {
  readonly series: readonly SeriesRead[];
  /** `name{labels} value` of each sample; a histogram prints as `histogram`. */
  readonly lines: readonly string[];
  readonly items: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly metadata: unknown;
}

function convert(request: Buffer, options: Partial<FromOtlpOptions> = {}): Converted {
  const chunks = [...new FromOtlp({ ...OPTIONS, ...options }).convert(request, NOW_MS)];
  assert.ok(chunks.length <= 1);
  const bytes = chunks[0]?.bytes ?? Buffer.alloc(0);
  const series = listSeries(bytes);
  const lines = series.map((s) => `${seriesText(s)} ${String(s.samples[0]?.value ?? 'histogram')}`);
  const dropped = Object.fromEntries(chunks[0]?.dropped ?? []);
  return { series, lines, items: chunks[0]?.items ?? 0, dropped, metadata: decodeWriteRequest(bytes)['metadata'] };
}

suite('numbers', () => {
  test('a gauge and a counter', () => {
    const { lines, series, items } = convert(
      metricsRequest([
        gauge('room.temperature', point({ asDouble: 21.5 }, { 'room.name': 'attic' })),
        { ...counter('calls', point({ asInt: '12' })), unit: 's' },
      ]),
    );
    assert.deepEqual(lines, ['room_temperature{room_name="attic"} 21.5', 'calls_seconds_total{} 12']);
    assert.equal(series[0].samples[0].ms, POINT_MS);
    assert.equal(items, 2);
  });

  test('a cumulative sum that may fall is a gauge, and no ratio', () => {
    const sum = { dataPoints: [point({ asInt: -3 })], aggregationTemporality: 2 };
    assert.deepEqual(convert(metricsRequest([{ name: 'queue', unit: '1', sum }])).lines, ['queue{} -3']);
  });

  test('sums and histograms that are not cumulative have no series', () => {
    for (const aggregationTemporality of [0, 1]) {
      const dataPoints = [point({ asInt: 1 }), point({ asInt: 2 })];
      const request = metricsRequest([
        { name: 'a', sum: { dataPoints, aggregationTemporality, isMonotonic: true } },
        { name: 'b', histogram: { dataPoints: [point({ count: 1 })], aggregationTemporality } },
        { name: 'c', exponentialHistogram: { dataPoints: [point({ count: 1 })], aggregationTemporality } },
        gauge('d', point({ asInt: 1 })),
      ]);
      const { lines, dropped } = convert(request, { targetInfo: true });
      assert.deepEqual(lines, ['d{} 1']);
      assert.deepEqual(dropped, { temporality: 4 });
    }
  });

  test('values keep every bit; integers are rounded to the nearest double', () => {
    const values = [0, -0, NaN, Infinity, -Infinity, 5e-324];
    const points = values.map((asDouble, i) => point({ asDouble }, { i }));
    const { series } = convert(
      metricsRequest([
        gauge('x', ...points, point({ asInt: '9223372036854775807' }), point({ asInt: '-9007199254740993' })),
      ]),
    );
    const read = series.map((s) => s.samples[0].value);
    assert.deepEqual(read.slice(0, 6), values);
    assert.deepEqual(read.slice(6), [2 ** 63, -9007199254740992]);
  });

  test('a point without a value has no series, unless it says that there is none any more', () => {
    const { series, dropped } = convert(metricsRequest([gauge('x', point({}), point({ flags: STALE_FLAG }))]));
    assert.deepEqual(
      series.map((s) => s.samples[0].value),
      ['stale'],
    );
    assert.deepEqual(dropped, { value: 1 });
  });

  test('a point without a time has that of now; whole milliseconds are not rounded away', () => {
    const { series } = convert(
      metricsRequest([
        gauge('x', point({ asInt: 1, timeUnixNano: '0' }), point({ asInt: 1, timeUnixNano: '1700000000001000000' })),
      ]),
    );
    assert.deepEqual(
      series.map((s) => s.samples[0].ms),
      [NOW_MS, 1_700_000_000_001],
    );
  });

  test('start times are ignored', () => {
    const { lines } = convert(
      metricsRequest([counter('c', point({ asInt: 7, startTimeUnixNano: '1600000000000000000' }))]),
    );
    assert.deepEqual(lines, ['c_total{} 7']);
  });

  test('a name of which nothing is left has no series', () => {
    const { lines, dropped } = convert(
      metricsRequest([gauge('°', point({ asInt: 1 })), gauge('', point({ asInt: 1 }))]),
    );
    assert.deepEqual(lines, []);
    assert.deepEqual(dropped, { name: 2 });
  });
});

suite('labels', () => {
  const RESOURCE = {
    'service.name': 'shop',
    'service.namespace': 'prod',
    'service.instance.id': 'i-1',
    'host.name': 'h1',
  };

  test('job and instance are of the resource; what is missing is absent', () => {
    const lines = (resource: Record<string, string>): readonly string[] =>
      convert(metricsRequest([gauge('x', point({ asInt: 1 }))], { resource })).lines;
    assert.deepEqual(lines(RESOURCE), ['x{instance="i-1",job="prod/shop"} 1']);
    assert.deepEqual(lines({ 'service.name': 'shop' }), ['x{job="shop"} 1']);
    assert.deepEqual(lines({ 'service.namespace': 'prod' }), ['x{} 1']);
    assert.deepEqual(lines({ 'service.name': '', 'service.instance.id': '' }), ['x{} 1']);
  });

  test('the scope names itself, unless that is turned off', () => {
    const request = metricsRequest([gauge('x', point({ asInt: 1 }, { z: 'z', A: 'a' }))], {
      scope: { name: 'lib', version: '1.2', attributes: [{ key: 'k.k', value: { stringValue: 'v' } }] },
    });
    assert.deepEqual(convert(request).lines, ['x{A="a",otel_scope_name="lib",otel_scope_version="1.2",z="z"} 1']);
    assert.deepEqual(convert(request, { scopeLabels: false }).lines, ['x{A="a",z="z"} 1']);
    assert.deepEqual(convert(request, { scopeLabels: false, scopeInfo: true }).lines, [
      'x{A="a",z="z"} 1',
      'otel_scope_info{k_k="v",otel_scope_name="lib",otel_scope_version="1.2"} 1',
    ]);
  });

  test('target_info has the other attributes of the resource, once, at the time of now', () => {
    const request = metricsRequest([gauge('x', point({ asInt: 1 }), point({ asInt: 2 }, { n: 2 }))], {
      resource: RESOURCE,
    });
    const { lines, series, items } = convert(request, { targetInfo: true });
    assert.deepEqual(lines, [
      'x{instance="i-1",job="prod/shop"} 1',
      'target_info{host_name="h1",instance="i-1",job="prod/shop"} 1',
      'x{instance="i-1",job="prod/shop",n="2"} 2',
    ]);
    assert.equal(series[1].samples[0].ms, NOW_MS);
    assert.equal(items, 3);
    assert.ok(
      convert(request, { targetInfo: true, keepIdentifying: true }).lines.includes(
        'target_info{host_name="h1",instance="i-1",job="prod/shop",service_instance_id="i-1",service_name="shop",service_namespace="prod"} 1',
      ),
    );
  });

  test('a resource that says nothing has no target_info', () => {
    assert.deepEqual(convert(metricsRequest([gauge('x', point({ asInt: 1 }))]), { targetInfo: true }).lines, ['x{} 1']);
  });

  test('resource attributes become labels where asked for, and win', () => {
    const request = metricsRequest([gauge('x', point({ asInt: 1 }, { 'host.name': 'mine', b: 'b' }))], {
      resource: { 'host.name': 'h1', c: 'c' },
    });
    assert.deepEqual(convert(request, { resourceLabels: true }).lines, ['x{b="b",c="c",host_name="h1"} 1']);
  });

  test('of labels that collide the last one counts; empty ones are absent; attributes win over job', () => {
    const lines = (attributes: Record<string, string>): readonly string[] =>
      convert(metricsRequest([gauge('x', point({ asInt: 1 }, attributes))], { resource: RESOURCE })).lines;
    assert.deepEqual(lines({ 'a.b': '1', a_b: '2', 'a-b': '3' }), ['x{a_b="3",instance="i-1",job="prod/shop"} 1']);
    assert.deepEqual(lines({ 'a.b': '1', a_b: '', job: 'mine', instance: '' }), ['x{job="mine"} 1']);
  });

  test('values of all types are text; an attribute cannot rename the series', () => {
    const request = metricsRequest([
      gauge('x', point({ asInt: 1 }, { n: 5, f: 0.5, b: true, __name__: 'evil', '': 'nothing' })),
    ]);
    assert.deepEqual(convert(request).lines, ['x{b="true",f="0.5",n="5"} 1']);
  });
});

suite('histograms', () => {
  const BUCKETS = { explicitBounds: [0.5, 10, 1e21], bucketCounts: [1, 2, 3, 4], count: 10, sum: 99.5 };

  test('sum, count and cumulative buckets', () => {
    const { lines, items } = convert(
      metricsRequest([{ ...histogram('h', point(BUCKETS, { k: 'v', Z: 'z' })), unit: 'ms' }]),
    );
    assert.deepEqual(lines, [
      'h_milliseconds_sum{Z="z",k="v"} 99.5',
      'h_milliseconds_count{Z="z",k="v"} 10',
      'h_milliseconds_bucket{Z="z",k="v",le="0.5"} 1',
      'h_milliseconds_bucket{Z="z",k="v",le="10"} 3',
      'h_milliseconds_bucket{Z="z",k="v",le="1000000000000000000000"} 6',
      'h_milliseconds_bucket{Z="z",k="v",le="+Inf"} 10',
    ]);
    assert.equal(items, 6);
  });

  test('without a sum there is none; without buckets only +Inf; an infinite bound is +Inf', () => {
    assert.deepEqual(convert(metricsRequest([histogram('h', point({ count: 3 }))])).lines, [
      'h_count{} 3',
      'h_bucket{le="+Inf"} 3',
    ]);
    const infinite = { explicitBounds: [1, Infinity], bucketCounts: [1, 2, 0], count: 3 };
    assert.deepEqual(convert(metricsRequest([histogram('h', point(infinite))])).lines, [
      'h_count{} 3',
      'h_bucket{le="1"} 1',
      'h_bucket{le="+Inf"} 3',
    ]);
  });

  test('the bound is ours: an attribute of that name is left out', () => {
    const { lines } = convert(metricsRequest([histogram('h', point({ count: 1 }, { le: 'mine' }))]));
    assert.deepEqual(lines, ['h_count{} 1', 'h_bucket{le="+Inf"} 1']);
  });

  test('bounds and counts that do not fit together have no series', () => {
    const bad = [
      { explicitBounds: [1, 2], bucketCounts: [1, 2], count: 3 },
      { explicitBounds: [1], bucketCounts: [], count: 3 },
      { explicitBounds: [2, 1], bucketCounts: [1, 1, 1], count: 3 },
      { explicitBounds: [1, 1], bucketCounts: [1, 1, 1], count: 3 },
      { explicitBounds: [NaN], bucketCounts: [1, 1], count: 2 },
      { explicitBounds: [1], bucketCounts: ['18446744073709551615', 1], count: 2 },
    ];
    const { lines, dropped } = convert(metricsRequest([histogram('h', ...bad.map((fields) => point(fields)))]));
    assert.deepEqual(lines, []);
    assert.deepEqual(dropped, { buckets: bad.length });
  });

  test('a histogram that has ended has ended in all its series', () => {
    const { series, items } = convert(metricsRequest([histogram('h', point({ ...BUCKETS, flags: STALE_FLAG }))]));
    assert.deepEqual([...new Set(series.map((s) => s.samples[0].value))], ['stale']);
    assert.equal(items, 6);
  });

  test('as a native histogram with custom buckets', () => {
    const { series, items } = convert(metricsRequest([histogram('h', point(BUCKETS))]), { customBuckets: true });
    assert.equal(items, 1);
    const [only] = series[0].histograms;
    assert.deepEqual(
      [only.schema, only.count, only.sum, only.positive, only.customValues, only.ms],
      [-53, 10, 99.5, { 0: 1, 1: 2, 2: 3, 3: 4 }, [0.5, 10, 1e21], POINT_MS],
    );
    const wrong = { ...BUCKETS, count: 11 };
    assert.deepEqual(convert(metricsRequest([histogram('h', point(wrong))]), { customBuckets: true }).dropped, {
      buckets: 1,
    });
  });

  test('summaries have quantiles', () => {
    const quantileValues = [
      { quantile: 0.5, value: 3 },
      { quantile: 0.999, value: NaN },
    ];
    const request = metricsRequest([summary('s', point({ count: 2, sum: 6, quantileValues }, { quantile: 'mine' }))]);
    assert.deepEqual(convert(request).lines, [
      's_sum{} 6',
      's_count{} 2',
      's{quantile="0.5"} 3',
      's{quantile="0.999"} NaN',
    ]);
    const ended = metricsRequest([summary('s', point({ count: 2, quantileValues, flags: STALE_FLAG }))]);
    assert.deepEqual([...new Set(convert(ended).series.map((s) => s.samples[0].value))], ['stale']);
  });
});

suite('exponential histograms', () => {
  const POINT = {
    count: 14,
    sum: 42.5,
    scale: 1,
    zeroCount: 2,
    positive: { offset: -3, bucketCounts: [0, 1, 0, 4, 0, 0, 0, 5, 0] },
    negative: { offset: 2, bucketCounts: [2] },
  };
  const one = (fields: Record<string, unknown>): SeriesRead['histograms'][number] => {
    const { series, items } = convert(metricsRequest([exponential('e', point(fields))]));
    assert.equal(items, 1);
    return series[0].histograms[0];
  };

  test('are native histograms: indices one higher, long gaps left out, short ones written as empty', () => {
    const read = one(POINT);
    assert.deepEqual(read.positive, { '-1': 1, '1': 4, '5': 5 });
    assert.deepEqual(read.negative, { '3': 2 });
    assert.deepEqual(read.spans, [
      [-1, 3],
      [3, 1],
    ]);
    assert.deepEqual([read.schema, read.count, read.sum, read.zeroCount, read.zeroThreshold], [1, 14, 42.5, 2, 1e-128]);
  });

  test('the width of the zero bucket is what the sender says', () => {
    assert.equal(one({ ...POINT, zeroThreshold: 1e-6 }).zeroThreshold, 1e-6);
  });

  test('scales above 8 are brought down to 8, also from far above', () => {
    const read = one({ count: 15, sum: 1, scale: 10, positive: { offset: -5, bucketCounts: [1, 2, 3, 4, 5] } });
    assert.equal(read.schema, 8);
    // Bucket i of scale 10 lies in bucket floor(i / 4) of scale 8.
    assert.deepEqual(read.positive, { '-1': 1, '0': 14 });
    const far = one({ count: 3, sum: 1, scale: 2_000_000_000, positive: { offset: -1, bucketCounts: [1, 2] } });
    assert.deepEqual(far.positive, { '0': 1, '1': 2 });
  });

  test('what Prometheus would refuse has no series', () => {
    const request = metricsRequest([
      exponential(
        'e',
        point({ ...POINT, scale: -5 }),
        point({ ...POINT, count: 13 }),
        point({ ...POINT, positive: { offset: 2147483640, bucketCounts: Array(12).fill(1) } }),
        point({ ...POINT, positive: { offset: 0, bucketCounts: ['18446744073709551615'] } }),
      ),
    ]);
    const { lines, dropped } = convert(request);
    assert.deepEqual(lines, []);
    assert.deepEqual(dropped, { scale: 1, buckets: 3 });
  });

  test('one that has ended says so by its sum', () => {
    const read = one({ ...POINT, flags: STALE_FLAG });
    assert.deepEqual([read.sum, read.count, read.positive], ['stale', 0, {}]);
  });

  test('an empty one', () => {
    const read = one({ count: 0 });
    assert.deepEqual([read.count, read.zeroCount, read.positive, read.spans], [0, 0, {}, []]);
  });
});

suite('exemplars', () => {
  const id = (fill: number, length: number): Buffer => Buffer.alloc(length, fill);
  const exemplar = (value: number, fields: Record<string, unknown> = {}): Record<string, unknown> => ({
    asDouble: value,
    timeUnixNano: '1700000000000000000',
    ...fields,
  });

  test('each goes to the first bucket whose bound is above its value, in the order of values', () => {
    const exemplars = [
      exemplar(NaN),
      exemplar(7),
      exemplar(1),
      exemplar(0.5),
      { ...exemplar(0), asDouble: undefined, asInt: 3 },
    ];
    const { series } = convert(
      metricsRequest([histogram('h', point({ explicitBounds: [1, 5], bucketCounts: [1, 2, 2], count: 5, exemplars }))]),
    );
    const found = series.map((s) => [s.labels.find(([k]) => k === 'le')?.[1], s.exemplars.map((e) => e.value)]);
    assert.deepEqual(found, [
      [undefined, []],
      ['1', [0.5]],
      ['5', [1, 3]],
      ['+Inf', [7, NaN]],
    ]);
  });

  test('have the ids of their span, and nothing else', () => {
    const filteredAttributes = [{ key: 'user', value: { stringValue: 'u' } }];
    const exemplars = [
      exemplar(1, { traceId: id(0xab, 16), spanId: id(0xcd, 8), filteredAttributes }),
      exemplar(2, { traceId: id(0, 16), spanId: id(0, 8), timeUnixNano: '0' }),
    ];
    const { series } = convert(metricsRequest([counter('c', point({ asInt: 2, exemplars }))]));
    assert.deepEqual(series[0].exemplars, [
      { labels: { span_id: 'cd'.repeat(8), trace_id: 'ab'.repeat(16) }, value: 1, ms: 1_700_000_000_000 },
      { labels: {}, value: 2, ms: POINT_MS },
    ]);
  });

  test('gauges and sums that may fall have none; native histograms have them all', () => {
    const exemplars = [exemplar(1), exemplar(2)];
    const { series } = convert(
      metricsRequest([
        gauge('g', point({ asInt: 1, exemplars })),
        { name: 'u', sum: { dataPoints: [point({ asInt: 1, exemplars })], aggregationTemporality: 2 } },
        exponential('e', point({ count: 0, exemplars })),
      ]),
    );
    assert.deepEqual(
      series.map((s) => s.exemplars.length),
      [0, 0, 2],
    );
  });
});

suite('metadata', () => {
  const request = metricsRequest(
    [
      { ...counter('c', point({ asInt: 1 }), point({ asInt: 2 }, { a: 'b' })), unit: 's', description: 'how often' },
      gauge('g', point({ asInt: 1 })),
      gauge('none', point({})),
    ],
    { resource: { 'service.name': 's' } },
  );
  const all = [
    { type: 1, metricFamilyName: 'c_seconds_total', help: 'how often', unit: 's' },
    { type: 2, metricFamilyName: 'target_info', help: 'Target metadata' },
    { type: 2, metricFamilyName: 'g' },
  ];
  const byName = (list: unknown): unknown =>
    (list as { metricFamilyName: string }[]).toSorted((a, b) => (a.metricFamilyName < b.metricFamilyName ? -1 : 1));

  test('comes with the first series of a family, and again when it was not taken or has changed', () => {
    const made = new FromOtlp({ ...OPTIONS, targetInfo: true, metadata: true });
    const metadata = (bytes: Buffer): unknown[] =>
      [...made.convert(bytes, NOW_MS)].flatMap(
        (chunk) => (decodeWriteRequest(chunk.bytes)['metadata'] ?? []) as unknown[],
      );
    const [first] = made.convert(request, NOW_MS);
    assert.deepEqual(byName(decodeWriteRequest(first.bytes)['metadata']), byName(all));
    assert.deepEqual(metadata(request), []);
    made.forget(first.families);
    assert.deepEqual(byName(metadata(request)), byName(all));
    assert.deepEqual(metadata(metricsRequest([counter('g', point({ asInt: 1 }))])), [
      { type: 1, metricFamilyName: 'g_total' },
    ]);
    assert.deepEqual(metadata(metricsRequest([{ ...gauge('g', point({ asInt: 1 })), description: 'new' }])), [
      { type: 2, metricFamilyName: 'g', help: 'new' },
    ]);
  });

  test('is told again every minute: who listens may have come later, or forgotten', () => {
    const made = new FromOtlp({ ...OPTIONS, metadata: true });
    const one = metricsRequest([gauge('g', point({ asInt: 1 }))]);
    const announced = (ms: number): number =>
      [...made.convert(one, NOW_MS + ms)].flatMap(({ families }) => families).length;
    assert.deepEqual([0, 1, 59_999, 60_000, 60_001, 120_000].map(announced), [1, 0, 0, 1, 0, 1]);
    // The clock was set back.
    assert.deepEqual([-1_000_000, -999_999].map(announced), [1, 0]);
  });

  test('is left out by default', () => assert.equal(convert(request).metadata, undefined));
});

suite('large and strange requests', () => {
  test('text that is not UTF-8 comes out as UTF-8', () => {
    const name = 'NAME-HERE';
    const value = 'VALUE-HERE';
    const bytes = metricsRequest([{ ...gauge('x', point({ asInt: 1 }, { [name]: value })), description: value }], {
      resource: { 'service.name': value },
      scope: { name: value },
    });
    for (const needle of [name, value])
      for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle)) bytes.fill(0xff, at, at + 4);
    const { series } = convert(bytes, { targetInfo: true, metadata: true });
    const labels = Object.fromEntries(series[0].labels);
    assert.equal(labels['_____HERE'], '\ufffd\ufffd\ufffd\ufffdE-HERE');
    assert.equal(labels['job'], '\ufffd\ufffd\ufffd\ufffdE-HERE');
  });

  test('thousands of labels', () => {
    const attributes = Object.fromEntries(
      Array.from({ length: 5000 }, (_, i) => [`key.${(i * 7919) % 5000}`, `v${i}`]),
    );
    const { series } = convert(metricsRequest([gauge('x', point({ asInt: 1 }, attributes))]));
    const names = series[0].labels.map(([label]) => label);
    assert.equal(names.length, 5001);
    assert.deepEqual(names, names.toSorted());
    assert.equal(Object.fromEntries(series[0].labels)['key_7'], `v${Object.keys(attributes).indexOf('key.7')}`);
  });

  test('a point whose labels would fill memory has no series', () => {
    const bounds = Array.from({ length: 300 }, (_, i) => i);
    const wide = point(
      { explicitBounds: bounds, bucketCounts: [...bounds, 0], count: 44850 },
      { wide: 'x'.repeat(100_000) },
    );
    const { lines, dropped } = convert(metricsRequest([histogram('h', wide)]));
    assert.deepEqual(lines, []);
    assert.deepEqual(dropped, { size: 1 });
  });

  test('much is given in parts, and any of them can be where to go on', () => {
    const value = 'x'.repeat(2000);
    const points = Array.from({ length: 5000 }, (_, i) => point({ asInt: i }, { value, i }));
    const delta = { name: 'd', sum: { dataPoints: [point({ asInt: 1 })], aggregationTemporality: 1 } };
    const bytes = encodeRequest(METRICS, {
      resourceMetrics: [
        { scopeMetrics: [{ metrics: [delta, gauge('a', ...points), gauge('b', ...points.slice(0, 500)), delta] }] },
      ],
    });
    const made = new FromOtlp(OPTIONS);
    const chunks = [...made.convert(bytes, NOW_MS)];
    assert.ok(chunks.length >= 3);
    assert.equal(
      chunks.reduce((sum, chunk) => sum + chunk.items, 0),
      5500,
    );
    assert.deepEqual(
      chunks.map((chunk) => chunk.dropped.get('temporality') ?? 0),
      [1, ...chunks.slice(2).map(() => 0), 1],
    );
    assert.ok(chunks.every((chunk) => chunk.bytes.length < 5 << 20));
    for (const [i, chunk] of chunks.entries()) {
      const rest = [...made.convert(bytes, NOW_MS, chunk.points)];
      assert.deepEqual(
        rest.map(({ items, bytes: part }) => [items, part]),
        chunks.slice(i + 1).map(({ items, bytes: part }) => [items, part]),
      );
    }
  });

  test('nothing gives nothing', () => {
    assert.deepEqual([...new FromOtlp(OPTIONS).convert(Buffer.alloc(0), NOW_MS)], []);
    assert.deepEqual([...new FromOtlp(OPTIONS).convert(metricsRequest([{ name: 'x' }]), NOW_MS)], []);
  });
});
