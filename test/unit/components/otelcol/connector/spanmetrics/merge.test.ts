/** Worker parts and the merge part together: what leaves does not depend on how many workers have counted. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { create as createMerge } from '#components/otelcol/connector/spanmetrics/merge.ts';
import { args as schema, type Args } from '#components/otelcol/connector/spanmetrics/schema.ts';
import { create } from '#components/otelcol/connector/spanmetrics/worker.ts';
import { METRICS, TRACES } from '#shared/signal.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { settle } from '#test/support/fake-clock.ts';
import { TestMergeContext } from '#test/support/merge-context.ts';
import { decodeRequest, listItems } from '#test/support/otlp-proto.ts';
import { workerContext } from '#test/support/worker-context.ts';
import { requestOf, SHOP, withHistogram, type Attributes, type TestSpan } from './spans.ts';

function setUp(config: string, workers: number) {
  const args: Args = argsOf(schema, config);
  const ctx = new TestMergeContext();
  const merge = createMerge(args, ctx);
  ctx.merge = (parcel) => merge.merge(parcel);
  merge.start();
  const parts = Array.from({ length: workers }, (_, index) =>
    create(args, workerContext('otelcol.connector.spanmetrics.default', { index, count: workers })),
  );
  let turn = 0;
  return {
    send: (resource: Attributes, ...spans: TestSpan[]): void => {
      for (const span of spans) {
        const bytes = requestOf(resource, [span]);
        void parts[turn++ % workers].input!.consume({ signal: TRACES, bytes, items: 1, metadata: null, owned: true });
      }
    },
    /** What leaves at the end of a period. */
    flush: async (): Promise<Buffer[]> => {
      for (const part of parts)
        for (let parcel = part.harvest!(); parcel !== null; parcel = part.harvest!()) ctx.parcels.push(parcel);
      await ctx.clock.advance(60_000);
      for (let i = 0; i < 20; i++) await settle();
      return ctx.taken.splice(0);
    },
  };
}

const ALL = withHistogram(
  `dimension { name = "code" }
   events {
     enabled = true
     dimension { name = "e" }
   }`,
  'exponential { }',
);

async function itemsWith(workers: number): Promise<string[][]> {
  const { send, flush } = setUp(ALL, workers);
  const flushes: string[][] = [];
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 200; i++)
      send(
        { ...SHOP, host: `h${i % 3}` },
        { name: `n${i % 7}`, ms: i, attributes: { code: i % 2 === 0 ? i % 4 : String(i % 4) }, events: [{ e: i % 2 }] },
      );
    flushes.push((await flush()).flatMap((bytes) => listItems(METRICS, bytes)).sort((a, b) => (a < b ? -1 : 1)));
  }
  return flushes;
}

describe('workers and merge part', () => {
  it('give the same metrics with 1, 2 and 4 workers', async () => {
    const one = await itemsWith(1);
    assert.ok(one[0].length > 20);
    // A sum of durations may differ in its last bits: all here are whole.
    assert.deepEqual(await itemsWith(2), one);
    assert.deepEqual(await itemsWith(4), one);
  });

  it('keep to the limit together, and lose nothing to it', async () => {
    for (const workers of [1, 3]) {
      const { send, flush } = setUp(withHistogram('aggregation_cardinality_limit = 5'), workers);
      for (let i = 0; i < 60; i++) send(SHOP, { name: `n${i % 20}` });
      const items = (await flush()).flatMap((bytes) => listItems(METRICS, bytes));
      const durations = items.filter((item) => item.includes('.duration'));
      assert.equal(durations.length, 6);
      assert.equal(durations.filter((item) => item.includes('otel.metric.overflow')).length, 1);
      const counts = durations.map((item) => Number(/"count":"(\d+)"/.exec(item)?.[1]));
      assert.equal(
        counts.reduce((a, b) => a + b),
        60,
      );
    }
  });

  it('keep exemplars within a bound, whatever is asked for', async () => {
    const { send, flush } = setUp(withHistogram('exemplars {\nenabled = true\nmax_per_data_point = 1000000000\n}'), 1);
    for (let i = 0; i < 150; i++) send(SHOP, {});
    const [request] = await flush();
    // Each of calls and duration says the span id once per exemplar.
    assert.equal(request.toString('latin1').split('\x02'.repeat(8)).length - 1, 2 * 100);
  });

  it('give metrics of the shape that Alloy gives', async () => {
    const { send, flush } = setUp(withHistogram('', 'explicit {\nbuckets = ["10ms"]\n}'), 2);
    send({ ...SHOP, host: 'a' }, { ms: 5 }, { ms: 50 });
    const [first] = await flush();
    send({ ...SHOP, host: 'a' }, { ms: 5 });
    const [second] = await flush();
    const shown = (bytes: Buffer) => {
      const { resourceMetrics } = decodeRequest(METRICS, bytes) as unknown as { resourceMetrics: Shown[] };
      assert.equal(resourceMetrics.length, 1);
      const { resource, scopeMetrics } = resourceMetrics[0];
      return { resource, scope: scopeMetrics[0].scope.name, metrics: scopeMetrics[0].metrics };
    };
    const [before, after] = [shown(first), shown(second)];
    assert.deepEqual(before.resource, {
      attributes: [
        { key: 'service.name', value: { stringValue: 'shop' } },
        { key: 'host', value: { stringValue: 'a' } },
      ],
    });
    assert.equal(before.scope, 'spanmetricsconnector');
    assert.deepEqual(
      before.metrics.map((m) => [m.name, m.unit]),
      [
        ['traces.span.metrics.calls', undefined],
        ['traces.span.metrics.duration', 'ms'],
      ],
    );
    // The first export of a series is 0, histograms are true at once.
    assert.deepEqual(
      [before, after].map((s) => s.metrics[0].sum?.dataPoints[0].asInt),
      ['0', '3'],
    );
    assert.equal(after.metrics[0].sum?.isMonotonic, true);
    assert.deepEqual(
      [before, after]
        .map((s) => s.metrics[1].histogram?.dataPoints[0])
        .map((p) => [p?.count, p?.sum, p?.bucketCounts, p?.explicitBounds]),
      [
        ['2', 55, ['1', '1'], [10]],
        ['3', 60, ['2', '1'], [10]],
      ],
    );
  });
});

interface Shown {
  readonly resource: unknown;
  readonly scopeMetrics: readonly {
    readonly scope: { readonly name: string };
    readonly metrics: readonly {
      readonly name: string;
      readonly unit?: string;
      readonly sum?: { readonly isMonotonic?: boolean; readonly dataPoints: readonly { readonly asInt: string }[] };
      readonly histogram?: {
        readonly dataPoints: readonly {
          readonly count: string;
          readonly sum: number;
          readonly bucketCounts: string[];
          readonly explicitBounds: number[];
        }[];
      };
    }[];
  }[];
}
