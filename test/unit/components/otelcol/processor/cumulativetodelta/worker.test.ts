import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { args as schema } from '#components/otelcol/processor/cumulativetodelta/schema.ts';
import { create } from '#components/otelcol/processor/cumulativetodelta/worker.ts';
import type { Batch } from '#components/kit/batch.ts';
import { isRefused, Outcome } from '#shared/outcome.ts';
import { argsOf, decodeArgs } from '#test/support/decode-args.ts';
import {
  exponential,
  gauge,
  histogram,
  metricsBatch,
  numbersOf,
  point,
  readMetrics,
  sum,
  text,
  type Fields,
} from '#test/support/metrics-batch.ts';
import { workerContext } from '#test/support/worker-context.ts';

function setUp(config = '') {
  const ctx = workerContext('otelcol.processor.cumulativetodelta.default');
  const part = create(argsOf(schema, `${config}\noutput { }`), ctx);
  void part.start();
  const consume = (...metrics: readonly Fields[]) => part.input!.consume(metricsBatch(metrics));
  const dropped = (reason: string): number =>
    ctx.meter.value('otelcol_cumulativetodelta_datapoints_dropped_total', { reason });
  return { ctx, part, next: ctx.next.metrics, consume, dropped };
}
const numbers = (batches: readonly Batch[]): string[] => batches.flatMap(numbersOf);
/** A time after the processor has started. */
const T = Date.UTC(2026, 0, 1) * 1e6 + 1e9;
const ns = (text: string): string => text.replaceAll(String(T).slice(0, 9), '');

describe('sums', () => {
  it('become what came since the point before, and the first is left out', () => {
    const { ctx, next, consume, dropped } = setUp();
    for (const [time, value] of [
      [10, 100],
      [20, 150],
      [30, 200],
      [40, 50],
      [50, 60],
    ] as const)
      assert.equal(consume(sum('m', [point(1, time, value)])), Outcome.accepted);
    assert.deepEqual(numbers(next.taken), ['10-20=50', '20-30=50', '40-50=10']);
    assert.ok(next.taken.flatMap(readMetrics).every(({ temporality }) => temporality === 1));
    assert.deepEqual([dropped('initial'), dropped('reset')], [1, 1]);
    assert.equal(ctx.meter.value('otelcol_cumulativetodelta_datapoints_total', { metric_type: 'sum' }), 3);
    assert.equal(ctx.meter.value('otelcol_cumulativetodelta_streams_tracked'), 1);
  });

  it('are exact as integers', () => {
    const { next, consume } = setUp();
    void consume(sum('m', [point(1, 10, 9_007_199_254_740_993n), point(1, 20, 9_223_372_036_854_775_807n)]));
    assert.deepEqual(numbers(next.taken), ['10-20=9214364837600034814']);
  });

  it('with another start are another stream', () => {
    const { next, consume, dropped } = setUp();
    void consume(sum('m', [point(1, 10, 5n), point(1, 20, 8n), point(15, 30, 1n), point(15, 40, 4n)]));
    assert.deepEqual(numbers(next.taken), ['10-20=3', '30-40=3']);
    assert.equal(dropped('initial'), 2);
  });

  it('that are not newer are dropped and change nothing', () => {
    const { next, consume, dropped } = setUp();
    void consume(sum('m', [point(1, 10, 5n), point(1, 20, 9n), point(1, 15, 7n), point(1, 20, 9n), point(1, 30, 10n)]));
    assert.deepEqual(numbers(next.taken), ['10-20=4', '20-30=1']);
    assert.equal(dropped('out_of_order'), 2);
  });

  it('without times go by their values', () => {
    const { next, consume } = setUp();
    void consume(sum('m', [point(0, 0, 5n), point(0, 0, 9n)]));
    assert.deepEqual(numbers(next.taken), ['0-0=4']);
  });

  it('pass as they came when NaN, without a value or not monotonic', () => {
    const { next, consume } = setUp();
    void consume(
      sum('m', [point(1, 10, NaN), { ...point(1, 11, 0), flags: 1 }, { timeUnixNano: 12 }]),
      sum('n', [point(1, 10, 5)], 2, false),
    );
    assert.deepEqual(numbers(next.taken), ['1-10=NaN', '1-11=0', '0-12=', '1-10=5']);
    assert.deepEqual(
      readMetrics(next.taken[0]).map(({ temporality }) => temporality),
      [1, 2],
    );
  });

  it('pass as they came when they are deltas or gauges, and with the answer of the next component', () => {
    const { next, consume } = setUp();
    const others = [gauge('g', [point(1, 2, 3)]), sum('d', [point(1, 2, 3)], 1)];
    next.answer = () => Outcome.queueFull;
    assert.equal(consume(...others), Outcome.queueFull);
    assert.deepEqual(next.offered[0].bytes, metricsBatch(others).bytes);
  });
});

describe('the first value', () => {
  const first = (initial: string, start: number, time: number): string[] => {
    const { next, consume } = setUp(`initial_value = "${initial}"`);
    void consume(sum('m', [point(start, time, 5n), point(start, time + 1024, 7n)]));
    return numbers(next.taken).map((line) => line.split('=')[1]);
  };
  it('auto: is kept if the stream started after the processor, and not at the time of the point', () => {
    assert.deepEqual(first('auto', T, T + 2048), ['5', '2']);
    assert.deepEqual(first('auto', T, T), ['2']);
    assert.deepEqual(first('auto', 5, T), ['2']);
    assert.deepEqual(first('auto', 0, T), ['2']);
  });
  it('keep: is kept', () => assert.deepEqual(first('keep', 5, 10), ['5', '2']));
  it('drop: is left out', () => assert.deepEqual(first('drop', T, T + 2048), ['2']));
  it('that is kept has the start of the stream', () => {
    const { next, consume } = setUp('initial_value = "keep"');
    void consume(sum('m', [point(5, 10, 5n)]));
    assert.deepEqual(numbers(next.taken).map(ns), ['5-10=5']);
  });
});

describe('histograms', () => {
  const data = (time: number, counts: readonly number[], more: Fields = {}): Fields => ({
    startTimeUnixNano: 1,
    timeUnixNano: time,
    count: counts.reduce((a, b) => a + b, 0),
    bucketCounts: counts,
    explicitBounds: [1],
    ...more,
  });
  const points = (...all: readonly Fields[]) => {
    const set = setUp();
    void set.consume(histogram('h', all));
    return { ...set, points: set.next.taken.flatMap(readMetrics).flatMap((metric) => metric.points) };
  };

  it('become what came since, without min and max', () => {
    const { points: found } = points(
      data(10, [1, 2], { sum: 5, min: 1, max: 2 }),
      data(20, [2, 5], { sum: 7.5, min: 1, max: 3 }),
    );
    assert.deepEqual(found, [
      {
        startTimeUnixNano: '10',
        timeUnixNano: '20',
        count: '4',
        sum: 2.5,
        bucketCounts: ['1', '3'],
        explicitBounds: [1],
      },
    ]);
  });

  it('are passed on whole when their count, or that of a bucket, has gone down', () => {
    assert.deepEqual(
      points(data(10, [4, 4]), data(20, [1, 1])).points.map((p) => p['bucketCounts']),
      [['1', '1']],
    );
    assert.deepEqual(
      points(data(10, [4, 4]), data(20, [3, 9])).points.map((p) => p['bucketCounts']),
      [['3', '9']],
    );
  });

  it('with other buckets are dropped, and counted from then on', () => {
    const { points: found, dropped } = points(
      data(10, [4, 4]),
      data(20, [5, 5, 5], { explicitBounds: [1, 2] }),
      data(30, [6, 6, 6], { explicitBounds: [1, 2] }),
      data(40, [7, 7, 7], { explicitBounds: [1, 3] }),
    );
    assert.deepEqual(
      found.map((p) => p['bucketCounts']),
      [['1', '1', '1']],
    );
    assert.equal(dropped('bucket_mismatch'), 2);
  });

  it('keep the sum of before when they tell NaN', () => {
    const { points: found } = points(
      data(10, [1, 1], { sum: 4 }),
      data(20, [2, 2], { sum: NaN }),
      data(30, [3, 3], { sum: 9 }),
    );
    assert.deepEqual(
      found.map((p) => p['sum']),
      [0, 5],
    );
  });
});

it('exponential histograms become what came since, and a reset is dropped once', () => {
  const { next, consume, dropped } = setUp();
  const data = (time: number, counts: readonly number[]): Fields => ({
    startTimeUnixNano: 1,
    timeUnixNano: time,
    scale: 1,
    count: counts.reduce((a, b) => a + b, 0),
    positive: { offset: 2, bucketCounts: counts },
  });
  void consume(exponential('e', [data(10, [1, 2]), data(20, [1, 5, 1]), data(30, [1, 1]), data(40, [1, 3])]));
  const found = next.taken.flatMap(readMetrics).flatMap(({ points }) => points);
  assert.deepEqual(
    found.map((p) => [p['startTimeUnixNano'], p['count'], p['positive']]),
    [
      ['10', '4', { offset: 3, bucketCounts: ['3', '1'] }],
      ['30', '2', { offset: 3, bucketCounts: ['2'] }],
    ],
  );
  assert.equal(dropped('reset'), 1);
});

describe('which metrics', () => {
  const converted = (config: string, ...names: readonly string[]): string[] => {
    const { next, consume } = setUp(`initial_value = "keep"\n${config}`);
    const h = { timeUnixNano: 1, count: 1 };
    void consume(...names.map((name) => (name.startsWith('h') ? histogram(name, [h]) : sum(name, [point(1, 2, 3)]))));
    return readMetrics(next.taken[0])
      .filter(({ temporality }) => temporality === 1)
      .map(({ name }) => name);
  };
  it('those that are included, strictly or by patterns that match anywhere', () => {
    const match = (type: string) => `include {\nmatch_type = "${type}"\nmetrics = ["a.b", "x$"]\n}`;
    assert.deepEqual(converted(match('strict'), 'a.b', 'axb', 'x$', 'ax'), ['a.b', 'x$']);
    assert.deepEqual(converted(match('regexp'), 'a.b', 'zaxbz', 'x$', 'ax'), ['a.b', 'zaxbz', 'ax']);
  });
  it('not those that are excluded, even if included', () => {
    const config =
      'include {\nmatch_type = "regexp"\nmetrics = ["a"]\n}\nexclude {\nmatch_type = "strict"\nmetrics = ["ab"]\n}';
    assert.deepEqual(converted(config, 'a', 'ab', 'abc', 'b'), ['a', 'abc']);
  });
  it('by types', () => {
    assert.deepEqual(converted('include {\nmetric_types = ["histogram"]\n}', 'a', 'h'), ['h']);
    assert.deepEqual(converted('exclude {\nmetric_types = ["histogram"]\n}', 'a', 'h'), ['a']);
  });
});

describe('streams', () => {
  it('are forgotten when they had no point for max_staleness', async () => {
    const { ctx, part, next, consume, dropped } = setUp('max_staleness = "1m"');
    void consume(sum('m', [point(1, 10, 5n)]));
    await ctx.clock.advance(59_000);
    void consume(sum('m', [point(1, 20, 6n)]));
    await ctx.clock.advance(60_000);
    void consume(sum('m', [point(1, 30, 8n)]));
    await ctx.clock.advance(180_000);
    assert.equal(ctx.meter.value('otelcol_cumulativetodelta_streams_tracked'), 0);
    void consume(sum('m', [point(1, 40, 9n)]));
    assert.deepEqual(numbers(next.taken), ['10-20=1', '20-30=2']);
    assert.equal(dropped('initial'), 2);
    await part.stop(1000);
    assert.equal(ctx.clock.pending, 0);
  });

  it('survive other arguments', async () => {
    const { ctx, part, next, consume } = setUp();
    void consume(sum('m', [point(1, 10, 5n)]));
    void part.update(argsOf(schema, 'max_staleness = "1h"\noutput { }'));
    void consume(sum('m', [point(1, 20, 6n)]));
    assert.deepEqual(numbers(next.taken), ['10-20=1']);
    assert.equal(ctx.clock.pending, 1);
    await part.stop(1000);
    assert.equal(ctx.clock.pending, 0);
  });

  it('lose nothing while the next component refuses', async () => {
    const { ctx, part, next, consume } = setUp();
    void consume(sum('m', [point(1, 10, 5n, [text('a', 'b')])]));
    next.answer = () => Outcome.queueFull;
    assert.equal(consume(sum('m', [point(1, 20, 6n, [text('a', 'b')])])), Outcome.accepted);
    assert.ok(isRefused(consume(sum('m', [point(1, 30, 8n, [text('a', 'b')])])) as Outcome));
    next.answer = () => Outcome.accepted;
    await ctx.clock.advance(1000);
    assert.equal(consume(sum('m', [point(1, 30, 8n, [text('a', 'b')])])), Outcome.accepted);
    assert.deepEqual(numbers(next.taken), ['10-20=1', '20-30=2']);
    next.answer = () => Outcome.queueFull;
    void consume(sum('m', [point(1, 40, 9n, [text('a', 'b')])]));
    const stopped = part.stop(1000);
    await ctx.clock.advance(1000);
    await stopped;
    assert.equal(ctx.meter.value('millrace_component_dropped_items_total', { reason: 'shutdown' }), 1);
    assert.equal(ctx.clock.pending, 0);
  });
});

describe('arguments', () => {
  const problems = (config: string): readonly string[] => decodeArgs(schema, `${config}\noutput { }`).problems;
  it('are right by default', () => assert.deepEqual(problems(''), []));
  it('refuse what makes no sense', () => {
    assert.deepEqual(problems('max_staleness = "-1s"'), ['1: max_staleness must not be negative']);
    assert.deepEqual(problems('include {\nmetrics = ["a"]\n}'), ['2: match_type must be set if metrics are']);
    assert.deepEqual(problems('include {\nmatch_type = "strict"\n}'), ['2: metrics must be given if match_type is']);
    assert.match(
      problems('include {\nmatch_type = "regexp"\nmetrics = ["*a"]\n}').join(),
      /invalid regular expression `\*a`/,
    );
  });
});
