import assert from 'node:assert/strict';
import { test } from 'node:test';
import { negotiate } from '#main/admin/exposition.ts';
import { collectFamilies, gauge } from '#main/admin/families.ts';
import type { MetricFamily } from '#shared/registry.ts';

const FAMILIES: MetricFamily[] = [
  {
    name: 'sent_spans_total',
    help: 'Spans "sent".\nAll \\ of them.',
    kind: 'counter',
    series: [
      { labels: { b: 'x"\\\n', a: '1' }, value: 3 },
      { labels: {}, value: 1e21 },
    ],
  },
  { name: 'odd_counter', help: 'No suffix.', kind: 'counter', series: [{ labels: {}, value: 1 }] },
  {
    name: 'lag_seconds',
    help: 'Lag.',
    kind: 'gauge',
    series: [
      { labels: {}, value: NaN },
      { labels: { of: 'a' }, value: -Infinity },
    ],
  },
  {
    name: 'took_seconds',
    help: 'Time.',
    kind: 'histogram',
    series: [
      {
        labels: { of: 'a' },
        value: 0,
        buckets: [
          { le: 0.5, count: 1 },
          { le: Infinity, count: 2 },
        ],
        sum: 1.25,
        count: 2,
      },
    ],
  },
];

test('text format 0.0.4', () => {
  const { contentType, render } = negotiate('');
  assert.equal(contentType, 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(
    render(FAMILIES),
    `# HELP sent_spans_total Spans "sent".\\nAll \\\\ of them.
# TYPE sent_spans_total counter
sent_spans_total{a="1",b="x\\"\\\\\\n"} 3
sent_spans_total 1e+21
# HELP odd_counter No suffix.
# TYPE odd_counter counter
odd_counter 1
# HELP lag_seconds Lag.
# TYPE lag_seconds gauge
lag_seconds NaN
lag_seconds{of="a"} -Inf
# HELP took_seconds Time.
# TYPE took_seconds histogram
took_seconds_bucket{le="0.5",of="a"} 1
took_seconds_bucket{le="+Inf",of="a"} 2
took_seconds_sum{of="a"} 1.25
took_seconds_count{of="a"} 2
`,
  );
});

test('OpenMetrics: counter families without _total, quotes escaped in help, an end mark', () => {
  const { contentType, render } = negotiate('application/openmetrics-text');
  assert.equal(contentType, 'application/openmetrics-text; version=1.0.0; charset=utf-8');
  const text = render(FAMILIES);
  assert.match(
    text,
    /^# HELP sent_spans Spans \\"sent\\"\.\\nAll \\\\ of them\.\n# TYPE sent_spans counter\nsent_spans_total\{/,
  );
  assert.match(text, /# TYPE odd_counter unknown\n/);
  assert.ok(text.endsWith('# EOF\n'));
});

test('what Prometheus asks for is weighed by quality', () => {
  const prometheus =
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
  assert.match(negotiate(prometheus).contentType, /^application\/openmetrics-text/);
  assert.match(negotiate('application/openmetrics-text;version=0.0.1,*/*;q=0.1').contentType, /^text\/plain/);
  assert.match(
    negotiate('application/openmetrics-text;version=1.0.0;q=0.2,text/plain;q=0.9').contentType,
    /^text\/plain/,
  );
  assert.match(negotiate('*/*').contentType, /^text\/plain/);
});

test('sources join one family by name', () => {
  const registry = { collect: () => [gauge('b', 'first', 1), gauge('c', 'c', 1)] };
  const families = collectFamilies(registry, [
    () => [gauge('b', 'second', 2, { of: 'x' })],
    () => [gauge('a', 'a', 3)],
  ]);
  assert.deepEqual(
    families.map((f) => [f.name, f.help, f.series.length]),
    [
      ['a', 'a', 1],
      ['b', 'first', 2],
      ['c', 'c', 1],
    ],
  );
});
