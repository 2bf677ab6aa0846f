/** What becomes of parcels: merging, limits, temporality, start times, expiry (semantics 13.5, 13.6, 14.4). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expire } from '#components/kit/series/expiry.ts';
import { flushWalk } from '#components/kit/series/flush-walk.ts';
import { histogramValues, writeParcel, type TestRow } from '#test/support/parcels.ts';
import {
  BOUNDS,
  CALLS,
  DURATION,
  EXPONENTIAL,
  flushPoints,
  flushRequests,
  GAUGE,
  nanos,
  PLAIN_SUM,
  planOf,
  pointsOf,
  storeOf,
} from '#test/support/series-store.ts';
import { decodeRequest } from '#test/support/otlp-proto.ts';
import { METRICS } from '#shared/signal.ts';

const row = (resource: string, key: string, value: number, firstMs: number, more: Partial<TestRow> = {}): TestRow => ({
  resource,
  key,
  firstMs,
  values: [[value]],
  ...more,
});
const SPAN = { instruments: [CALLS, DURATION], limit: 0 };

describe('what is written', () => {
  test('one entry per resource, the scope, metrics in the order of the plan, attributes as they came', () => {
    const plan = planOf({}, SPAN, { instruments: [PLAIN_SUM, GAUGE], limit: 0 });
    const { store } = storeOf(plan);
    const exemplars = [{ instrument: 1, value: 3, traceId: '0a'.repeat(16), spanId: '0b'.repeat(8) }];
    store.merge(
      writeParcel(plan, [
        {
          resource: 'a',
          resourceAttributes: { 'host.id': 7 },
          key: 'k',
          attributes: { text: 'x', int: 3, double: 0.5, flag: true },
          firstMs: 1000,
          lastMs: 1500,
          values: [[2], histogramValues(BOUNDS, [3, 10])],
          exemplars,
        },
        row('a', 'other', 4, 1200, { group: 1, values: [[4], [0.25]] }),
      ]),
    );
    const [request] = flushRequests(store, 60_000, true);
    const attributes = [
      { key: 'text', value: { stringValue: 'x' } },
      { key: 'int', value: { intValue: '3' } },
      { key: 'double', value: { doubleValue: 0.5 } },
      { key: 'flag', value: { boolValue: true } },
    ];
    const times = { startTimeUnixNano: nanos(1000), timeUnixNano: nanos(60_000) };
    const later = { ...times, startTimeUnixNano: nanos(1200) };
    const other = [{ key: 'key', value: { stringValue: 'other' } }];
    assert.deepEqual(decodeRequest(METRICS, request), {
      resourceMetrics: [
        {
          resource: {
            attributes: [
              { key: 'service.name', value: { stringValue: 'a' } },
              { key: 'host.id', value: { intValue: '7' } },
            ],
          },
          scopeMetrics: [
            {
              scope: { name: 'scope' },
              metrics: [
                {
                  name: 'calls',
                  sum: {
                    dataPoints: [{ ...times, asInt: '2', attributes }],
                    aggregationTemporality: 2,
                    isMonotonic: true,
                  },
                },
                {
                  name: 'duration',
                  unit: 'ms',
                  histogram: {
                    dataPoints: [
                      {
                        ...times,
                        count: '2',
                        sum: 13,
                        bucketCounts: ['0', '2', '0', '0'],
                        explicitBounds: BOUNDS,
                        exemplars: [
                          {
                            timeUnixNano: nanos(60_000),
                            asDouble: 3,
                            spanId: '0b'.repeat(8),
                            traceId: '0a'.repeat(16),
                          },
                        ],
                        attributes,
                        min: 3,
                        max: 10,
                      },
                    ],
                    aggregationTemporality: 2,
                  },
                },
                {
                  name: 'hits',
                  description: 'A sum.',
                  unit: '1',
                  sum: {
                    dataPoints: [{ ...later, asInt: '4', attributes: other }],
                    aggregationTemporality: 2,
                    isMonotonic: true,
                  },
                },
                { name: 'level', gauge: { dataPoints: [{ ...later, asDouble: 0.25, attributes: other }] } },
              ],
            },
          ],
        },
      ],
    });
  });

  test('an instrument that has counted nothing has no point, a metric without points is not there', () => {
    const plan = planOf({}, SPAN);
    const { store } = storeOf(plan);
    store.merge(writeParcel(plan, [row('a', 'k', 2, 1, { values: [null, histogramValues(BOUNDS, [5])] })]));
    assert.deepEqual(
      flushPoints(store, 10).map(({ metric }) => metric),
      ['duration'],
    );
    store.merge(writeParcel(plan, [row('a', 'k', 2, 1, { values: [[1], null] })]));
    assert.deepEqual(
      flushPoints(store, 10).map(({ metric }) => metric),
      ['calls', 'duration'],
    );
  });

  test('counts beyond 32 bits', () => {
    const plan = planOf();
    const { store } = storeOf(plan);
    store.merge(writeParcel(plan, [row('a', 'k', 2 ** 40 + 5, 1_790_000_000_123)]));
    const [{ point }] = flushPoints(store, 1_790_000_060_123);
    assert.deepEqual(
      [point['asInt'], point['startTimeUnixNano'], point['timeUnixNano']],
      [String(2 ** 40 + 5), nanos(1_790_000_000_123), nanos(1_790_000_060_123)],
    );
  });

  test('exponential histograms of different scales become one, within its size', () => {
    const plan = planOf({}, { instruments: [EXPONENTIAL], limit: 0 });
    const { store } = storeOf(plan);
    // Scale 1: bucket 3 is (2^1.5, 2^2], bucket 4 (2^2, 2^2.5]. Scale 0: bucket 1 is (2, 4], bucket 6 (64, 128].
    store.merge(writeParcel(plan, [row('a', 'k', 0, 1, { values: [[6, 20, 0, 5, 1, 1, 3, 2, 2, 3]] })]));
    store.merge(writeParcel(plan, [row('a', 'k', 0, 2, { values: [[3, 90, 3, 80, 0, 0, 1, 6, 2, 0, 0, 0, 0, 1]] })]));
    const [{ point }] = flushPoints(store, 10);
    assert.deepEqual(
      [
        point['count'],
        point['sum'],
        point['min'],
        point['max'],
        point['zeroCount'],
        point['scale'] ?? 0,
        point['positive'],
      ],
      ['9', 110, 0, 80, '1', 0, { offset: 1, bucketCounts: ['4', '3', '0', '0', '0', '1'] }],
    );
  });

  test('a gauge shows the value that was set last, whichever worker told it first', () => {
    const plan = planOf({}, { instruments: [GAUGE], limit: 0 });
    const { store } = storeOf(plan);
    store.merge(writeParcel(plan, [row('a', 'k', 5, 1, { lastMs: 20 })]));
    store.merge(writeParcel(plan, [row('a', 'k', 4, 1, { lastMs: 10 })]));
    assert.equal(flushPoints(store, 30)[0].point['asDouble'], 5);
  });

  test('requests are bounded in points; a metric that is cut goes on in the next one, with its resource around it', () => {
    const plan = planOf({}, { instruments: [PLAIN_SUM, { ...PLAIN_SUM, name: 'second' }], limit: 0 });
    const { store } = storeOf(plan);
    for (let from = 0; from < 7000; from += 500)
      store.merge(
        writeParcel(
          plan,
          Array.from({ length: 500 }, (_, i) => row('a', `k${from + i}`, 1, 5, { values: [[1], [2]] })),
        ),
      );
    const requests = flushRequests(store, 100).map(pointsOf);
    assert.deepEqual(
      requests.map((points) => [points.length, ...new Set(points.map(({ metric }) => metric))]),
      [
        [5000, 'hits'],
        [5000, 'hits', 'second'],
        [4000, 'second'],
      ],
    );
    const keys = requests.flat().map(({ metric, key }) => `${metric} ${key}`);
    assert.equal(new Set(keys).size, 14_000);
    assert.ok(requests.flat().every(({ resource }) => resource === 'a'));
  });

  test('requests are bounded in bytes', () => {
    const plan = planOf();
    const { store } = storeOf(plan);
    const long = 'x'.repeat(10_000);
    for (let i = 0; i < 300; i++) store.merge(writeParcel(plan, [row('a', `${i} ${long}`, 1, 5)]));
    const requests = flushRequests(store, 100);
    assert.ok(requests.length >= 3 && requests.every(({ length }) => length < 1.1 * 1024 * 1024));
    assert.equal(requests.flatMap(pointsOf).length, 300);
  });
});

describe('cumulative', () => {
  test('a sum that starts at zero shows 0 first, then what it has counted; a histogram shows it at once', () => {
    const plan = planOf({}, SPAN);
    const { store } = storeOf(plan);
    const counted = (key: string, n: number): void =>
      store.merge(
        writeParcel(plan, [row('a', key, n, 5, { values: [[n], histogramValues(BOUNDS, new Array(n).fill(2))] })]),
      );
    const shown = (flushMs: number): unknown[] =>
      flushPoints(store, flushMs).map(({ key, point }) => [key, point['asInt'] ?? point['count']]);
    counted('old', 3);
    assert.deepEqual(shown(10), [
      ['old', '0'],
      ['old', '3'],
    ]);
    counted('new', 2);
    assert.deepEqual(shown(20), [
      ['old', '3'],
      ['new', '0'],
      ['old', '3'],
      ['new', '2'],
    ]);
    assert.deepEqual(shown(30)[1], ['new', '2']);
  });

  test('the last flush hides nothing behind a zero', () => {
    const plan = planOf({}, { instruments: [CALLS], limit: 0 });
    const { store } = storeOf(plan);
    store.merge(writeParcel(plan, [row('a', 'k', 3, 5)]));
    assert.equal(flushPoints(store, 10, true)[0].point['asInt'], '3');
  });

  test('a point starts when its series was first counted anywhere; later merges do not move what was told', () => {
    const plan = planOf();
    const { store } = storeOf(plan);
    store.merge(writeParcel(plan, [row('a', 'k', 1, 500)]));
    store.merge(writeParcel(plan, [row('a', 'k', 1, 300)]));
    const start = (): unknown => flushPoints(store, 1000)[0].point['startTimeUnixNano'];
    assert.equal(start(), nanos(300));
    store.merge(writeParcel(plan, [row('a', 'k', 1, 100)]));
    assert.equal(start(), nanos(300));
  });

  test('or with the connector', () => {
    const plan = planOf({ startsWith: 'connector' });
    const { store } = storeOf(plan, 77);
    store.merge(writeParcel(plan, [row('a', 'k', 1, 500)]));
    assert.equal(flushPoints(store, 1000)[0].point['startTimeUnixNano'], nanos(77));
  });

  test('every known series is in every flush, with the time of the flush', () => {
    const plan = planOf();
    const { store } = storeOf(plan);
    store.merge(writeParcel(plan, [row('a', 'k', 1, 5), row('b', 'k', 2, 6)]));
    flushPoints(store, 100);
    assert.deepEqual(
      flushPoints(store, 200).map(({ resource, point }) => [resource, point['asInt'], point['timeUnixNano']]),
      [
        ['a', '1', nanos(200)],
        ['b', '2', nanos(200)],
      ],
    );
  });

  test('exemplars: the first ones since the last flush, up to the bound, once', () => {
    const plan = planOf({}, { instruments: [{ ...CALLS, startsAtZero: false }], limit: 1 });
    const { store } = storeOf(plan);
    const exemplar = (value: number) => ({ instrument: 0, value, traceId: '01'.repeat(16), spanId: '02'.repeat(8) });
    const values = (flushMs: number): unknown[] =>
      flushPoints(store, flushMs).map(({ point }) =>
        ((point['exemplars'] ?? []) as { asDouble: number }[]).map(({ asDouble }) => asDouble),
      );
    store.merge(writeParcel(plan, [row('a', 'k', 1, 5, { exemplars: [exemplar(1)] })]));
    store.merge(writeParcel(plan, [row('a', 'k', 2, 5, { exemplars: [exemplar(2), exemplar(3)] })]));
    store.merge(writeParcel(plan, [row('a', 'past the limit', 2, 5, { exemplars: [exemplar(4)] })]));
    assert.deepEqual(values(10), [[1, 2], []]);
    assert.deepEqual(values(20), [[], []]);
    store.merge(writeParcel(plan, [row('a', 'k', 2, 5, { exemplars: [exemplar(5)] })]));
    assert.deepEqual(values(30), [[5], []]);
  });

  test('a resource that is idle for long enough goes after the flush that finds it so, and comes back anew', () => {
    const plan = planOf({ resourceExpirationMs: 100 });
    const { store } = storeOf(plan);
    store.merge(writeParcel(plan, [row('old', 'k', 1, 50), row('young', 'k', 1, 51)]));
    const shown = (flushMs: number): unknown[] =>
      flushPoints(store, flushMs).map(({ resource, point }) => [resource, point['asInt'], point['startTimeUnixNano']]);
    assert.equal(shown(150).length, 2);
    assert.deepEqual([shown(150), store.resourceCount, store.rows], [[['young', '1', nanos(51)]], 1, 1]);
    store.merge(writeParcel(plan, [row('old', 'k', 5, 160)]));
    assert.deepEqual(shown(160), [
      ['young', '1', nanos(51)],
      ['old', '5', nanos(160)],
    ]);
  });

  test('a resource that is counted again while it is being removed is a new one', () => {
    const plan = planOf({ resourceExpirationMs: 100 });
    const { store } = storeOf(plan);
    const keys = Array.from({ length: 5000 }, (_, i) => `k${i}`);
    store.merge(
      writeParcel(
        plan,
        keys.map((key) => row('a', key, 1, 50)),
      ),
    );
    let turns = 0;
    for (const _ of expire(store, 200, false))
      if (++turns === 1) store.merge(writeParcel(plan, [row('a', 'k1', 7, 200)]));
    assert.ok(turns > 1);
    store.merge(writeParcel(plan, [row('a', 'k1', 1, 210)]));
    assert.deepEqual(
      flushPoints(store, 210).map(({ key, point }) => [key, point['asInt'], point['startTimeUnixNano']]),
      [['k1', '8', nanos(200)]],
    );
    assert.deepEqual([store.rows, store.resourceCount], [1, 1]);
  });

  test('a series that is idle goes the same way; its resource goes with the last one', () => {
    const plan = planOf({ seriesExpirationMs: 100 });
    const { store } = storeOf(plan);
    store.merge(writeParcel(plan, [row('a', 'old', 1, 50), row('a', 'young', 1, 60)]));
    assert.equal(flushPoints(store, 150).length, 2);
    assert.deepEqual(
      flushPoints(store, 155).map(({ key }) => key),
      ['young'],
    );
    assert.equal(flushPoints(store, 160).length, 1);
    assert.deepEqual([store.rows, store.resourceCount], [0, 0]);
  });

  test('with an interval of its own, expiry does not wait for a flush', () => {
    const plan = planOf({ seriesExpirationMs: 100, expiryIntervalMs: 10 });
    const { store } = storeOf(plan);
    store.merge(writeParcel(plan, [row('a', 'old', 1, 50), row('a', 'young', 1, 60)]));
    flushPoints(store, 1000);
    assert.equal(store.rows, 2, 'a flush removes nothing');
    for (const _ of expire(store, 155, false));
    assert.deepEqual(
      flushPoints(store, 1000).map(({ key }) => key),
      ['young'],
    );
  });

  test('past the size of the cache the resources used least recently are told once more, then they go', () => {
    const plan = planOf({ resourceCacheSize: 2 }, { instruments: [CALLS], limit: 0 });
    const { store } = storeOf(plan);
    store.merge(writeParcel(plan, [row('a', 'k', 1, 50), row('b', 'k', 1, 40), row('c', 'k', 1, 60)]));
    const shown = (flushMs: number): unknown[] =>
      flushPoints(store, flushMs).map(({ resource, point }) => [resource, point['asInt']]);
    assert.deepEqual(
      shown(100),
      [
        ['a', '0'],
        ['b', '1'],
        ['c', '0'],
      ],
      'what goes hides nothing behind a zero',
    );
    assert.deepEqual(shown(200), [
      ['a', '1'],
      ['c', '1'],
    ]);
  });

  test('seen again before the flush, a resource returns with its counts', () => {
    const plan = planOf({ resourceCacheSize: 2 });
    const { store } = storeOf(plan);
    store.merge(writeParcel(plan, [row('a', 'k', 1, 50), row('b', 'k', 1, 40), row('c', 'k', 1, 60)]));
    store.merge(writeParcel(plan, [row('b', 'k', 2, 70)]));
    flushPoints(store, 100);
    assert.deepEqual(
      flushPoints(store, 200).map(({ resource, point }) => [resource, point['asInt']]),
      [
        ['b', '3'],
        ['c', '1'],
      ],
    );
  });
});

describe('delta', () => {
  const delta = planOf({ temporality: 'delta', timestampCacheSize: 2 }, { instruments: [CALLS, DURATION], limit: 0 });
  const counted = (key: string, n: number, atMs: number): TestRow =>
    row('a', key, n, atMs, { values: [[n], histogramValues(BOUNDS, new Array(n).fill(2))] });
  const flat = (points: ReturnType<typeof flushPoints>): unknown[] =>
    points.map(({ key, point }) => [key, point['asInt'] ?? point['count'], point['startTimeUnixNano']]);

  test('true values at once; everything goes with the flush; the next point starts where the last one ended', () => {
    const { store } = storeOf(delta);
    store.merge(writeParcel(delta, [counted('k', 3, 50)]));
    assert.deepEqual(flat(flushPoints(store, 100)), [
      ['k', '3', nanos(50)],
      ['k', '3', nanos(50)],
    ]);
    assert.deepEqual([store.rows, store.resourceCount], [0, 0]);
    assert.deepEqual(flushPoints(store, 200), []);
    store.merge(writeParcel(delta, [counted('k', 2, 250)]));
    assert.deepEqual(flat(flushPoints(store, 300))[0], ['k', '2', nanos(100)]);
  });

  test('what is remembered of a series does not grow with its attributes', () => {
    const { store } = storeOf(delta);
    const long = 'x'.repeat(100_000);
    store.merge(writeParcel(delta, [row(long, `${long}1`, 1, 10), row(long, `${long}2`, 1, 11)]));
    const names = [0, 1].map((at) => store.seriesName(store.groups[0], at));
    assert.notEqual(names[0], names[1]);
    assert.ok(names.every(({ length }) => length <= 128));
    flushPoints(store, 100);
    store.merge(writeParcel(delta, [row(long, `${long}1`, 2, 150)]));
    assert.equal(flushPoints(store, 200)[0].point['startTimeUnixNano'], nanos(100));
  });

  test('a series that the timestamp cache has forgotten starts when it was counted', () => {
    const { store } = storeOf(delta);
    store.merge(
      writeParcel(
        delta,
        ['a', 'b', 'c'].map((key) => counted(key, 1, 50)),
      ),
    );
    flushPoints(store, 100);
    store.merge(
      writeParcel(
        delta,
        ['a', 'c'].map((key) => counted(key, 1, 150)),
      ),
    );
    assert.deepEqual(flat(flushPoints(store, 200)).slice(0, 2), [
      ['a', '1', nanos(150)],
      ['c', '1', nanos(100)],
    ]);
    assert.equal(store.timestamps.size, 2);
  });

  test('what is merged in the middle of a flush is neither lost nor told twice', () => {
    const { store } = storeOf(delta);
    const many = (n: number, atMs: number): void => {
      for (let from = 0; from < 3000; from += 500)
        store.merge(
          writeParcel(
            delta,
            Array.from({ length: 500 }, (_, i) => counted(`k${from + i}`, n, atMs)),
          ),
        );
    };
    const totals = { calls: 0, duration: 0 };
    const add = (requests: readonly Buffer[]): void => {
      for (const { metric, point } of requests.flatMap(pointsOf))
        totals[metric as 'calls' | 'duration'] += Number(point['asInt'] ?? point['count']);
    };
    many(1, 50);
    let turns = 0;
    for (const piece of flushWalk(store, 100, false)) {
      if (piece !== null) add([piece.bytes]);
      if (++turns === 2) many(2, 90);
    }
    add(flushRequests(store, 200));
    add(flushRequests(store, 300));
    assert.deepEqual(totals, { calls: 9000, duration: 9000 });
  });

  test('what a flush that was cut has not come to is told by the next one', () => {
    const { store } = storeOf(delta);
    for (let from = 0; from < 3000; from += 500)
      store.merge(
        writeParcel(
          delta,
          Array.from({ length: 500 }, (_, i) => counted(`k${from + i}`, 1, 50)),
        ),
      );
    const walk = flushWalk(store, 100, false);
    let told = 0;
    for (;;) {
      const { value } = walk.next();
      if (value === null || value === undefined) continue;
      told += pointsOf(value.bytes).length;
      break;
    }
    assert.ok(told < 6000);
    assert.equal(told + flushPoints(store, 200).length, 6000);
  });
});

describe('limits', () => {
  test('past the limit of a resource new series count into one with otel.metric.overflow; known ones go on', () => {
    const plan = planOf({}, { instruments: [PLAIN_SUM], limit: 2 });
    const { store, meter } = storeOf(plan);
    store.merge(
      writeParcel(
        plan,
        ['x', 'y', 'z', 'w', 'x'].map((key) => row('a', key, 1, 5)),
      ),
    );
    store.merge(writeParcel(plan, [row('b', 'z', 1, 5), row('a', 'y', 1, 5), row('a', '', 10, 5)]));
    assert.deepEqual(
      flushPoints(store, 10).map(({ resource, key, point }) => [resource, key, point['asInt']]),
      [
        ['a', 'x', '2'],
        ['a', 'y', '2'],
        ['a', '{"otel.metric.overflow":true}', '12'],
        ['b', 'z', '1'],
      ],
    );
    assert.equal(meter.value('millrace_derived_overflowed_rows_total'), 2);
  });

  test('memory of a resource grows with the groups that it may have rows in', () => {
    const bytes = (groups: number): number => {
      const plan = planOf({}, ...Array.from({ length: groups }, () => ({ instruments: [PLAIN_SUM], limit: 0 })));
      const { store } = storeOf(plan);
      const before = store.bytes;
      store.merge(writeParcel(plan, [row('a', 'x', 1, 5)]));
      return store.bytes - before;
    };
    assert.ok(bytes(101) - bytes(1) >= 100 * 200);
  });

  test('limits are those of a group', () => {
    const plan = planOf({}, { instruments: [PLAIN_SUM], limit: 1 }, { instruments: [CALLS], limit: 0 });
    const { store } = storeOf(plan);
    store.merge(
      writeParcel(
        plan,
        ['x', 'y', 'z'].flatMap((key) => [row('a', key, 1, 5), row('a', key, 1, 5, { group: 1 })]),
      ),
    );
    assert.equal(store.rows, 2 + 3);
  });

  test('what has expired makes room', () => {
    const plan = planOf({ seriesExpirationMs: 10 }, { instruments: [PLAIN_SUM], limit: 1 });
    const { store } = storeOf(plan);
    store.merge(writeParcel(plan, [row('a', 'x', 1, 5)]));
    flushPoints(store, 100);
    store.merge(writeParcel(plan, [row('a', 'y', 1, 105)]));
    assert.deepEqual(
      flushPoints(store, 110).map(({ key }) => key),
      ['y'],
    );
  });
});
