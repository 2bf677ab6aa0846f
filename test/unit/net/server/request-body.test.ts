import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReceiveMemory } from '#net/server/receive-memory.ts';
import { RequestBody } from '#net/server/request-body.ts';
import { FakeClock } from '#test/support/fake-clock.ts';

const MIB = 1 << 20;

function body(memory: ReceiveMemory, clock: FakeClock, limit = MIB, declared = -1, evicted = () => {}): RequestBody {
  return new RequestBody(memory, limit, declared, () => clock.monotonicMs(), evicted);
}

test('one-byte chunks make one body, and its memory is what it holds', () => {
  const clock = new FakeClock();
  const memory = new ReceiveMemory(MIB, clock);
  const one = body(memory, clock, 100_000);
  for (let i = 0; i < 100_000; i++) assert.equal(one.add(Uint8Array.of(i & 0xff)), null);
  assert.equal(one.add(Uint8Array.of(0)), 'too_large');
  assert.equal(one.bytes().length, 100_000);
  one.bytes().forEach((byte, i) => assert.equal(byte, i & 0xff));
  assert.equal(memory.usedBytes, 128 * 1024);
  one.release();
  one.release();
  assert.equal(memory.usedBytes, 0);
});

test('who announces much and sends little gets little', () => {
  const clock = new FakeClock();
  const memory = new ReceiveMemory(64 * MIB, clock);
  const one = body(memory, clock, 32 * MIB, 20 * MIB);
  assert.equal(one.add(Buffer.alloc(10)), null);
  assert.ok(memory.usedBytes <= 256 * 1024, `${memory.usedBytes}`);
});

test('a part of a chunk', () => {
  const clock = new FakeClock();
  const one = body(new ReceiveMemory(MIB, clock), clock);
  one.add(Buffer.from('abcdef'), 1, 3);
  one.add(Buffer.from('abcdef'), 5);
  assert.equal(one.bytes().toString(), 'bcf');
});

test('past the bound of all bodies nothing more is taken, and a body that stands still makes room', async () => {
  const clock = new FakeClock();
  const memory = new ReceiveMemory(MIB, clock);
  const evicted: string[] = [];
  const stalled = body(memory, clock, 4 * MIB, 4 * MIB, () => evicted.push('stalled'));
  assert.equal(stalled.add(Buffer.alloc(700_000)), null);
  const other = body(memory, clock, 4 * MIB, 4 * MIB, () => evicted.push('other'));
  assert.equal(other.add(Buffer.alloc(10)), 'no_memory');
  assert.deepEqual(evicted, []);
  await clock.advance(10_000);
  assert.equal(other.add(Buffer.alloc(10)), null);
  assert.deepEqual(evicted, ['stalled']);
  assert.equal(stalled.add(Buffer.alloc(10)), 'no_memory');
  other.release();
  assert.equal(memory.usedBytes, 0);
});
