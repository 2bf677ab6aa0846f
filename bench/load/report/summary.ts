/** What the rounds of a system say together: medians with their spread. */
import { goodput, judge, mainPhase, type Check } from '../run/judge.ts';
import type { Round } from '../run/round.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { SystemName } from '../system/system.ts';
import { median, spread, type Spread } from './statistics.ts';

export interface Summary {
  readonly system: SystemName;
  readonly rounds: number;
  /** Of the window, or of the plan's main phase; as everything below it. */
  readonly spansPerSecond: Spread;
  /** Per million spans that reached the sink; null where the platform does not tell, or if nothing arrived. */
  readonly cpuSecondsPerMillionSpans: Spread | null;
  /** Of one core. */
  readonly cpuPercent: number | null;
  /** The same of the other two sides, so that it can be seen that they are not the limit: the generator's per million sent spans. */
  readonly generatorCpu: number | null;
  readonly sinkCpu: number | null;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** The highest of all rounds. */
  readonly rssPeakMiB: number | null;
  readonly refusedRequests: number;
  readonly unsentRequests: number;
  /** The first refusal or failure in words; null if there was none. */
  readonly firstTrouble: string | null;
  readonly lost: number;
  readonly duplicated: number;
  readonly altered: number;
  /** Of each round. */
  readonly checks: readonly (readonly Check[])[];
  /** What did not pass, in words. */
  readonly failures: readonly string[];
}

export function summarize(s: Scenario, system: SystemName, rounds: readonly Round[], bytesPerSpan: number): Summary {
  const mains = rounds.map((round) => mainPhase(s, round));
  const peaks = rounds.map((r) => r.rssPeakBytes).filter((bytes) => bytes !== null);
  const total = (of: (round: Round) => number): number => rounds.reduce((sum, round) => sum + of(round), 0);
  const cpu = rounds.map((round) => systemCpu(s, round));
  const checks = rounds.map((round) => judge(s, round, bytesPerSpan));
  return {
    system,
    rounds: rounds.length,
    spansPerSecond: spread(mains.map(goodput)),
    cpuSecondsPerMillionSpans: allOf(cpu, spread),
    cpuPercent: allOf(
      mains.map(({ cpu: { system: seconds }, seconds: wall }) => (seconds === null ? null : (seconds / wall) * 100)),
      median,
    ),
    generatorCpu: allOf(
      mains.map(({ cpu: { generator }, load }) => perMillion(generator, load.sent * s.spans)),
      median,
    ),
    sinkCpu: allOf(
      mains.map(({ cpu: { sink }, received }) => perMillion(sink, received)),
      median,
    ),
    p50Ms: median(mains.map(({ load }) => load.p50Ms)),
    p99Ms: median(mains.map(({ load }) => load.p99Ms)),
    maxMs: Math.max(...mains.map(({ load }) => load.maxMs)),
    rssPeakMiB: peaks.length < rounds.length ? null : Math.max(...peaks) / 2 ** 20,
    refusedRequests: total((r) => r.totals.refused),
    unsentRequests: total((r) => r.totals.unsent),
    firstTrouble: rounds.find((r) => r.totals.firstTrouble !== null)?.totals.firstTrouble ?? null,
    lost: total((r) => r.verdict.lost),
    duplicated: total((r) => r.verdict.duplicated + r.verdict.unexpected),
    altered: total((r) => r.verdict.altered + r.verdict.foreign),
    checks,
    failures: checks.flatMap((all, i) =>
      all.flatMap(({ passed, text }) => (passed ? [] : [`${system}, round ${i + 1}: ${text}`])),
    ),
  };
}

export function systemCpu(s: Scenario, round: Round): number | null {
  const { cpu, received } = mainPhase(s, round);
  return perMillion(cpu.system, received);
}

export interface Ratio {
  readonly other: SystemName;
  /** CPU per span of the other system over that of millrace, round by round: the two windows lie next to each other in time. */
  readonly cpu: Spread;
  readonly rounds: readonly number[];
}

export function ratioTo(
  s: Scenario,
  other: SystemName,
  theirs: readonly Round[],
  ours: readonly Round[],
): Ratio | null {
  const rounds: number[] = [];
  for (const [i, round] of ours.entries()) {
    const own = systemCpu(s, round);
    const their = theirs[i] === undefined ? null : systemCpu(s, theirs[i]);
    if (own === null || their === null) return null;
    rounds.push(their / own);
  }
  return rounds.length === 0 ? null : { other, cpu: spread(rounds), rounds };
}

function perMillion(seconds: number | null, spans: number): number | null {
  return seconds === null || spans === 0 ? null : seconds / (spans / 1e6);
}

/** null if one of the values is. */
function allOf<T>(values: readonly (number | null)[], of: (known: readonly number[]) => T): T | null {
  const known = values.filter((value) => value !== null);
  return known.length < values.length || known.length === 0 ? null : of(known);
}
