import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawBars } from '#bench/load/report/bars.ts';
import { renderFiles } from '#bench/load/report/markdown.ts';
import { makeResult, type Report } from '#bench/load/report/report.ts';
import { escape, short, ticks } from '#bench/load/report/svg.ts';
import { drawTimeline } from '#bench/load/report/timeline.ts';
import { findScenarios } from '#bench/load/scenario/table.ts';
import { phase, round, sample } from '#test/support/bench-rounds.ts';

/** Every element is closed, in order: enough of XML for what we write. */
function assertWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [, close, name, self] of svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
    if (close === '/') assert.equal(open.pop(), name);
    else if (self !== '/') open.push(name);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
}

const numbers = (svg: string, pattern: RegExp): number[] => [...svg.matchAll(pattern)].map(([, n]) => Number(n));

test('ticks are round, start at zero and reach the highest value', () => {
  assert.deepEqual(ticks(6, 6), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(ticks(1_050_000, 5), [0, 250_000, 500_000, 750_000, 1_000_000, 1_250_000]);
  assert.deepEqual(ticks(0, 2), [0, 0.5, 1]);
  assert.ok((ticks(0.37, 4).at(-1) ?? 0) >= 0.37);
});

test('short numbers, and text that would break XML', () => {
  assert.deepEqual([0, 12.5, 999, 20_000, 1_234_567].map(short), ['0', '12.5', '999', '20k', '1.23M']);
  assert.equal(escape('<a & "b">'), '&lt;a &amp; &quot;b&quot;&gt;');
});

test('bars: as long as their values, with a name and a number each', () => {
  const bar = (median: number): { median: number; low: number; high: number } => ({
    median,
    low: median,
    high: median,
  });
  const svg = drawBars(
    [
      {
        name: 'default',
        bars: [
          { system: 'millrace', value: bar(1) },
          { system: 'a <peer>', value: bar(4) },
        ],
      },
    ],
    'machine',
  );
  assertWellFormed(svg);
  const widths = numbers(svg, /<rect x="[\d.]+" y="[\d.]+" width="([\d.]+)" height="14"/g);
  assert.equal(widths.length, 2);
  assert.ok(Math.abs((widths[1] ?? 0) / (widths[0] ?? 1) - 4) < 0.02, `${widths.join(' ')}`);
  for (const text of ['default', 'millrace', 'a &lt;peer&gt;', '1.00', '4.00'])
    assert.ok(svg.includes(`>${text}<`), text);
});

test('a time line: phases, lines, the bound; hours stay a small file', () => {
  const samples = [
    ...Array.from({ length: 3000 }, (_, i) => sample(i + 1, 'calm')),
    ...Array.from({ length: 3000 }, (_, i) => sample(3001 + i, 'overload', { refusedPerS: 9000 })),
  ];
  const svg = drawTimeline(samples, 'title', 'machine', 282 * 2 ** 20);
  assertWellFormed(svg);
  for (const text of ['calm', 'overload', 'refused', 'bound', 'seconds']) assert.ok(svg.includes(`>${text}<`), text);
  assert.ok(svg.length < 60_000, `${svg.length} bytes`);
  assertWellFormed(drawTimeline([sample(1, 'soak', { rssBytes: null })], 't', 'm', null));
  assertWellFormed(drawTimeline([], 't', 'm', null));
});

test('a report is a Markdown file and the charts that it shows', () => {
  const report: Report = {
    machine: { cpu: 'C', cores: 2, memoryGiB: 4, os: 'o', node: 'v1', date: '2026-01-01' },
    arguments: ['--peer', 'x {config}'],
    workers: 1,
    built: false,
    nodeFlags: [],
    cpus: null,
    peer: null,
    results: findScenarios('default,outage').map((s) => {
      const phases = s.plan === 'windows' ? [phase('window')] : [phase('calm'), phase('outage'), phase('recovery')];
      const one = round({ phases, samples: [sample(1, 'calm'), sample(2, 'outage')] });
      return makeResult(s, 200_000, new Map([['millrace', [one]]]), []);
    }),
  };
  const [markdown, ...charts] = renderFiles(report, 'r');
  assert.equal(markdown?.name, 'r.md');
  assert.deepEqual(
    charts.map(({ name }) => name),
    ['r-cpu.svg', 'r-outage-millrace.svg'],
  );
  for (const { name, content } of charts) {
    assert.ok(markdown?.content.includes(`(${name})`));
    assertWellFormed(content);
  }
  assert.match(markdown?.content ?? '', /npm run bench:load -- --peer 'x \{config\}'/);
  assert.match(markdown?.content ?? '', /\| recovery \| 10 \|/);
});
