import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Arena } from '#components/otelcol/processor/batch/arena.ts';

const bytes = (length: number, fill: number): Buffer => Buffer.alloc(length, fill);

describe('arena', () => {
  it('concatenates what is appended', () => {
    const arena = new Arena();
    const parts = Array.from({ length: 50 }, (_, i) => bytes((i * 37) % 200, i));
    for (const part of parts) arena.append(part, 2);
    assert.equal(arena.items, 100);
    assert.deepEqual(arena.take(), Buffer.concat(parts));
    assert.equal(arena.items, 0);
    assert.equal(arena.take().length, 0);
  });

  it('never writes into a batch that it has handed out', () => {
    const arena = new Arena();
    arena.append(bytes(100, 1), 1);
    const first = arena.take();
    arena.append(bytes(100, 2), 1);
    const second = arena.take();
    assert.deepEqual([first, second], [bytes(100, 1), bytes(100, 2)]);
  });

  it('never writes into bytes that it has adopted', () => {
    const arena = new Arena();
    const whole = bytes(200, 1);
    arena.adopt(whole.subarray(0, 100), 1);
    arena.append(bytes(50, 2), 1);
    assert.deepEqual(arena.take(), Buffer.concat([bytes(100, 1), bytes(50, 2)]));
    assert.deepEqual(whole, bytes(200, 1));
  });

  it('hands out batches that keep at most twice their size alive', () => {
    const arena = new Arena();
    arena.append(bytes(100_000, 1), 1);
    arena.take();
    arena.append(bytes(10, 2), 1);
    const small = arena.take();
    assert.deepEqual(small, bytes(10, 2));
    // Buffers of this size may come from Node's pool of 64 KiB at most, never from the arena of 100 kB.
    assert.ok(small.buffer.byteLength <= 65_536, `${small.buffer.byteLength} bytes`);
  });
});
