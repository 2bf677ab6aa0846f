import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Arena } from '#components/otelcol/processor/batch/arena.ts';
import { Spares } from '#components/otelcol/processor/batch/spares.ts';

const bytes = (length: number, fill: number): Buffer => Buffer.alloc(length, fill);

describe('arena', () => {
  it('concatenates what is appended', () => {
    const arena = new Arena(new Spares());
    const parts = Array.from({ length: 50 }, (_, i) => bytes((i * 37) % 200, i));
    for (const part of parts) arena.append(part, 2);
    assert.equal(arena.items, 100);
    assert.deepEqual(arena.take().bytes, Buffer.concat(parts));
    assert.equal(arena.items, 0);
    assert.equal(arena.take().bytes.length, 0);
  });

  it('never writes into a batch that it has handed out', () => {
    const arena = new Arena(new Spares());
    arena.append(bytes(100, 1), 1);
    const first = arena.take().bytes;
    arena.append(bytes(100, 2), 1);
    const second = arena.take().bytes;
    assert.deepEqual([first, second], [bytes(100, 1), bytes(100, 2)]);
  });

  it('never writes into bytes that it has adopted', () => {
    const arena = new Arena(new Spares());
    const whole = bytes(200, 1);
    arena.adopt(whole.subarray(0, 100), 1);
    arena.append(bytes(50, 2), 1);
    assert.deepEqual(arena.take().bytes, Buffer.concat([bytes(100, 1), bytes(50, 2)]));
    assert.deepEqual(whole, bytes(200, 1));
  });

  it('hands out batches that keep at most twice their size alive', () => {
    const arena = new Arena(new Spares());
    arena.append(bytes(100_000, 1), 1);
    arena.take();
    arena.append(bytes(10, 2), 1);
    const small = arena.take().bytes;
    assert.deepEqual(small, bytes(10, 2));
    assert.equal(small.buffer.byteLength, 10);
  });

  it('reuses memory that was released, and no other', () => {
    const arena = new Arena(new Spares());
    arena.append(bytes(100_000, 1), 1);
    const kept = arena.take();
    arena.append(bytes(100_000, 2), 1);
    const released = arena.take();
    released.release?.();
    arena.append(bytes(100_000, 3), 1);
    assert.ok(arena.take().bytes.buffer === released.bytes.buffer);
    assert.ok(kept.bytes.equals(bytes(100_000, 1)));
  });

  it('gives back what a batch that was copied out of larger memory took', () => {
    const spares = new Spares();
    const arena = new Arena(spares);
    arena.append(bytes(900_000, 1), 1);
    arena.take();
    arena.append(bytes(200_000, 2), 1);
    const small = arena.take();
    assert.ok(small.bytes.equals(bytes(200_000, 2)));
    small.release?.();
    assert.ok(spares.take(200_000).buffer === small.bytes.buffer);
  });
});

describe('spares', () => {
  it('hold a bounded amount of memory', () => {
    const spares = new Spares();
    const given = Array.from({ length: 30 }, (): Buffer => Buffer.alloc(1 << 20));
    for (const memory of given) spares.give(memory);
    const reused = given.map(() => spares.take(1 << 20)).filter((memory) => given.includes(memory));
    assert.equal(reused.length, 16);
    assert.equal(given.filter((memory) => memory.length === 0).length, 14, 'what is over is freed at once');
  });

  it('hold a bounded number, and nothing small', () => {
    const spares = new Spares();
    const small = Buffer.alloc(60_000);
    spares.give(small);
    assert.notEqual(spares.take(60_000), small);
    const given = Array.from({ length: 70 }, (): Buffer => Buffer.alloc(70_000));
    for (const memory of given) spares.give(memory);
    assert.equal(given.filter((memory) => memory.length > 0).length, 64);
  });

  it('give memory that is large enough, and not much larger', () => {
    const spares = new Spares();
    const sizes = [400_000, 100_000, 150_000];
    for (const size of sizes) spares.give(Buffer.alloc(size));
    assert.deepEqual(
      [110_000, 110_000, 90_000].map((size) => spares.take(size).length),
      [150_000, 110_000, 100_000],
    );
  });
});
