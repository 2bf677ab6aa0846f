/** The bound on what is still arriving, its buffers, and who gives up when it is reached. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReceiveMemory, type Holder } from '#net/server/receive-memory.ts';
import { FakeClock } from '#test/support/fake-clock.ts';

const KIB = 1024;

class Holding implements Holder {
  lastProgressMs: number;
  evicted = 0;
  readonly #memory: ReceiveMemory;
  #buffer: Buffer | null;
  constructor(memory: ReceiveMemory, bytes: number, lastProgressMs: number) {
    this.#memory = memory;
    this.lastProgressMs = lastProgressMs;
    this.#buffer = memory.take(bytes);
    memory.hold(this);
  }
  evictStalled(sinceMs: number): void {
    if (this.lastProgressMs > sinceMs || this.#buffer === null) return;
    this.evicted++;
    this.#memory.release(this);
    if (this.#buffer !== null) this.#memory.give(this.#buffer);
    this.#buffer = null;
  }
}

test('what is reserved is counted, refused past the bound, and comes back', () => {
  const memory = new ReceiveMemory(1000, new FakeClock());
  assert.equal(memory.reserve(600), true);
  assert.equal(memory.reserve(401), false);
  assert.equal(memory.reserve(400), true);
  assert.equal(memory.usedBytes, 1000);
  memory.free(1000);
  assert.equal(memory.usedBytes, 0);
});

test('buffers are powers of two from 16 KiB on, and serve again', () => {
  const memory = new ReceiveMemory(1 << 26, new FakeClock());
  const sizes = [1, 16 * KIB, 16 * KIB + 1, 100_000, 1 << 20].map((bytes) => memory.take(bytes));
  assert.deepEqual(
    sizes.map((buffer) => buffer?.length),
    [16 * KIB, 16 * KIB, 32 * KIB, 128 * KIB, 1 << 20],
  );
  assert.equal(memory.usedBytes, (16 + 16 + 32 + 128 + 1024) * KIB);
  for (const buffer of sizes) memory.give(buffer as Buffer);
  assert.equal(memory.usedBytes, 0);
  const again = memory.take(90_000);
  assert.equal(again, sizes[3]);
  assert.notEqual(memory.take(90_000), again, 'a buffer is given to one taker');
});

test('not more than 8 MiB are kept for reuse', () => {
  const memory = new ReceiveMemory(1 << 26, new FakeClock());
  const taken = Array.from({ length: 12 }, () => memory.take(1 << 20) as Buffer);
  for (const buffer of taken) memory.give(buffer);
  const again = Array.from({ length: 12 }, () => memory.take(1 << 20) as Buffer);
  assert.equal(again.filter((buffer) => taken.includes(buffer)).length, 8);
});

test('who has not moved for ten seconds gives up when memory is needed, others do not', async () => {
  const clock = new FakeClock();
  const memory = new ReceiveMemory(256 * KIB, clock);
  const stalled = new Holding(memory, 64 * KIB, 0);
  await clock.advance(5000);
  const busy = new Holding(memory, 64 * KIB, 5000);
  const moved = new Holding(memory, 64 * KIB, 0);
  await clock.advance(5000);
  moved.lastProgressMs = 9999;
  assert.notEqual(memory.take(64 * KIB), null);
  assert.equal(stalled.evicted, 0, 'nobody gives up while there is room');
  assert.notEqual(memory.take(64 * KIB), null);
  assert.deepEqual([stalled.evicted, busy.evicted, moved.evicted], [1, 0, 0]);
  assert.equal(memory.take(64 * KIB), null);
  await clock.advance(500);
  busy.lastProgressMs = -1e6;
  assert.equal(memory.take(64 * KIB), null, 'looked for at most once a second');
  await clock.advance(500);
  assert.notEqual(memory.take(64 * KIB), null);
  assert.equal(memory.usedBytes, 256 * KIB);
});

test('released holders are left alone', async () => {
  const clock = new FakeClock();
  const memory = new ReceiveMemory(64 * KIB, clock);
  const holding = new Holding(memory, 64 * KIB, 0);
  memory.release(holding);
  await clock.advance(20_000);
  assert.equal(memory.take(1), null);
  assert.equal(holding.evicted, 0);
});

test('one buffer alone may be of any size, also one that takes over from a smaller one', () => {
  const memory = new ReceiveMemory(64 * KIB, new FakeClock());
  assert.equal(memory.reserve(2000), true);
  const small = memory.take(32 * KIB) as Buffer;
  assert.equal(memory.take(1 << 20), null);
  small[5] = 77;
  const large = memory.grow(small, 6, 1 << 20, 1 << 20) as Buffer;
  assert.equal(large.length, 1 << 20);
  assert.equal(large[5], 77);
  assert.equal(memory.take(1), null);
  assert.equal(memory.reserve(1), false);
  memory.give(large);
  memory.free(2000);
  assert.equal(memory.usedBytes, 0);
});
