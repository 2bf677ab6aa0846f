import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { args as schema, type Args } from '#components/otelcol/processor/batch/schema.ts';
import { create } from '#components/otelcol/processor/batch/worker.ts';
import { defaults } from '#config/schema/schema.ts';
import { Outcome, withDownstream } from '#shared/outcome.ts';
import { LOGS, METRICS, SIGNAL_NAMES, SIGNALS, TRACES } from '#shared/signal.ts';
import { numbered, numbersIn, range } from '#test/support/numbered-items.ts';
import { later } from '#test/support/recording-consumer.ts';
import { workerContext } from '#test/support/worker-context.ts';

function setUp(args: Partial<Args> = {}) {
  const ctx = workerContext('otelcol.processor.batch.default');
  const all: Args = { ...defaults(schema), ...args };
  const part = create(all, ctx);
  void part.start();
  const offer = (from: number, count: number, metadata: Parameters<typeof numbered>[3] = null) =>
    part.input?.consume(numbered(TRACES, from, count, metadata));
  return { ctx, part, all, offer, next: ctx.next.traces };
}
const numbersOf = (batches: Parameters<typeof numbersIn>[0][]): number[] => batches.flatMap(numbersIn);
const held = (ctx: ReturnType<typeof workerContext>): number =>
  ctx.meter.value('millrace_component_held_items', { signal: 'traces' });

describe('size', () => {
  const table = [
    { what: 'waits below send_batch_size', size: 2000, max: 3000, arrivals: [1999], sent: [], waiting: 1999 },
    { what: 'sends at send_batch_size', size: 2000, max: 3000, arrivals: [2000], sent: [2000], waiting: 0 },
    {
      what: 'sends all up to send_batch_max_size',
      size: 2000,
      max: 3000,
      arrivals: [1900, 1100],
      sent: [3000],
      waiting: 0,
    },
    {
      what: 'cuts at send_batch_max_size, the rest waits',
      size: 2000,
      max: 3000,
      arrivals: [1900, 1500],
      sent: [3000],
      waiting: 400,
    },
    {
      what: 'sends while send_batch_size is reached (the example of 7500)',
      size: 2000,
      max: 3000,
      arrivals: [7500],
      sent: [3000, 3000],
      waiting: 1500,
    },
    {
      what: 'sends a rest that reaches send_batch_size too',
      size: 2000,
      max: 3000,
      arrivals: [8000],
      sent: [3000, 3000, 2000],
      waiting: 0,
    },
    { what: 'has no upper limit with max 0', size: 2000, max: 0, arrivals: [1500, 7500], sent: [9000], waiting: 0 },
    { what: 'cuts to equal sizes with max = size', size: 10, max: 10, arrivals: [35], sent: [10, 10, 10], waiting: 5 },
    { what: 'sends at once with send_batch_size 0', size: 0, max: 0, arrivals: [3, 4], sent: [3, 4], waiting: 0 },
    { what: 'sends at once with send_batch_size 0, cut', size: 0, max: 3, arrivals: [7], sent: [3, 3, 1], waiting: 0 },
  ];
  for (const { what, size, max, arrivals, sent, waiting } of table) {
    it(what, () => {
      const { ctx, next, offer } = setUp({ send_batch_size: size, send_batch_max_size: max });
      let from = 0;
      for (const count of arrivals) {
        assert.equal(offer(from, count), Outcome.accepted);
        from += count;
      }
      assert.deepEqual(next.sizes, sent);
      assert.deepEqual(numbersOf(next.taken), range(0, from - waiting), 'every item once, in order');
      assert.equal(held(ctx), waiting);
    });
  }

  it('sends at once with timeout 0, and sets no timer', () => {
    const { ctx, next, offer } = setUp({ timeout: 0, send_batch_max_size: 0 });
    void offer(0, 3);
    assert.deepEqual(next.sizes, [3]);
    assert.equal(ctx.clock.pending, 0);
  });

  it('counts data points and log records, and keeps signals apart', () => {
    const { ctx, part } = setUp({ send_batch_size: 10, send_batch_max_size: 10 });
    for (const signal of SIGNALS) void part.input?.consume(numbered(signal, 0, 25));
    for (const signal of [TRACES, METRICS, LOGS] as const) {
      const { sizes, taken } = ctx.next[SIGNAL_NAMES[signal]];
      assert.deepEqual(sizes, [10, 10]);
      assert.deepEqual(numbersOf(taken), range(0, 20));
    }
  });

  it('appends requests as they are, without merging equal resources', () => {
    const { next, offer } = setUp({ send_batch_size: 4 });
    void offer(0, 2);
    void offer(2, 2);
    assert.deepEqual(next.taken[0]?.bytes, Buffer.concat([numbered(TRACES, 0, 2).bytes, numbered(TRACES, 2, 2).bytes]));
  });

  it("hands on batches that own their bytes, whatever happens to the sender's buffer", () => {
    const { next, part } = setUp({ send_batch_size: 4 });
    const shared = numbered(TRACES, 0, 4);
    const borrowed = { ...shared, bytes: Buffer.from(shared.bytes), owned: false };
    void part.input?.consume(borrowed);
    borrowed.bytes.fill(0);
    assert.deepEqual(numbersOf(next.offered), [0, 1, 2, 3]);
    assert.equal(next.offered[0]?.owned, true);
  });
});

describe('timeout', () => {
  it('runs from the start, not from the first item', async () => {
    const { ctx, next, offer } = setUp({ timeout: 200 });
    await ctx.clock.advance(350);
    void offer(0, 5);
    await ctx.clock.advance(49);
    assert.deepEqual(next.sizes, []);
    await ctx.clock.advance(1);
    assert.deepEqual(next.sizes, [5]);
    assert.equal(ctx.meter.value('otelcol_processor_batch_timeout_trigger_send_total'), 1);
  });

  it('starts again after a batch that was sent because of its size', async () => {
    const { ctx, next, offer } = setUp({ timeout: 200, send_batch_size: 10, send_batch_max_size: 10 });
    await ctx.clock.advance(150);
    void offer(0, 13);
    assert.deepEqual(next.sizes, [10]);
    await ctx.clock.advance(199);
    assert.deepEqual(next.sizes, [10]);
    await ctx.clock.advance(1);
    assert.deepEqual(next.sizes, [10, 3]);
    assert.equal(ctx.meter.value('otelcol_processor_batch_batch_size_trigger_send_total'), 1);
    assert.equal(ctx.meter.value('otelcol_processor_batch_timeout_trigger_send_total'), 1);
  });

  it('keeps its periods while nothing arrives, without waking up', async () => {
    const { ctx, next, offer } = setUp({ timeout: 200 });
    void offer(0, 1);
    await ctx.clock.advance(200);
    assert.equal(ctx.clock.pending, 0);
    await ctx.clock.advance(1_130);
    void offer(1, 1);
    await ctx.clock.advance(69);
    assert.deepEqual(next.sizes, [1]);
    await ctx.clock.advance(1);
    assert.deepEqual(next.sizes, [1, 1]);
  });
});

describe('a next component that refuses', () => {
  it('is offered the same batch again until it takes it, in order, nothing lost', async () => {
    const { ctx, next, offer } = setUp({ send_batch_size: 10, send_batch_max_size: 10 });
    next.answer = () => Outcome.queueFull;
    assert.equal(offer(0, 10), Outcome.accepted);
    assert.equal(offer(10, 4), Outcome.accepted);
    await ctx.clock.advance(2_000);
    assert.deepEqual(next.taken, []);
    assert.equal(held(ctx), 14);
    next.answer = () => Outcome.accepted;
    await ctx.clock.advance(250);
    assert.deepEqual(numbersOf(next.taken), range(0, 14));
    assert.equal(held(ctx), 0);
    assert.equal(ctx.meter.value('millrace_component_dropped_items_total'), 0);
  });

  it('is asked after 5 ms, then at doubling intervals up to 250 ms', async () => {
    const { ctx, next, offer } = setUp({ send_batch_size: 1 });
    const atMs: number[] = [];
    next.answer = () => (atMs.push(ctx.clock.monotonicMs()), Outcome.queueFull);
    void offer(0, 1);
    await ctx.clock.advance(1_000);
    assert.deepEqual(atMs, [0, 5, 15, 35, 75, 155, 315, 565, 815]);
  });

  it('is not asked before the time that a destination asked for', async () => {
    const { ctx, next, offer } = setUp({ send_batch_size: 1 });
    next.answer = () => withDownstream(Outcome.downstream, 14, 3);
    void offer(0, 1);
    await ctx.clock.advance(2_999);
    assert.equal(next.offered.length, 1);
    await ctx.clock.advance(1);
    assert.equal(next.offered.length, 2);
  });

  it('takes input up to send_batch_max_size meanwhile and then refuses its sender', () => {
    const { ctx, next, offer } = setUp({ send_batch_size: 10, send_batch_max_size: 20 });
    next.answer = () => Outcome.queueFull;
    const outcomes = [10, 15, 5, 1].map((count, i) => offer(i * 100, count));
    assert.deepEqual(outcomes, [Outcome.accepted, Outcome.accepted, Outcome.accepted, Outcome.batchFull]);
    assert.equal(held(ctx), 30);
  });

  it('takes up to send_batch_size meanwhile when there is no upper limit, or one request of any size', () => {
    const first = setUp({ send_batch_size: 10, send_batch_max_size: 0 });
    first.next.answer = () => Outcome.queueFull;
    assert.deepEqual(
      [10, 6, 4, 1].map((n) => first.offer(0, n)),
      [Outcome.accepted, Outcome.accepted, Outcome.accepted, Outcome.batchFull],
    );
    const second = setUp({ send_batch_size: 10, send_batch_max_size: 0 });
    second.next.answer = () => Outcome.queueFull;
    assert.deepEqual(
      [10, 500, 1].map((n) => second.offer(0, n)),
      [Outcome.accepted, Outcome.accepted, Outcome.batchFull],
    );
  });

  it('holds no more than its bounds however long it is refused', async () => {
    const { ctx, next, offer } = setUp({ send_batch_size: 10, send_batch_max_size: 20 });
    next.answer = () => Outcome.queueFull;
    let refused = 0;
    for (let i = 0; i < 500; i++) {
      if (offer(i * 3, 3) !== Outcome.accepted) refused++;
      await ctx.clock.advance(1);
    }
    assert.ok(held(ctx) <= 40, `${held(ctx)} held`);
    assert.ok(refused > 480);
  });

  it('gets what waited for the timer as soon as it takes data again', async () => {
    const { ctx, next, offer } = setUp({ timeout: 200, send_batch_size: 10, send_batch_max_size: 10 });
    next.answer = () => Outcome.queueFull;
    void offer(0, 12);
    await ctx.clock.advance(1_000);
    next.answer = () => Outcome.accepted;
    await ctx.clock.advance(250);
    assert.deepEqual(next.sizes, [10, 2]);
    assert.equal(ctx.clock.pending, 0);
  });
});

describe('a next component that rejects', () => {
  it('loses the batch: dropped, counted, logged at a bounded rate, and the next batch goes on', async () => {
    const { ctx, next, offer } = setUp({ send_batch_size: 10 });
    next.answer = () => withDownstream(Outcome.downstreamRejected, 3, 0);
    for (let i = 0; i < 20; i++) void offer(i * 10, 10);
    assert.equal(
      ctx.meter.value('millrace_component_dropped_items_total', { signal: 'traces', reason: 'rejected' }),
      200,
    );
    assert.equal(held(ctx), 0);
    next.answer = () => Outcome.accepted;
    void offer(200, 10);
    assert.deepEqual(next.sizes, [10]);
    await ctx.clock.advance(60_000);
    assert.deepEqual(
      ctx.log.lines.map((line) => line.fields['items']),
      [10, 190],
    );
    assert.equal(ctx.log.lines[0]?.fields['grpc_code'], 3);
  });
});

describe('a next component that answers later', () => {
  it('gets one batch at a time while input is collected', async () => {
    const { ctx, next, offer } = setUp({ send_batch_size: 10, send_batch_max_size: 10 });
    const answers = [later(), later()];
    let calls = 0;
    next.answer = () => answers[calls++].promise;
    assert.equal(offer(0, 10), Outcome.accepted);
    assert.equal(offer(10, 10), Outcome.accepted);
    assert.equal(offer(20, 1), Outcome.batchFull);
    assert.equal(next.offered.length, 1);
    answers[0]?.resolve(Outcome.accepted);
    await ctx.clock.advance(0);
    assert.equal(next.offered.length, 2);
    assert.equal(offer(20, 1), Outcome.accepted);
    assert.equal(held(ctx), 11);
  });

  it('is offered the batch again when it refuses later', async () => {
    const { ctx, next, offer } = setUp({ send_batch_size: 10 });
    const answer = later();
    next.answer = () => answer.promise;
    void offer(0, 10);
    next.answer = () => Outcome.accepted;
    answer.resolve(Outcome.downstream);
    await ctx.clock.advance(5);
    assert.deepEqual(numbersOf(next.taken), range(0, 10));
  });
});

describe('metadata_keys', () => {
  const tenant = (...values: string[]) =>
    new Map([
      ['x-tenant', values],
      ['other', ['o']],
    ]);

  it('batches apart by the values of the keys and passes on only these keys, in lower case', async () => {
    const { ctx, next, offer } = setUp({ metadata_keys: ['X-Tenant'] });
    void offer(0, 2, tenant('a'));
    void offer(2, 2, tenant('b'));
    void offer(4, 2, tenant('a'));
    await ctx.clock.advance(200);
    const seen = next.taken.map((batch) => [[...(batch.metadata ?? [])], numbersIn(batch)]);
    assert.deepEqual(seen, [
      [[['x-tenant', ['a']]], [0, 1, 4, 5]],
      [[['x-tenant', ['b']]], [2, 3]],
    ]);
  });

  it('tells a missing key, an empty value and several values apart', async () => {
    const { ctx, next, offer } = setUp({ metadata_keys: ['x-tenant'] });
    void offer(0, 1);
    void offer(1, 1, tenant(''));
    void offer(2, 1, tenant('a', 'b'));
    void offer(3, 1, tenant('a'));
    void offer(4, 1, new Map([['other', ['o']]]));
    await ctx.clock.advance(200);
    assert.deepEqual(next.taken.map(numbersIn), [[0, 4], [1], [2], [3]]);
    assert.equal(ctx.meter.value('otelcol_processor_batch_metadata_cardinality'), 4);
  });

  it('rejects new combinations at the limit while known ones go on', () => {
    const { offer } = setUp({ metadata_keys: ['x-tenant'], metadata_cardinality_limit: 2 });
    const outcomes = ['a', 'b', 'c', 'a'].map((value, i) => offer(i, 1, tenant(value)));
    assert.deepEqual(outcomes, [Outcome.accepted, Outcome.accepted, Outcome.metadataCardinality, Outcome.accepted]);
  });

  it('has no limit with 0', () => {
    const { offer } = setUp({ metadata_keys: ['x-tenant'], metadata_cardinality_limit: 0 });
    for (let i = 0; i < 1500; i++) assert.equal(offer(i, 1, tenant(String(i))), Outcome.accepted);
  });

  it('drops all metadata when no key is configured', async () => {
    const { ctx, next, offer } = setUp();
    void offer(0, 1, tenant('a'));
    await ctx.clock.advance(200);
    assert.equal(next.taken[0]?.metadata, null);
  });
});

describe('update', () => {
  it('applies new sizes to what is already collected', () => {
    const { part, all, next, offer } = setUp();
    void offer(0, 50);
    void part.update({ ...all, send_batch_size: 20, send_batch_max_size: 20 });
    assert.deepEqual(next.sizes, [20, 20]);
  });

  it('sends on what was collected under other metadata keys', () => {
    const { part, all, next, offer } = setUp({ metadata_keys: ['a'] });
    void offer(0, 5, new Map([['a', ['1']]]));
    void part.update({ ...all, metadata_keys: ['b'] });
    assert.deepEqual(next.sizes, [5]);
    void offer(5, 5, new Map([['b', ['1']]]));
    assert.deepEqual(next.sizes, [5]);
  });
});

describe('stop', () => {
  it('flushes, refuses new data, and is silent then', async () => {
    const { ctx, part, next, offer } = setUp();
    void offer(0, 5);
    await part.stop(1_000);
    assert.deepEqual(numbersOf(next.taken), range(0, 5));
    assert.equal(offer(5, 1), Outcome.stopping);
    assert.equal(ctx.clock.pending, 0);
  });

  it('refuses new combinations of metadata, too', async () => {
    const { part, next, offer } = setUp({ metadata_keys: ['a'] });
    await part.stop(1_000);
    assert.equal(offer(0, 1, new Map([['a', ['new']]])), Outcome.stopping);
    assert.deepEqual(next.offered, []);
  });

  it('offers a refused batch again until it is taken', async () => {
    const { ctx, part, next, offer } = setUp({ send_batch_size: 10, send_batch_max_size: 10 });
    next.answer = () => Outcome.queueFull;
    void offer(0, 12);
    const stopped = part.stop(10_000);
    await ctx.clock.advance(300);
    next.answer = () => Outcome.accepted;
    await ctx.clock.advance(250);
    await stopped;
    assert.deepEqual(numbersOf(next.taken), range(0, 12));
    assert.equal(ctx.clock.pending, 0);
  });

  it('leaves a batch whose answer is awaited to that answer', async () => {
    for (const [outcome, reason] of [
      [Outcome.accepted, null],
      [Outcome.stopping, 'shutdown'],
      [Outcome.downstreamRejected, 'rejected'],
    ] as const) {
      const { ctx, part, offer, next } = setUp({ send_batch_size: 10, send_batch_max_size: 10 });
      const answer = later();
      next.answer = () => answer.promise;
      void offer(0, 10);
      void offer(10, 7);
      const stopped = part.stop(60_000);
      await ctx.clock.advance(60_000);
      await stopped;
      const dropped = (why: string): number =>
        ctx.meter.value('millrace_component_dropped_items_total', { signal: 'traces', reason: why });
      assert.deepEqual([dropped('shutdown'), held(ctx)], [7, 10], 'not lost yet');
      answer.resolve(outcome);
      await ctx.clock.advance(0);
      assert.equal(held(ctx), 0);
      assert.equal(dropped('shutdown') + dropped('rejected'), reason === null ? 7 : 17);
      if (reason === 'rejected') assert.equal(dropped('rejected'), 10);
      await part.stop(60_000);
      assert.equal(next.offered.length, 1, 'silent after the end');
    }
  });

  it('insists for the whole deadline when only a reload takes it away', async () => {
    const { ctx, part, offer, next } = setUp();
    next.answer = () => Outcome.queueFull;
    void offer(0, 5);
    const stopped = part.stop(30_000, true);
    await ctx.clock.advance(29_000);
    next.answer = () => Outcome.accepted;
    await ctx.clock.advance(500);
    await stopped;
    assert.deepEqual(numbersOf(next.taken), range(0, 5));
  });

  it('insists no longer than ever when the end comes while a reload takes it away', async () => {
    const { ctx, part, offer, next } = setUp();
    next.answer = () => Outcome.queueFull;
    void offer(0, 5);
    const stopped = Promise.all([part.stop(30_000, true), part.stop(30_000)]);
    await ctx.clock.advance(5_000);
    await stopped;
    assert.equal(
      ctx.meter.value('millrace_component_dropped_items_total', { signal: 'traces', reason: 'shutdown' }),
      5,
    );
    // The first one's deadline.
    await ctx.clock.advance(25_000);
    assert.equal(ctx.clock.pending, 0);
  });

  it('gives up in time for what follows, with the loss counted and logged', async () => {
    const { ctx, part, next, offer } = setUp();
    next.answer = () => Outcome.queueFull;
    void offer(0, 5);
    const stopped = part.stop(2_000);
    await ctx.clock.advance(1_000);
    await stopped;
    assert.equal(ctx.meter.value('millrace_component_dropped_items_total', { reason: 'shutdown' }), 5);
    assert.equal(held(ctx), 0);
    assert.equal(ctx.log.lines.at(-1)?.fields['reason'], 'shutdown');
    const offers = next.offered.length;
    await ctx.clock.advance(10_000);
    assert.equal(next.offered.length, offers);
    assert.equal(ctx.clock.pending, 0);
  });
});

describe('counting', () => {
  it('tells size in items and bytes of each batch that was taken, and what came in and went out', async () => {
    const { ctx, next, offer } = setUp({ send_batch_size: 10, send_batch_max_size: 10 });
    void offer(0, 13);
    await ctx.clock.advance(200);
    const processor = { processor: 'batch/default' };
    assert.deepEqual(ctx.meter.observed('otelcol_processor_batch_batch_send_size', processor), [10, 3]);
    assert.deepEqual(
      ctx.meter.observed('otelcol_processor_batch_batch_send_size_bytes', processor),
      next.taken.map((b) => b.bytes.length),
    );
    assert.equal(ctx.meter.value('otelcol_processor_incoming_items_total', { otel_signal: 'traces' }), 13);
    assert.equal(ctx.meter.value('otelcol_processor_outgoing_items_total', { otel_signal: 'traces' }), 13);
  });

  it('conserves every item under mixed answers: each accepted one goes on exactly once or is counted as dropped', async () => {
    const { ctx, part, next, offer } = setUp({ send_batch_size: 20, send_batch_max_size: 30 });
    const answers = [
      Outcome.accepted,
      Outcome.queueFull,
      Outcome.accepted,
      Outcome.downstreamRejected,
      Outcome.batchFull,
      Outcome.accepted,
    ];
    const rejected: number[] = [];
    let calls = 0;
    next.answer = (batch) => {
      const outcome = answers[calls++ % answers.length];
      if (outcome === Outcome.downstreamRejected) rejected.push(...numbersIn(batch));
      return calls % 2 === 0 ? outcome : Promise.resolve(outcome);
    };
    const accepted: number[] = [];
    for (let i = 0, from = 0; i < 300; i++) {
      const count = 1 + ((i * 11) % 37);
      if (offer(from, count) === Outcome.accepted) accepted.push(...range(from, count));
      from += count;
      await ctx.clock.advance(i % 17);
    }
    const stopped = part.stop(10_000);
    await ctx.clock.advance(5_000);
    await stopped;
    assert.deepEqual(
      [...numbersOf(next.taken), ...rejected].toSorted((a, b) => a - b),
      accepted,
    );
    assert.equal(ctx.meter.value('millrace_component_dropped_items_total', { reason: 'rejected' }), rejected.length);
    assert.equal(ctx.meter.value('millrace_component_dropped_items_total', { reason: 'shutdown' }), 0);
    assert.equal(held(ctx), 0);
    assert.ok(rejected.length > 0 && accepted.length > 1000);
  });
});
