/** Random metrics: what comes out is a request that Prometheus takes, and the way back gives the same points. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FromOtlp, type FromOtlpOptions } from '#codec/prometheus/from-otlp.ts';
import { ToOtlp } from '#codec/prometheus/to-otlp.ts';
import { METRICS } from '#shared/signal.ts';
import {
  counter,
  exponential,
  gauge,
  histogram,
  metricsRequest,
  point,
  summary,
} from '#test/support/metric-requests.ts';
import { encodeRequest, listItems } from '#test/support/otlp-proto.ts';
import { listSeries } from '#test/support/prom-proto.ts';

const NOW_MS = 1_800_000_000_000;
const TIME = { timeUnixNano: '1700000000123000000' };

type Fields = Readonly<Record<string, unknown>>;
const anyText = fc.string({ unit: 'binary', maxLength: 8 });
const anyValue: fc.Arbitrary<Fields> = fc.oneof(
  anyText.map((stringValue) => ({ stringValue })),
  fc.boolean().map((boolValue) => ({ boolValue })),
  fc.double().map((doubleValue) => ({ doubleValue })),
  fc.uint8Array({ maxLength: 4 }).map((bytesValue) => ({ bytesValue })),
  fc
    .array(anyText, { maxLength: 2 })
    .map((texts) => ({ arrayValue: { values: texts.map((stringValue) => ({ stringValue })) } })),
  fc.constant({}),
);
const anyAttributes = fc.array(fc.record({ key: anyText, value: anyValue }), { maxLength: 6 });
const flags = fc.constantFrom(0, 0, 0, 1);
const counts = fc.array(fc.nat(9), { maxLength: 6 });
const exemplars = fc.array(
  fc.record({ asDouble: fc.double(), traceId: fc.uint8Array({ maxLength: 16 }), filteredAttributes: anyAttributes }),
  { maxLength: 2 },
);
const common = {
  attributes: anyAttributes,
  flags,
  exemplars,
  timeUnixNano: fc.constantFrom('0', '1700000000000000001'),
};
const numbers = fc.oneof(
  fc.record({ ...common, asDouble: fc.double() }),
  fc.record({ ...common, asInt: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String) }),
  fc.record(common),
);
const explicit = fc.record({
  ...common,
  explicitBounds: fc.array(fc.double(), { maxLength: 4 }),
  bucketCounts: counts,
  count: fc.nat(),
  sum: fc.double(),
});
const side = fc.record({ offset: fc.integer({ min: -1000, max: 1000 }), bucketCounts: counts });
const exponentials = fc
  .record({
    ...common,
    scale: fc.integer({ min: -6, max: 20 }),
    zeroCount: fc.nat(3),
    positive: side,
    negative: side,
    sum: fc.double(),
  })
  .map((fields) => ({
    ...fields,
    count: [...fields.positive.bucketCounts, ...fields.negative.bucketCounts].reduce((a, b) => a + b, fields.zeroCount),
  }));
const summaries = fc.record({
  attributes: anyAttributes,
  flags,
  count: fc.nat(),
  sum: fc.double(),
  quantileValues: fc.array(fc.record({ quantile: fc.double({ min: 0, max: 1 }), value: fc.double() }), {
    maxLength: 3,
  }),
});
const list = (points: fc.Arbitrary<Fields>): fc.Arbitrary<readonly Fields[]> => fc.array(points, { maxLength: 3 });
const temporality = fc.constantFrom(0, 1, 2, 2);
const anyMetric: fc.Arbitrary<Fields> = fc
  .record({
    name: anyText,
    unit: fc.oneof(anyText, fc.constantFrom('s', '1', 'By/s')),
    data: fc.oneof(
      list(numbers).map((dataPoints) => ({ gauge: { dataPoints } })),
      fc
        .record({ dataPoints: list(numbers), aggregationTemporality: temporality, isMonotonic: fc.boolean() })
        .map((sum) => ({ sum })),
      fc
        .record({ dataPoints: list(explicit), aggregationTemporality: temporality })
        .map((data) => ({ histogram: data })),
      fc
        .record({ dataPoints: list(exponentials), aggregationTemporality: temporality })
        .map((exponentialHistogram) => ({ exponentialHistogram })),
      list(summaries).map((dataPoints) => ({ summary: { dataPoints } })),
    ),
  })
  .map(({ name, unit, data }) => ({ name, unit, ...data }));
const options: fc.Arbitrary<FromOtlpOptions> = fc.record({
  suffixes: fc.boolean(),
  targetInfo: fc.boolean(),
  scopeInfo: fc.boolean(),
  scopeLabels: fc.boolean(),
  resourceLabels: fc.boolean(),
  keepIdentifying: fc.boolean(),
  customBuckets: fc.boolean(),
  metadata: fc.boolean(),
});

/** Data points of a metric, however it is shaped. */
const pointsOf = (metric: Fields): number =>
  Object.values(metric).reduce<number>((sum, data) => {
    const points =
      typeof data === 'object' && data !== null ? (data as { dataPoints?: unknown[] }).dataPoints : undefined;
    return sum + (points?.length ?? 0);
  }, 0);

test('series are valid, and every point is in them or counted', () => {
  fc.assert(
    fc.property(
      fc.array(anyMetric, { maxLength: 4 }),
      anyAttributes,
      anyAttributes,
      options,
      (metrics, resource, scope, chosen) => {
        const bytes = encodeRequest(METRICS, {
          resourceMetrics: [
            {
              resource: { attributes: resource },
              scopeMetrics: [{ scope: { name: 'x', attributes: scope }, metrics }],
            },
          ],
        });
        const chunks = [...new FromOtlp(chosen).convert(bytes, NOW_MS)];
        const series = chunks.flatMap((chunk) => listSeries(chunk.bytes));
        assert.equal(
          chunks.reduce((sum, chunk) => sum + chunk.items, 0),
          series.reduce((sum, { samples, histograms }) => sum + samples.length + histograms.length, 0),
        );
        for (const { labels, samples, histograms } of series) {
          assert.equal(samples.length + histograms.length, 1);
          const names = labels.map(([name]) => name);
          assert.deepEqual(names, [...new Set(names)].toSorted());
          for (const [name, value] of labels) {
            assert.match(name, /^[a-zA-Z_][a-zA-Z0-9_]*$/);
            assert.notEqual(value, '');
            assert.ok(value.isWellFormed());
            if (name === '__name__') assert.match(value, /^[a-zA-Z_:][a-zA-Z0-9_:]*$/);
          }
          assert.ok(names.includes('__name__'));
          for (const h of histograms) {
            const buckets = [...Object.values(h.positive), ...Object.values(h.negative)];
            if (h.sum !== 'stale')
              assert.equal(
                h.count,
                buckets.reduce((sum, count) => sum + count, h.zeroCount),
              );
            assert.ok((h.schema >= -4 && h.schema <= 8) || h.schema === -53);
          }
        }
        const points = metrics.reduce((sum, metric) => sum + pointsOf(metric), 0);
        const dropped = chunks.flatMap((chunk) => [...chunk.dropped.values()]).reduce((sum, n) => sum + n, 0);
        assert.ok(dropped <= points);
        assert.equal(chunks.at(-1)?.points ?? points, points);
        if (points > 0 && dropped < points) assert.ok(series.length > 0);
        if (dropped === points) assert.deepEqual(series, []);
        // The way back takes whatever came out.
        for (const chunk of chunks) listItems(METRICS, new ToOtlp().convert(chunk.bytes).bytes);
      },
    ),
    { numRuns: 300 },
  );
});

test('points come back as they were, with metadata', () => {
  const id = { traceId: Buffer.alloc(16, 0xab), spanId: Buffer.alloc(8, 0xcd) };
  const exemplar = (value: number): Fields => ({ asDouble: value, ...TIME, ...id });
  const attributes = { a: '1', b: 'ü' };
  const metrics = [
    gauge('g', point({ ...TIME, asDouble: -0.5 }, attributes), point({ ...TIME, flags: 1 }, { a: '2' })),
    counter('c_total', point({ ...TIME, asDouble: 12, exemplars: [exemplar(1)] }, attributes)),
    histogram(
      'h',
      point(
        { ...TIME, count: 6, sum: 7.5, explicitBounds: [1, 10], bucketCounts: [1, 2, 3], exemplars: [exemplar(5)] },
        attributes,
      ),
    ),
    exponential(
      'e',
      point(
        {
          ...TIME,
          count: 9,
          sum: 3,
          scale: 3,
          zeroCount: 1,
          zeroThreshold: 0.5,
          positive: { offset: -2, bucketCounts: [1, 0, 0, 0, 0, 2] },
          negative: { offset: 4, bucketCounts: [5] },
          exemplars: [exemplar(2)],
        },
        attributes,
      ),
    ),
    summary('s', point({ ...TIME, count: 3, sum: 4, quantileValues: [{ quantile: 0.5, value: 1 }] }, attributes)),
  ].map((metric) => ({ ...metric, description: 'what it is', unit: 'ms' }));
  const context = {
    resource: { 'service.name': 'shop', 'service.instance.id': 'i-1', host: 'h' },
    scope: { name: 'lib', version: '1' },
  };
  const from = new FromOtlp({
    suffixes: false,
    targetInfo: true,
    scopeInfo: false,
    scopeLabels: true,
    resourceLabels: false,
    keepIdentifying: false,
    customBuckets: false,
    metadata: true,
  });
  const [{ bytes }] = from.convert(metricsRequest(metrics, context), NOW_MS);
  const back = listItems(METRICS, new ToOtlp().convert(bytes).bytes);
  const types = { g: 'gauge', c_total: 'counter', h: 'histogram', e: 'histogram', s: 'summary' };
  const expected = metrics.map((metric) => ({
    ...metric,
    metadata: [
      {
        key: 'prometheus.type',
        value: { stringValue: types[(metric as unknown as { name: keyof typeof types }).name] },
      },
    ],
  }));
  assert.deepEqual(back.toSorted(), listItems(METRICS, metricsRequest(expected, context)).toSorted());
});
