import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { args as schema, type Args } from '#components/otelcol/processor/deltatocumulative/schema.ts';
import { create } from '#components/otelcol/processor/deltatocumulative/worker.ts';
import type { Batch } from '#components/kit/batch.ts';
import { defaults } from '#config/schema/schema.ts';
import { isRefused, Outcome } from '#shared/outcome.ts';
import { TRACES } from '#shared/signal.ts';
import { decodeArgs } from '#test/support/decode-args.ts';
import {
  exponential,
  gauge,
  histogram,
  metricsBatch,
  numbersOf,
  point,
  readMetrics,
  sum,
  summary,
  text,
  type Fields,
} from '#test/support/metrics-batch.ts';
import { workerContext } from '#test/support/worker-context.ts';

const DELTA = 1;

function setUp(changes: Partial<Args> = {}) {
  const ctx = workerContext('otelcol.processor.deltatocumulative.default');
  const part = create({ ...defaults(schema), ...changes }, ctx);
  void part.start();
  const consume = (...metrics: readonly Fields[]) => part.input!.consume(metricsBatch(metrics));
  const points = (error?: string): number =>
    ctx.meter.value('otelcol_deltatocumulative_datapoints_total', error === undefined ? {} : { error });
  return { ctx, part, next: ctx.next.metrics, consume, points };
}
const numbers = (batches: readonly Batch[]): string[] => batches.flatMap(numbersOf);

describe('sums', () => {
  it('are added up from the start of the first point', () => {
    const { next, consume } = setUp();
    for (const [start, time, value] of [
      [100, 200, 4n],
      [200, 300, 5n],
      [300, 400, -2n],
    ] as const)
      assert.equal(consume(sum('m', [point(start, time, value)], DELTA)), Outcome.accepted);
    assert.deepEqual(numbers(next.taken), ['100-200=4', '100-300=9', '100-400=7']);
    assert.ok(next.taken.flatMap(readMetrics).every(({ temporality }) => temporality === 2));
  });

  it('are exact as integers beyond 2^53, exact as doubles, and doubles where both come', () => {
    const { next, consume } = setUp();
    const big = 9_007_199_254_740_993n;
    void consume(sum('i', [point(1, 2, big), point(2, 3, big)], DELTA));
    void consume(sum('d', [point(1, 2, 0.5), point(2, 3, 0.25)], DELTA));
    void consume(sum('m', [point(1, 2, 3n), point(2, 3, 0.5)], DELTA));
    assert.deepEqual(numbers(next.taken), [
      '1-2=9007199254740993',
      '1-3=18014398509481986',
      '1-2=0.5',
      '1-3=0.75',
      '1-2=3',
      '1-3=3.5',
    ]);
  });

  it('are apart by attributes, whatever their order', () => {
    const { next, consume } = setUp();
    const [a, b] = [text('a', '1'), text('b', '2')];
    void consume(sum('m', [point(1, 2, 1n, [a, b]), point(1, 2, 10n, [a])], DELTA));
    void consume(sum('m', [point(2, 3, 1n, [b, a]), point(2, 3, 10n, [a])], DELTA));
    assert.deepEqual(numbers(next.taken), ['1-2=1', '1-2=10', '1-3=2', '1-3=20']);
  });

  it('keep exemplars, flags and attributes of each point', () => {
    const { next, consume } = setUp();
    const more = { exemplars: [{ asDouble: 5 }], flags: 4 };
    void consume(sum('m', [point(1, 2, 1n), { ...point(2, 3, 1n), ...more }], DELTA));
    const [, second] = readMetrics(next.taken[0])[0].points;
    assert.deepEqual(second, {
      startTimeUnixNano: '1',
      timeUnixNano: '3',
      asInt: '2',
      exemplars: [{ asDouble: 5 }],
      flags: 4,
    });
  });
});

describe('points that cannot be added', () => {
  it('are dropped and counted: older than the stream, not newer than its last point', () => {
    const { next, consume, points } = setUp();
    void consume(sum('m', [point(1234, 1337, 42n)], DELTA));
    void consume(sum('m', [point(1000, 2000, 24n)], DELTA));
    void consume(sum('m', [point(1234, 1336, 24n)], DELTA));
    void consume(sum('m', [point(1234, 1337, 24n), point(1337, 1400, 1n)], DELTA));
    assert.deepEqual(numbers(next.taken), ['1234-1337=42', '1234-1400=43']);
    assert.equal(points('delta.ErrOlderStart'), 1);
    assert.equal(points('delta.ErrOutOfOrder'), 2);
    assert.equal(points(), 5);
  });

  it('are those of streams beyond max_streams', () => {
    const { ctx, next, consume, points } = setUp({ max_streams: 2 });
    const stream = (name: string): Fields => point(1, 2, 1n, [text('name', name)]);
    void consume(sum('m', [stream('a'), stream('b'), stream('c')], DELTA));
    void consume(sum('n', [stream('a')], DELTA));
    assert.equal(numbers(next.taken).length, 2);
    assert.equal(points('limit'), 2);
    assert.equal(ctx.meter.value('otelcol_deltatocumulative_streams_tracked'), 2);
    assert.equal(ctx.meter.value('otelcol_deltatocumulative_streams_limit'), 2);
  });

  it('without times are the second and later ones of a stream', () => {
    const { next, consume, points } = setUp();
    void consume(sum('m', [point(0, 0, 1n), point(0, 0, 1n)], DELTA));
    assert.deepEqual(numbers(next.taken), ['0-0=1']);
    assert.equal(points('delta.ErrOutOfOrder'), 1);
  });
});

describe('histograms', () => {
  const data = (start: number, time: number, counts: readonly number[], more: Fields = {}): Fields => ({
    startTimeUnixNano: start,
    timeUnixNano: time,
    count: counts.reduce((a, b) => a + b, 0),
    bucketCounts: counts,
    explicitBounds: [1, 2],
    ...more,
  });

  it('are added up bucket by bucket', () => {
    const { next, consume } = setUp();
    void consume(
      histogram(
        'h',
        [data(1, 2, [1, 2, 3], { sum: 10, min: 0.5, max: 4 }), data(2, 3, [0, 1, 0], { sum: 1.5, min: 1.5, max: 1.5 })],
        DELTA,
      ),
    );
    assert.deepEqual(readMetrics(next.taken[0])[0].points[1], {
      startTimeUnixNano: '1',
      timeUnixNano: '3',
      count: '7',
      sum: 11.5,
      bucketCounts: ['1', '3', '3'],
      explicitBounds: [1, 2],
      min: 0.5,
      max: 4,
    });
  });

  it('tell no sum, min and max that one of their points did not tell', () => {
    const { next, consume } = setUp();
    void consume(histogram('h', [data(1, 2, [1, 0, 0], { sum: 1, min: 1, max: 1 }), data(2, 3, [1, 0, 0])], DELTA));
    const second = readMetrics(next.taken[0])[0].points[1];
    assert.deepEqual(
      ['sum', 'min', 'max'].map((field) => field in second),
      [false, false, false],
    );
  });

  it('begin anew with other bounds, and add what buckets there are', () => {
    const { next, consume } = setUp();
    void consume(
      histogram(
        'h',
        [
          data(1, 2, [1, 2, 3]),
          data(2, 3, [5, 5], { explicitBounds: [7] }),
          data(3, 4, [1, 1, 1], { explicitBounds: [7] }),
        ],
        DELTA,
      ),
    );
    const points = readMetrics(next.taken[0])[0].points;
    assert.deepEqual(
      points.map((p) => [p['startTimeUnixNano'], p['bucketCounts']]),
      [
        ['1', ['1', '2', '3']],
        ['2', ['5', '5']],
        ['2', ['6', '6']],
      ],
    );
  });

  it('with more buckets than can be held are dropped', () => {
    const { consume, points, next } = setUp();
    void consume(
      histogram(
        'h',
        [
          data(
            1,
            2,
            Array.from({ length: 5000 }, () => 1),
          ),
        ],
        DELTA,
      ),
    );
    assert.equal(points('buckets'), 1);
    assert.equal(next.taken.length, 0);
  });
});

it('exponential histograms are added up at the lower scale', () => {
  const { next, consume } = setUp();
  const data = (start: number, time: number, scale: number, counts: readonly number[]): Fields => ({
    startTimeUnixNano: start,
    timeUnixNano: time,
    scale,
    count: counts.reduce((a, b) => a + b, 1),
    zeroCount: 1,
    positive: { offset: 2, bucketCounts: counts },
  });
  void consume(exponential('e', [data(1, 2, 3, [1, 2]), data(2, 3, 2, [4])], DELTA));
  const second = readMetrics(next.taken[0])[0].points[1];
  assert.deepEqual(
    [second['count'], second['zeroCount'], second['scale'], second['positive']],
    ['9', '2', 2, { offset: 1, bucketCounts: ['3', '4'] }],
  );
});

describe('what is not delta', () => {
  it('passes as it came: gauges, summaries, cumulative ones, batches without delta by the answer of the next component', () => {
    const { next, consume } = setUp();
    const others = [
      gauge('g', [point(1, 2, 3)]),
      summary('s', [{ timeUnixNano: 1, count: 2, sum: 3 }]),
      sum('c', [point(1, 2, 3)], 2),
      sum('u', [point(1, 2, 3)], 0),
    ];
    next.answer = () => Outcome.queueFull;
    assert.equal(consume(...others), Outcome.queueFull);
    next.answer = () => Outcome.accepted;
    assert.equal(consume(...others), Outcome.accepted);
    assert.deepEqual(next.taken[0].bytes, metricsBatch(others).bytes);
  });

  it('is rejected when it is no metrics', () => {
    const { part } = setUp();
    assert.equal(part.input!.consume({ ...metricsBatch([]), signal: TRACES }), Outcome.noConsumer);
  });
});

describe('a stream', () => {
  it('is forgotten when it had no point for max_stale, and starts again', async () => {
    const { ctx, part, next, consume } = setUp({ max_stale: 90_000 });
    void consume(sum('m', [point(1, 2, 1n)], DELTA));
    await ctx.clock.advance(60_000);
    void consume(sum('m', [point(2, 3, 1n)], DELTA));
    await ctx.clock.advance(60_000);
    assert.equal(ctx.meter.value('otelcol_deltatocumulative_streams_tracked'), 1);
    await ctx.clock.advance(60_000);
    assert.equal(ctx.meter.value('otelcol_deltatocumulative_streams_tracked'), 0);
    void consume(sum('m', [point(3, 4, 1n)], DELTA));
    assert.deepEqual(numbers(next.taken), ['1-2=1', '1-3=2', '3-4=1']);
    await part.stop(1000);
    assert.equal(ctx.clock.pending, 0);
  });

  it('survives other arguments', () => {
    const { part, next, consume } = setUp();
    void consume(sum('m', [point(1, 2, 1n)], DELTA));
    void part.update({ ...defaults(schema), max_streams: 1 });
    void consume(sum('m', [point(2, 3, 1n)], DELTA));
    assert.deepEqual(numbers(next.taken), ['1-2=1', '1-3=2']);
  });

  it('loses nothing while the next component refuses: one batch is held, others are refused', async () => {
    const { ctx, part, next, consume } = setUp();
    void consume(sum('m', [point(1, 2, 1n)], DELTA));
    next.answer = () => Outcome.queueFull;
    assert.equal(consume(sum('m', [point(2, 3, 1n)], DELTA)), Outcome.accepted);
    assert.ok(isRefused(consume(sum('m', [point(3, 4, 1n)], DELTA)) as Outcome));
    assert.equal(ctx.meter.value('millrace_component_held_items'), 1);
    next.answer = () => Outcome.accepted;
    await ctx.clock.advance(1000);
    assert.equal(consume(sum('m', [point(3, 4, 1n)], DELTA)), Outcome.accepted);
    assert.deepEqual(numbers(next.taken), ['1-2=1', '1-3=2', '1-4=3']);
    next.answer = () => Outcome.queueFull;
    void consume(sum('m', [point(4, 5, 1n)], DELTA));
    next.answer = () => Outcome.accepted;
    await part.stop(1000);
    assert.deepEqual(numbers(next.taken).at(-1), '1-5=4');
    assert.equal(consume(sum('m', [point(5, 6, 1n)], DELTA)), Outcome.stopping);
    assert.equal(ctx.clock.pending, 0);
  });
});

describe('arguments', () => {
  const problems = (config: string): readonly string[] => decodeArgs(schema, `${config}\noutput { }`).problems;
  it('take the largest number of streams', () => assert.deepEqual(problems('max_streams = 9223372036854775807'), []));
  it('refuse what makes no sense', () => {
    assert.deepEqual(problems('max_stale = "0s"'), ['1: max_stale must be a positive duration']);
    assert.deepEqual(problems('max_streams = -1'), ['1: max_streams must not be negative']);
  });
});
