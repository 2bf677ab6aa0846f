/** What the rounds say together: medians with their spread, as data and as a table. */
import { machineLine, type Machine } from './machine.ts';
import type { Options } from './options.ts';
import type { Round } from './round.ts';
import { median, spread, type Spread } from './statistics.ts';
import type { SystemName } from './systems.ts';

export interface Summary {
  readonly system: SystemName;
  readonly rounds: number;
  readonly spansPerSecond: Spread;
  readonly cpuSecondsPerMillionSpans: Spread | null;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The highest of all rounds. */
  readonly rssPeakMiB: number | null;
  readonly refusedRequests: number;
  /** The first refusal in words; null if there was none. */
  readonly firstRefusal: string | null;
  readonly lost: number;
  readonly duplicated: number;
  readonly altered: number;
  readonly failures: readonly string[];
}

export interface Report {
  readonly machine: Machine;
  readonly scenario: Omit<Options, 'json' | 'help' | 'idle'> & { readonly requestBytes: number };
  readonly systems: readonly Summary[];
  /** Systems that could not run the scenario, and why. */
  readonly skipped: readonly string[];
  /** CPU per span of the naive gateway over that of millrace, round by round: its two windows lie next to each other in time. */
  readonly naiveToMillrace: Spread | null;
}

export function summarize(system: SystemName, rounds: readonly Round[]): Summary {
  const cpu = rounds.map((r) => r.cpuSecondsPerMillionSpans).filter((c) => c !== null);
  const peaks = rounds.map((r) => r.rssPeakBytes).filter((b) => b !== null);
  const total = (of: (round: Round) => number): number => rounds.reduce((sum, round) => sum + of(round), 0);
  return {
    system,
    rounds: rounds.length,
    spansPerSecond: spread(rounds.map((r) => r.spansPerSecond)),
    cpuSecondsPerMillionSpans: cpu.length < rounds.length ? null : spread(cpu),
    p50Ms: median(rounds.map((r) => r.latency.p50Ms)),
    p99Ms: median(rounds.map((r) => r.latency.p99Ms)),
    rssPeakMiB: peaks.length < rounds.length ? null : Math.max(...peaks) / 2 ** 20,
    refusedRequests: total((r) => r.totals.refused),
    firstRefusal: rounds.find((r) => r.totals.refused > 0)?.totals.firstTrouble ?? null,
    lost: total((r) => r.verdict.lost),
    duplicated: total((r) => r.verdict.duplicated + r.verdict.unexpected),
    altered: total((r) => r.verdict.altered + r.verdict.foreign),
    failures: rounds.flatMap((round, i) => round.failures.map((text) => `${system}, round ${i + 1}: ${text}`)),
  };
}

export function ratio(naive: readonly Round[], millrace: readonly Round[]): Spread | null {
  const ratios: number[] = [];
  for (const [i, { cpuSecondsPerMillionSpans: own }] of millrace.entries()) {
    const other = naive[i]?.cpuSecondsPerMillionSpans ?? null;
    if (own === null || other === null) return null;
    ratios.push(other / own);
  }
  return ratios.length === 0 ? null : spread(ratios);
}

export function renderReport(report: Report): string {
  const { scenario, systems } = report;
  const rows = [
    [
      'system',
      'spans/s',
      'CPU-s/Mspan',
      '(low-high)',
      'p50 ms',
      'p99 ms',
      'RSS peak MiB',
      'refused',
      'lost',
      'duplicated',
      'altered',
    ],
    ...systems.map((s) => [
      s.system,
      Math.round(s.spansPerSecond.median).toLocaleString('en'),
      s.cpuSecondsPerMillionSpans?.median.toFixed(2) ?? 'unavailable',
      s.cpuSecondsPerMillionSpans === null
        ? ''
        : `(${s.cpuSecondsPerMillionSpans.low.toFixed(2)}-${s.cpuSecondsPerMillionSpans.high.toFixed(2)})`,
      s.p50Ms.toFixed(2),
      s.p99Ms.toFixed(2),
      s.rssPeakMiB?.toFixed(0) ?? 'unavailable',
      String(s.refusedRequests),
      String(s.lost),
      String(s.duplicated),
      String(s.altered),
    ]),
  ];
  const lines = [
    `${machineLine(report.machine)}`,
    `${scenario.protocol}, ${scenario.spans} spans a request (${Math.round(scenario.requestBytes).toLocaleString('en')} bytes), compression ${scenario.compression}, ` +
      `${scenario.workers} worker${scenario.workers === 1 ? '' : 's'}${scenario.built ? ' (built)' : ''}${scenario.nodeFlags.map((flag) => ` ${flag}`).join('')}, ${scenario.inFlight} in flight, ` +
      `${scenario.rate === 0 ? 'closed loop' : `at most ${scenario.rate.toLocaleString('en')} spans/s`}, medians of ${scenario.rounds} windows of ${scenario.seconds} s`,
    '',
    ...table(rows),
    '',
  ];
  if (report.naiveToMillrace !== null) {
    const { median: middle, low, high } = report.naiveToMillrace;
    lines.push(
      `CPU per span, naive / millrace: ${middle.toFixed(1)} (${low.toFixed(1)}-${high.toFixed(1)} over the rounds)`,
    );
  }
  for (const s of systems)
    if (s.firstRefusal !== null) lines.push(`refused by ${s.system}, the first time: ${s.firstRefusal}`);
  for (const text of report.skipped) lines.push(`skipped: ${text}`);
  for (const text of systems.flatMap((s) => s.failures)) lines.push(`FAILED  ${text}`);
  return lines.join('\n');
}

/** First column to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => (row[c] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, c) => (c === 0 ? cell.padEnd(widths[c] ?? 0) : cell.padStart(widths[c] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
