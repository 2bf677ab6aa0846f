/** The whole way: what tables of several workers count comes out of the merge part as OTLP, each observation once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AttributeWriter } from '#components/kit/series/attributes.ts';
import { seriesMerge } from '#components/kit/series/merge.ts';
import type { SeriesPlan } from '#components/kit/series/plan.ts';
import { SeriesTable } from '#components/kit/series/table.ts';
import { settle } from '#test/support/fake-clock.ts';
import { TestMergeContext } from '#test/support/merge-context.ts';
import { BOUNDS, CALLS, DURATION, EXPONENTIAL, nanos, planOf, pointsOf } from '#test/support/series-store.ts';
import { workerContext } from '#test/support/worker-context.ts';

interface Observed {
  readonly worker: number;
  readonly resource: string;
  readonly key: string;
  readonly value: number;
}

function observe(table: SeriesTable, nowMs: number, { resource, key, value }: Observed): void {
  table.begin(nowMs);
  const writer = new AttributeWriter();
  writer.string('service.name', resource);
  // As in a Resource message: a tag in front.
  const attributes = Buffer.concat([Buffer.from([0x0a]), writer.buf.subarray(0, writer.length)]);
  const at = table.resource(Buffer.from(resource), 0, resource.length, attributes, 0, attributes.length);
  const keyBytes = Buffer.from(key);
  let row = table.find(0, at, keyBytes, 0, keyBytes.length);
  if (row < 0) {
    writer.reset();
    writer.string('key', key);
    row = table.make(0, at, keyBytes, 0, keyBytes.length, writer.buf, 0, writer.length);
  }
  table.add(0, row, 0, 1);
  table.observe(0, row, 1, value, 1);
  table.observe(0, row, 2, value, 1);
  table.exemplar(0, row, 1, value, Buffer.from('0123456789abcdef01234567'), 0, 16);
}

const observations = fc.array(
  fc.record({
    worker: fc.nat(3),
    resource: fc.constantFrom('a', 'b'),
    key: fc.constantFrom('k1', 'k2', 'k3'),
    value: fc.constantFrom(0, 0.25, 1, 5, 10, 64, 1000),
  }),
  { minLength: 1, maxLength: 60 },
);

test('counts, buckets, starts and exemplars, with harvests at any time and a flush at the end', async () => {
  const plan: SeriesPlan = planOf({}, { instruments: [CALLS, DURATION, EXPONENTIAL], limit: 0 });
  await fc.assert(
    fc.asyncProperty(observations, fc.integer({ min: 1, max: 20 }), async (all, harvestEvery) => {
      const ctx = new TestMergeContext();
      const part = seriesMerge<SeriesPlan>(
        () => plan,
        (run) => run(),
      )(plan, ctx);
      ctx.merge = (parcel) => part.merge(parcel);
      const tables = Array.from({ length: 4 }, () => new SeriesTable(plan, workerContext('otelcol.connector.test.a')));
      const harvest = (): void => {
        for (const table of tables)
          for (let parcel = table.harvest(); parcel !== null; parcel = table.harvest()) ctx.parcels.push(parcel);
      };
      const startMs = ctx.clock.now();
      for (const [i, one] of all.entries()) {
        observe(tables[one.worker], startMs + i, one);
        if (i % harvestEvery === 0) harvest();
      }
      harvest();
      await part.flush(1000);
      await settle();
      part.stop();
      assert.equal(ctx.meter.value('millrace_derived_parcels_lost_total'), 0);

      const points = ctx.taken.flatMap((request) => pointsOf(request));
      const names = [...new Set(all.map(({ resource, key }) => `${resource} ${key}`))];
      assert.equal(points.length, names.length * 3);
      for (const name of names) {
        const own = all.filter(({ resource, key }) => `${resource} ${key}` === name);
        const values: number[] = own.map(({ value }) => value);
        const sum = values.reduce((a, b) => a + b, 0);
        const [calls, duration, exponential] = ['calls', 'duration', 'exp'].map(
          (metric) => points.find((p) => `${p.resource} ${p.key}` === name && p.metric === metric)?.point ?? {},
        );
        assert.deepEqual(
          [calls['asInt'], calls['startTimeUnixNano']],
          [String(own.length), nanos(startMs + all.findIndex((one) => own.includes(one)))],
        );
        assert.deepEqual(
          [duration['count'], duration['sum'], duration['min'], duration['max']],
          [String(own.length), sum, Math.min(...values), Math.max(...values)],
        );
        assert.deepEqual(
          duration['bucketCounts'],
          [...BOUNDS, Infinity].map((bound, i) =>
            String(values.filter((value) => value <= bound && value > (BOUNDS[i - 1] ?? -1)).length),
          ),
        );
        assert.equal((duration['exemplars'] as unknown[]).length, Math.min(2, own.length));
        assert.deepEqual(
          [exponential['count'], exponential['sum'], exponential['zeroCount'] ?? '0'],
          [String(own.length), sum, String(values.filter((value) => value === 0).length)],
        );
        const { bucketCounts = [] } = (exponential['positive'] ?? {}) as { bucketCounts?: string[] };
        assert.equal(
          bucketCounts.reduce((total, count) => total + Number(count), 0),
          values.filter((value) => value > 0).length,
        );
      }
    }),
    { numRuns: 60 },
  );
});
