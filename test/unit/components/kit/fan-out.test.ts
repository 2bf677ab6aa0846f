import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Batch } from '#components/kit/batch.ts';
import { fanOut } from '#components/kit/fan-out.ts';
import { Outcome, reasonName } from '#shared/outcome.ts';
import { TRACES } from '#shared/signal.ts';
import { numbered } from '#test/support/numbered-items.ts';
import { later, RecordingConsumer } from '#test/support/recording-consumer.ts';

const BATCH = numbered(TRACES, 0, 2);

describe('fan-out', () => {
  it('accepts and discards without consumers', () => assert.equal(fanOut([]).consume(BATCH), Outcome.accepted));

  it('is the consumer itself when there is one', () => {
    const only = new RecordingConsumer();
    assert.equal(fanOut([only]), only);
  });

  it('gives every consumer the batch, also after a refusal, and joins the outcomes', () => {
    const refuses = new RecordingConsumer(() => Outcome.queueFull);
    const accepts = new RecordingConsumer();
    const rejects = new RecordingConsumer(() => Outcome.downstreamRejected);
    assert.equal(fanOut([refuses, accepts]).consume(BATCH), Outcome.queueFull);
    assert.equal(accepts.taken.length, 1);
    assert.equal(fanOut([refuses, accepts, rejects]).consume(BATCH), Outcome.downstreamRejected);
    assert.equal(rejects.offered.length, 1);
  });

  it('answers later when one of them answers later', async () => {
    const answer = later();
    const accepts = new RecordingConsumer();
    const outcome = fanOut([new RecordingConsumer(() => answer.promise), accepts]).consume(BATCH);
    assert.ok(outcome instanceof Promise);
    assert.equal(accepts.taken.length, 1, 'the others do not wait for it');
    answer.resolve(Outcome.downstream);
    assert.equal(reasonName(await outcome), 'downstream');
  });

  it('offers the same batch again only to those that had refused it', async () => {
    const accepts = new RecordingConsumer();
    const refuses = new RecordingConsumer(() => Promise.resolve(Outcome.queueFull));
    const to = fanOut([accepts, refuses]);
    for (let i = 0; i < 3; i++) assert.equal(await to.consume(BATCH), Outcome.queueFull);
    refuses.answer = () => Outcome.accepted;
    assert.equal(to.consume(BATCH), Outcome.accepted);
    assert.deepEqual([accepts.offered.length, refuses.offered.length], [1, 4]);
  });

  it('gives a new batch to all, also when its bytes are those of a refused one', () => {
    const accepts = new RecordingConsumer();
    const to = fanOut([accepts, new RecordingConsumer(() => Outcome.queueFull)]);
    void to.consume(BATCH);
    void to.consume({ ...BATCH });
    assert.equal(accepts.taken.length, 2);
  });

  describe('with one that only observes', () => {
    class Observer extends RecordingConsumer {
      readonly observes = true;
    }

    it('shows it nothing that another refuses, and once what is taken in the end', () => {
      const [observer, decides] = [new Observer(), new RecordingConsumer(() => Outcome.queueFull)];
      const to = fanOut([observer, decides]);
      assert.equal(to.consume(BATCH), Outcome.queueFull);
      assert.equal(to.consume({ ...BATCH }), Outcome.queueFull, 'a retry of the client');
      assert.equal(observer.offered.length, 0);
      decides.answer = () => Outcome.accepted;
      const held = { ...BATCH };
      assert.equal(to.consume(held), Outcome.accepted);
      assert.deepEqual([observer.taken.length, decides.taken.length], [1, 1]);
    });

    it('shows it what is rejected: that does not come again', () => {
      const observer = new Observer();
      assert.equal(
        fanOut([observer, new RecordingConsumer(() => Outcome.downstreamRejected)]).consume(BATCH),
        Outcome.downstreamRejected,
      );
      assert.equal(observer.taken.length, 1);
    });

    it('keeps borrowed bytes for it until a later answer', async () => {
      const [observer, answer] = [new Observer(), later()];
      const bytes = Buffer.from(BATCH.bytes);
      const outcome = fanOut([new RecordingConsumer(() => answer.promise), observer]).consume({
        ...BATCH,
        bytes,
        owned: false,
      });
      bytes.fill(0);
      assert.equal(observer.offered.length, 0);
      answer.resolve(Outcome.accepted);
      assert.equal(await outcome, Outcome.accepted);
      assert.deepEqual(observer.taken[0].bytes, BATCH.bytes);
    });

    it('is given everything where nobody decides', () => {
      const observers = [new Observer(), new Observer()];
      assert.equal(fanOut(observers).consume(BATCH), Outcome.accepted);
      assert.deepEqual(
        observers.map(({ taken }) => taken.length),
        [1, 1],
      );
    });
  });

  it('switches off the reuse of memory that several share, and leaves it on for one', () => {
    const release = (): void => assert.fail('released while another may read');
    const batch = { ...numbered(TRACES, 0, 2), release };
    void fanOut([new RecordingConsumer()]).consume(batch);
    assert.equal(batch.release, release);
    const shared: Batch = { ...numbered(TRACES, 0, 2), release };
    void fanOut([new RecordingConsumer(), new RecordingConsumer()]).consume(shared);
    assert.equal(shared.release, null);
  });
});
