import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import fc from 'fast-check';
import { HeldTraces, type Released } from '#components/otelcol/processor/groupbytrace/held-traces.ts';
import { TRACES } from '#shared/signal.ts';
import { encodeRequest, listSpanIds } from '#test/support/otlp-proto.ts';

const id = (n: number, bytes: number): Buffer => {
  const out = Buffer.alloc(bytes);
  out.writeUInt32BE(n, bytes - 4);
  return out;
};
/** Spans as pairs of trace and span. */
const request = (...spans: readonly (readonly [number, number])[]): Buffer =>
  encodeRequest(TRACES, {
    resourceSpans: [{ scopeSpans: [{ spans: spans.map(([t, s]) => ({ traceId: id(t, 16), spanId: id(s, 8) })) }] }],
  });
const idsIn = (released: Released | null): number[][] =>
  released === null
    ? []
    : listSpanIds(released.bytes).map((text) => text.split(':').map((part) => Number.parseInt(part.slice(-8), 16)));

describe('traces', () => {
  it('leave oldest first, whole, when their time has come', () => {
    const held = new HeldTraces();
    held.add(request([1, 1], [2, 2], [1, 3]), 10);
    held.add(request([3, 4], [2, 5]), 20);
    assert.deepEqual([held.traces, held.spans, held.oldestMs], [3, 5, 10]);
    assert.equal(held.take(9, Infinity, Infinity), null);
    const first = held.take(10, Infinity, Infinity);
    assert.deepEqual(idsIn(first), [
      [1, 1],
      [1, 3],
      [2, 2],
      [2, 5],
    ]);
    assert.deepEqual([first!.spans, first!.traces], [4, 2]);
    assert.deepEqual([held.traces, held.spans, held.oldestMs], [1, 1, 20]);
    assert.deepEqual(idsIn(held.take(20, Infinity, Infinity)), [[3, 4]]);
    assert.deepEqual([held.traces, held.spans, held.oldestMs, held.bytes], [0, 0, Infinity, 0]);
  });

  it('begin anew after they have left', () => {
    const held = new HeldTraces();
    held.add(request([1, 1]), 0);
    held.take(0, Infinity, Infinity);
    held.add(request([1, 2]), 5);
    assert.equal(held.oldestMs, 5);
    assert.deepEqual(idsIn(held.take(5, Infinity, Infinity)), [[1, 2]]);
  });

  it('leave within bounds of number and bytes, but one at least', () => {
    const held = new HeldTraces();
    for (let t = 0; t < 5; t++) held.add(request([t, t], [t, t + 10]), t);
    const size = request([1, 1], [1, 2]).length;
    assert.equal(held.take(9, 2, Infinity)!.traces, 2);
    assert.equal(held.take(9, Infinity, 1)!.traces, 1);
    assert.equal(held.take(9, Infinity, 2 * size)!.traces, 2);
  });
});

test('memory comes back, whatever the order of spans, and is bounded by what is held', () => {
  const held = new HeldTraces();
  let most = 0;
  // A trace lives ten rounds and gets spans in each of them.
  for (let round = 0; round < 400; round++) {
    const spans: [number, number][] = [];
    for (let age = 0; age < 10; age++) for (let i = 0; i < 20; i++) spans.push([(round - age + 10) * 20 + i, round]);
    held.add(request(...spans), round);
    held.take(round - 10, Infinity, Infinity);
    most = Math.max(most, held.bytes);
  }
  assert.ok(most < 2 << 20, `${most} bytes`);
  while (held.take(Infinity, Infinity, 1 << 20) !== null);
  assert.equal(held.bytes, 0);
});

test('against a model: every span leaves once, with all of its trace that came before', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ spans: fc.array(fc.nat(30), { minLength: 1, maxLength: 12 }) }) },
    { weight: 1, arbitrary: fc.record({ wait: fc.nat(20) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        age: fc.nat(30),
        most: fc.constantFrom(1, 3, Infinity),
        bytes: fc.constantFrom(1, 200, Infinity),
      }),
    },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const held = new HeldTraces();
      const model = new Map<number, { readonly since: number; readonly spans: number[] }>();
      let now = 0;
      let spanId = 0;
      for (const one of steps) {
        if ('wait' in one) now += one.wait;
        else if ('spans' in one) {
          const spans = one.spans.map((trace) => [trace, ++spanId] as const);
          for (const [trace, span] of spans) {
            if (!model.has(trace)) model.set(trace, { since: now, spans: [] });
            model.get(trace)!.spans.push(span);
          }
          held.add(request(...spans), now);
        } else {
          const released = held.take(now - one.age, one.most, one.bytes);
          const expected = [...model].filter(([, { since }]) => since <= now - one.age).slice(0, released?.traces ?? 0);
          if (released === null) assert.ok([...model.values()].every(({ since }) => since > now - one.age));
          else assert.ok(released.traces >= 1 && released.traces <= one.most);
          assert.deepEqual(
            idsIn(released),
            expected.flatMap(([trace, { spans }]) => spans.map((span) => [trace, span])),
          );
          for (const [trace] of expected) model.delete(trace);
        }
        assert.equal(held.traces, model.size);
        assert.equal(
          held.spans,
          [...model.values()].reduce((sum, { spans }) => sum + spans.length, 0),
        );
        assert.equal(held.oldestMs, [...model.values()][0]?.since ?? Infinity);
      }
    }),
  );
});
