import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { args, type Args } from '#components/otelcol/exporter/debug/schema.ts';
import { defaults } from '#config/schema/schema.ts';

function problems(changes: Partial<Args>): string[] {
  const found: string[] = [];
  args.validate?.({ ...defaults(args), ...changes }, (key) => found.push(key));
  return found;
}

describe('arguments', () => {
  it('are valid by default', () => assert.deepEqual(problems({}), []));
  it('take verbosity in any case', () => assert.equal(args.shape.verbosity.type.decode('Detailed'), 'detailed'));
  it('need use_internal_logger = false for other output_paths', () => {
    assert.deepEqual(problems({ output_paths: ['stderr'] }), ['output_paths']);
    assert.deepEqual(problems({ output_paths: ['stderr'], use_internal_logger: false }), []);
    assert.deepEqual(problems({ output_paths: [], use_internal_logger: false }), ['output_paths']);
  });
  it('refuse negative sampling', () => {
    assert.deepEqual(problems({ sampling_initial: -1, sampling_thereafter: -1 }), [
      'sampling_initial',
      'sampling_thereafter',
    ]);
  });
});
