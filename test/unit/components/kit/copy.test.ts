import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keep, type Batch } from '#components/kit/batch.ts';
import { copyAll } from '#components/kit/copy.ts';
import { TRACES } from '#shared/signal.ts';

describe('copyAll', () => {
  for (const length of [0, 1, 2, 7, 8, 9, 1000]) {
    it(`copies ${length} bytes out of shared memory to any offset and nothing else`, () => {
      const shared = Buffer.from(new SharedArrayBuffer(length + 3), 3, length);
      for (let i = 0; i < length; i++) shared[i] = i * 7 + 1;
      const target = Buffer.alloc(length + 10, 0xee);
      copyAll(shared, target, 5);
      assert.deepEqual(target.subarray(5, 5 + length), Buffer.from(shared));
      assert.deepEqual(
        [...target.subarray(0, 5), ...target.subarray(5 + length)],
        Array.from({ length: 10 }, () => 0xee),
      );
    });
  }
});

describe('keep', () => {
  it('gives a batch of its own for borrowed bytes and the batch itself for owned ones', () => {
    const borrowed: Batch = {
      signal: TRACES,
      bytes: Buffer.from(new SharedArrayBuffer(4)).fill(9),
      items: 2,
      metadata: null,
      owned: false,
    };
    const kept = keep(borrowed);
    borrowed.bytes.fill(0);
    assert.deepEqual([...kept.bytes], [9, 9, 9, 9]);
    assert.deepEqual([kept.items, kept.owned, kept.signal], [2, true, TRACES]);
    assert.equal(keep(kept), kept);
  });
});
