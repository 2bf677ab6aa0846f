import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { args, type Args } from '#components/otelcol/processor/batch/schema.ts';
import { defaults } from '#config/schema/schema.ts';

function problems(changes: Partial<Args>): string[] {
  const found: string[] = [];
  args.validate?.({ ...defaults(args), ...changes }, (key, message) => found.push(`${key}: ${message}`));
  return found;
}

describe('arguments', () => {
  it('are valid by default', () => assert.deepEqual(problems({}), []));
  it('allow send_batch_max_size 0 with any send_batch_size', () =>
    assert.deepEqual(problems({ send_batch_max_size: 0 }), []));
  it('refuse send_batch_max_size below send_batch_size', () => {
    assert.deepEqual(problems({ send_batch_max_size: 1999 }), [
      'send_batch_max_size: send_batch_max_size must be greater or equal to send_batch_size when not 0',
    ]);
  });
  it('refuse a negative timeout', () =>
    assert.deepEqual(problems({ timeout: -1 }), ['timeout: timeout must not be negative']));
  it('refuse keys that differ only in case', () => {
    assert.deepEqual(problems({ metadata_keys: ['a', 'Tenant', 'tenant'] }), [
      'metadata_keys: duplicate entry in metadata_keys: "tenant" (case-insensitive)',
    ]);
  });
});
