/** Series as text for scrapers: names, labels, buckets, exemplars (semantics 16). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { derivedMetrics } from '#components/kit/series/derived.ts';
import type { SeriesPlan } from '#components/kit/series/plan.ts';
import type { SeriesStore } from '#components/kit/series/store.ts';
import { histogramValues, writeParcel, type TestRow } from '#test/support/parcels.ts';
import { parseExposition } from '#test/support/scrape.ts';
import {
  BOUNDS,
  CALLS,
  DURATION,
  EXPONENTIAL,
  flushPoints,
  GAUGE,
  PLAIN_SUM,
  planOf,
  storeOf,
} from '#test/support/series-store.ts';

function storeWith(plan: SeriesPlan, ...rows: Partial<TestRow>[]): SeriesStore {
  const { store } = storeOf(plan);
  const whole = rows.map((row) => ({ resource: 'shop', key: 'k', firstMs: 1500, values: [[1]], ...row }));
  store.merge(writeParcel(plan, whole));
  return store;
}

const linesOf = (store: SeriesStore, name: string, exemplars = false): string[] =>
  derivedMetrics(() => store)
    .families()
    .filter((family) => family.name === name)
    .flatMap((family) => [...family.series(exemplars)].join('').split('\n'))
    .filter((line) => line !== '');

describe('families', () => {
  test('names, types and units of all kinds of instruments', () => {
    const plan = planOf(
      {},
      {
        instruments: [
          { ...CALLS, name: 'traces.span.metrics.calls' },
          { ...DURATION, name: 'traces.span.metrics.duration', description: 'How long.' },
          { ...EXPONENTIAL, name: 'request', unit: 's' },
          GAUGE,
          { ...PLAIN_SUM, name: 'traces_service_graph_request_total', unit: '' },
        ],
        limit: 0,
      },
    );
    assert.deepEqual(
      derivedMetrics(() => storeOf(plan).store)
        .families()
        .map(({ name, type, unit, help }) => [name, type, unit, help]),
      [
        ['traces_span_metrics_calls', 'counter', '', ''],
        ['traces_span_metrics_duration_milliseconds', 'histogram', 'milliseconds', 'How long.'],
        ['request_seconds', 'histogram', 'seconds', ''],
        ['level', 'gauge', '', ''],
        ['traces_service_graph_request', 'counter', '', 'A sum.'],
      ],
    );
  });

  test('delta is not shown', () => {
    const plan = planOf({ temporality: 'delta' });
    assert.deepEqual(derivedMetrics(() => storeWith(plan, {})).families(), []);
  });
});

describe('labels', () => {
  test('job and instance of the resource, the scope, the attributes; sorted, escaped, without empty ones', () => {
    const store = storeWith(planOf(), {
      resourceAttributes: { 'service.namespace': 'prod', 'service.instance.id': 'i-1', 'k8s.pod.name': 'not a label' },
      attributes: { 'http.status': 200, ok: true, path: 'a"b\\c\nd', empty: '', _x: 1, '9lives': 0.5 },
    });
    assert.deepEqual(linesOf(store, 'hits'), [
      'hits_total{http_status="200",instance="i-1",job="prod/shop",key_9lives="0.5",key_x="1",ok="true",otel_scope_name="scope",path="a\\"b\\\\c\\nd"} 1',
    ]);
    assert.equal(parseExposition(linesOf(store, 'hits').join('\n'))[0].labels['job'], 'prod/shop');
  });

  test('without namespace and instance; of two attributes that become one label the last one counts, job over all', () => {
    const store = storeWith(planOf(), { attributes: { 'a.b': 'first', a_b: 'last', job: 'mine' } });
    assert.deepEqual(linesOf(store, 'hits'), ['hits_total{a_b="last",job="shop",otel_scope_name="scope"} 1']);
  });

  test('nothing to say: no braces', () => {
    const store = storeWith(planOf({ scopeName: '' }), { resource: '', attributes: {} });
    assert.deepEqual(linesOf(store, 'hits'), ['hits_total 1']);
  });

  test('resources that job and instance do not tell apart have one label more, from the second on, for as long as they live', () => {
    const plan = planOf({ resourceExpirationMs: 1000 });
    const pod = (n: number, atMs: number): Partial<TestRow> => ({
      resource: `shop`,
      resourceAttributes: { pod: n },
      firstMs: atMs,
    });
    const { store } = storeOf(plan);
    const count = (key: string, row: Partial<TestRow>): void => {
      const parcel = writeParcel(plan, [{ resource: '', key: 'k', firstMs: 0, values: [[1]], ...row }]);
      // The key of the resource, which is its name here, is that of the pod.
      parcel.set(Buffer.from(key), 8 + 24);
      store.merge(parcel);
    };
    const shown = (): (string | undefined)[] =>
      parseExposition(linesOf(store, 'hits').join('\n')).map(({ labels }) => labels['otel_resource']);
    count('pod1', pod(1, 100));
    assert.deepEqual(shown(), [undefined]);
    count('pod2', pod(2, 600));
    const [first, second] = shown();
    assert.deepEqual([first, second?.length], [undefined, 16]);
    flushPoints(store, 1200);
    assert.deepEqual(shown(), [second], 'it keeps its name when the first one has gone');
    count('pod3', pod(3, 1300));
    assert.deepEqual(shown(), [second, undefined]);
  });

  test('the overflow series says that it is one', () => {
    const store = storeWith(planOf(), { key: '' });
    assert.match(linesOf(store, 'hits')[0], /otel_metric_overflow="true"/);
  });
});

describe('lines', () => {
  const exemplar = (instrument: number, value: number, n: number) => ({
    instrument,
    value,
    traceId: `0${n}`.repeat(16),
    spanId: `0${n}`.repeat(8),
  });
  const plan = planOf({ scopeName: '' }, { instruments: [CALLS, DURATION], limit: 0 });
  const store = storeWith(plan, {
    attributes: { key: 'k' },
    values: [[4], histogramValues(BOUNDS, [0.5, 10, 7, 5000])],
    exemplars: [exemplar(0, 0.5, 1), exemplar(1, 10, 2), exemplar(1, 5000, 3)],
  });

  test('a histogram: cumulative buckets, bounds inclusive, sum and count', () => {
    assert.deepEqual(linesOf(store, 'duration_milliseconds'), [
      'duration_milliseconds_bucket{job="shop",key="k",le="1"} 1',
      'duration_milliseconds_bucket{job="shop",key="k",le="10"} 3',
      'duration_milliseconds_bucket{job="shop",key="k",le="100"} 3',
      'duration_milliseconds_bucket{job="shop",key="k",le="+Inf"} 4',
      'duration_milliseconds_sum{job="shop",key="k"} 5017.5',
      'duration_milliseconds_count{job="shop",key="k"} 4',
    ]);
  });

  test('exemplars where they are asked for: on totals and in the bucket that holds the value', () => {
    const ids = (n: number): string => `{trace_id="${`0${n}`.repeat(16)}",span_id="${`0${n}`.repeat(8)}"}`;
    assert.deepEqual(linesOf(store, 'calls', true), [`calls_total{job="shop",key="k"} 4 # ${ids(1)} 0.5 1.5`]);
    const lines = linesOf(store, 'duration_milliseconds', true);
    assert.deepEqual(
      [1, 3].map((i) => lines[i].split(' # ')[1]),
      [`${ids(2)} 10 1.5`, `${ids(3)} 5000 1.5`],
    );
    assert.ok([0, 2, 4, 5].every((i) => !lines[i].includes('#')));
  });

  test('a flush takes neither values nor exemplars away from scrapers', () => {
    const before = [linesOf(store, 'calls', true), linesOf(store, 'duration_milliseconds', true)];
    flushPoints(store, 60_000);
    assert.deepEqual([linesOf(store, 'calls', true), linesOf(store, 'duration_milliseconds', true)], before);
  });

  test('a series that the instrument has not counted in has no lines', () => {
    assert.deepEqual(linesOf(storeWith(plan, { values: [[1], null] }), 'duration_milliseconds'), []);
  });

  test('an exponential histogram has powers of two as bounds, the same for all series, with exact counts', () => {
    const expo = planOf({ scopeName: '' }, { instruments: [EXPONENTIAL], limit: 0 });
    const shown = storeWith(
      expo,
      // Scale 2: bucket 7 is (2^1.75, 2^2], bucket 8 (2^2, 2^2.25].
      { values: [[6, 20, 0, 5, 1, 2, 7, 2, 2, 3]] },
      // Scale -1: bucket 0 is (1, 4], bucket 1 (4, 16], bucket 9 beyond all bounds.
      { key: 'other', values: [[6, 20, 2, 9e5, 0, -1, 0, 10, 1, 2, 0, 0, 0, 0, 0, 0, 0, 3]] },
    );
    const samples = parseExposition(linesOf(shown, 'exp_milliseconds').join('\n'));
    const counts = (key: string): [string, number][] =>
      samples
        .filter(({ labels }) => labels['key'] === key && labels['le'] !== undefined)
        .map(({ labels, value }) => [labels['le'], value]);
    assert.deepEqual(counts('k').slice(0, 4), [
      ['1', 1],
      ['2', 1],
      ['4', 3],
      ['8', 6],
    ]);
    assert.deepEqual(counts('k').at(-1), ['+Inf', 6]);
    assert.deepEqual(
      counts('other').map(([le]) => le),
      counts('k').map(([le]) => le),
    );
    assert.deepEqual(
      counts('other').filter(([le]) => ['2', '4', '8', '16', '65536', '+Inf'].includes(le)),
      [
        ['2', 0],
        ['4', 1],
        ['8', 1],
        ['16', 3],
        ['65536', 3],
        ['+Inf', 6],
      ],
    );
  });
});

test('whoever reads may pause: what is merged meanwhile shows up whole or not at all, nothing twice', () => {
  const plan = planOf();
  const rows = (from: number, to: number): Partial<TestRow>[] =>
    Array.from({ length: to - from }, (_, i) => ({ key: `k${from + i}`, resource: `r${(from + i) % 3}` }));
  const store = storeWith(plan, ...rows(0, 600));
  const [family] = derivedMetrics(() => store).families();
  let text = '';
  let read = 0;
  for (const line of family.series(false)) {
    text += line;
    if (++read === 100)
      store.merge(
        writeParcel(
          plan,
          rows(0, 900).map((row) => ({ resource: 'r', key: '', firstMs: 9, values: [[1]], ...row })),
        ),
      );
  }
  const samples = parseExposition(text);
  assert.equal(samples.length, 600);
  assert.equal(new Set(samples.map(({ labels }) => labels['key'])).size, 600);
  assert.ok(samples.every(({ value }) => value === 1 || value === 2));
});
