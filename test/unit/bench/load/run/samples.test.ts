import assert from 'node:assert/strict';
import { test } from 'node:test';
import { laterHalf, recoveredP99Ms, recoverySeconds, rssSlope, type Sample } from '#bench/load/run/samples.ts';
import { sample } from '#test/support/bench-rounds.ts';

/** Half seconds of overload until second 10, then of recovery: `bad` of the recovery's samples come first. */
function run(...recovery: Partial<Sample>[]): Sample[] {
  return [
    ...Array.from({ length: 20 }, (_, i) => sample((i + 1) / 2, 'overload', { refusedPerS: 500, p99Ms: 900 })),
    ...recovery.map((over, i) => sample(10 + (i + 1) / 2, 'recovery', over)),
  ];
}
const good = (n: number): Partial<Sample>[] => Array.from({ length: n }, () => ({}));

test('recovered is from when on nothing was refused and the latency was back, for some seconds', () => {
  assert.equal(recoverySeconds(run(...good(10)), 50), 0);
  assert.equal(recoverySeconds(run({ refusedPerS: 1 }, { p99Ms: 51 }, ...good(10)), 50), 1);
  assert.equal(recoverySeconds(run({ lostRequests: 1 }, ...good(10)), 50), 0.5);
});

test('a pause between two bad stretches is not a recovery, a relapse long after it is not the same overload', () => {
  assert.equal(recoverySeconds(run(...good(4), { refusedPerS: 1 }, ...good(10)), 50), 2.5);
  assert.equal(recoverySeconds(run({ refusedPerS: 1 }, ...good(8), { refusedPerS: 1 }), 50), 0.5);
});

test('no recovery: it stayed bad, the time was too short, or there was no such phase', () => {
  assert.equal(recoverySeconds(run(...good(10).map(() => ({ p99Ms: 60 }))), 50), null);
  assert.equal(recoverySeconds(run({ refusedPerS: 1 }, ...good(5)), 50), null);
  assert.equal(recoverySeconds(run(), 50), null);
});

test('what the latency may be again: a multiple of what it was, but never less than noise', () => {
  assert.equal(recoveredP99Ms(2), 50);
  assert.equal(recoveredP99Ms(100), 300);
});

test('the slope of memory is in bytes per second, whatever the distances of the samples', () => {
  const at = [0, 1, 3, 7, 20];
  assert.ok(Math.abs((rssSlope(at.map((s) => sample(s, 'soak', { rssBytes: 1e8 + 5000 * s }))) ?? NaN) - 5000) < 1e-6);
  assert.equal(rssSlope(at.map((s) => sample(s, 'soak'))), 0);
  assert.equal(rssSlope([sample(0, 'soak'), sample(1, 'soak')]), null);
  assert.equal(rssSlope(at.map((s) => sample(s, 'soak', { rssBytes: null }))), null);
});

test('the later half of a phase', () => {
  const samples = [sample(1, 'calm'), ...[2, 3, 4, 5].map((s) => sample(s, 'soak'))];
  assert.deepEqual(
    laterHalf(samples, 'soak').map(({ atS }) => atS),
    [4, 5],
  );
});
