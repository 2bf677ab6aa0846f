import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Streams } from '#components/kit/metrics/streams.ts';

function filled(count: number, maxBytes?: number) {
  const streams = new Streams<{ seenMs: number; bytes: number; n: number }>(maxBytes);
  for (let n = 0; n < count; n++) streams.add(`metric ${n % 3}`, `point ${n}`, { seenMs: n, bytes: 1000, n });
  const has = (n: number): boolean => streams.get(`metric ${n % 3}`, `point ${n}`)?.n === n;
  return { streams, has };
}

describe('streams', () => {
  it('are found by metric and point', () => {
    const { streams, has } = filled(30);
    assert.equal(streams.size, 30);
    assert.ok(Array.from({ length: 30 }, (_, n) => has(n)).every(Boolean));
    assert.equal(streams.get('metric 0', 'point 1'), undefined);
    assert.equal(streams.get('metric 9', 'point 0'), undefined);
  });

  it('are forgotten that were not seen since, and with them their memory', () => {
    const { streams, has } = filled(30);
    streams.get('metric 1', 'point 4')!.seenMs = 100;
    assert.equal(streams.forget(10), 9);
    assert.equal(streams.size, 21);
    assert.deepEqual([has(3), has(4), has(9), has(10)], [false, true, false, true]);
    streams.resized(streams.get('metric 1', 'point 4')!, 50_000);
    assert.equal(streams.forget(1000), 21);
    assert.deepEqual([streams.size, streams.bytes], [0, 0]);
    assert.ok(!has(10));
  });

  it('make room by tenths that were seen least recently, also when all were seen at once', () => {
    const bound = filled(27).streams.bytes;
    const { streams, has } = filled(30, bound + 10);
    assert.ok(streams.isFull);
    streams.makeRoom();
    assert.ok(!streams.isFull);
    assert.equal(streams.size, 27);
    assert.deepEqual([has(0), has(1), has(2), has(3)], [false, false, false, true]);
    for (let n = 3; n < 30; n++) streams.get(`metric ${n % 3}`, `point ${n}`)!.seenMs = 7;
    streams.resized(streams.get('metric 0', 'point 3')!, 2000);
    streams.makeRoom();
    assert.equal(streams.size, 24);
  });

  it('make room by forgetting the only one, if that is too large', () => {
    const { streams } = filled(1, 500);
    streams.makeRoom();
    assert.deepEqual([streams.size, streams.bytes], [0, 0]);
  });
});
