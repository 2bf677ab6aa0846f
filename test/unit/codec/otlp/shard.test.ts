import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ItemIndex } from '#codec/otlp/item-index.ts';
import { scan } from '#codec/otlp/scan.ts';
import { ShardPlan } from '#codec/otlp/shard.ts';
import { LOGS, METRICS, TRACES, type Signal } from '#shared/signal.ts';
import { decodeRequest, encodeRequest, listItems } from '#test/support/otlp-proto.ts';
import { makeLogs, makeMetrics, makeTraces } from '#test/support/payloads.ts';
import { delimited as field } from '#test/fuzz/codec-wire.ts';

const index = new ItemIndex();
const plan = new ShardPlan();

function shards(signal: Signal, bytes: Buffer, n: number): Buffer[] {
  assert.ok(scan(signal, bytes, 0, bytes.length, index) >= 0);
  plan.build(index, n);
  return Array.from({ length: n }, (_, k) => {
    const out = Buffer.alloc(plan.size(k));
    plan.write(k, bytes, out, 0);
    return out;
  });
}

const span = (id: number, name: string): object => ({
  traceId: Buffer.alloc(16, id),
  spanId: Buffer.alloc(8, id),
  name,
});

describe('ShardPlan', () => {
  it('gives one shard the request as it is', () => {
    const bytes = makeTraces({ spans: 20 });
    assert.deepEqual(shards(TRACES, bytes, 1), [bytes]);
    assert.equal(plan.items(0), 20);
  });

  it('gives the request as it is to one of many when it is all one trace', () => {
    const bytes = encodeRequest(TRACES, {
      resourceSpans: [{ scopeSpans: [{ spans: [span(1, 'a'), span(1, 'b')] }] }, {}],
    });
    const parts = shards(TRACES, bytes, 4).filter((part) => part.length > 0);
    assert.deepEqual(parts, [bytes]);
  });

  it('plans nothing for a request without items', () => {
    for (const n of [1, 3]) {
      assert.ok(
        shards(TRACES, encodeRequest(TRACES, { resourceSpans: [{ resource: {} }] }), n).every(
          (part) => part.length === 0,
        ),
      );
      assert.ok(Array.from({ length: n }, (_, k) => plan.items(k)).every((items) => items === 0));
    }
  });

  it('repeats resource and scope headers that come after the items, and keeps unknown fields', () => {
    const spans = Array.from({ length: 8 }, (_, i) =>
      field(2, Buffer.concat([field(1, Buffer.alloc(16, i)), field(99, `s${i}`)])),
    );
    const scope = Buffer.concat([...spans, field(1, field(1, 'scope')), field(77, 'x')]);
    const bytes = Buffer.concat([
      field(50, 'top'),
      field(1, Buffer.concat([field(2, scope), field(1, ''), field(3, 'url'), field(88, 'y')])),
      field(51, 'end'),
    ]);
    const parts = shards(TRACES, bytes, 3).filter((part) => part.length > 0);
    assert.ok(parts.length > 1);
    for (const part of parts) {
      assert.ok(part.includes(Buffer.concat([field(1, field(1, 'scope')), field(77, 'x')])));
      assert.ok(part.includes(Buffer.concat([field(1, ''), field(3, 'url'), field(88, 'y')])));
    }
    const all = Buffer.concat(parts);
    for (let i = 0; i < 8; i++) assert.equal(all.toString('latin1').split(`s${i}`).length, 2, `span ${i} once`);
    assert.equal(parts.filter((part) => part.includes(field(50, 'top')) && part.includes(field(51, 'end'))).length, 1);
    assert.equal(all.toString('latin1').split('top').length, 2);
  });

  it('carries entries without items along once', () => {
    const bytes = encodeRequest(TRACES, {
      resourceSpans: [
        { resource: { attributes: [{ key: 'lonely', value: { boolValue: true } }] } },
        { scopeSpans: [{ scope: { name: 'empty' } }, { spans: Array.from({ length: 9 }, (_, i) => span(i, 'n')) }] },
      ],
    });
    const parts = shards(TRACES, bytes, 3);
    assert.equal(Buffer.concat(parts).toString('latin1').split('lonely').length, 2);
    assert.ok(
      parts.every((part) => part.length === 0 || part.includes('empty')),
      'an empty scope is a header of its resource',
    );
    assert.deepEqual(parts.flatMap((part) => listItems(TRACES, part)).sort(), listItems(TRACES, bytes).sort());
  });

  it('keeps all metrics and all logs of a resource together', () => {
    for (const [signal, bytes] of [
      [METRICS, makeMetrics({ items: 200, resources: 8 })],
      [LOGS, makeLogs({ items: 200, resources: 8 })],
    ] as const) {
      const parts = shards(signal, bytes, 3).filter((part) => part.length > 0);
      assert.ok(parts.length > 1);
      const entries = parts.flatMap((part) => Object.values(decodeRequest(signal, part)).flat());
      assert.equal(entries.length, 8);
    }
  });

  it('brings a resource to the same shard, whatever the order of its attributes', () => {
    const attribute = (i: number) => ({ key: `key ${i}`, value: { intValue: i } });
    const request = (n: number, ...order: readonly number[]): Buffer =>
      encodeRequest(METRICS, {
        resourceMetrics: [
          {
            resource: { attributes: order.map((i) => attribute(n * 10 + i)), droppedAttributesCount: order[0] },
            scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [{ asInt: 1 }] } }] }],
          },
        ],
      });
    const shardIn = (bytes: Buffer): number => shards(METRICS, bytes, 7).findIndex((part) => part.length > 0);
    const numbers = Array.from({ length: 50 }, (_, n) => n);
    for (const n of numbers) assert.equal(shardIn(request(n, 1, 2, 3)), shardIn(request(n, 3, 1, 2)));
    assert.equal(new Set(numbers.map((n) => shardIn(request(n, 1, 2, 3)))).size, 7);
  });

  it('opens each resource and scope at most once per shard', () => {
    const parts = shards(TRACES, makeTraces({ spans: 200, resources: 4 }), 3);
    const tally = (bytes: Buffer): number[] => {
      const entries = decodeRequest(TRACES, bytes)['resourceSpans'] as { scopeSpans: unknown[] }[];
      return [entries.length, ...entries.map((entry) => entry.scopeSpans.length)];
    };
    for (const part of parts) assert.deepEqual(tally(part), tally(makeTraces({ spans: 200, resources: 4 })));
  });

  it('announces sizes and counts that add up, and can be used again and again', () => {
    for (const n of [4, 2, 8, 3]) {
      const bytes = makeTraces({ spans: 100, seed: n });
      const parts = shards(TRACES, bytes, n);
      assert.deepEqual(
        parts.map((part) => scan(TRACES, part, 0, part.length, null)),
        parts.map((_, k) => plan.items(k)),
      );
      assert.equal(
        parts.map((_, k) => plan.items(k)).reduce((a, b) => a + b),
        100,
      );
    }
  });

  it('sends a request whose index ran full one way, complete', () => {
    const entry = field(
      1,
      field(2, Buffer.concat([field(2, field(1, Buffer.alloc(16, 1))), field(2, field(1, Buffer.alloc(16, 2)))])),
    );
    const bytes = Buffer.concat(Array<Buffer>((1 << 16) + 1).fill(entry));
    const parts = shards(TRACES, bytes, 4).filter((part) => part.length > 0);
    assert.equal(index.full, true);
    assert.equal(parts.length, 1);
    assert.ok(parts[0].equals(bytes));
  });
});
