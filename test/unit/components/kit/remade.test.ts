import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Remade } from '#components/kit/remade.ts';
import { Outcome } from '#shared/outcome.ts';
import { LOGS, type LOKI } from '#shared/signal.ts';
import { linesBatch } from '#test/support/loki.ts';
import { later, RecordingConsumer } from '#test/support/recording-consumer.ts';

const IN = { signal: LOGS, bytes: Buffer.of(1), items: 1, metadata: null, owned: true };
const OUT = linesBatch([{ labels: {}, line: 'x' }]);

test('a batch is made once, however often it is refused, and made anew after it was taken', async () => {
  const remade = new Remade<typeof LOGS, typeof LOKI>();
  const next = new RecordingConsumer<typeof LOKI>();
  let made = 0;
  const make = (): typeof OUT => {
    made++;
    return { ...OUT };
  };
  next.answer = () => Outcome.queueFull;
  assert.equal(remade.pass(IN, next, make), Outcome.queueFull);
  const slow = later();
  next.answer = () => slow.promise;
  const answer = remade.pass(IN, next, make);
  slow.resolve(Outcome.queueFull);
  assert.equal(await answer, Outcome.queueFull);
  next.answer = () => Outcome.accepted;
  assert.equal(remade.pass(IN, next, make), Outcome.accepted);
  assert.equal(made, 1);
  assert.equal(next.offered[0], next.offered[2]);
  assert.equal(remade.pass({ ...IN }, next, make), Outcome.accepted);
  assert.equal(made, 2);
});

test('an outcome instead of a batch is the answer', () => {
  const next = new RecordingConsumer<typeof LOKI>();
  assert.equal(
    new Remade<typeof LOGS, typeof LOKI>().pass(IN, next, () => Outcome.malformed),
    Outcome.malformed,
  );
  assert.equal(next.offered.length, 0);
});
