/**
 * Scenario: a request is cut, into shards or into pieces of bounded size. Guarantee: every item comes out exactly once with its
 * resource, scope and metric around it, field by field as the oracle reads it; a trace stays on one shard; bounds hold.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ItemIndex } from '#codec/otlp/item-index.ts';
import { scan, scanError } from '#codec/otlp/scan.ts';
import { ShardPlan } from '#codec/otlp/shard.ts';
import { Splitter } from '#codec/otlp/split.ts';
import { SIGNALS, SIGNAL_NAMES, TRACES, type Signal } from '#shared/signal.ts';
import { listItems, listSpanIds, requestType } from '#test/support/otlp-proto.ts';
import { makeLogs, makeMetrics, makeTraces } from '#test/support/payloads.ts';
import fc from 'fast-check';
import { Random, randomMessage } from './codec-wire.ts';

const index = new ItemIndex();
const plan = new ShardPlan();
const MAKERS = [makeTraces, makeMetrics, makeLogs] as const;

/** Odd wire forms for half of the seeds, ordinary payloads for the others. */
function makeRequest(signal: Signal, seed: number): Buffer {
  const random = new Random(seed);
  if (isOrdinary(seed)) return MAKERS[signal]({ items: random.below(60), resources: 1 + random.below(4), seed });
  return randomMessage(random, requestType(signal), { width: 3 + random.below(6), depth: 7, unknown: true });
}

const isOrdinary = (seed: number): boolean => (seed & 1) === 0;

function shardsOf(signal: Signal, bytes: Buffer, shards: number): Buffer[] {
  const count = scan(signal, bytes, 0, bytes.length, index);
  assert.ok(count >= 0, scanError());
  plan.build(index, shards);
  return Array.from({ length: shards }, (_, k) => {
    const guard = 8;
    const target = Buffer.alloc(plan.size(k) + 2 * guard, 0xa5);
    assert.equal(plan.write(k, bytes, target, guard), guard + plan.size(k));
    const message = target.subarray(guard, guard + plan.size(k));
    assert.deepEqual(
      [...target.subarray(0, guard), ...target.subarray(guard + message.length)],
      Array(2 * guard).fill(0xa5),
      'writes its own bytes only',
    );
    assert.equal(scan(signal, message, 0, message.length, null), plan.items(k), scanError());
    return message;
  });
}

for (const signal of SIGNALS) {
  describe(`cutting ${SIGNAL_NAMES[signal]}`, () => {
    it('shards conserve every item', () => {
      fc.assert(
        fc.property(fc.integer(), fc.integer({ min: 1, max: 9 }), (seed, shards) => {
          const bytes = makeRequest(signal, seed);
          const parts = shardsOf(signal, bytes, shards);
          assert.deepEqual(parts.flatMap((part) => listItems(signal, part)).sort(), listItems(signal, bytes).sort());
          // Concatenated, the shards are one request again: what a batch does.
          assert.deepEqual(listItems(signal, Buffer.concat(parts)).sort(), listItems(signal, bytes).sort());
        }),
        { numRuns: 250 },
      );
    });

    it('shards keep the order of items', () => {
      fc.assert(
        fc.property(fc.integer(), fc.integer({ min: 2, max: 4 }), (seed, shards) => {
          const bytes = MAKERS[signal]({ items: 40, seed });
          const order = new Map(listItems(signal, bytes).map((item, i) => [item, i]));
          for (const part of shardsOf(signal, bytes, shards)) {
            const positions = listItems(signal, part).map((item) => order.get(item) as number);
            assert.deepEqual(
              positions,
              positions.toSorted((a, b) => a - b),
            );
          }
        }),
        { numRuns: 50 },
      );
    });

    it('pieces conserve every item in order and keep both bounds', () => {
      fc.assert(
        fc.property(
          fc.integer(),
          fc.integer({ min: 1, max: 20 }),
          fc.option(fc.integer({ min: 1, max: 5000 })),
          (seed, maxItems, maxBytes) => {
            const bytes = makeRequest(signal, seed);
            const splitter = new Splitter().reset(signal, bytes);
            const out: string[] = [];
            for (
              let piece = splitter.next(maxItems, maxBytes ?? Infinity);
              piece !== null;
              piece = splitter.next(maxItems, maxBytes ?? Infinity)
            ) {
              assert.equal(scan(signal, piece, 0, piece.length, null), splitter.items, scanError());
              assert.ok(splitter.items <= maxItems);
              if (splitter.oversized) assert.equal(splitter.items, 1);
              // What holds no items (unknown fields of the request, empty entries) is carried along beyond the limit.
              else if (isOrdinary(seed)) assert.ok(piece.length <= (maxBytes ?? Infinity));
              out.push(...listItems(signal, piece));
            }
            assert.deepEqual(out, listItems(signal, bytes));
          },
        ),
        { numRuns: 250 },
      );
    });
  });
}

describe('trace affinity', () => {
  it('sends all spans of a trace to one shard, whatever request they come in', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 8 }), (seed, shards) => {
        const home = new Map<string, number>();
        for (const bytes of [makeTraces({ spans: 60, seed }), makeTraces({ spans: 5, seed })]) {
          shardsOf(TRACES, bytes, shards).forEach((part, k) => {
            for (const id of listSpanIds(part)) {
              const trace = id.slice(0, 32);
              assert.equal(home.get(trace) ?? k, k);
              home.set(trace, k);
            }
          });
        }
      }),
      { numRuns: 60 },
    );
  });
});
