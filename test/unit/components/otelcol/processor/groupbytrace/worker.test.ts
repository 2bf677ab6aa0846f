import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import fc from 'fast-check';
import { args as schema, type Args } from '#components/otelcol/processor/groupbytrace/schema.ts';
import { BATCH_BYTES, create, MAX_BYTES } from '#components/otelcol/processor/groupbytrace/worker.ts';
import type { Batch } from '#components/kit/batch.ts';
import { defaults } from '#config/schema/schema.ts';
import { isRefused, Outcome } from '#shared/outcome.ts';
import { METRICS, TRACES } from '#shared/signal.ts';
import { numbered } from '#test/support/numbered-items.ts';
import { encodeRequest, listSpanIds } from '#test/support/otlp-proto.ts';
import { workerContext } from '#test/support/worker-context.ts';

function setUp(changes: Partial<Args> = {}, workers = 1) {
  const ctx = workerContext('otelcol.processor.groupbytrace.default', { count: workers });
  const part = create({ ...defaults(schema), ...changes }, ctx);
  void part.start();
  const next = ctx.next.traces;
  const taken = (): string[] => next.taken.map(shown);
  const value = (name: string, labels = {}): number =>
    ctx.meter.value(name.startsWith('millrace') ? name : `otelcol_processor_groupbytrace_${name}`, labels);
  const consume = (...spans: readonly string[]) => part.input!.consume(batch(spans));
  return { ctx, part, next, taken, value, consume };
}

/** Spans written as their trace and their own letter. */
function batch(spans: readonly string[], padding = 0): Batch {
  const bytes = encodeRequest(TRACES, {
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: spans.map((text) => ({
              traceId: Buffer.alloc(16, text.charCodeAt(0)),
              spanId: Buffer.alloc(8, text.charCodeAt(1)),
              name: 'x'.repeat(padding),
            })),
          },
        ],
      },
    ],
  });
  return { signal: TRACES, bytes, items: spans.length, metadata: null, owned: false };
}
const letter = (hex: string): string => String.fromCharCode(Number.parseInt(hex.slice(0, 2), 16));
const shown = ({ bytes }: Batch): string =>
  listSpanIds(bytes)
    .map((text) => text.split(':').map(letter).join(''))
    .join(' ');

describe('a trace', () => {
  it('leaves wait_duration after its first span, with all that came meanwhile', async () => {
    const { ctx, consume, taken, value } = setUp({ wait_duration: 1000 });
    assert.equal(consume('a1', 'b1', 'a2'), Outcome.accepted);
    await ctx.clock.advance(600);
    void consume('c1', 'a3');
    await ctx.clock.advance(399);
    assert.deepEqual(taken(), []);
    assert.equal(value('num_traces_in_memory'), 3);
    assert.equal(value('millrace_component_held_items'), 5);
    await ctx.clock.advance(1);
    assert.deepEqual(taken(), ['a1 a2 a3 b1']);
    await ctx.clock.advance(600);
    assert.deepEqual(taken(), ['a1 a2 a3 b1', 'c1']);
    assert.equal(value('traces_released_total'), 3);
    assert.equal(value('spans_released_total'), 5);
    assert.equal(value('num_traces_in_memory'), 0);
    assert.equal(value('millrace_component_held_items'), 0);
    assert.equal(ctx.clock.pending, 0);
  });

  it('begins anew when a span comes late', async () => {
    const { ctx, consume, taken } = setUp({ wait_duration: 1000 });
    void consume('a1');
    await ctx.clock.advance(1000);
    void consume('a2');
    await ctx.clock.advance(999);
    assert.deepEqual(taken(), ['a1']);
    await ctx.clock.advance(1);
    assert.deepEqual(taken(), ['a1', 'a2']);
  });

  it('is never cut, however large; small ones share batches up to a size', async () => {
    const { ctx, part, next } = setUp();
    const third = BATCH_BYTES / 3;
    for (const trace of ['a', 'b', 'c', 'd'])
      for (const n of '12') void part.input!.consume(batch([trace + n], third / 2));
    for (const n of '1234') void part.input!.consume(batch([`e${n}`], third));
    void part.input!.consume(batch(['f1']));
    await ctx.clock.advance(1000);
    assert.deepEqual(next.taken.map(shown), ['a1 a2 b1 b2', 'c1 c2 d1 d2', 'e1 e2 e3 e4', 'f1']);
    assert.ok(next.taken.every(({ owned }) => owned));
  });
});

describe('beyond num_traces', () => {
  it('the oldest leave early and are counted', async () => {
    const { ctx, consume, taken, value } = setUp({ num_traces: 2 });
    assert.equal(value('conf_num_traces'), 2);
    void consume('a1', 'b1');
    void consume('a2', 'c1', 'd1');
    assert.deepEqual(taken(), ['a1 a2 b1']);
    assert.equal(value('traces_evicted_total', { reason: 'num_traces' }), 2);
    await ctx.clock.advance(1000);
    assert.deepEqual(taken(), ['a1 a2 b1', 'c1 d1']);
    assert.equal(value('traces_released_total'), 4);
    assert.match(JSON.stringify(ctx.log), /no room for more/);
  });

  it('each worker has its part, one trace at least', () => {
    const three = setUp({ num_traces: 9 }, 3);
    for (const trace of 'abcd') void three.consume(`${trace}1`);
    assert.deepEqual(three.taken(), ['a1']);
    const many = setUp({ num_traces: 1 }, 4);
    void many.consume('a1');
    assert.deepEqual(many.taken(), []);
  });
});

it('beyond its memory the oldest traces leave early and are counted', () => {
  const { part, next, value } = setUp();
  const padding = 4 << 20;
  for (let i = 0; i < 40; i++) void part.input!.consume(batch([String.fromCharCode(48 + i) + 'x'], padding));
  const evicted = value('traces_evicted_total', { reason: 'memory' });
  assert.equal(next.taken.length, evicted);
  assert.equal(shown(next.taken[0]), '0x');
  assert.ok((40 - evicted) * padding <= MAX_BYTES && (40 - evicted + 2) * padding > MAX_BYTES, `${evicted} left`);
});

describe('what the next component refuses', () => {
  it('is held and offered again; meanwhile nothing is taken and no other trace leaves', async () => {
    const { ctx, consume, next, taken, value } = setUp();
    next.answer = () => Outcome.queueFull;
    void consume('a1', 'a2');
    await ctx.clock.advance(500);
    void consume('b1');
    await ctx.clock.advance(500);
    assert.ok(isRefused(consume('c1') as Outcome));
    await ctx.clock.advance(5000);
    assert.deepEqual(new Set(next.offered.map(shown)), new Set(['a1 a2']));
    assert.equal(value('millrace_component_held_items'), 3);
    next.answer = () => Outcome.accepted;
    await ctx.clock.advance(1000);
    assert.deepEqual(taken(), ['a1 a2', 'b1']);
    assert.equal(consume('c1'), Outcome.accepted);
    assert.equal(value('millrace_component_held_items'), 1);
  });

  it('for good is dropped, counted and logged', async () => {
    const { ctx, consume, next, value } = setUp();
    next.answer = () => Outcome.downstreamRejected;
    void consume('a1', 'b1');
    await ctx.clock.advance(1000);
    assert.equal(value('millrace_component_dropped_items_total', { reason: 'rejected' }), 2);
    assert.equal(value('millrace_component_held_items'), 0);
    assert.match(JSON.stringify(ctx.log), /could not be passed on/);
  });
});

describe('stop', () => {
  it('passes on all traces at once, then is silent', async () => {
    const { ctx, part, consume, taken } = setUp();
    void consume('a1', 'b1');
    await part.stop(1000);
    assert.deepEqual(taken(), ['a1 b1']);
    assert.ok(isRefused(consume('c1') as Outcome));
    await ctx.clock.advance(5000);
    assert.deepEqual(taken(), ['a1 b1']);
    assert.equal(ctx.clock.pending, 0);
  });

  it('counts what is not taken by the deadline', async () => {
    const { ctx, part, consume, next, value } = setUp();
    next.answer = () => Outcome.queueFull;
    void consume('a1', 'b1');
    const stopped = part.stop(1000);
    await ctx.clock.advance(500);
    await stopped;
    assert.equal(value('millrace_component_dropped_items_total', { reason: 'shutdown' }), 2);
    assert.equal(value('millrace_component_held_items'), 0);
  });
});

it('an update changes the time that traces wait, and loses none', async () => {
  const { ctx, part, consume, taken } = setUp({ wait_duration: 60_000 });
  void consume('a1');
  await ctx.clock.advance(2000);
  void part.update({ ...defaults(schema), wait_duration: 1000 });
  await ctx.clock.advance(10);
  assert.deepEqual(taken(), ['a1']);
});

it('takes nothing but traces', () => {
  const { part } = setUp();
  assert.equal(part.input!.consume(numbered(METRICS, 0, 1)), Outcome.noConsumer);
});

test('whatever the next component answers: each span that was taken arrives once or is counted as dropped', async () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ traces: fc.array(fc.nat(12), { minLength: 1, maxLength: 8 }) }) },
    { weight: 1, arbitrary: fc.record({ ms: fc.nat(1500) }) },
    {
      weight: 1,
      arbitrary: fc.record({ answer: fc.constantFrom('accepted', 'queueFull', 'downstreamRejected', 'later') }),
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.constantFrom(3, 1000), async (steps, num_traces) => {
      const { ctx, part, consume, next, value } = setUp({ num_traces, wait_duration: 500 });
      let taken = 0;
      let number = 0;
      for (const one of steps) {
        if ('ms' in one) await ctx.clock.advance(one.ms);
        else if ('answer' in one)
          next.answer = () =>
            one.answer === 'later' ? Promise.resolve(Outcome.accepted) : Outcome[one.answer as 'accepted'];
        else {
          const spans = one.traces.map(
            (trace) => String.fromCharCode(97 + trace) + String.fromCharCode(33 + (number++ % 90)),
          );
          if (consume(...spans) === Outcome.accepted) taken += spans.length;
        }
        const arrived = next.taken.reduce((sum, { items }) => sum + items, 0);
        const dropped = value('millrace_component_dropped_items_total');
        assert.equal(arrived + dropped + value('millrace_component_held_items'), taken);
      }
      const stopped = part.stop(1000);
      await ctx.clock.advance(1000);
      await stopped;
      const arrived = next.taken.map(shown).flatMap((text) => text.split(' '));
      assert.equal(arrived.length + value('millrace_component_dropped_items_total'), taken);
      // Letters come again after 90 spans only.
      if (number <= 90) assert.equal(new Set(arrived).size, arrived.length);
      assert.equal(value('millrace_component_held_items'), 0);
      assert.equal(ctx.clock.pending, 0);
    }),
    { numRuns: 60 },
  );
});
