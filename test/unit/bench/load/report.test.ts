import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions } from '#bench/load/options.ts';
import { readUsage } from '#bench/load/process-usage.ts';
import { ratio, summarize, table } from '#bench/load/report.ts';
import type { Round } from '#bench/load/round.ts';
import { median, spread } from '#bench/load/statistics.ts';

test('median and spread', () => {
  assert.equal(median([5, 1, 100]), 5);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.deepEqual(spread([2, 9, 4]), { median: 4, low: 2, high: 9 });
});

const round = (over: Partial<Round>): Round => ({
  system: 'millrace',
  spansPerSecond: 1000,
  cpuSecondsPerMillionSpans: 2,
  rssPeakBytes: 2 ** 20,
  latency: { acceptedSpans: 1, p50Ms: 1, p99Ms: 2, maxMs: 3 },
  totals: { accepted: 1, refused: 0, failed: 0, firstTrouble: null },
  verdict: { received: 1, lost: 0, duplicated: 0, unexpected: 0, altered: 0, compared: 1, foreign: 0 },
  exitCode: 0,
  failures: [],
  ...over,
});

test('a summary takes medians of speeds, sums of faults and the highest memory', () => {
  const bad = { received: 1, lost: 3, duplicated: 1, unexpected: 2, altered: 1, compared: 9, foreign: 4 };
  const summary = summarize('millrace', [
    round({ cpuSecondsPerMillionSpans: 1, rssPeakBytes: 3 * 2 ** 20 }),
    round({ cpuSecondsPerMillionSpans: 9, verdict: bad, failures: ['3 accepted spans did not arrive'] }),
    round({ cpuSecondsPerMillionSpans: 2 }),
  ]);
  assert.deepEqual(summary.cpuSecondsPerMillionSpans, { median: 2, low: 1, high: 9 });
  assert.equal(summary.rssPeakMiB, 3);
  assert.deepEqual([summary.lost, summary.duplicated, summary.altered], [3, 3, 5]);
  assert.deepEqual(summary.failures, ['millrace, round 2: 3 accepted spans did not arrive']);
});

test('the ratio goes round by round, and needs both systems and a platform that tells CPU time', () => {
  const of = (...cpu: (number | null)[]): Round[] => cpu.map((c) => round({ cpuSecondsPerMillionSpans: c }));
  assert.deepEqual(ratio(of(20, 30, 10), of(2, 2, 2)), { median: 10, low: 5, high: 15 });
  assert.equal(ratio([], of(2)), null);
  assert.equal(ratio(of(20), []), null);
  assert.equal(ratio(of(20), of(null)), null);
});

test('a table pads its columns', () => {
  assert.deepEqual(
    table([
      ['a', 'bb'],
      ['ccc', 'd'],
    ]),
    ['a    bb', 'ccc   d'],
  );
});

test(
  'usage of this very process grows with what it does',
  { skip: process.platform === 'linux' ? false : 'there is no /proc here' },
  () => {
    const before = readUsage(process.pid);
    const until = process.cpuUsage().user + 100_000;
    while (process.cpuUsage().user < until);
    const after = readUsage(process.pid);
    assert.ok(before !== null && after !== null);
    assert.ok(after.cpuSeconds - before.cpuSeconds >= 0.08, `${after.cpuSeconds - before.cpuSeconds} s`);
    assert.ok(after.rssBytes > 10 * 2 ** 20 && after.rssPeakBytes >= after.rssBytes * 0.9);
  },
);

test('a process that does not exist has no usage', () => {
  assert.equal(readUsage(0x3fffffff), null);
});

test('options: defaults, values, and a sentence for each mistake', () => {
  assert.deepEqual(parseOptions([]).systems, ['millrace', 'naive']);
  assert.equal(parseOptions(['--spans', '20']).spans, 20);
  assert.throws(() => parseOptions(['--spans=0']), /--spans=0: a number from 1 to 65535/);
  assert.throws(() => parseOptions(['--rounds=1.5']), /whole number/);
  assert.throws(() => parseOptions(['--protocol=udp']), /one of grpc, http/);
  assert.throws(() => parseOptions(['--in-flight=65']), /at most|from 1 to 64/);
  assert.throws(() => parseOptions(['--sapns=1']), /sapns/);
});
