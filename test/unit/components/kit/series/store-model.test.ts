/** Random lives of a store, held against a model that keeps everything in plain maps. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { RowCursor } from '#components/kit/series/row-list.ts';
import { compact } from '#components/kit/series/expiry.ts';
import type { SeriesStore } from '#components/kit/series/store.ts';
import type { SeriesPlan } from '#components/kit/series/plan.ts';
import { newExponential, observeExponential } from '#components/kit/series/exponential.ts';
import { histogramValues, writeParcel, type TestRow } from '#test/support/parcels.ts';
import {
  BOUNDS,
  CALLS,
  DURATION,
  EXPONENTIAL,
  flushPoints,
  PLAIN_SUM,
  planOf,
  storeOf,
  type FlatPoint,
} from '#test/support/series-store.ts';

interface Observed {
  readonly resource: string;
  readonly key: string;
  readonly value: number;
  readonly group: number;
}

const GROUPS = [
  { instruments: [CALLS, DURATION, EXPONENTIAL], limit: 0 },
  { instruments: [PLAIN_SUM], limit: 0 },
];

/** What one worker counts between two harvests, as rows of a parcel. */
function countUp(observed: readonly Observed[], atMs: number): TestRow[] {
  const bySeries = new Map<string, Observed[]>();
  for (const one of observed) {
    const name = `${one.group}/${one.resource}/${one.key}`;
    bySeries.set(name, [...(bySeries.get(name) ?? []), one]);
  }
  return [...bySeries.values()].map((same) => {
    const values = same.map(({ value }) => value);
    const [{ resource, key, group }] = same;
    const exponential = values.reduce((h, value) => observeExponential(h, 20, value, 1), newExponential());
    const counted =
      group === 1
        ? [[values.length]]
        : [[values.length], histogramValues(BOUNDS, values), [...exponential.subarray(0, 8 + exponential[7])]];
    return { resource, key, group, firstMs: atMs, values: counted };
  });
}

const summary = ({ resource, metric, key, point }: FlatPoint): string =>
  [
    resource,
    metric,
    key,
    point['startTimeUnixNano'],
    point['asInt'] ??
      `${point['count'] as string} ${(point['sum'] as number).toFixed(6)} ${JSON.stringify(point['bucketCounts'] ?? [point['scale'] ?? 0, point['positive']])}`,
    `${point['min'] as string} ${point['max'] as string}`,
  ].join(' ');

const observation = fc.record({
  resource: fc.constantFrom('a', 'b', 'c'),
  key: fc.constantFrom('k1', 'k2', 'k3', 'k4', 'k5'),
  value: fc.constantFrom(0, 0.5, 1, 3, 10, 10.5, 99, 1000, 123_456),
  group: fc.constantFrom(0, 0, 1),
});
/** Observations of one period, then a flush. */
const periods = fc.array(fc.array(observation, { maxLength: 40 }), { minLength: 1, maxLength: 5 });

function live(plan: SeriesPlan, all: readonly (readonly Observed[])[], workers: number): string[][] {
  const { store } = storeOf(plan);
  return all.map((observed, period) => {
    const atMs = 1000 * period + 500;
    for (let worker = 0; worker < workers; worker++) {
      const own = observed.filter((_, i) => i % workers === worker);
      if (own.length > 0) store.merge(writeParcel(plan, countUp(own, atMs)));
    }
    return flushPoints(store, 1000 * (period + 1))
      .map(summary)
      .sort();
  });
}

describe('the number of workers', () => {
  const plans = {
    cumulative: planOf({}, ...GROUPS),
    delta: planOf({ temporality: 'delta' }, ...GROUPS),
    expiring: planOf({ seriesExpirationMs: 1500, resourceExpirationMs: 2500 }, ...GROUPS),
  };
  for (const [name, plan] of Object.entries(plans))
    test(`changes nothing: ${name}`, () => {
      fc.assert(
        fc.property(periods, (all) => {
          const one = live(plan, all, 1);
          assert.deepEqual(live(plan, all, 2), one);
          assert.deepEqual(live(plan, all, 4), one);
        }),
        { numRuns: 60 },
      );
    });
});

test('values, starts and presence are those of a plain model; memory is consistent through removals and compaction', () => {
  const plan = planOf({ seriesExpirationMs: 1500 }, { instruments: [PLAIN_SUM], limit: 0 });
  const step = fc.array(fc.record({ key: fc.nat(2000), count: fc.integer({ min: 1, max: 9 }) }), { maxLength: 700 });
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 8 }), (steps) => {
      const { store } = storeOf(plan);
      const model = new Map<string, { value: number; startMs: number; lastMs: number }>();
      for (const [period, counts] of steps.entries()) {
        const atMs = period * 1000 + 500;
        const rows = counts.map(({ key, count }) => ({
          resource: 'a',
          key: `k${key}`,
          firstMs: atMs,
          values: [[count]],
        }));
        if (rows.length > 0) store.merge(writeParcel(plan, rows));
        for (const { key, count } of counts) {
          const known = model.get(`k${key}`) ?? { value: 0, startMs: atMs, lastMs: 0 };
          model.set(`k${key}`, { ...known, value: known.value + count, lastMs: atMs });
        }
        const flushMs = (period + 1) * 1000;
        const shown = flushPoints(store, flushMs).map(
          ({ key, point }) => `${key} ${point['asInt'] as string} ${point['startTimeUnixNano'] as string}`,
        );
        assert.deepEqual(
          shown.sort(),
          [...model].map(([key, { value, startMs }]) => `${key} ${value} ${startMs}000000`).sort(),
        );
        for (const [key, { lastMs }] of model) if (flushMs - lastMs >= 1500) model.delete(key);
        assert.equal(store.rows, model.size);
      }
    }),
    { numRuns: 30 },
  );
});

describe('memory', () => {
  const plan = planOf({ seriesExpirationMs: 500 }, ...GROUPS);
  const series = (from: number, to: number, atMs: number): void => {
    for (let at = from; at < to; at += 500) {
      const observed = Array.from({ length: Math.min(500, to - at) }, (_, i) => ({
        resource: `r${(at + i) % 10}`,
        key: `${'long key '.repeat(10)}${at + i}`,
        value: 3,
        group: 0,
      }));
      store.merge(writeParcel(plan, countUp(observed, atMs)));
    }
  };
  let store: SeriesStore;

  test('of rows that have expired comes back, also where some are left in between', () => {
    ({ store } = storeOf(plan));
    series(0, 20_000, 100);
    flushPoints(store, 200);
    const full = store.bytes;
    // Every tenth stays young.
    for (let at = 0; at < 20_000; at += 1000)
      store.merge(
        writeParcel(
          plan,
          countUp(
            Array.from({ length: 100 }, (_, i) => ({
              resource: `r${(at + i * 10) % 10}`,
              key: `${'long key '.repeat(10)}${at + i * 10}`,
              value: 3,
              group: 0,
            })),
            700,
          ),
        ),
      );
    flushPoints(store, 800);
    assert.equal(store.rows, 2000);
    // A tenth lives; what is kept is at most about twice that.
    assert.ok(store.bytes < full / 4, `${store.bytes} of ${full} bytes are left`);
    assert.ok(flushPoints(store, 900).every(({ point, metric }) => metric === 'calls' || point['count'] === '2'));
    flushPoints(store, 1300);
    assert.equal(store.rows, 0);
    assert.ok(store.bytes < full / 50, `${store.bytes} of ${full} bytes are left`);
  });

  test('100,000 series of twenty values, with keys of 150 bytes and attributes of 200, stay below 90 MiB', () => {
    const bounds = Array.from({ length: 16 }, (_, i) => i + 1);
    const big = planOf({}, { instruments: [CALLS, { ...DURATION, bounds }], limit: 0 });
    const { store: bigStore } = storeOf(big);
    for (let at = 0; at < 100_000; at += 500) {
      const rows = Array.from({ length: 500 }, (_, i) => ({
        resource: `r${(at + i) % 100}`,
        key: `${'x'.repeat(144)}${at + i}`,
        attributes: { 'service.name': 'checkout', 'span.name': 'y'.repeat(120), n: at + i, kind: 'SPAN_KIND_SERVER' },
        firstMs: 1,
        values: [[1], histogramValues(bounds, [3])],
      }));
      bigStore.merge(writeParcel(big, rows));
    }
    assert.equal(bigStore.rows, 100_000);
    assert.ok(bigStore.bytes < 90 * 1024 * 1024, `${(bigStore.bytes / 1024 / 1024).toFixed(0)} MiB`);
  });
});

test('a walk shows each row once, whatever is removed, moved and added meanwhile', () => {
  const plan = planOf({}, { instruments: [PLAIN_SUM], limit: 0 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.infiniteStream(fc.nat(9)), (every, dice) => {
      const { store } = storeOf(plan);
      const add = (from: number, to: number): void =>
        store.merge(
          writeParcel(
            plan,
            Array.from({ length: to - from }, (_, i) => ({
              resource: 'a',
              key: `k${from + i}`,
              firstMs: 1,
              values: [[from + i]],
            })),
          ),
        );
      add(0, 1500);
      const [rows] = store.groups;
      const [resource] = [...store.resources()];
      const [list] = resource.lists;
      const seen: number[] = [];
      const removed = new Set<number>();
      const cursor = new RowCursor(list, store.serial);
      let next = 1500;
      for (let row = cursor.next(); row >= 0; row = cursor.next()) {
        seen.push(rows.numbers(row)[rows.number(row)]);
        if (seen.length % every !== 0) continue;
        const victims: number[] = [];
        const other = new RowCursor(list, Infinity);
        for (let one = other.next(); one >= 0; one = other.next()) {
          if ((dice.next().value as number) > 6) victims.push(one);
          if (victims.length > 300) break;
        }
        for (const victim of victims) {
          removed.add(rows.numbers(victim)[rows.number(victim)]);
          rows.remove(victim);
        }
        list.tidy();
        for (const _ of compact(store));
        if (next < 3000) add(next, (next += 100));
      }
      assert.equal(new Set(seen).size, seen.length, 'one was shown twice');
      assert.ok(
        seen.every((value) => value < 1500),
        'one that came later was shown',
      );
      for (let value = 0; value < 1500; value++)
        assert.ok(seen.includes(value) || removed.has(value), `${value} was not shown`);
    }),
    { numRuns: 15 },
  );
});
