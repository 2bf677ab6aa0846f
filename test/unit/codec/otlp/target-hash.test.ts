import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METRICS } from '#shared/signal.ts';
import { ItemIndex } from '#codec/otlp/item-index.ts';
import { scan } from '#codec/otlp/scan.ts';
import { ShardPlan } from '#codec/otlp/shard.ts';
import { gauge, metricsRequest, point } from '#test/support/metric-requests.ts';

const SHARDS = 64;

/** Where a request of one point from this resource goes. */
function shardOf(resource: Readonly<Record<string, string>>): number {
  const bytes = metricsRequest([gauge('g', point({ asInt: 1 }))], { resource });
  const index = new ItemIndex();
  assert.equal(scan(METRICS, bytes, 0, bytes.length, index), 1);
  const plan = new ShardPlan();
  plan.build(index, SHARDS);
  const found = Array.from({ length: SHARDS }, (_, k) => k).filter((k) => plan.size(k) > 0);
  assert.equal(found.length, 1);
  return found[0];
}

const numbers = Array.from({ length: 40 }, (_, n) => String(n));
const shards = (of: (n: string) => Readonly<Record<string, string>>): number =>
  new Set(numbers.map((n) => shardOf(of(n)))).size;

test('resources of the same job and instance go the same way, whatever else they say and in whatever order', () => {
  assert.equal(
    shards((pod) => ({ 'service.name': 'shop', 'service.namespace': 'n', 'service.instance.id': 'i', pod })),
    1,
  );
  assert.equal(shardOf({ 'service.name': 'shop', pod: '1' }), shardOf({ pod: '2', 'service.name': 'shop' }));
});

test('what makes job and instance spreads', () => {
  assert.ok(shards((n) => ({ 'service.name': n })) > 10);
  assert.ok(shards((n) => ({ 'service.name': 'shop', 'service.namespace': n })) > 10);
  assert.ok(shards((n) => ({ 'service.name': 'shop', 'service.instance.id': n })) > 10);
});

test('resources without a name spread by all they say', () => {
  assert.ok(shards((pod) => ({ pod })) > 10);
  assert.equal(shardOf({}), shardOf({}));
});
