import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LOGS, LOKI, METRICS, PROMETHEUS, TRACES, type Signal } from '#shared/signal.ts';
import { Writer } from '#codec/protobuf/writer.ts';
import {
  LABEL,
  NATIVE_HISTOGRAM,
  SAMPLE,
  STALE_NAN_BITS,
  TIME_SERIES,
  WRITE_REQUEST,
} from '#codec/prometheus/fields.ts';
import { StreamWriter } from '#codec/loki/streams.ts';
import { canonical, type Terms } from '#trace-test/items/canonical.ts';
import { FIELDS } from '#trace-test/items/fields.ts';
import { Names } from '#trace-test/items/names.ts';
import { itemsOf, kindOf, requestOf } from '#trace-test/items/requests.ts';
import { readSeries } from '#trace-test/items/series.ts';
import { Times } from '#trace-test/items/times.ts';
import { valueText, type ValueMap } from '#trace-test/items/value.ts';
import { decodeRequest, type PlainMessage } from '#test/support/otlp-proto.ts';

const START_MS = Date.UTC(2026, 0, 1);
const terms = (): Terms => ({ names: new Names(), times: new Times(START_MS) });

/** Through bytes and back. */
function roundTrip(signal: Signal, items: readonly ValueMap[], with_: Terms = terms()): ValueMap[] {
  const told = items.map((item) => canonical(FIELDS[kindOf(signal)], item, with_));
  return itemsOf(signal, requestOf(signal, told, START_MS, with_), with_);
}

const SPAN: ValueMap = {
  name: 'GET',
  kind: 'server',
  trace: 'a',
  span: 'root',
  parent: 'caller',
  start: '1s',
  duration: '20ms',
  status: 'error',
  status_message: 'boom',
  attributes: {
    text: 'x',
    flag: false,
    int: -5n,
    double: 0.5,
    list: ['a', 1n],
    map: { b: 1n },
    bytes: { $bytes: 'AQI=' },
  },
  events: [{ name: 'e', time: '1.01s', attributes: { n: 1n } }],
  links: [{ trace: 'b', span: 'other', trace_state: 'c=d', attributes: { why: 'x' } }],
  trace_state: 'a=b',
  flags: 257,
  dropped_attributes: 1,
  dropped_events: 2,
  dropped_links: 3,
  resource: { 'service.name': 'shop' },
  scope: { name: 'sdk', version: '1', attributes: { k: 'v' } },
};

const about = { attributes: { code: 'ok' }, start: '-1m0s', time: '0s', resource: { a: 'b' }, scope: { name: 's' } };
const exemplars = [{ value: 0.5, time: '0s', trace: 'a', span: 'root', attributes: { user: 'me' } }];
const POINTS: readonly ValueMap[] = [
  { name: 'g', type: 'gauge', unit: 'By', description: 'd', value: 1.5, exemplars, ...about },
  { name: 's', type: 'sum', temporality: 'delta', monotonic: true, value: 9007199254740993n, flags: 1, ...about },
  {
    name: 'h',
    type: 'histogram',
    temporality: 'cumulative',
    count: 3n,
    sum: 1.5,
    min: 0.1,
    max: 1.25,
    buckets: { '0.5': 1n, '1': 2n, '+Inf': 0n },
    exemplars,
    ...about,
  },
  {
    name: 'e',
    type: 'exponential_histogram',
    temporality: 'delta',
    count: 4n,
    sum: 2,
    scale: -1,
    zero_count: 1n,
    zero_threshold: 0.001,
    positive: { offset: -2, counts: [1n, 2n] },
    negative: { offset: 3, counts: [1n] },
    ...about,
  },
  { name: 'q', type: 'summary', count: 2n, sum: 3.5, quantiles: { '0.5': 1.5, '0.99': 2 }, ...about },
];

const LOG: ValueMap = {
  body: { message: 'hello', n: 1n },
  severity: 'warn2',
  severity_text: 'WARN',
  event: 'login',
  attributes: { user: 'me' },
  trace: 'a',
  span: 'root',
  time: '-1s',
  observed: '0s',
  flags: 1,
  dropped_attributes: 2,
  resource: { a: 'b' },
  scope: { name: 's' },
};

describe('items survive the way through OTLP bytes', () => {
  test('spans', () => assert.deepEqual(roundTrip(TRACES, [SPAN]), [SPAN]));
  for (const point of POINTS)
    test(`points: ${String(point['type'])}`, () => assert.deepEqual(roundTrip(METRICS, [point]), [point]));
  test('log records', () => assert.deepEqual(roundTrip(LOGS, [LOG]), [LOG]));

  test('neighbours with the same origin are in one entry', () => {
    const [a, b] = [{ 'service.name': 'a' }, { 'service.name': 'b' }];
    const spans = [
      { name: '1', resource: a },
      { name: '2', resource: a },
      { name: '3', resource: b, scope: { name: 'x' } },
      { name: '4', resource: b, scope: { name: 'y' } },
    ];
    const bytes = requestOf(TRACES, spans, START_MS, terms());
    const entries = decodeRequest(TRACES, bytes)['resourceSpans'] as PlainMessage[];
    assert.deepEqual(
      entries.map((entry) =>
        (entry['scopeSpans'] as PlainMessage[]).map((scope) => (scope['spans'] as unknown[]).length),
      ),
      [[2], [1, 1]],
    );
    assert.deepEqual(
      itemsOf(TRACES, bytes, terms()).map((span) => span['name']),
      ['1', '2', '3', '4'],
    );
  });
});

describe('what input does not say', () => {
  test('a span has just ended, and has ids', () => {
    const [span] = roundTrip(TRACES, [{ name: 'a', duration: '20ms' }]);
    assert.deepEqual([span['start'], span['duration']], ['-20ms', '20ms']);
    assert.match(String(span['trace']), /^[\da-f]{32}$/);
    assert.match(String(span['span']), /^[\da-f]{16}$/);
  });

  test('a span is in the trace of its parent, wherever that stands; others are in traces of their own', () => {
    const spans = roundTrip(TRACES, [
      { name: 'child', parent: 'root' },
      { name: 'root', span: 'root', trace: 'a' },
      { name: 'orphan', parent: 'gone' },
      { name: 'sister', parent: 'gone' },
      { name: 'alone' },
      { name: 'circle', span: 'x', parent: 'y' },
      { name: 'circle', span: 'y', parent: 'x' },
    ]);
    const traces = spans.map((span) => span['trace']);
    assert.equal(traces[0], 'a');
    assert.equal(traces[2], traces[3]);
    assert.equal(traces[5], traces[6]);
    assert.equal(new Set(traces).size, 4);
  });

  test('parents may have come in an earlier request', () => {
    const shared = terms();
    roundTrip(TRACES, [{ name: 'root', span: 'root', trace: 'a' }], shared);
    assert.equal(roundTrip(TRACES, [{ name: 'child', parent: 'root' }], shared)[0]['trace'], 'a');
  });

  test('a point is a gauge of now, and counts are cumulative', () => {
    assert.deepEqual(
      roundTrip(METRICS, [
        { name: 'g', value: 1n },
        { name: 's', type: 'sum', value: 1n },
      ]),
      [
        { name: 'g', type: 'gauge', value: 1n, time: '0s' },
        { name: 's', type: 'sum', temporality: 'cumulative', monotonic: false, value: 1n, time: '0s' },
      ],
    );
  });
});

test('one form for everything that can be written in several', () => {
  const item = { start: '1000ms', duration: '1500us', kind: 'UNSPECIFIED', status: 'unset', parent: null, name: 5n };
  assert.deepEqual(canonical(FIELDS.spans, item, terms()), {
    start: '1s',
    duration: '1.5ms',
    kind: null,
    status: null,
    parent: null,
    name: '5',
  });
  assert.deepEqual(
    canonical(FIELDS.metrics, { buckets: { '1.0': 1n, inf: 2n }, time: '2026-01-01T00:00:05.5Z' }, terms()),
    {
      buckets: { '1': 1n, '+Inf': 2n },
      time: '5.5s',
    },
  );
  assert.deepEqual(canonical(FIELDS.series, { labels: { le: 1n, x: null } }, terms()), {
    labels: { le: '1', x: null },
  });
});

test('times far from the beginning are dates, before it they are negative', () => {
  const times = new Times(START_MS);
  const cases: [written: string, text: string][] = [
    ['1h', '1h0m0s'],
    ['-1ns', '-1ns'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z'],
    ['2030-01-01T00:00:00.25Z', '2030-01-01T00:00:00.25Z'],
    ['2026-01-01T02:00:00+01:00', '1h0m0s'],
  ];
  for (const [written, text] of cases) assert.equal(times.text(times.read(written) as bigint), text);
  assert.equal(times.read('soon'), null);
});

test('samples of Prometheus, native histograms and stale markers', () => {
  const writer = new Writer();
  const series = writer.begin(WRITE_REQUEST.timeseries);
  for (const [name, value] of [
    ['__name__', 'up'],
    ['job', 'shop'],
  ]) {
    const label = writer.begin(TIME_SERIES.labels);
    writer.string(LABEL.name, name);
    writer.string(LABEL.value, value);
    writer.end(label);
  }
  const sample = writer.begin(TIME_SERIES.samples);
  writer.double(SAMPLE.value, 1.5);
  writer.varint64(SAMPLE.timestamp, (START_MS + 5000) >>> 0, Math.floor((START_MS + 5000) / 2 ** 32));
  writer.end(sample);
  const stale = writer.begin(TIME_SERIES.samples);
  writer.fixed64(SAMPLE.value, STALE_NAN_BITS.lo, STALE_NAN_BITS.hi);
  writer.end(stale);
  const histogram = writer.begin(TIME_SERIES.histograms);
  writer.uint32(NATIVE_HISTOGRAM.countInt, 3);
  writer.double(NATIVE_HISTOGRAM.sum, 2.5);
  const span = writer.begin(NATIVE_HISTOGRAM.positiveSpans);
  writer.uint32(1, 4);
  writer.uint32(2, 2);
  writer.end(span);
  // 1 and then 1 more, as zigzag varints.
  writer.bytes(NATIVE_HISTOGRAM.positiveDeltas, Buffer.from([2, 2]), 0, 2);
  writer.end(histogram);
  writer.end(series);
  const [first, second, third] = itemsOf(PROMETHEUS, writer.finish(), terms());
  assert.deepEqual(first, { name: 'up', labels: { job: 'shop' }, value: 1.5, time: '5s' });
  assert.equal(second['value'], 'stale');
  assert.deepEqual([third['count'], third['sum'], third['positive']], [3, 2.5, { 2: 1, 3: 2 }]);
});

test('lines for Loki', () => {
  const writer = new StreamWriter();
  writer.stream([['job', 'shop']]);
  writer.entry({ timeNs: BigInt(START_MS) * 1_000_000n, line: 'hello', metadata: [['trace_id', 'x']] });
  assert.deepEqual(itemsOf(LOKI, writer.finish(), terms()), [
    { line: 'hello', labels: { job: 'shop' }, metadata: { trace_id: 'x' }, time: '0s' },
  ]);
});

test('series in short form', () => {
  const cases: [text: string, item: ValueMap | null][] = [
    ['up 1', { name: 'up', value: 1 }],
    ['up', { name: 'up' }],
    ['a:b{c="d"} 1.5', { name: 'a:b', labels: { c: 'd' }, value: 1.5 }],
    [' a { c = "d" , e="f",} -Inf ', { name: 'a', labels: { c: 'd', e: 'f' }, value: -Infinity }],
    ['{"x.y"="1"} +Inf', { labels: { 'x.y': '1' }, value: Infinity }],
    [String.raw`a{b="} say \"hi\"\n\\"} 2`, { name: 'a', labels: { b: '} say "hi"\n\\' }, value: 2 }],
    ['a{} 1', { name: 'a', value: 1 }],
    ['a stale', { name: 'a', value: 'stale' }],
    ['a one', null],
    ['a{b=c} 1', null],
    ['a{b="c" 1', null],
    ['1', null],
    ['', null],
  ];
  for (const [text, item] of cases) assert.deepEqual(readSeries(text), item, text);
});

test('values are written as YAML reads them', () => {
  const cases: [value: ValueMap[string], text: string][] = [
    ['plain text', 'plain text'],
    ['5', '"5"'],
    ['5s', '5s'],
    ['true', '"true"'],
    ['a: b', '"a: b"'],
    ['say "hi"', `'say "hi"'`],
    ['it\'s "it"', String.raw`"it's \"it\""`],
    ['', '""'],
    [' a', '" a"'],
    ['a ', '"a "'],
    ['line\n', String.raw`"line\n"`],
    [5n, '5'],
    [0.5, '0.5'],
    [Number.NaN, '.nan'],
    [-Infinity, '-.inf'],
    [2 ** 60, '1.152921504606847e+18'],
    [null, 'null'],
    [[1n, 'a'], '[1, a]'],
    [{ 'a b': 1n, c: {} }, '{ "a b": 1, c: {} }'],
  ];
  for (const [value, text] of cases) assert.equal(valueText(value), text);
});
