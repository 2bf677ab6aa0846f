import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Batch } from '#components/kit/batch.ts';
import { Outbox } from '#components/kit/outbox.ts';
import { isAccepted, Outcome, withDownstream } from '#shared/outcome.ts';
import { METRICS } from '#shared/signal.ts';
import { FakeClock, settle } from '#test/support/fake-clock.ts';
import { numbered, numbersIn } from '#test/support/numbered-items.ts';
import { later, RecordingConsumer } from '#test/support/recording-consumer.ts';

function setUp() {
  const clock = new FakeClock();
  const next = new RecordingConsumer();
  const log: string[] = [];
  let held = 0;
  const outbox = new Outbox({
    clock,
    next,
    sent: (batch) => void log.push(`sent ${batch.items}`),
    dropped: (batch, reason) => void log.push(`${reason} ${batch.items}`),
    held: (change) => void (held += change),
  });
  return { clock, next, outbox, log, held: () => held };
}
const batch = (from: number, items = 1): Batch => numbered(METRICS, from, items);
const numbers = (batches: readonly Batch[]): number[] => batches.flatMap(numbersIn);

describe('an outbox', () => {
  it('passes on what is accepted or rejected, with the answer', () => {
    const { next, outbox, log } = setUp();
    assert.equal(outbox.send(batch(1)), Outcome.accepted);
    next.answer = () => Outcome.downstreamRejected;
    assert.equal(outbox.send(batch(2)), Outcome.downstreamRejected);
    assert.equal(outbox.blocked, null);
    assert.deepEqual(log, ['sent 1']);
  });

  it('holds what is refused, says so, and offers it again until it is taken', async () => {
    const { clock, next, outbox, held } = setUp();
    next.answer = () => Outcome.queueFull;
    assert.equal(outbox.send(batch(1, 3)), Outcome.accepted);
    assert.equal(outbox.blocked, Outcome.queueFull);
    assert.equal(held(), 3);
    await clock.advance(5);
    assert.equal(next.offered.length, 2);
    next.answer = () => Outcome.accepted;
    await clock.advance(10);
    assert.equal(outbox.blocked, null);
    assert.equal(held(), 0);
    assert.deepEqual(numbers(next.taken), [1, 2, 3]);
    assert.equal(clock.pending, 0);
  });

  it('keeps the order, and waits as long as the destination asks', async () => {
    const { clock, next, outbox } = setUp();
    next.answer = () => withDownstream(Outcome.downstream, 14, 7);
    void outbox.send(batch(1));
    void outbox.send(batch(2));
    next.answer = () => Outcome.accepted;
    await clock.advance(6_999);
    assert.equal(next.taken.length, 0);
    await clock.advance(1);
    assert.deepEqual(numbers(next.taken), [1, 2]);
  });

  it('is not blocked by few answers that are due, is by many, and holds what is refused late', async () => {
    const { clock, next, outbox } = setUp();
    const answers = Array.from({ length: 16 }, later);
    next.answer = () => answers[next.offered.length - 1]?.promise ?? Outcome.accepted;
    const outcomes = answers.map((_, i) => {
      assert.equal(outbox.blocked, null);
      return outbox.send(batch(i));
    });
    assert.notEqual(outbox.blocked, null);
    answers.forEach(({ resolve }, i) => resolve(i % 2 === 0 ? Outcome.queueFull : Outcome.accepted));
    assert.ok((await Promise.all(outcomes)).every(isAccepted));
    await clock.advance(1000);
    assert.deepEqual(
      numbers(next.taken).sort((a, b) => a - b),
      answers.map((_, i) => i),
    );
    assert.equal(outbox.blocked, null);
  });

  it('drops and counts what is rejected after it was held', async () => {
    const { clock, next, outbox, log, held } = setUp();
    next.answer = () => Outcome.queueFull;
    void outbox.send(batch(1, 2));
    next.answer = () => Outcome.downstreamRejected;
    await clock.advance(1000);
    assert.deepEqual(log, ['rejected 2']);
    assert.equal(held(), 0);
  });

  it('drains what is held, and resolves at once when that is taken', async () => {
    const { clock, next, outbox } = setUp();
    next.answer = () => Outcome.queueFull;
    void outbox.send(batch(1));
    next.answer = () => Outcome.accepted;
    await outbox.drain(1000);
    assert.deepEqual(numbers(next.taken), [1]);
    assert.equal(clock.pending, 0);
    assert.equal(outbox.blocked, Outcome.stopping);
  });

  it('drops at the deadline what nobody takes, and sends nothing any more', async () => {
    const { clock, next, outbox, log, held } = setUp();
    next.answer = () => Outcome.queueFull;
    void outbox.send(batch(1, 2));
    const drained = outbox.drain(1000);
    await clock.advance(1000);
    await drained;
    const offers = next.offered.length;
    await clock.advance(10_000);
    assert.equal(next.offered.length, offers);
    assert.deepEqual(log, ['shutdown 2']);
    assert.equal(held(), 0);
    assert.equal(clock.pending, 0);
  });

  it('counts by its answer what the next component had at the deadline', async () => {
    for (const [answer, wanted] of [
      [Outcome.accepted, 'sent 1'],
      [Outcome.queueFull, 'shutdown 1'],
    ] as const) {
      const { clock, next, outbox, log, held } = setUp();
      next.answer = () => Outcome.queueFull;
      void outbox.send(batch(1));
      const due = later();
      next.answer = () => due.promise;
      const drained = outbox.drain(1000);
      await clock.advance(1000);
      await drained;
      due.resolve(answer);
      await settle();
      assert.deepEqual(log, [wanted]);
      assert.equal(held(), 0);
    }
  });
});
