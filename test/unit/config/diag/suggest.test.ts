import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean, editDistance, nearest } from '#config/diag/suggest.ts';

test('edit distance counts insertions, deletions, substitutions and swaps', () => {
  assert.equal(editDistance('', ''), 0);
  assert.equal(editDistance('abc', ''), 3);
  assert.equal(editDistance('timeout', 'timeout'), 0);
  assert.equal(editDistance('tiemout', 'timeout'), 1);
  assert.equal(editDistance('kitten', 'sitting'), 3);
});

test('the nearest name, if it is near enough', () => {
  const names = ['send_batch_size', 'send_batch_max_size', 'timeout', 'tls'];
  assert.equal(nearest('send_batch_sise', names), 'send_batch_size');
  assert.equal(nearest('Timeout', names), 'timeout');
  assert.equal(nearest('tsl', names), 'tls');
  assert.equal(nearest('endpoint', names), undefined);
  assert.equal(nearest('x', names), undefined);
  assert.equal(nearest('timeout'.repeat(1000), names), undefined);
  assert.equal(didYouMean('timout', names), 'did you mean "timeout"?');
  assert.equal(didYouMean('timout', []), undefined);
});
