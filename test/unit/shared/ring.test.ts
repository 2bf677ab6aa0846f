import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { RingReader, RingWriter, createRing } from '#shared/ring.ts';

const pair = (capacity: number): [RingWriter, RingReader] => {
  const memory = createRing(capacity);
  return [new RingWriter(memory), new RingReader(memory)];
};

function put(writer: RingWriter, text: string): boolean {
  const at = writer.reserve(text.length);
  if (at < 0) return false;
  writer.data.write(text, at, 'latin1');
  writer.commit();
  return true;
}

function take(reader: RingReader): string | null {
  if (!reader.peek()) return null;
  const text = reader.data.toString('latin1', reader.offset, reader.offset + reader.length);
  reader.release();
  return text;
}

test('capacity is a power of two within bounds', () => {
  assert.equal(pair(1)[0].capacity, 64 * 1024);
  assert.equal(pair(100_000)[0].capacity, 128 * 1024);
});

test('records come out in order, whole, and at multiples of 8', () => {
  const [writer, reader] = pair(65536);
  for (const text of ['a', '', 'three', 'x'.repeat(1000)]) assert.ok(put(writer, text));
  assert.equal(writer.reserve(3) % 8, 0);
  for (const text of ['a', '', 'three', 'x'.repeat(1000)]) assert.equal(take(reader), text);
  assert.equal(take(reader), null);
});

test('a reservation is invisible until it is committed, and a second one replaces it', () => {
  const [writer, reader] = pair(65536);
  writer.reserve(100);
  assert.equal(reader.peek(), false);
  assert.ok(put(writer, 'second'));
  assert.equal(take(reader), 'second');
  assert.equal(take(reader), null);
});

test('a full ring refuses and takes again after a release', () => {
  const [writer, reader] = pair(65536);
  const block = 'y'.repeat(8184);
  let taken = 0;
  while (put(writer, block)) taken++;
  assert.equal(taken, 8);
  assert.equal(writer.usedBytes(), 65536);
  assert.equal(take(reader), block);
  assert.ok(put(writer, block));
  assert.equal(put(writer, block), false);
});

test('the longest content fits into an empty ring wherever its head stands', () => {
  const [writer, reader] = pair(65536);
  for (let step = 0; step < 300; step++) {
    assert.ok(put(writer, 'z'.repeat((step * 977) % 9000)));
    assert.notEqual(take(reader), null);
    assert.equal(take(reader), null);
    assert.ok(put(writer, 'w'.repeat(writer.maxContentBytes)), `after step ${step}`);
    assert.equal(take(reader)?.length, writer.maxContentBytes);
  }
});

test('a ring that has started over takes as much as one that has not', () => {
  const [writer, reader] = pair(8 * 1024 * 1024);
  const fill = (): number => {
    let taken = 0;
    while (put(writer, 'v'.repeat(200_000))) taken++;
    for (let i = 0; i < taken; i++) assert.equal(take(reader)?.length, 200_000);
    return taken;
  };
  const fresh = fill();
  for (let i = 0; i < 20; i++) {
    assert.ok(put(writer, 'u'.repeat(90_000)));
    assert.equal(take(reader)?.length, 90_000);
    assert.equal(fill(), fresh);
  }
});

test('a reader that keeps up leaves most of the memory untouched', () => {
  const [writer, reader] = pair(8 * 1024 * 1024);
  let highest = 0;
  for (let i = 0; i < 2000; i++) {
    const at = writer.reserve(20_000);
    highest = Math.max(highest, at);
    writer.commit();
    assert.ok(reader.peek());
    reader.release();
  }
  assert.ok(highest < 2.1 * 1024 * 1024, `wrote at ${highest}`);
});

test('a quarter of the capacity fits at any moment while the reader has read everything before', () => {
  const [writer, reader] = pair(65536);
  for (let before = 0; before < 500; before++) {
    for (let i = 0; i < 16; i++) assert.ok(put(writer, 'q'.repeat(1000)), `round ${before}, record ${i}`);
    while (take(reader) !== null);
    put(writer, 'r'.repeat((before * 331) % 700));
    take(reader);
  }
});

test('positions survive the 2^32 wrap', () => {
  const memory = createRing(65536);
  const control = new Int32Array(memory, 0, 64);
  // Both ends stand 1 KiB before the wrap of the 32-bit positions.
  control[0] = control[16] = -1024;
  const writer = new RingWriter(memory);
  const reader = new RingReader(memory);
  for (let i = 0; i < 100; i++) {
    assert.ok(put(writer, `record ${i} ${'.'.repeat(i * 7)}`));
    assert.equal(take(reader), `record ${i} ${'.'.repeat(i * 7)}`);
  }
});

test('sleep gives null when there is something to read, and settles when the writer rings', async () => {
  const [writer, reader] = pair(65536);
  put(writer, 'there');
  assert.equal(reader.sleep(), null);
  take(reader);
  const sleeping = reader.sleep();
  assert.notEqual(sleeping, null);
  put(writer, 'news');
  writer.ring();
  assert.equal(await sleeping, 'ok');
  assert.equal(take(reader), 'news');
});

test('two threads: a million bytes in records of all sizes arrive once, in order, unaltered', async () => {
  // Guarantees the wake-up protocol: the reader sleeps whenever it has caught up and never misses a bell.
  const memory = createRing(65536);
  const echo = createRing(65536);
  const worker = new Worker(
    `
    const { workerData, parentPort } = require('node:worker_threads');
    parentPort.on('message', () => {});
    import(workerData.ringUrl).then(async ({ RingReader, RingWriter }) => {
      const reader = new RingReader(workerData.memory);
      const writer = new RingWriter(workerData.echo);
      for (;;) {
        while (reader.peek()) {
          let sum = reader.length;
          for (let i = 0; i < reader.length; i++) sum = (sum * 31 + reader.data[reader.offset + i]) | 0;
          reader.release();
          const at = writer.reserve(4);
          if (at < 0) throw new Error('echo ring full');
          writer.words[at >> 2] = sum;
          writer.commit();
        }
        writer.ring();
        await reader.sleep();
      }
    });
  `,
    { eval: true, workerData: { memory, echo, ringUrl: import.meta.resolve('#shared/ring.ts') } },
  );
  const writer = new RingWriter(memory);
  const reader = new RingReader(echo);
  const sums: number[] = [];
  let bytes = 0;
  let sent = 0;
  while (bytes < 1_000_000) {
    const length = (sent * 7919) % 5000;
    const at = writer.reserve(length);
    if (at < 0) {
      writer.ring();
      await drainOne(reader, sums);
      continue;
    }
    let sum = length;
    for (let i = 0; i < length; i++) {
      writer.data[at + i] = (sent + i * 3) & 0xff;
      sum = (sum * 31 + ((sent + i * 3) & 0xff)) | 0;
    }
    writer.commit();
    writer.ring();
    sums.push(sum);
    sent++;
    bytes += length;
  }
  while (sums.length > 0) await drainOne(reader, sums);
  await worker.terminate();
});

async function drainOne(reader: RingReader, expected: number[]): Promise<void> {
  while (!reader.peek()) await reader.sleep(5000);
  assert.equal(reader.words[reader.offset >> 2], expected.shift());
  reader.release();
}
