/** The merge part: when it harvests and flushes, what it does about refusals, reloads and the end. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MergePart } from '#components/kit/component.ts';
import { seriesMerge, type Schedule } from '#components/kit/series/merge.ts';
import type { SeriesPlan } from '#components/kit/series/plan.ts';
import { Outcome, withDownstream } from '#shared/outcome.ts';
import { settle } from '#test/support/fake-clock.ts';
import { TestMergeContext } from '#test/support/merge-context.ts';
import { writeParcel, type TestRow } from '#test/support/parcels.ts';
import { CALLS, PLAIN_SUM, planOf, pointsOf } from '#test/support/series-store.ts';

const PERIOD_MS = 60_000;

interface Run {
  readonly ctx: TestMergeContext;
  readonly part: MergePart<SeriesPlan>;
  /** Workers have counted this. */
  count(plan: SeriesPlan, ...rows: Partial<TestRow>[]): void;
  /** What consumers have got, oldest first; they begin with nothing again. */
  got(): { readonly keys: string[]; readonly values: string[] };
}

function begin(plan: SeriesPlan, schedule: Schedule = (run) => run()): Run {
  const ctx = new TestMergeContext();
  const part = seriesMerge<SeriesPlan>((args) => args, schedule)(plan, ctx);
  ctx.merge = (parcel) => part.merge(parcel);
  part.start();
  return {
    ctx,
    part,
    count: (of, ...rows) => {
      const whole = rows.map((row) => ({ resource: 'a', key: 'k', firstMs: ctx.clock.now(), values: [[1]], ...row }));
      ctx.parcels.push(writeParcel(of, whole));
    },
    got: () => {
      const points = ctx.taken.splice(0).flatMap((bytes) => pointsOf(bytes));
      return { keys: points.map(({ key }) => key), values: points.map(({ point }) => String(point['asInt'])) };
    },
  };
}

const many = (n: number): Partial<TestRow>[] => Array.from({ length: n }, (_, i) => ({ key: `k${i}` }));

/** Waits until nothing moves any more without time passing. */
async function quiet(): Promise<void> {
  for (let i = 0; i < 20; i++) await settle();
}

/** The first period ends and its flush begins, then further time passes. */
async function flushing(ctx: TestMergeContext, furtherMs: number): Promise<void> {
  await ctx.clock.advance(PERIOD_MS);
  await quiet();
  await ctx.clock.advance(furtherMs);
}

describe('periods', () => {
  test('each period ends with a harvest and a flush; the first one a period after the start', async () => {
    const plan = planOf();
    const { ctx, count, got } = begin(plan);
    count(plan, {});
    await ctx.clock.advance(PERIOD_MS - 1);
    assert.deepEqual([ctx.harvests, ctx.offers], [0, 0]);
    await ctx.clock.advance(1);
    await quiet();
    assert.deepEqual([ctx.harvests, got().values], [1, ['1']]);
    count(plan, {});
    await ctx.clock.advance(PERIOD_MS);
    await quiet();
    assert.deepEqual(got().values, ['2']);
  });

  test('do not drift with the time that flushes take', async () => {
    const plan = planOf();
    const { ctx, count } = begin(plan);
    count(plan, {});
    ctx.outcome = () => null;
    await flushing(ctx, 20_000);
    ctx.answer(Outcome.accepted);
    await quiet();
    assert.equal(ctx.clock.nextDelayMs, PERIOD_MS - 20_000);
  });

  test('there are never two flushes at once; one that is late is followed by one, not by all that were due', async () => {
    const plan = planOf();
    const { ctx, count, got } = begin(plan);
    count(plan, {});
    ctx.outcome = () => null;
    await flushing(ctx, 2.5 * PERIOD_MS);
    await quiet();
    assert.equal(ctx.offers, 1);
    ctx.outcome = () => Outcome.accepted;
    ctx.answer(Outcome.accepted);
    await quiet();
    assert.equal(got().values.length, 2);
    assert.equal(ctx.mostUnanswered, 1);
    await ctx.clock.advance(0.5 * PERIOD_MS);
    await quiet();
    assert.equal(got().values.length, 1);
  });

  test('without series nothing is handed on, unless an empty request is wanted', async () => {
    for (const [emitsEmpty, offers] of [
      [false, 0],
      [true, 1],
    ] as const) {
      const { ctx } = begin(planOf({ emitsEmpty }));
      await ctx.clock.advance(PERIOD_MS);
      await quiet();
      assert.equal(ctx.offers, offers);
      assert.ok(ctx.taken.every(({ length }) => length === 0));
    }
  });

  test('a worker that asks is harvested at once, and nothing is emitted; many that ask are few harvests', async () => {
    const plan = planOf();
    const { ctx, part, count, got } = begin(plan);
    count(plan, {});
    for (let i = 0; i < 100; i++) part.due();
    await quiet();
    assert.deepEqual([ctx.harvests, ctx.offers], [2, 0]);
    assert.equal(ctx.meter.value('millrace_derived_series'), 1);
    await ctx.clock.advance(PERIOD_MS);
    await quiet();
    assert.deepEqual(got().values, ['1']);
  });

  test('without a period, a worker that asks brings about a flush', async () => {
    const plan = planOf({ flushIntervalMs: 0 });
    const { ctx, part, count, got } = begin(plan);
    assert.equal(ctx.clock.pending, 0);
    count(plan, {});
    part.due();
    part.due();
    await quiet();
    assert.deepEqual([ctx.harvests, got().values], [1, ['1']]);
  });

  test('an interval of expiry removes what is idle, after a harvest', async () => {
    const plan = planOf({ seriesExpirationMs: 1000, expiryIntervalMs: 2000 });
    const { ctx, count, part } = begin(plan);
    count(plan, { key: 'old' }, { key: 'young' });
    part.due();
    await quiet();
    await ctx.clock.advance(1500);
    count(plan, { key: 'young' });
    await ctx.clock.advance(500);
    await quiet();
    assert.equal(ctx.meter.value('millrace_derived_series'), 1);
  });
});

describe('turns', () => {
  test('a flush, and what follows it, is done in turns of bounded work, each given by the scheduler', async () => {
    for (const temporality of ['cumulative', 'delta'] as const) {
      const plan = planOf({ temporality, resourceExpirationMs: 1 });
      const waiting: (() => void)[] = [];
      const { ctx, count, got } = begin(plan, (run) => void waiting.push(run));
      for (let i = 0; i < 10; i++) count(plan, ...many(4500).map(({ key }) => ({ key: `${i} ${key}` })));
      await flushing(ctx, 0);
      let turns = 0;
      for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
        run();
        turns++;
        await quiet();
        if (turns === 10) assert.ok(ctx.offers < 5, 'it goes on although nobody gave it a turn');
      }
      assert.equal(got().values.length, 45_000);
      // A turn walks over a thousand rows or removes two thousand.
      assert.ok(turns >= 45 + 22, `${turns} turns`);
    }
  });
});

test('requests are as small as the rings want them', async () => {
  const plan = planOf();
  const { ctx, count, got } = begin(plan);
  ctx.requestBytes = 16 * 1024;
  count(plan, ...many(3000));
  await ctx.clock.advance(PERIOD_MS);
  await quiet();
  assert.ok(ctx.taken.length > 5 && ctx.taken.every(({ length }) => length < 17 * 1024));
  assert.equal(new Set(got().keys).size, 3000);
});

describe('refusals', () => {
  test('are offered again with growing waits, then the flush goes on: nothing is lost, nothing comes twice', async () => {
    const plan = planOf();
    const { ctx, count, got } = begin(plan);
    count(plan, ...many(12_000));
    let refusals = 5;
    ctx.outcome = () => (refusals-- > 0 ? Outcome.queueFull : Outcome.accepted);
    await ctx.clock.advance(PERIOD_MS);
    for (let i = 0; i < 100; i++) await ctx.clock.advance(10);
    await quiet();
    const { keys } = got();
    assert.deepEqual([keys.length, new Set(keys).size], [12_000, 12_000]);
    assert.equal(ctx.meter.value('millrace_derived_retries_total'), 5);
    assert.equal(ctx.meter.value('millrace_derived_points_total'), 12_000);
    assert.equal(ctx.meter.value('millrace_derived_flushes_total', { result: 'complete' }), 1);
    assert.equal(ctx.meter.value('millrace_derived_dropped_points_total'), 0);
  });

  test('a consumer that asks for a wait gets it', async () => {
    const plan = planOf();
    const { ctx, count } = begin(plan);
    count(plan, {});
    ctx.outcome = () => withDownstream(Outcome.downstream, 14, 20);
    await flushing(ctx, 19_999);
    assert.equal(ctx.offers, 1);
    await ctx.clock.advance(1);
    assert.equal(ctx.offers, 2);
  });

  test('until the next flush is due: then the request is dropped and counted, and the next one tells the totals', async () => {
    const plan = planOf();
    const { ctx, count, got } = begin(plan);
    count(plan, ...many(12_000));
    ctx.outcome = () => Outcome.queueFull;
    await flushing(ctx, PERIOD_MS - 1);
    assert.ok(ctx.offers > 50 && ctx.offers < 80, `${ctx.offers} offers`);
    assert.equal(ctx.meter.value('millrace_derived_dropped_points_total'), 0);
    ctx.outcome = () => Outcome.accepted;
    count(plan, { key: 'k1' });
    // The last offer of the old flush comes first.
    let first = true;
    ctx.outcome = () => {
      const outcome = first ? Outcome.queueFull : Outcome.accepted;
      first = false;
      return outcome;
    };
    await ctx.clock.advance(1);
    await quiet();
    assert.equal(ctx.meter.value('millrace_derived_dropped_points_total', { reason: 'refused' }), 5000);
    assert.equal(ctx.meter.value('millrace_derived_flushes_total', { result: 'cut' }), 1);
    const { keys, values } = got();
    assert.equal(new Set(keys).size, 12_000);
    assert.equal(values[keys.indexOf('k1')], '2');
    assert.equal(ctx.log.lines.length, 1);
  });

  test('delta: the points of the dropped request are lost and counted, all others come with the next flush', async () => {
    const plan = planOf({ temporality: 'delta' });
    const { ctx, count, got } = begin(plan);
    count(plan, ...many(12_000));
    ctx.outcome = () => Outcome.queueFull;
    await flushing(ctx, PERIOD_MS);
    await quiet();
    ctx.outcome = () => Outcome.accepted;
    await ctx.clock.advance(PERIOD_MS);
    await quiet();
    await ctx.clock.advance(PERIOD_MS);
    await quiet();
    const lost = ctx.meter.value('millrace_derived_dropped_points_total', { reason: 'refused' });
    const { keys } = got();
    assert.ok(lost > 0 && keys.length === new Set(keys).size, 'none is told twice');
    assert.equal(keys.length + lost, 12_000);
  });

  test('what is rejected is dropped, counted and told; the rest of the flush goes on', async () => {
    const plan = planOf();
    const { ctx, count, got } = begin(plan);
    count(plan, ...many(12_000));
    ctx.outcome = () => (ctx.offers === 2 ? Outcome.downstreamRejected : Outcome.accepted);
    await ctx.clock.advance(PERIOD_MS);
    await quiet();
    assert.equal(got().keys.length, 7000);
    assert.equal(ctx.meter.value('millrace_derived_dropped_points_total', { reason: 'rejected' }), 5000);
    assert.deepEqual(
      ctx.log.lines.map(({ level, fields }) => [level, fields['reason'], fields['items']]),
      [['error', 'rejected', 5000]],
    );
  });

  test('consumers that come to their end are not asked again; what others take is still offered', async () => {
    const plan = planOf();
    const { ctx, part, count, got } = begin(plan);
    count(plan, ...many(12_000));
    ctx.outcome = () => (ctx.offers === 1 ? Outcome.stopping : Outcome.accepted);
    await part.flush(60_000);
    assert.deepEqual([ctx.offers, got().keys.length], [3, 7000]);
    assert.equal(ctx.meter.value('millrace_derived_dropped_points_total', { reason: 'stopped' }), 5000);
  });

  test('after a cut the next flush begins with the resource that it stopped at', async () => {
    const plan = planOf();
    const { ctx, count } = begin(plan);
    const rows = ['a', 'b', 'c'].flatMap((resource) => many(5000).map((row) => ({ ...row, resource })));
    for (let i = 0; i < rows.length; i += 3000) count(plan, ...rows.slice(i, i + 3000));
    ctx.outcome = () => (ctx.offers === 1 ? Outcome.accepted : Outcome.queueFull);
    await flushing(ctx, PERIOD_MS);
    await quiet();
    ctx.taken.length = 0;
    ctx.outcome = () => Outcome.accepted;
    await ctx.clock.advance(PERIOD_MS);
    await quiet();
    const resources = [...new Set(ctx.taken.flatMap((bytes) => pointsOf(bytes)).map(({ resource }) => resource))];
    assert.deepEqual(resources, ['b', 'c', 'a']);
  });
});

describe('without consumers', () => {
  const scraped = (part: MergePart<SeriesPlan>): string =>
    (part.derived?.families() ?? []).flatMap(({ series }) => [...series(false)]).join('');

  test('nothing is offered and nothing is lost; cumulative series are there for a scraper', async () => {
    const plan = planOf({ emitsEmpty: true, resourceExpirationMs: 2.5 * PERIOD_MS });
    const { ctx, part, count } = begin(plan);
    ctx.consumers = false;
    ctx.outcome = () => Outcome.notReady;
    count(plan, ...many(3));
    await ctx.clock.advance(PERIOD_MS);
    await quiet();
    count(plan, { key: 'k1' });
    await ctx.clock.advance(PERIOD_MS);
    await quiet();
    assert.match(scraped(part), /hits_total{.*key="k1".*} 2\n/);
    await part.flush(1000);
    assert.equal(ctx.offers, 0);
    assert.equal(ctx.meter.value('millrace_derived_dropped_points_total'), 0);
    assert.equal(ctx.meter.value('millrace_derived_points_total'), 0);
    assert.equal(ctx.meter.value('millrace_derived_series'), 3);
    await ctx.clock.advance(3 * PERIOD_MS);
    await quiet();
    assert.equal(ctx.meter.value('millrace_derived_series'), 0, 'they expire as ever');
    assert.deepEqual(ctx.log.lines, []);
  });

  test('deltas are given up at each flush: who comes later gets what was counted since', async () => {
    const plan = planOf({ temporality: 'delta' });
    const { ctx, count, got } = begin(plan);
    ctx.consumers = false;
    count(plan, { values: [[5]] });
    await ctx.clock.advance(PERIOD_MS);
    await quiet();
    assert.equal(ctx.meter.value('millrace_derived_series'), 0);
    ctx.consumers = true;
    count(plan, { values: [[2]] });
    await ctx.clock.advance(PERIOD_MS);
    await quiet();
    assert.deepEqual(got().values, ['2']);
  });

  test('a reload that takes them away in the middle of a flush ends its offers', async () => {
    const plan = planOf();
    const { ctx, count } = begin(plan);
    count(plan, ...many(12_000));
    ctx.outcome = () => Outcome.notReady;
    await flushing(ctx, 500);
    ctx.consumers = false;
    await ctx.clock.advance(5000);
    await quiet();
    const { offers } = ctx;
    await ctx.clock.advance(2 * PERIOD_MS);
    await quiet();
    assert.equal(ctx.offers, offers);
    assert.equal(ctx.meter.value('millrace_derived_dropped_points_total'), 0);
    assert.deepEqual(ctx.log.lines, []);
  });
});

describe('reload and the end', () => {
  test('flush harvests and emits at once, true values of new sums too', async () => {
    const plan = planOf({}, { instruments: [CALLS], limit: 0 });
    const { ctx, part, count, got } = begin(plan);
    count(plan, { values: [[3]] });
    await part.flush(1000);
    assert.deepEqual([ctx.harvests, got().values], [1, ['3']]);
    assert.equal(ctx.clock.nextDelayMs, PERIOD_MS, 'only the timer of periods is left');
  });

  test('flush ends the flush under way: its request is offered once more, then everything as of now', async () => {
    const plan = planOf();
    const { ctx, part, count, got } = begin(plan);
    count(plan, ...many(12_000));
    ctx.outcome = () => Outcome.queueFull;
    await flushing(ctx, 500);
    ctx.outcome = () => Outcome.accepted;
    count(plan, { key: 'k11999' });
    await part.flush(1000);
    const { keys, values } = got();
    assert.deepEqual([keys.length, values[keys.indexOf('k11999')]], [5000 + 12_000, '2']);
    assert.equal(ctx.meter.value('millrace_derived_dropped_points_total'), 0);
  });

  test('several that ask at once get one flush', async () => {
    const plan = planOf();
    const { part, count, got } = begin(plan);
    count(plan, {});
    await Promise.all([part.flush(1000), part.flush(1000), part.flush(2000)]);
    assert.deepEqual(got().values, ['1']);
  });

  test('flush resolves at its deadline although consumers refuse or never answer', async () => {
    for (const outcome of [Outcome.queueFull, null]) {
      const plan = planOf();
      const { ctx, part, count } = begin(plan);
      count(plan, {});
      ctx.outcome = () => outcome;
      let resolved = false;
      void part.flush(1000).then(() => (resolved = true));
      await ctx.clock.advance(999);
      assert.equal(resolved, false);
      await ctx.clock.advance(1);
      await quiet();
      assert.equal(resolved, true);
      part.stop();
      ctx.answer(Outcome.accepted);
      await quiet();
      assert.equal(ctx.clock.pending, 0);
    }
  });

  test('stop, at any moment, is the end: no timer is left, nothing is emitted or merged', async () => {
    const plan = planOf({ expiryIntervalMs: 1000, seriesExpirationMs: 1000 });
    const answers = [Outcome.accepted, Outcome.queueFull, Outcome.downstreamRejected];
    const moments = (['before', 'refused', 'unanswered', 'after'] as const).flatMap((moment) =>
      answers.map((answer) => ({ moment, answer })),
    );
    for (const { moment, answer } of moments) {
      const { ctx, part, count } = begin(plan);
      count(plan, ...many(12_000));
      if (moment === 'refused') ctx.outcome = () => Outcome.queueFull;
      if (moment === 'unanswered') ctx.outcome = () => null;
      if (moment !== 'before') await flushing(ctx, 500);
      await quiet();
      const { offers } = ctx;
      part.stop();
      await quiet();
      assert.equal(ctx.clock.pending, 0, moment);
      ctx.answer(answer);
      await quiet();
      assert.equal(ctx.clock.pending, 0, `${moment}, then an answer`);
      part.due();
      part.merge(writeParcel(plan, [{ resource: 'x', key: 'x', firstMs: 1, values: [[1]] }]));
      await part.flush(1000);
      await ctx.clock.advance(5 * PERIOD_MS);
      await quiet();
      assert.equal(ctx.offers, offers, moment);
    }
  });

  test('stop before start, and twice', () => {
    const part = seriesMerge<SeriesPlan>((args) => args)(planOf(), new TestMergeContext());
    part.stop();
    part.stop();
  });

  test('an update of the period, of expiry, of limits keeps all series; parcels of before are still merged', async () => {
    const before = planOf();
    const after = planOf(
      { flushIntervalMs: 5000, seriesExpirationMs: 3_600_000 },
      { instruments: [PLAIN_SUM], limit: 5 },
    );
    const { ctx, part, count, got } = begin(before);
    count(before, { values: [[3]] });
    part.due();
    await quiet();
    part.update(after);
    count(before, { values: [[1]] });
    count(after, { values: [[2]] });
    await ctx.clock.advance(5000);
    await quiet();
    assert.deepEqual(got().values, ['6']);
    assert.equal(ctx.meter.value('millrace_derived_parcels_lost_total'), 0);
    count(after, ...many(10));
    await ctx.clock.advance(5000);
    await quiet();
    assert.equal(got().values.length, 5 + 1, 'the new limit, and the overflow series');
  });

  test('an update of what series mean begins anew; parcels of before are counted as lost', async () => {
    const before = planOf();
    const changes: Partial<SeriesPlan>[] = [
      { identity: 'other' },
      { temporality: 'delta' },
      { startsWith: 'connector' },
      { groups: [{ instruments: [{ ...PLAIN_SUM, name: 'renamed' }], limit: 0 }] },
    ];
    for (const change of changes) {
      const after = planOf(change);
      const { ctx, part, count, got } = begin(before);
      count(before, { values: [[3]] });
      part.due();
      await quiet();
      part.update(after);
      count(before, { values: [[1]] });
      count(after, { values: [[2]] });
      await ctx.clock.advance(PERIOD_MS);
      await quiet();
      assert.deepEqual([got().values, ctx.meter.value('millrace_derived_parcels_lost_total')], [['2'], 1]);
    }
  });

  test('an update in the middle of a flush gives up the rest of it', async () => {
    const before = planOf();
    const { ctx, part, count, got } = begin(before);
    count(before, ...many(12_000));
    ctx.outcome = () => Outcome.queueFull;
    await flushing(ctx, 500);
    const after = planOf({ identity: 'other' });
    part.update(after);
    ctx.outcome = () => Outcome.accepted;
    await ctx.clock.advance(500);
    await quiet();
    assert.ok(got().keys.length <= 5000);
    count(after, { key: 'new' });
    await ctx.clock.advance(PERIOD_MS);
    await quiet();
    assert.deepEqual(got().keys, ['new']);
  });
});
