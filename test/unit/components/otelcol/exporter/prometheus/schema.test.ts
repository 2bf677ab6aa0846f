import assert from 'node:assert/strict';
import { test } from 'node:test';
import { args } from '#components/otelcol/exporter/prometheus/schema.ts';
import { decodeArgs } from '#test/support/decode-args.ts';

test('what cannot be is said at its place', () => {
  assert.deepEqual(decodeArgs(args, 'forward_to = []\ngc_frequency = "0s"').problems, [
    '2: gc_frequency must be greater than 0',
  ]);
  assert.deepEqual(decodeArgs(args, 'forward_to = []\nstart_timestamp_zero_ingestion = true').problems, [
    '2: start_timestamp_zero_ingestion is not available; leave it out',
  ]);
  assert.equal(decodeArgs(args, '').problems.length, 1);
});
