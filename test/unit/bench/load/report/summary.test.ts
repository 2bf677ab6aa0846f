import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failuresOf, makeResult, type Report } from '#bench/load/report/report.ts';
import { ratioTo, summarize } from '#bench/load/report/summary.ts';
import { renderText } from '#bench/load/report/text.ts';
import type { Round } from '#bench/load/run/round.ts';
import { scenario } from '#bench/load/scenario/scenario.ts';
import { phase, round } from '#test/support/bench-rounds.ts';

const s = scenario('x', 'about x', {});
const MSPANS = 0.0512; // what a phase's sample round moves
const costing = (...cpu: (number | null)[]): Round[] =>
  cpu.map((c) =>
    round({
      phases: [phase('window', { cpu: { system: c === null ? null : c * MSPANS, generator: null, sink: null } })],
    }),
  );

test('a summary takes medians of speeds, sums of faults and the highest memory', () => {
  const bad = { received: 1, lost: 3, duplicated: 1, unexpected: 2, altered: 1, reencoded: 1, compared: 9, foreign: 4 };
  const summary = summarize(
    s,
    'millrace',
    [
      round({ rssPeakBytes: 3 * 2 ** 20 }),
      round({ verdict: bad, phases: [phase('window', { received: 512_000 })] }),
      round({ phases: [phase('window', { seconds: 20 })] }),
    ],
    430,
  );
  assert.deepEqual(summary.spansPerSecond, { median: 5120, low: 2560, high: 51_200 });
  assert.equal(summary.cpuSecondsPerMillionSpans?.median, 2);
  assert.equal(summary.cpuSecondsPerMillionSpans?.low, 0.2);
  assert.deepEqual([summary.generatorCpu, summary.sinkCpu], [1, 0.5]);
  assert.equal(summary.cpuPercent?.toFixed(3), '1.024');
  assert.equal(summary.rssPeakMiB, 100);
  assert.deepEqual([summary.lost, summary.duplicated, summary.altered], [3, 3, 5]);
  assert.equal(summary.failures.length, 4);
  assert.match(summary.failures[0] ?? '', /^millrace, round 2: every accepted span arrived: 3 of/);
});

test('the ratio goes round by round, and needs both systems and a platform that tells CPU time', () => {
  const ratio = ratioTo(s, 'naive', costing(20, 30, 10), costing(2, 2, 2));
  assert.deepEqual(
    ratio?.rounds.map((r) => r.toFixed(6)),
    ['10.000000', '15.000000', '5.000000'],
  );
  assert.equal(ratio?.cpu.median.toFixed(6), '10.000000');
  assert.equal(ratioTo(s, 'naive', [], costing(2)), null);
  assert.equal(ratioTo(s, 'naive', costing(20), []), null);
  assert.equal(ratioTo(s, 'naive', costing(20), costing(null)), null);
});

const report = (rounds: Record<string, Round[]>, over: Partial<Report> = {}): Report => ({
  machine: { cpu: 'C', cores: 2, memoryGiB: 4, os: 'o', node: 'v1', date: '2026-01-01' },
  arguments: [],
  workers: 1,
  built: false,
  nodeFlags: [],
  cpus: null,
  peer: null,
  results: [makeResult(s, 220_000, new Map(Object.entries(rounds)), [])],
  ...over,
});

test('as text: the machine, the table with all three sides, the ratio of each round', () => {
  const text = renderText(report({ millrace: [round()], naive: costing(20) }));
  assert.match(text, /^C, 2 cores/);
  assert.match(text, /generator CPU-s\/Mspan {2}sink CPU-s\/Mspan/);
  assert.match(text, /millrace\s+5,120\s+2\.00/);
  assert.match(text, /naive \/ millrace: 10\.0 \(10\.0-10\.0; by round 10\.0\)/);
});

test("a peer's losses are told and do not fail the run; ours do", () => {
  const lossy = round({ verdict: { ...round().verdict, lost: 5 } });
  const theirs = report({ millrace: [round()], otelcol: [lossy] }, { peer: 'otelcol' });
  assert.deepEqual(failuresOf(theirs), []);
  assert.match(renderText(theirs), /FAILED {2}otelcol, round 1: every accepted span arrived: 5/);
  assert.equal(failuresOf(report({ millrace: [lossy] })).length, 1);
});

test("the testbed's limits stand beside the result", () => {
  const limited = scenario('t', 't', { limits: { cpuPercent: 20, ramMiB: 80 } });
  const results = [makeResult(limited, 220_000, new Map([['millrace', [round()]]]), [])];
  assert.match(
    renderText(report({}, { results })),
    /CPU 1\.0 % is within the testbed's limit of 20 %, RAM 100 MiB is over its 80 MiB/,
  );
});
