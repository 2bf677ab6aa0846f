/**
 * Scenario: random deltas of several streams are added up, and the totals are taken apart again. Guarantees: the deltas come back,
 * and the last totals are their sums.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { args as toDelta } from '#components/otelcol/processor/cumulativetodelta/schema.ts';
import { create as createToDelta } from '#components/otelcol/processor/cumulativetodelta/worker.ts';
import { args as toCumulative } from '#components/otelcol/processor/deltatocumulative/schema.ts';
import { create as createToCumulative } from '#components/otelcol/processor/deltatocumulative/worker.ts';
import type { Batch } from '#components/kit/batch.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { histogram, metricsBatch, readMetrics, sum, text, type Fields } from '#test/support/metrics-batch.ts';
import { workerContext } from '#test/support/worker-context.ts';

const DELTA = 1;
const step = fc.record({
  stream: fc.constantFrom('a', 'b', 'c'),
  int: fc.bigInt({ min: 0n, max: 2n ** 60n }),
  buckets: fc.array(fc.nat({ max: 9 }), { minLength: 3, maxLength: 3 }),
});

function request(at: number, { stream, int, buckets }: { stream: string; int: bigint; buckets: number[] }): Batch {
  const times = { startTimeUnixNano: at, timeUnixNano: at + 1 };
  const attributes: readonly Fields[] = [text('stream', stream)];
  const count = buckets.reduce((a, b) => a + b, 0);
  return metricsBatch([
    sum('s', [{ ...times, asInt: String(int), attributes }], DELTA),
    histogram('h', [{ ...times, count, sum: count, bucketCounts: buckets, explicitBounds: [1, 2], attributes }], DELTA),
  ]);
}

const values = (batch: Batch): unknown[] =>
  readMetrics(batch).flatMap(({ points }) =>
    points.map((p) => p['asInt'] ?? [p['count'] ?? '0', p['sum'], p['bucketCounts']]),
  );

test('deltas come back', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      const first = workerContext('otelcol.processor.deltatocumulative.x');
      const second = workerContext('otelcol.processor.cumulativetodelta.x');
      const add = createToCumulative(argsOf(toCumulative, 'output { }'), first);
      const take = createToDelta(argsOf(toDelta, 'initial_value = "keep"\noutput { }'), second);
      const requests = steps.map((one, i) => request(10 + i, one));
      for (const batch of requests) void add.input!.consume(batch);
      for (const batch of first.next.metrics.taken) void take.input!.consume(batch);
      assert.deepEqual(second.next.metrics.taken.map(values), requests.map(values));
      for (const stream of new Set(steps.map((one) => one.stream))) {
        const own = steps.flatMap((one, i) => (one.stream === stream ? [{ one, i }] : []));
        const total = own.reduce((all, { one }) => BigInt.asIntN(64, all + one.int), 0n);
        const [last] = values(first.next.metrics.taken[own.at(-1)!.i]);
        assert.equal(last, String(total));
      }
    }),
  );
});
