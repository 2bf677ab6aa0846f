import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { queueBatchBlock, queueBlock, type QueueArgs, type QueueBatchArgs } from '#components/kit/blocks/queue.ts';
import { defaults } from '#config/schema/schema.ts';

function problems(queue: Partial<QueueArgs>, batch?: Partial<QueueBatchArgs>): string[] {
  const found: string[] = [];
  const batchArgs = batch === undefined ? undefined : { ...defaults(queueBatchBlock), ...batch };
  if (batchArgs !== undefined) queueBatchBlock.validate?.(batchArgs, (key) => found.push(`batch.${key}`));
  queueBlock.validate?.({ ...defaults(queueBlock), batch: batchArgs, ...queue }, (key) => found.push(key));
  return found;
}

describe('sending_queue', () => {
  it('is valid by default, without a batch', () => {
    assert.deepEqual(problems({}), []);
    assert.equal(defaults(queueBlock).batch, undefined);
  });
  it('needs consumers and a size, unless it is disabled', () => {
    assert.deepEqual(problems({ num_consumers: 0 }), ['num_consumers']);
    assert.deepEqual(problems({ queue_size: 0 }), ['queue_size']);
    assert.deepEqual(problems({ queue_size: 0, num_consumers: 0, enabled: false }), []);
  });
  it('needs room for a batch when both count the same', () => {
    assert.deepEqual(problems({ sizer: 'items', queue_size: 1999 }, {}), ['batch']);
    assert.deepEqual(problems({ sizer: 'items', queue_size: 2000 }, {}), []);
    assert.deepEqual(problems({ sizer: 'requests', queue_size: 1 }, {}), []);
  });
  it('needs max_size 0 or at least min_size, and a positive flush_timeout', () => {
    assert.deepEqual(problems({}, { max_size: 1999 }), ['batch.max_size']);
    assert.deepEqual(problems({}, { max_size: 0 }), []);
    assert.deepEqual(problems({}, { flush_timeout: 0 }), ['batch.flush_timeout']);
    assert.deepEqual(problems({}, { min_size: -1 }), ['batch.min_size']);
  });
});
