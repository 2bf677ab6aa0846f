import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Turn } from '#shard/turn.ts';
import { createRing, RingReader, RingWriter } from '#shared/ring.ts';

function pair(): [RingWriter, RingReader] {
  const memory = createRing(65_536);
  return [new RingWriter(memory), new RingReader(memory)];
}

function write(ring: RingWriter): void {
  assert.ok(ring.reserve(8) >= 0);
  ring.commit();
}

test('a reader that sleeps is woken once for all that a turn has written', async () => {
  const [writer, reader] = pair();
  const woken = reader.sleep();
  assert.notEqual(woken, null);
  const turn = new Turn();
  let rung = 0;
  const ring = writer.ring.bind(writer);
  writer.ring = () => (rung++, ring());
  for (let i = 0; i < 5; i++) {
    write(writer);
    turn.ringLater(writer);
  }
  assert.equal(rung, 0);
  await woken;
  assert.equal(rung, 1);
});

test('answers that come while the turn lasts are taken at its end, without a bell; later ones ring it', async () => {
  const [frames] = pair();
  const [answers, reader] = pair();
  const turn = new Turn();
  let taken = 0;
  const source = {
    ring: reader,
    drain(): void {
      for (; reader.peek(); reader.release()) taken++;
    },
  };
  turn.add(source);
  let woken = false;
  const sleep = reader.sleep();
  assert.notEqual(sleep, null);
  void sleep?.then(() => (woken = true));
  turn.ringLater(frames);
  write(answers);
  answers.ring();
  await setImmediate();
  await setImmediate();
  assert.deepEqual([taken, woken], [1, false]);

  write(answers);
  answers.ring();
  await sleep;
  assert.equal(woken, true);
  turn.remove(source);
});
