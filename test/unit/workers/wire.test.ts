/** A wire whose consumers change while a batch is held that some have taken and others have not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch } from '#components/kit/batch.ts';
import { Outcome } from '#shared/outcome.ts';
import { TRACES } from '#shared/signal.ts';
import { Wire } from '#workers/pipeline/wire.ts';
import { numbered } from '#test/support/numbered-items.ts';
import { later, RecordingConsumer } from '#test/support/recording-consumer.ts';

/** Consumers by the id of their node. */
const to = (nodes: Readonly<Record<string, RecordingConsumer>>): [string[], RecordingConsumer[]] => [
  Object.keys(nodes),
  Object.values(nodes),
];
const BATCH = numbered(TRACES, 0, 2);
const refusing = (): RecordingConsumer => new RecordingConsumer(() => Outcome.queueFull);

test('who has taken it gets it no more; who stayed, and who is new, does', () => {
  const [took, refused, fresh] = [new RecordingConsumer(), refusing(), new RecordingConsumer()];
  const wire = new Wire();
  wire.lead(...to({ took, refused }));
  assert.equal(wire.consume(BATCH), Outcome.queueFull);
  refused.answer = () => Outcome.accepted;
  wire.lead(...to({ fresh, refused, took }));
  assert.equal(wire.consume(BATCH), Outcome.accepted);
  assert.deepEqual(
    [took, refused, fresh].map((c) => c.taken.length),
    [1, 1, 1],
  );
});

test('also when one is left, and when none of them is', () => {
  const [took, refused] = [new RecordingConsumer(), refusing()];
  const wire = new Wire();
  wire.lead(...to({ took, refused }));
  void wire.consume(BATCH);
  wire.lead(...to({ took }));
  assert.equal(wire.consume(BATCH), Outcome.accepted);
  assert.equal(took.offered.length, 1);
  wire.lead([], []);
  assert.equal(wire.consume(numbered(TRACES, 2, 2)), Outcome.accepted);
  wire.lead(...to({ refused, took }));
  void wire.consume(BATCH);
  assert.equal(took.offered.length, 1);
});

test('an answer that comes after the change counts', async () => {
  const answer = later();
  const [took, slow, fresh] = [
    new RecordingConsumer(),
    new RecordingConsumer(() => answer.promise),
    new RecordingConsumer(),
  ];
  const wire = new Wire();
  wire.lead(...to({ took, slow }));
  const outcome = wire.consume(BATCH);
  wire.lead(...to({ took, fresh }));
  answer.resolve(Outcome.queueFull);
  assert.equal(await outcome, Outcome.queueFull);
  assert.equal(wire.consume(BATCH), Outcome.accepted);
  assert.deepEqual([took.offered.length, fresh.taken.length], [1, 1]);
});

test('memory comes back again from the one consumer that a wire to several is left with', () => {
  const release = (): void => {};
  const wire = new Wire();
  const [one, other] = [new RecordingConsumer(), new RecordingConsumer()];
  wire.lead(...to({ one, other }));
  wire.lead(...to({ one }));
  const batch: Batch = { ...BATCH, release };
  void wire.consume(batch);
  assert.equal(batch.release, release);
});

test('a node that was away and is made anew has taken what the one before has taken', () => {
  const [took, again, refused] = [new RecordingConsumer(), new RecordingConsumer(), refusing()];
  const wire = new Wire();
  wire.lead(...to({ took, refused }));
  void wire.consume(BATCH);
  wire.lead(...to({ refused }));
  void wire.consume(BATCH);
  refused.answer = () => Outcome.accepted;
  wire.lead(...to({ took: again, refused }));
  assert.equal(wire.consume(BATCH), Outcome.accepted);
  assert.deepEqual([took.offered.length, again.offered.length, refused.taken.length], [1, 0, 1]);
  assert.equal(wire.consume({ ...BATCH }), Outcome.accepted);
  assert.equal(again.taken.length, 1);
});
