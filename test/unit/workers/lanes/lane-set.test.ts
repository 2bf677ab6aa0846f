import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch } from '#components/kit/batch.ts';
import type { RingPair } from '#shared/control.ts';
import { frameBytes, writeFrame } from '#shared/frame.ts';
import { Outcome } from '#shared/outcome.ts';
import { createRing, RingReader, RingWriter } from '#shared/ring.ts';
import { TRACES } from '#shared/signal.ts';
import { settle } from '#test/support/fake-clock.ts';
import { LaneSet } from '#workers/lanes/lane-set.ts';

type Consume = (batch: Batch) => Outcome | Promise<Outcome>;

/** A producer's ends of its rings. A frame's payload is one byte, its entry the number in it. */
class Producer {
  readonly pair: RingPair;
  readonly #frames: RingWriter;
  readonly #answers: RingReader;
  readonly answered: [slot: number, outcome: Outcome][] = [];

  constructor(answerRingBytes = 1 << 20) {
    this.pair = { frames: createRing(1 << 20), answers: createRing(answerRingBytes) };
    this.#frames = new RingWriter(this.pair.frames);
    this.#answers = new RingReader(this.pair.answers);
  }

  write(slot: number, payload = 0): void {
    const source = Buffer.from([payload]);
    const content = this.#frames.reserve(frameBytes(0, 1));
    assert.ok(content >= 0, 'the ring of frames is full');
    const at = writeFrame(this.#frames, content, TRACES, 0, slot, 1, null, source.byteOffset, 1);
    source.copy(this.#frames.data, at);
    this.#frames.commit();
    this.#frames.ring();
  }

  readAnswers(): [number, Outcome][] {
    while (this.#answers.peek()) {
      const word = this.#answers.offset >> 2;
      this.answered.push([this.#answers.words[word], this.#answers.words[word + 1]]);
      this.#answers.release();
    }
    return this.answered;
  }

  get unread(): number {
    return this.#frames.usedBytes();
  }
}

const lanes = (consume: Consume): LaneSet => new LaneSet({ entry: () => ({ consume }) });

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await settle();
}

test('each producer gets the answers to its own frames', async () => {
  const set = lanes((batch) => (batch.bytes[0] === 1 ? Outcome.queueFull : Outcome.accepted));
  const [a, b] = [new Producer(), new Producer()];
  set.attach(0, a.pair);
  set.attach(1, b.pair);
  const run = set.run();
  a.write(7, 0);
  b.write(7, 1);
  await until(() => a.readAnswers().length + b.readAnswers().length === 2);
  assert.deepEqual(a.answered, [[7, Outcome.accepted]]);
  assert.deepEqual(b.answered, [[7, Outcome.queueFull]]);
  set.stop();
  await run;
});

test('a producer that is always just ahead of its lane does not keep the others waiting', async (t) => {
  const [busy, other] = [new Producer(), new Producer()];
  let written = 0;
  const set = lanes(() => Outcome.accepted);
  set.attach(0, busy.pair);
  set.attach(1, other.pair);
  // As from a thread of its own: the next frame comes when the lane has found its ring empty and has not gone to sleep yet.
  const ring = Reflect.get(RingWriter.prototype, 'ring');
  t.mock.method(RingWriter.prototype, 'ring', function (this: RingWriter) {
    ring.call(this);
    if (this.data.buffer !== busy.pair.answers || written === 1000 || other.readAnswers().length > 0) return;
    busy.readAnswers();
    busy.write(written++ & 0xff);
  });
  const run = set.run();
  other.write(5, 1);
  await until(() => other.readAnswers().length === 1);
  assert.ok(written < 1000, 'the other one had to wait until the busy one was silent');
  set.stop();
  await run;
});

test('abandoned: what was written is still read, answers go nowhere, and a ring of answers that nobody reads is no error', async () => {
  let consumed = 0;
  const set = lanes(() => {
    consumed++;
    return Outcome.accepted;
  });
  // Holds 4096 answers.
  const dead = new Producer(1 << 16);
  set.attach(0, dead.pair);
  const run = set.run();
  for (let i = 0; i < 6000; i++) dead.write(i);
  set.abandon(0);
  await until(() => consumed === 6000);
  assert.deepEqual(dead.readAnswers(), []);

  const successor = new Producer();
  set.attach(0, successor.pair);
  successor.write(1);
  await until(() => successor.readAnswers().length === 1);
  set.stop();
  await run;
  await set.answered();
});

test('abandoned with answers under way: they are waited for at the end, and dropped', async () => {
  const resolves: ((o: Outcome) => void)[] = [];
  const set = lanes(() => new Promise<Outcome>((resolve) => resolves.push(resolve)));
  const dead = new Producer();
  set.attach(0, dead.pair);
  const run = set.run();
  dead.write(1);
  await until(() => resolves.length === 1);
  set.abandon(0);
  dead.write(2);
  await until(() => resolves.length === 2);
  set.stop();
  // The parts are stopped after this, and that is what answers.
  await run;
  let over = false;
  const answered = set.answered().then(() => (over = true));
  await settle();
  assert.equal(over, false);
  for (const resolve of resolves) resolve(Outcome.accepted);
  await answered;
  assert.deepEqual(dead.readAnswers(), []);
});

test('pause holds lanes of every producer, also those attached meanwhile', async () => {
  let consumed = 0;
  const set = lanes(() => {
    consumed++;
    return Outcome.accepted;
  });
  const [a, b] = [new Producer(), new Producer()];
  set.attach(0, a.pair);
  const run = set.run();
  set.pause();
  set.attach(1, b.pair);
  a.write(1);
  b.write(1);
  await settle();
  await settle();
  assert.equal(consumed, 0);
  set.resume();
  await until(() => consumed === 2);
  set.stop();
  await run;
});

test('stop reads what lies in every ring first', async () => {
  let consumed = 0;
  const set = lanes(() => {
    consumed++;
    return Outcome.accepted;
  });
  const producers = [new Producer(), new Producer(), new Producer()];
  producers.forEach((producer, i) => {
    set.attach(i, producer.pair);
    for (let slot = 0; slot < 100; slot++) producer.write(slot);
  });
  set.stop();
  await set.run();
  assert.equal(consumed, 300);
  for (const producer of producers) {
    assert.equal(producer.unread, 0);
    assert.equal(producer.readAnswers().length, 100);
  }
});

test('a bug in one lane ends the run', async () => {
  const set = lanes(() => {
    throw new Error('a bug');
  });
  const producer = new Producer();
  set.attach(0, new Producer().pair);
  set.attach(1, producer.pair);
  const run = set.run();
  producer.write(1);
  await assert.rejects(run, /a bug/);
});
