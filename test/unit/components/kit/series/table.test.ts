import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PARCEL_BYTES } from '#components/kit/component.ts';
import { AttributeWriter } from '#components/kit/series/attributes.ts';
import { fingerprint, WORKER_ROWS, type SeriesPlan } from '#components/kit/series/plan.ts';
import { SeriesTable, WORKER_BYTES, WORKER_RESOURCES } from '#components/kit/series/table.ts';
import { readParcels, type ReadRow } from '#test/support/parcel-reader.ts';
import { groupOf, instrument, planOf } from '#test/support/series-plan.ts';
import { workerContext } from '#test/support/worker-context.ts';

const BOUNDS = [1, 10, 100];
const CALLS = groupOf(instrument('sum', { exemplars: 2 }), instrument('histogram', { bounds: BOUNDS, exemplars: 3 }));
const EVENTS = groupOf(instrument('gauge'), instrument('exponential', { maxSize: 20 }));
const PLAN = planOf([CALLS, EVENTS]);

function setUp(plan: SeriesPlan = PLAN) {
  const ctx = workerContext('otelcol.connector.test.a');
  const { due } = ctx;
  const table = new SeriesTable(plan, ctx);
  const overflowed = (): number => ctx.meter.value('millrace_connector_overflowed_series_total');
  const lost = (): number => ctx.meter.value('millrace_connector_lost_observations_total');
  const writer = new AttributeWriter();
  table.begin(1000);
  const resource = (name: string): number => {
    writer.reset().string('service.name', name);
    const attributes = Buffer.concat([Buffer.from([0x0a]), writer.buf.subarray(0, writer.length)]);
    const key = Buffer.from(name);
    return table.resource(key, 0, key.length, attributes, 0, attributes.length);
  };
  const row = (group: number, of: number, key: string): number => {
    const bytes = Buffer.from(`__${key}_`);
    const found = table.find(group, of, bytes, 2, bytes.length - 1);
    if (found >= 0) return found;
    writer.reset().string('key', key);
    return table.make(group, of, bytes, 2, bytes.length - 1, writer.buf, 0, writer.length);
  };
  const harvest = (): Uint8Array[] => {
    const parcels: Uint8Array[] = [];
    for (let parcel = table.harvest(); parcel !== null; parcel = table.harvest()) parcels.push(parcel);
    return parcels;
  };
  return { table, due, overflowed, lost, resource, row, harvest, read: (): ReadRow[] => readParcels(harvest()) };
}

describe('series table', () => {
  it('hands over what it has counted, once', () => {
    const { table, resource, row, harvest } = setUp();
    const shop = resource('shop');
    const a = row(0, shop, 'a');
    table.add(0, a, 0, 1);
    table.observe(0, a, 1, 10, 1);
    table.begin(2000);
    table.add(0, row(0, shop, 'a'), 0, 2);
    table.observe(0, a, 1, 10.5, 3);
    table.observe(0, a, 1, 1000, 1);
    const parcels = harvest();
    assert.equal(parcels.length, 1);
    assert.equal(Buffer.from(parcels[0].buffer).readUInt32LE(0), fingerprint(PLAN));
    assert.deepEqual(readParcels(parcels), [
      {
        group: 0,
        counted: 3,
        resource: { key: 'shop', attributes: { 'service.name': 'shop' }, lastMs: 2000 },
        key: 'a',
        attributes: { key: 'a' },
        firstMs: 1000,
        lastMs: 2000,
        values: [3, 5, 1041.5, 10, 1000, 0, 1, 3, 1],
        exemplars: [],
      },
    ]);
    assert.deepEqual(harvest(), []);
  });

  it('tells gauges and exponential histograms apart from what has not counted', () => {
    const { table, resource, row, read } = setUp();
    const shop = resource('shop');
    table.add(1, row(1, shop, 'a'), 0, 5);
    table.add(1, row(1, shop, 'a'), 0, 7);
    table.observe(1, row(1, shop, 'b'), 1, 4, 2);
    row(1, shop, 'c');
    assert.deepEqual(
      read().map((r) => [r.key, r.counted, r.values]),
      [
        ['a', 1, [7, 0, 0, 0, 0, 0, 20, 0, 0]],
        ['b', 2, [0, 2, 8, 4, 4, 0, 20, 2 ** 21 - 1, 1, 2]],
      ],
    );
  });

  it('finds rows by group, resource and key', () => {
    const { resource, row } = setUp();
    const numbers = [
      row(0, resource('a'), 'x'),
      row(0, resource('b'), 'x'),
      row(0, resource('a'), 'y'),
      row(0, resource('a'), 'xy'),
    ];
    assert.deepEqual(numbers, [0, 1, 2, 3]);
    assert.deepEqual([row(0, resource('b'), 'x'), row(0, resource('a'), 'xy'), row(1, resource('b'), 'x')], [1, 3, 0]);
  });

  it('keeps the first exemplars, in order', () => {
    const { table, resource, row, read } = setUp();
    const a = row(0, resource('shop'), 'a');
    const ids = Buffer.alloc(40);
    for (let i = 1; i <= 5; i++) {
      ids.fill(i);
      table.observe(0, a, 1, i, 1);
      table.exemplar(0, a, 1, i, ids, 3, 20);
      table.add(0, a, 0, 1);
      table.exemplar(0, a, 0, i, ids, 3, -1);
    }
    const hex = (i: number, bytes: number): string => i.toString().padStart(2, '0').repeat(bytes);
    const of = (i: number, instrument: number) => ({
      value: i,
      traceId: hex(i, 16),
      spanId: hex(instrument === 1 ? i : 0, 8),
      instrument,
    });
    assert.deepEqual(read()[0].exemplars, [of(1, 1), of(1, 0), of(2, 1), of(2, 0), of(3, 1)]);
  });

  it('counts on while it is harvested', () => {
    const { table, resource, row, read } = setUp();
    const big = 'x'.repeat(10_000);
    const epoch = table.epoch;
    for (let i = 0; i < 60; i++) table.add(0, row(0, resource('shop'), `${big}${i}`), 0, 1);
    const first = table.harvest();
    assert.ok(first !== null);
    assert.ok(table.epoch > epoch, 'rows known before mean nothing any more');
    for (let i = 0; i < 60; i++) table.add(0, row(0, resource('shop'), `${big}${i}`), 0, 10);
    const rest: Uint8Array[] = [first];
    for (let p = table.harvest(); p !== null; p = table.harvest()) rest.push(p);
    assert.ok(rest.length > 2);
    for (const parcel of rest) assert.ok(parcel.length <= PARCEL_BYTES);
    assert.deepEqual(
      readParcels(rest).map((r) => r.values[0]),
      Array.from({ length: 60 }, () => 1),
    );
    assert.deepEqual(
      read().map((r) => r.values[0]),
      Array.from({ length: 60 }, () => 10),
    );
  });

  it('makes a parcel of one record when that is larger than a parcel', () => {
    const { table, resource, row, harvest } = setUp();
    const shop = resource('shop');
    for (const key of ['a', 'b'.repeat(PARCEL_BYTES), 'c']) table.add(0, row(0, shop, key), 0, 1);
    const parcels = harvest();
    assert.deepEqual(
      parcels.map((p) => readParcels([p]).length),
      [1, 1, 1],
    );
  });

  it('asks for a harvest once, at half of its rows, and counts everything past them in overflow rows', () => {
    const { table, due, overflowed, resource, row, read } = setUp(planOf([groupOf(instrument('sum'))]));
    const [a, b] = [resource('a'), resource('b')];
    for (let i = 0; i < WORKER_ROWS; i++) {
      table.add(0, row(0, a, `k${i}`), 0, 1);
      assert.equal(due.count, i + 1 < WORKER_ROWS / 2 ? 0 : 1);
    }
    for (let i = 0; i < 100; i++) table.add(0, row(0, i % 2 === 0 ? a : b, `more${i}`), 0, 1);
    table.add(0, row(0, a, 'k7'), 0, 1);
    assert.equal(overflowed(), 100);
    assert.equal(due.count, 1);
    const rows = read();
    assert.equal(rows.length, WORKER_ROWS + 2);
    assert.equal(rows[7].values[0], 2, 'known rows go on');
    assert.deepEqual(
      rows.slice(-2).map((r) => [r.resource.key, r.key, r.attributes, r.values]),
      [
        ['a', '', {}, [50]],
        ['b', '', {}, [50]],
      ],
    );
    assert.ok(row(0, resource('a'), 'new') >= 0);
    assert.equal(overflowed(), 100, 'there is room again');
  });

  it('bounds keys, attributes and resources', () => {
    const { table, due, resource, row, read } = setUp();
    const shop = resource('shop');
    const big = 'x'.repeat(1 << 20);
    for (let i = 0; i < 40; i++) table.add(0, row(0, shop, `${big}${i}`), 0, 1);
    assert.equal(due.count, 1);
    const rows = read();
    assert.ok(rows.length < WORKER_BYTES / big.length);
    assert.equal(
      rows.reduce((sum, r) => sum + r.values[0], 0),
      40,
    );

    for (let i = 0; i < WORKER_RESOURCES + 10; i++) table.add(0, row(0, resource(`r${i}`), 'k'), 0, 1);
    const all = read();
    assert.equal(all.length, WORKER_RESOURCES + 1);
    assert.deepEqual(all.at(-1)?.resource.attributes, { 'otel.metric.overflow': { boolValue: true } });
    assert.equal(all.at(-1)?.values[0], 10);
    assert.equal(due.count, 2);
  });

  it('gives up what it has when its plan changes, and says how much', () => {
    const { table, lost, resource, row, read } = setUp();
    const big = 'x'.repeat(200_000);
    for (let i = 0; i < 3; i++) table.add(0, row(0, resource('shop'), `${big}${i}`), 0, 1);
    assert.ok(table.harvest() !== null);
    table.observe(0, row(0, resource('shop'), 'a'), 1, 5, 1);
    table.update(planOf([EVENTS]));
    assert.equal(lost(), 3);
    assert.deepEqual(read(), []);
    table.add(0, row(0, resource('shop'), 'a'), 0, 5);
    assert.deepEqual(
      read().map((r) => r.values[0]),
      [5],
    );
  });

  it('keeps what it has when its plan changes in nothing that series are known by', () => {
    const { table, lost, resource, row, read } = setUp();
    const known = row(0, resource('shop'), 'a');
    table.add(0, known, 0, 2);
    const { epoch } = table;
    const groups = PLAN.groups.map((group) => ({ ...group, limit: 7 }));
    const other = { flushIntervalMs: 1, seriesExpirationMs: 5, emitsEmpty: true, timestampCacheSize: 1 };
    table.update({ ...PLAN, groups, ...other });
    assert.equal(lost(), 0);
    assert.equal(table.epoch, epoch);
    table.add(0, known, 0, 3);
    assert.deepEqual(
      read().map((r) => r.values[0]),
      [5],
    );
  });

  it('counts what a map would, in any order, over any number of harvests', () => {
    const text = fc.string({ maxLength: 12, unit: fc.constantFrom('a', 'b', 'ä', '\0') });
    const step = fc.oneof(
      { weight: 30, arbitrary: fc.tuple(fc.constantFrom(0, 1), text, text, fc.integer({ min: 1, max: 1000 })) },
      { weight: 1, arbitrary: fc.constant('harvest' as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const { table, resource, row, read } = setUp();
        const wanted = new Map<string, number>();
        const got = new Map<string, number>();
        const collect = (): void => {
          for (const r of read()) {
            const key = JSON.stringify([r.group, r.resource.key, r.key]);
            got.set(key, (got.get(key) ?? 0) + r.values[2]);
          }
        };
        for (const one of steps) {
          if (one === 'harvest') {
            collect();
            continue;
          }
          const [group, of, key, value] = one;
          table.observe(group, row(group, resource(of), `k${key}`), 1, value, 1);
          const latin = (t: string): string => Buffer.from(t).toString('latin1');
          const id = JSON.stringify([group, latin(of), latin(`k${key}`)]);
          wanted.set(id, (wanted.get(id) ?? 0) + value);
        }
        collect();
        assert.deepEqual(got, wanted);
      }),
      { numRuns: 50 },
    );
  });

  it('takes attributes as they are', () => {
    const { table, resource, read } = setUp();
    const writer = new AttributeWriter();
    writer.string('name', 'käse');
    writer.bool('yes', true);
    writer.int('big', -(2n ** 63n));
    writer.double('pi', 3.25);
    writer.value('raw', Buffer.from('__2a020a00__', 'latin1'), 0, 0);
    writer.value('bad', Buffer.from([0x0a, 0x03, 0x61, 0xff, 0x62]), 0, 5);
    writer.string('long', 'y'.repeat(3000));
    const made = table.make(0, resource('shop'), Buffer.from('k'), 0, 1, writer.buf, 0, writer.length);
    table.add(0, made, 0, 1);
    assert.deepEqual(read()[0].attributes, {
      name: 'käse',
      yes: { boolValue: true },
      big: { intValue: '-9223372036854775808' },
      pi: { doubleValue: 3.25 },
      raw: {},
      bad: 'a\ufffdb',
      long: 'y'.repeat(3000),
    });
    writer.reset();
    assert.equal(writer.length, 0);
  });
});
