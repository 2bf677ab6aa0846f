import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { args as schema, type Args } from '#components/otelcol/processor/interval/schema.ts';
import { create, MAX_BYTES } from '#components/otelcol/processor/interval/worker.ts';
import type { Batch } from '#components/kit/batch.ts';
import { defaults } from '#config/schema/schema.ts';
import { isRefused, Outcome } from '#shared/outcome.ts';
import { METRICS } from '#shared/signal.ts';
import { decodeArgs } from '#test/support/decode-args.ts';
import {
  exponential,
  gauge,
  histogram,
  metricsBatch,
  numbersOf,
  point,
  readMetrics,
  requestBatch,
  sum,
  summary,
  text,
  type Fields,
} from '#test/support/metrics-batch.ts';
import { decodeRequest } from '#test/support/otlp-proto.ts';
import { workerContext } from '#test/support/worker-context.ts';

function setUp(changes: Partial<Args> = {}) {
  const ctx = workerContext('otelcol.processor.interval.default');
  const part = create({ ...defaults(schema), ...changes }, ctx);
  void part.start();
  const consume = (...metrics: readonly Fields[]) => part.input!.consume(metricsBatch(metrics, { owned: false }));
  const held = (): number => ctx.meter.value('millrace_component_held_items');
  return { ctx, part, next: ctx.next.metrics, consume, held };
}
const numbers = (batches: readonly Batch[]): string[] => batches.flatMap(numbersOf);
const label = (value: string): Fields[] => [text('labelA', value)];

it("the Collector's own example", async () => {
  const { ctx, next, consume } = setUp({ interval: 15_000 });
  void consume(sum('test_metric', [point(0, 0, 4, label('foo'))]));
  void consume(sum('test_metric', [point(0, 2, 3.1, label('bar'))]));
  void consume(sum('other_metric', [point(0, 4, 77.4)], 1));
  for (const [time, value, name] of [
    [6, 8.2, 'foo'],
    [8, 12.8, 'foo'],
    [10, 6.4, 'bar'],
  ] as const)
    assert.equal(consume(sum('test_metric', [point(0, time, value, label(name))])), Outcome.accepted);
  assert.deepEqual(numbers(next.taken), ['0-4=77.4']);
  await ctx.clock.advance(15_000);
  assert.deepEqual(numbers(next.taken.slice(1)), ['0-8=12.8', '0-10=6.4']);
  assert.equal(readMetrics(next.taken[1]).length, 1);
  await ctx.clock.advance(60_000);
  assert.equal(next.taken.length, 2);
});

describe('which points', () => {
  const data = { timeUnixNano: 1, count: 1 };
  const every = [
    gauge('gauge', [point(0, 1, 1)]),
    summary('summary', [data]),
    sum('sum', [point(0, 1, 1)]),
    histogram('histogram', [data]),
    exponential('exponential', [data]),
    sum('not monotonic', [point(0, 1, 1)], 2, false),
    sum('delta', [point(0, 1, 1)], 1),
    histogram('delta histogram', [data], 1),
    exponential('delta exponential', [data], 1),
    sum('of no temporality', [point(0, 1, 1)], 0),
  ];
  const namesAfter = async (passthrough: Args['passthrough']): Promise<string[][]> => {
    const { ctx, next, consume } = setUp({ passthrough });
    void consume(...every);
    await ctx.clock.advance(60_000);
    return next.taken.map((batch) => readMetrics(batch).map(({ name }) => name));
  };
  const passed = ['not monotonic', 'delta', 'delta histogram', 'delta exponential', 'of no temporality'];

  it('gauges, summaries and cumulative ones wait; others pass', async () => {
    assert.deepEqual(await namesAfter({ gauge: false, summary: false }), [
      passed,
      ['gauge', 'summary', 'sum', 'histogram', 'exponential'],
    ]);
  });
  it('gauges and summaries may pass', async () => {
    assert.deepEqual(await namesAfter({ gauge: true, summary: true }), [
      ['gauge', 'summary', ...passed],
      ['sum', 'histogram', 'exponential'],
    ]);
  });
  it('of equal times the first is kept', async () => {
    const { ctx, next, consume } = setUp();
    void consume(
      gauge('g', [point(0, 5, 1), point(0, 5, 2), point(0, 4, 3), point(0, 0, 4)]),
      gauge('z', [point(0, 0, 1), point(0, 0, 2)]),
    );
    await ctx.clock.advance(60_000);
    assert.deepEqual(numbers(next.taken), ['0-5=1', '0-0=1']);
  });
});

it('resources, scopes and metrics come out once, with all they say', async () => {
  const { ctx, part, next } = setUp();
  const request = (time: number, order: number) => {
    const attributes = [text('a', '1'), text('b', '2')];
    return requestBatch([
      {
        resource: { attributes: order === 0 ? attributes : attributes.reverse(), droppedAttributesCount: 3 },
        schemaUrl: 'r',
        scopeMetrics: [
          {
            scope: { name: 's', version: '1' },
            schemaUrl: 's',
            metrics: [{ ...sum('m', [point(1, time, time)]), description: 'd', unit: 'u', metadata: [text('x', 'y')] }],
          },
        ],
      },
    ]);
  };
  const first = request(1, 0);
  void part.input!.consume(first);
  void part.input!.consume(request(2, 1));
  await ctx.clock.advance(60_000);
  const wanted = JSON.stringify(decodeRequest(METRICS, first.bytes)).replace(
    '"timeUnixNano":"1","asDouble":1',
    '"timeUnixNano":"2","asDouble":2',
  );
  assert.equal(JSON.stringify(decodeRequest(METRICS, next.taken[0].bytes)), wanted);
  assert.equal(next.taken[0].items, 1);
});

describe('time', () => {
  it('starts anew with another interval, and nothing is lost', async () => {
    const { ctx, part, next, consume } = setUp();
    void consume(gauge('g', [point(0, 1, 1)]));
    await ctx.clock.advance(59_000);
    void part.update({ ...defaults(schema), interval: 5_000 });
    await ctx.clock.advance(4_999);
    assert.equal(next.taken.length, 0);
    await ctx.clock.advance(1);
    assert.deepEqual(numbers(next.taken), ['0-1=1']);
  });

  it('ends with a stop: what is held is passed on, and nothing afterwards', async () => {
    const { ctx, part, next, consume, held } = setUp();
    void consume(gauge('g', [point(0, 1, 1)]));
    assert.equal(held(), 1);
    await part.stop(1000);
    assert.deepEqual(numbers(next.taken), ['0-1=1']);
    assert.equal(held(), 0);
    assert.equal(consume(gauge('g', [point(0, 2, 1)])), Outcome.stopping);
    await ctx.clock.advance(600_000);
    assert.equal(next.taken.length, 1);
    assert.equal(ctx.clock.pending, 0);
  });
});

describe('while the next component refuses', () => {
  it('one batch is held, further metrics are refused, and nothing is lost', async () => {
    const { ctx, next, consume, held } = setUp();
    void consume(gauge('g', [point(0, 1, 1)]));
    next.answer = () => Outcome.queueFull;
    await ctx.clock.advance(180_000);
    assert.equal(held(), 1);
    assert.ok(isRefused(consume(gauge('g', [point(0, 2, 2)])) as Outcome));
    next.answer = () => Outcome.accepted;
    await ctx.clock.advance(1000);
    assert.deepEqual(numbers(next.taken), ['0-1=1']);
    assert.equal(consume(gauge('g', [point(0, 2, 2)])), Outcome.accepted);
    await ctx.clock.advance(60_000);
    assert.deepEqual(numbers(next.taken), ['0-1=1', '0-2=2']);
  });

  it('a stop drops what it cannot deliver, and counts it', async () => {
    const { ctx, part, next, consume, held } = setUp();
    next.answer = () => Outcome.queueFull;
    void consume(gauge('g', [point(0, 1, 1), point(0, 1, 1, label('x'))]));
    const stopped = part.stop(1000);
    await ctx.clock.advance(1000);
    await stopped;
    assert.equal(ctx.meter.value('millrace_component_dropped_items_total', { reason: 'shutdown' }), 2);
    assert.equal(held(), 0);
    assert.equal(ctx.clock.pending, 0);
  });

  it('what is rejected is dropped and counted', async () => {
    const { ctx, next, consume } = setUp();
    next.answer = () => Outcome.downstreamRejected;
    void consume(gauge('g', [point(0, 1, 1)]));
    await ctx.clock.advance(60_000);
    assert.equal(ctx.meter.value('millrace_component_dropped_items_total', { reason: 'rejected' }), 1);
  });
});

it('the bytes held are bounded: past it the latest values leave early, in pieces', () => {
  const { next, consume, held } = setUp();
  const large = (i: number): Fields => point(0, 1, i, [text('blob', String(i).padEnd(1 << 20, 'x'))]);
  let sent = 0;
  for (; next.taken.length === 0; sent++) {
    assert.ok(sent < MAX_BYTES >> 20);
    void consume(gauge('g', [large(sent)]));
  }
  assert.ok(sent > 60);
  assert.equal(held(), 0);
  assert.equal(
    next.sizes.reduce((a, b) => a + b),
    sent,
  );
  assert.ok(next.taken.every(({ bytes }) => bytes.length < 4 << 20));
});

it('an interval must be more than 0', () => {
  assert.deepEqual(decodeArgs(schema, 'interval = "0s"\noutput { }').problems, ['1: interval must be greater than 0']);
});
