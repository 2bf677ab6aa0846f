import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { retryBlock, type RetryArgs } from '#components/kit/blocks/retry.ts';
import { defaults } from '#config/schema/schema.ts';

function problems(changes: Partial<RetryArgs>): string[] {
  const found: string[] = [];
  retryBlock.validate?.({ ...defaults(retryBlock), ...changes }, (key) => found.push(key));
  return found;
}

describe('retry_on_failure', () => {
  it('is valid by default', () => assert.deepEqual(problems({}), []));
  it('needs a multiplier above 1 and no negative randomization_factor', () => {
    assert.deepEqual(problems({ multiplier: 1 }), ['multiplier']);
    assert.deepEqual(problems({ randomization_factor: -0.1 }), ['randomization_factor']);
  });
  it('needs a max_elapsed_time of 0 or at least both intervals', () => {
    assert.deepEqual(problems({ max_elapsed_time: 0 }), []);
    assert.deepEqual(problems({ max_elapsed_time: 29_999 }), ['max_elapsed_time']);
    assert.deepEqual(problems({ max_elapsed_time: 1_000, max_interval: 1_000 }), ['max_elapsed_time']);
  });
  it('does not look at intervals when disabled', () =>
    assert.deepEqual(problems({ enabled: false, max_elapsed_time: 1 }), []));
});
