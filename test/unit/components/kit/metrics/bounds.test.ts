/**
 * Scenario: ever new streams, and streams that grow, come to the components that remember streams.
 * Guarantees: what they remember stays within a bound of memory; totals of what is remembered stay right.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { MetricsEditor } from '#components/kit/metrics/edit.ts';
import { Differ } from '#components/otelcol/processor/cumulativetodelta/differ.ts';
import { Selection } from '#components/otelcol/processor/cumulativetodelta/selection.ts';
import { Accumulator, type Failure } from '#components/otelcol/processor/deltatocumulative/accumulator.ts';
import { exponential, histogram, metricsBatch, numbersOf, point, sum, text } from '#test/support/metrics-batch.ts';

const BOUND = 100_000;
const DELTA = 1;

function histogramPoint(timeUnixNano: number, n: number, buckets: number) {
  const explicitBounds = Array.from({ length: buckets - 1 }, (_, i) => i);
  return {
    timeUnixNano,
    count: 1,
    explicitBounds,
    bucketCounts: Array<number>(buckets).fill(1),
    attributes: [text('n', String(n))],
  };
}

it('deltatocumulative drops points of new streams, and forgets old ones for those that grow', () => {
  const failures: Failure[] = [];
  const accumulator = new Accumulator(
    Infinity,
    () => undefined,
    (why) => failures.push(why),
    BOUND,
  );
  const editor = new MetricsEditor();
  const run = (...metrics: Parameters<typeof metricsBatch>[0]) => editor.run(metricsBatch(metrics).bytes, accumulator);
  for (let n = 0; n < 500; n++) {
    run(sum('s', [point(1, 2, 1n, [text('n', String(n))])], DELTA));
    assert.ok(accumulator.streams.bytes < BOUND + 1000);
  }
  const kept = accumulator.streams.size;
  assert.ok(kept > 300 && kept < 500);
  assert.deepEqual(failures, Array(500 - kept).fill('limit'));
  assert.deepEqual(numbersOf({ bytes: run(sum('s', [point(2, 3, 4n, [text('n', '7')])], DELTA))! }), ['1-3=5']);

  accumulator.streams.forget(Infinity);
  for (let n = 0; n < 50; n++) run(histogram('h', [histogramPoint(1, n, 2)], DELTA));
  assert.equal(accumulator.streams.size, 50);
  for (let n = 0; n < 50; n++) {
    accumulator.nowMs = n + 1;
    run(histogram('h', [histogramPoint(2, n, 500)], DELTA));
    assert.ok(accumulator.streams.bytes < BOUND + 10_000);
  }
  assert.ok(accumulator.streams.size > 5);
});

it('cumulativetodelta forgets the streams that were seen least recently', () => {
  const reasons: string[] = [];
  const count = { converted: () => undefined, dropped: (_: number, reason: string) => void reasons.push(reason) };
  const options = {
    initialValue: 'drop',
    selection: new Selection({ include: undefined, exclude: undefined }),
  } as const;
  const differ = new Differ(options, 0n, count, BOUND);
  const editor = new MetricsEditor();
  for (let n = 0; n < 500; n++) {
    differ.nowMs = n;
    const buckets = { scale: 3, count: 160, positive: { bucketCounts: Array<number>(160).fill(1) }, timeUnixNano: 5 };
    editor.run(metricsBatch([exponential('e', [{ ...buckets, attributes: [text('n', String(n))] }])]).bytes, differ);
    assert.ok(differ.streams.bytes < BOUND + 4000);
  }
  assert.ok(differ.streams.size > 30);
  assert.deepEqual(new Set(reasons), new Set(['initial']));
});
