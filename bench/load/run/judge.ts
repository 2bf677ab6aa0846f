/** What a round is worth: the criteria of its plan, each with its figure. */
import type { Scenario } from '../scenario/scenario.ts';
import { memoryBound, queueBytes, REST_BYTES } from './memory-bound.ts';
import { MAIN_PHASE, OVERLOAD_FACTOR, type PhaseName } from './plan.ts';
import { addsUp, type PhaseResult, type Round } from './round.ts';
import { laterHalf, recoveredP99Ms, recoverySeconds, rssSlope } from './samples.ts';

export interface Check {
  readonly passed: boolean;
  /** What was wanted and what was found, in one line. */
  readonly text: string;
}

/** Of the peak, with a sink that takes everything. */
const MIN_GOODPUT = 0.95;
const MAX_RECOVERY_S = 10;
/** Of the resident memory, over the later half of a soak. */
const MAX_SOAK_GROWTH = 0.1;

export function judge(s: Scenario, round: Round, bytesPerSpan: number): Check[] {
  return [...ledgerChecks(s, round), ...planChecks(s, round, bytesPerSpan)];
}

export function phaseOf(round: Round, name: PhaseName): PhaseResult {
  const found = round.phases.find((phase) => phase.name === name);
  if (found === undefined) throw new Error(`the round has no phase ${name}`);
  return found;
}

export const mainPhase = (s: Scenario, round: Round): PhaseResult => phaseOf(round, MAIN_PHASE[s.plan]);
export const goodput = (phase: PhaseResult): number => phase.received / phase.seconds;

function ledgerChecks(s: Scenario, { totals, verdict, balance, badEnd, broken }: Round): Check[] {
  const checks: Check[] = [];
  const check = (passed: boolean, text: string): void => void checks.push({ passed, text });
  const accepted = totals.accepted * s.spans;
  const { lost, duplicated, unexpected, foreign, altered, reencoded, compared } = verdict;
  check(
    accepted > 0,
    `requests were accepted: ${count(totals.accepted)}${firstTrouble(totals.accepted === 0, totals.firstTrouble)}`,
  );
  // Where a listener is replaced nobody listens for a moment: a connection that could not be made carried nothing.
  const excused = s.plan === 'reload' ? totals.failed : 0;
  check(
    totals.sent === totals.accepted + totals.refused + excused,
    `sent = accepted + refused: ${count(totals.sent)} = ${count(totals.accepted)} + ${count(totals.refused)} requests` +
      (totals.failed === 0 ? '' : `, and ${count(totals.failed)} that were not answered (${totals.firstTrouble})`),
  );
  check(lost === 0, `every accepted span arrived: ${count(lost)} of ${count(accepted)} lost`);
  // A connection that is cut before its answer leaves its sender no choice.
  if (s.plan === 'outage') check(true, `duplicates that the outage caused: ${count(duplicated)}`);
  else check(duplicated === 0, `no span arrived twice: ${count(duplicated)} did`);
  check(unexpected === 0, `nothing of refused requests arrived: ${count(unexpected)} spans did`);
  const edits = s.edit === 'attributes' || s.edit === 'transform';
  if (edits) check(foreign === 0, `${count(reencoded)} of ${count(compared)} compared spans were edited`);
  else
    check(
      foreign + altered === 0,
      `nothing was altered: ${count(altered)} of ${count(compared)} compared spans` +
        (reencoded === 0 ? '' : ` (${count(reencoded)} came in other bytes; a sample of them was decoded)`) +
        `, ${count(foreign)} that nobody sent`,
    );
  if (broken !== null) check(false, `the sink ended a connection: ${broken}`);
  check(badEnd === null, `a clean end after SIGTERM${badEnd === null ? '' : `: ${badEnd}`}`);
  // Components that a reload takes away take their counts with them.
  if (balance !== null && s.plan !== 'reload') {
    const dropped = Object.entries(balance.dropped).map(([reason, n]) => ` + ${count(n)} dropped (${reason})`);
    check(
      balance.accepted === accepted && addsUp(balance),
      `by the system's own count, accepted = exported + queued + dropped: ${count(balance.accepted)} = ` +
        `${count(balance.exported)} + ${count(balance.held)}${dropped.join('') || ' + 0'}` +
        (balance.accepted === accepted ? '' : `; the generator has ${count(accepted)} accepted`),
    );
  }
  return checks;
}

function planChecks(s: Scenario, round: Round, bytesPerSpan: number): Check[] {
  switch (s.plan) {
    case 'windows':
      return [
        {
          passed: mainPhase(s, round).received > 0,
          text: `spans in the window: ${count(mainPhase(s, round).received)}`,
        },
      ];
    case 'overload':
      return overloadChecks(s, round, bytesPerSpan);
    case 'outage':
      return [...memoryCheck(s, round, bytesPerSpan), ...retryableCheck(round)];
    case 'reload':
      return [...reloadCheck(round), ...memoryCheck(s, round, bytesPerSpan), ...retryableCheck(round)];
    case 'soak':
      return soakChecks(round);
  }
}

function overloadChecks(s: Scenario, round: Round, bytesPerSpan: number): Check[] {
  const peak = goodput(phaseOf(round, 'capacity'));
  const overload = phaseOf(round, 'overload');
  const share = goodput(overload) / peak;
  const offered = (overload.load.sent * s.spans) / overload.seconds;
  const calmP99 = phaseOf(round, 'calm').load.p99Ms;
  const recovered = recoverySeconds(round.samples, recoveredP99Ms(calmP99));
  return [
    {
      passed: true,
      text:
        `offered ${(offered / peak).toFixed(1)} times the capacity of ${count(peak)} spans/s (wanted: ${OVERLOAD_FACTOR}); ` +
        `requests that could not even be sent: ${count(overload.load.unsent)}`,
    },
    {
      passed: share >= MIN_GOODPUT || s.sinkRate > 0,
      text:
        `goodput ${(share * 100).toFixed(0)} % of the peak` +
        (s.sinkRate > 0 ? ' (the sink sets it)' : ` (at least ${MIN_GOODPUT * 100} %)`),
    },
    ...memoryCheck(s, round, bytesPerSpan),
    ...retryableCheck(round),
    {
      passed: recovered !== null && recovered <= MAX_RECOVERY_S,
      text:
        recovered === null
          ? 'no recovery within the time watched'
          : `recovered ${recovered.toFixed(1)} s after the load fell (at most ${MAX_RECOVERY_S}): no refusals, p99 under ${recoveredP99Ms(calmP99).toFixed(0)} ms`,
    },
  ];
}

function memoryCheck(s: Scenario, { rssPeakBytes }: Round, bytesPerSpan: number): Check[] {
  if (rssPeakBytes === null) return [];
  const bound = memoryBound(s.queue, bytesPerSpan);
  return [
    {
      passed: rssPeakBytes <= bound,
      text: `RSS peak ${mib(rssPeakBytes)} MiB (at most ${mib(bound)}: ${mib(REST_BYTES)} and a queue of ${mib(queueBytes(s.queue, bytesPerSpan))})`,
    },
  ];
}

function retryableCheck({ totals }: Round): Check[] {
  const { refused, notRetryable, firstTrouble: first } = totals;
  return [
    {
      passed: notRetryable === 0,
      text: `every refusal says "try again": ${count(refused - notRetryable)} of ${count(refused)}${firstTrouble(refused > 0, first)}`,
    },
  ];
}

function reloadCheck(round: Round): Check[] {
  const { reloads } = round;
  const sorted = [...reloads].sort((a, b) => a - b);
  const { load } = phaseOf(round, 'reloads');
  const calm = phaseOf(round, 'calm').load;
  const ms = (n: number | undefined): string => (n ?? 0).toFixed(0);
  return [
    {
      passed: reloads.length > 0,
      text: `${reloads.length} reloads, each in ${ms(sorted[sorted.length >> 1])} ms (median), at most ${ms(sorted.at(-1))} ms`,
    },
    {
      passed: true,
      text:
        `latency with reloads p50 ${load.p50Ms.toFixed(1)}, p99 ${load.p99Ms.toFixed(1)}, at most ${ms(load.maxMs)} ms; ` +
        `without p50 ${calm.p50Ms.toFixed(1)}, p99 ${calm.p99Ms.toFixed(1)}, at most ${ms(calm.maxMs)} ms`,
    },
  ];
}

function soakChecks(round: Round): Check[] {
  const half = laterHalf(round.samples, 'soak');
  const slope = rssSlope(half);
  const level = half[0]?.rssBytes ?? null;
  if (slope === null || level === null) return [];
  const seconds = (half.at(-1)?.atS ?? 0) - (half[0]?.atS ?? 0);
  const growth = (slope * seconds) / level;
  return [
    {
      passed: growth <= MAX_SOAK_GROWTH,
      text:
        `RSS slope over the later half (${seconds.toFixed(0)} s): ${((slope * 3600) / 2 ** 20).toFixed(1)} MiB/h at ${mib(level)} MiB ` +
        `(${(growth * 100).toFixed(1)} % in that time, at most ${MAX_SOAK_GROWTH * 100} %)`,
    },
  ];
}

const count = (n: number): string => Math.round(n).toLocaleString('en');
const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
const firstTrouble = (wanted: boolean, text: string | null): string =>
  wanted && text !== null ? ` (the first: ${text})` : '';
