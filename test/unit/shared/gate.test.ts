import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGate, Gate } from '#shared/gate.ts';
import { Outcome, withRetryAfter } from '#shared/outcome.ts';

test('all that look at the same memory see the same gate', () => {
  const memory = createGate();
  const [here, there] = [new Gate(memory), new Gate(memory)];
  assert.equal(there.refusal, Outcome.accepted);
  const refusal = withRetryAfter(Outcome.memoryLimit, 65_535);
  here.close(refusal);
  assert.equal(there.refusal, refusal);
  here.open();
  assert.equal(there.refusal, Outcome.accepted);
});

test('a gate without memory is its own', () => {
  const gate = new Gate();
  gate.close(Outcome.memoryLimit);
  assert.equal(new Gate().refusal, Outcome.accepted);
});
