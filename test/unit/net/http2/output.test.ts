/** Frames on their way out: whole, in order, one write a turn. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DATA, WINDOW_UPDATE } from '#net/http2/frame.ts';
import { Output } from '#net/http2/output.ts';
import { settle } from '#test/support/fake-clock.ts';
import { cut, data, windowUpdate } from '#test/support/http2-frames.ts';

test('frames of one turn are one write, whatever their number', async () => {
  const writes: Buffer[] = [];
  const output = new Output((bytes) => writes.push(bytes));
  for (let id = 1; id <= 300; id++) output.uint32Frame(WINDOW_UPDATE, id, id * 1000);
  output.frame(DATA, 0, 301, Buffer.from('abcdef'), 2, 4);
  await settle();
  assert.equal(writes.length, 1);
  const expected = Array.from({ length: 300 }, (_, i) => windowUpdate(i + 1, (i + 1) * 1000));
  assert.deepEqual(cut(writes[0]), cut(Buffer.concat([...expected, data(301, Buffer.from('cd'))])));
});

test('memory that is written again does not change what was written', async () => {
  const writes: Buffer[] = [];
  const output = new Output((bytes) => writes.push(bytes));
  for (const length of [10, 100_000, 20]) {
    output.frame(DATA, 0, length, Buffer.alloc(length, length));
    await settle();
  }
  assert.deepEqual(
    writes.map((bytes) => cut(bytes).frames.map(({ streamId, payload }) => [streamId, payload.length, payload[0]])),
    [[[10, 10, 10]], [[100_000, 100_000, 100_000 & 0xff]], [[20, 20, 20]]],
  );
});

test('flush writes at once, and after close nothing is written', async () => {
  const writes: Buffer[] = [];
  const output = new Output((bytes) => writes.push(bytes));
  output.flush();
  output.uint32Frame(WINDOW_UPDATE, 0, 1);
  output.flush();
  assert.equal(writes.length, 1);
  output.uint32Frame(WINDOW_UPDATE, 0, 1);
  output.close();
  output.uint32Frame(WINDOW_UPDATE, 0, 1);
  output.flush();
  await settle();
  assert.equal(writes.length, 1);
});
