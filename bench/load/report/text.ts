/** A report as text for the terminal; markdown.ts uses its parts. */
import type { Scenario } from '../scenario/scenario.ts';
import { machineLine } from './machine.ts';
import type { Report, Result } from './report.ts';
import type { Spread } from './statistics.ts';
import type { Summary } from './summary.ts';
import { table } from './table.ts';

export function renderText(report: Report): string {
  return [
    machineLine(report.machine),
    conditions(report),
    ...report.results.flatMap((result) => ['', ...renderResult(result)]),
  ].join('\n');
}

/** What holds for all results. */
export function conditions({ workers, built, nodeFlags, cpus, peer }: Report): string {
  return [
    `${workers} worker${workers === 1 ? '' : 's'}, ${built ? 'built' : 'from source'}`,
    ...nodeFlags,
    ...(cpus === null ? [] : [`system on CPUs ${cpus.system}, generator and sink on ${cpus.load}`]),
    ...(peer === null ? [] : [`peer: ${peer}`]),
  ].join(', ');
}

function renderResult(result: Result): string[] {
  return [
    `${result.scenario.name}: ${result.scenario.about}`,
    scenarioLine(result),
    '',
    ...table(resultRows(result)),
    '',
    ...phaseLines(result),
    ...remarks(result),
  ];
}

export function scenarioLine({ scenario: s, requestBytes }: Result): string {
  const loop =
    s.plan === 'overload'
      ? `open loop, at most ${s.inFlight} in flight`
      : s.rate === 0
        ? `closed loop, ${s.inFlight} in flight`
        : `open loop, ${s.rate.toLocaleString('en')} spans/s, at most ${s.inFlight} in flight`;
  const sink = [
    ...(s.sinkRate === 0 ? [] : [`sink takes ${s.sinkRate.toLocaleString('en')} spans/s`]),
    ...(s.sinkDelayMs === 0 ? [] : [`sink answers after ${s.sinkDelayMs} ms`]),
  ];
  return [
    s.protocol === 'grpc' ? 'gRPC' : 'HTTP',
    `${s.spans} ${s.payload} span${s.spans === 1 ? '' : 's'} a request (${Math.round(requestBytes).toLocaleString('en')} bytes)`,
    `compression ${s.compressionIn} in, ${s.compressionOut} out`,
    loop,
    `${s.connections} connection${s.connections === 1 ? '' : 's'}`,
    ...sink,
    s.rounds === 1 ? `${s.durationSeconds} s` : `medians of ${s.rounds} rounds of ${s.durationSeconds} s`,
  ].join(', ');
}

export function resultRows({ systems }: Result): string[][] {
  return [
    [
      'system',
      'spans/s',
      'CPU-s/Mspan',
      '(low-high)',
      'CPU %',
      'p50 ms',
      'p99 ms',
      'RSS peak MiB',
      'refused',
      'lost',
      'duplicated',
      'altered',
      'generator CPU-s/Mspan',
      'sink CPU-s/Mspan',
    ],
    ...systems.map((s) => [
      s.system,
      count(s.spansPerSecond.median),
      s.cpuSecondsPerMillionSpans?.median.toFixed(2) ?? '-',
      s.cpuSecondsPerMillionSpans === null ? '' : `(${range(s.cpuSecondsPerMillionSpans, 2)})`,
      s.cpuPercent?.toFixed(1) ?? '',
      s.p50Ms.toFixed(2),
      s.p99Ms.toFixed(2),
      s.rssPeakMiB?.toFixed(0) ?? 'unavailable',
      s.refusedRequests.toLocaleString('en'),
      s.lost.toLocaleString('en'),
      s.duplicated.toLocaleString('en'),
      s.altered.toLocaleString('en'),
      s.generatorCpu?.toFixed(2) ?? '',
      s.sinkCpu?.toFixed(2) ?? '',
    ]),
  ];
}

/** Of a plan with several phases, the phases of each system's first round; nothing of others. */
export function phaseRows({ scenario: s, systems, rounds }: Result): string[][] {
  if (s.plan === 'windows' || s.plan === 'soak') return [];
  const perS = (requests: number, seconds: number): string => count((requests * s.spans) / seconds);
  return [
    ['phase', 'seconds', 'offered/s', 'accepted/s', 'refused/s', 'reached sink/s', 'p50 ms', 'p99 ms', 'CPU %'],
    ...systems.flatMap(({ system }) =>
      (rounds[system]?.[0]?.phases ?? []).map(({ name, seconds, received, load, cpu }) => [
        systems.length > 1 ? `${system}, ${name}` : name,
        seconds.toFixed(0),
        perS(load.sent, seconds),
        perS(load.accepted, seconds),
        perS(load.refused, seconds),
        count(received / seconds),
        load.p50Ms.toFixed(1),
        load.p99Ms.toFixed(1),
        cpu.system === null ? '' : ((cpu.system / seconds) * 100).toFixed(0),
      ]),
    ),
  ];
}

function phaseLines(result: Result): string[] {
  const rows = phaseRows(result);
  return rows.length === 0 ? [] : [...table(rows), ''];
}

const count = (n: number): string => Math.round(n).toLocaleString('en');

/** What the table does not say. */
export function remarks(result: Result): string[] {
  const lines: string[] = [];
  for (const { other, cpu, rounds } of result.ratios)
    lines.push(
      `CPU per span, ${other} / millrace: ${cpu.median.toFixed(1)} (${range(cpu, 1)}; by round ${rounds.map((r) => r.toFixed(1)).join(' ')})`,
    );
  for (const summary of result.systems) {
    lines.push(...limitRemark(result.scenario, summary), ...planRemarks(result.scenario, summary));
    if (summary.unsentRequests > 0)
      lines.push(
        `${summary.system}: ${summary.unsentRequests.toLocaleString('en')} requests were due and not sent, because too many others waited for answers`,
      );
    if (summary.firstTrouble !== null)
      lines.push(`${summary.system}: the first refusal or failure: ${summary.firstTrouble}`);
  }
  for (const text of result.skipped) lines.push(`skipped: ${text}`);
  if (result.scenario.plan === 'windows')
    for (const text of result.systems.flatMap((s) => s.failures)) lines.push(`FAILED  ${text}`);
  return lines;
}

function limitRemark({ limits }: Scenario, { system, cpuPercent, rssPeakMiB }: Summary): string[] {
  if (limits === null || cpuPercent === null || rssPeakMiB === null) return [];
  const verdict = (value: number, limit: number): string => (value <= limit ? 'within' : 'over');
  return [
    `${system}: CPU ${cpuPercent.toFixed(1)} % is ${verdict(cpuPercent, limits.cpuPercent)} the testbed's limit of ${limits.cpuPercent} %, ` +
      `RAM ${rssPeakMiB.toFixed(0)} MiB is ${verdict(rssPeakMiB, limits.ramMiB)} its ${limits.ramMiB} MiB`,
  ];
}

/** The criteria of a fault scenario, whether they passed or not. */
function planRemarks({ plan }: Scenario, { system, checks }: Summary): string[] {
  if (plan === 'windows') return [];
  return checks.flatMap((round, i) =>
    round.map(
      ({ passed, text }) =>
        `${passed ? 'ok  ' : 'FAIL'}  ${system}${checks.length > 1 ? `, round ${i + 1}` : ''}: ${text}`,
    ),
  );
}

const range = ({ low, high }: Spread, digits: number): string => `${low.toFixed(digits)}-${high.toFixed(digits)}`;
