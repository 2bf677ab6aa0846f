import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expositionText, type ExpositionFormat } from '#codec/prometheus/exposition.ts';
import { FamilyTypes } from '#codec/prometheus/family-types.ts';
import { FromOtlp } from '#codec/prometheus/from-otlp.ts';
import { readWriteRequest } from '#codec/prometheus/read.ts';
import {
  counter,
  exponential,
  gauge,
  histogram,
  metricsRequest,
  point,
  summary,
} from '#test/support/metric-requests.ts';
import { encodeWriteRequest } from '#test/support/prom-proto.ts';

const NOW_MS = 1_800_000_000_000;

function textOf(bytes: Buffer, format: ExpositionFormat = 'text'): string {
  const request = readWriteRequest(bytes);
  const types = new FamilyTypes();
  types.learn(request);
  return expositionText(request, types, format);
}

function series(metadata: boolean): Buffer {
  const exemplars = [{ asDouble: 3, timeUnixNano: '1700000000000000000', traceId: Buffer.alloc(16, 0xab) }];
  const made = new FromOtlp({
    suffixes: true,
    targetInfo: true,
    scopeInfo: false,
    scopeLabels: true,
    resourceLabels: false,
    keepIdentifying: false,
    customBuckets: false,
    metadata,
  });
  const request = metricsRequest(
    [
      { ...counter('c', point({ asInt: '1234567', exemplars })), unit: 's', description: 'how\nmuch' },
      gauge('g', point({ asDouble: 0.5 }, { k: 'a "b" \\ \n' }), point({ flags: 1 }, { k: 'ended' })),
      {
        ...histogram('h', point({ explicitBounds: [1, 10], bucketCounts: [1, 2, 3], count: 6, sum: 7, exemplars })),
        unit: 'ms',
      },
      summary('s', point({ count: 2, sum: 6, quantileValues: [{ quantile: 0.5, value: 3 }] })),
      exponential('e', point({ count: 2, sum: 6, positive: { bucketCounts: [2] } })),
    ],
    { resource: { 'service.name': 'shop', host: 'h' } },
  );
  return [...made.convert(request, NOW_MS)][0].bytes;
}

const TEXT = `# HELP c_seconds_total how\\nmuch
# TYPE c_seconds_total counter
c_seconds_total{job="shop"} 1.234567e+06 1700000000123
# TYPE e histogram
e_bucket{job="shop",le="+Inf"} 2 1700000000123
e_sum{job="shop"} 6 1700000000123
e_count{job="shop"} 2 1700000000123
# TYPE g gauge
g{job="shop",k="a \\"b\\" \\\\ \\n"} 0.5 1700000000123
g{job="shop",k="ended"} NaN 1700000000123
# TYPE h_milliseconds histogram
h_milliseconds_bucket{job="shop",le="1"} 1 1700000000123
h_milliseconds_bucket{job="shop",le="10"} 3 1700000000123
h_milliseconds_bucket{job="shop",le="+Inf"} 6 1700000000123
h_milliseconds_sum{job="shop"} 7 1700000000123
h_milliseconds_count{job="shop"} 6 1700000000123
# TYPE s summary
s{job="shop",quantile="0.5"} 3 1700000000123
s_sum{job="shop"} 6 1700000000123
s_count{job="shop"} 2 1700000000123
# HELP target_info Target metadata
# TYPE target_info gauge
target_info{host="h",job="shop"} 1 1800000000000
`;

test('families by name, lines of a family in order', () => {
  assert.equal(textOf(series(true)), TEXT);
});

test('without metadata types are what the series show', () => {
  const types = textOf(series(false)).match(/^# TYPE .*/gm);
  assert.deepEqual(types, [
    '# TYPE c_seconds_total counter',
    '# TYPE e histogram',
    '# TYPE g untyped',
    '# TYPE h_milliseconds histogram',
    '# TYPE s summary',
    '# TYPE target_info untyped',
  ]);
});

test('OpenMetrics: counters without _total in the family, seconds, exemplars, an end', () => {
  const text = textOf(series(true), 'openmetrics');
  const exemplar = `# {trace_id="${'ab'.repeat(16)}"} 3 1700000000`;
  assert.ok(text.startsWith('# TYPE c_seconds counter\n# HELP c_seconds how\\nmuch\n'));
  assert.ok(text.includes(`c_seconds_total{job="shop"} 1.234567e+06 1700000000.123 ${exemplar}\n`));
  assert.ok(text.includes(`h_milliseconds_bucket{job="shop",le="10"} 3 1700000000.123 ${exemplar}\n`));
  assert.ok(text.endsWith('\n# EOF\n'));
  assert.equal(textOf(Buffer.alloc(0), 'openmetrics'), '# EOF\n');
  assert.equal(textOf(Buffer.alloc(0)), '');
});

test('a sample without a time, several of one series, none with a name', () => {
  const labels = [{ name: '__name__', value: 'x' }];
  const samples = [{ value: 2, timestamp: 7 }, { value: 1 }];
  const bytes = encodeWriteRequest({
    timeseries: [
      { labels, samples },
      { labels: [], samples },
    ],
  });
  assert.equal(textOf(bytes), '# TYPE x untyped\nx 1\nx 2 7\n');
});
