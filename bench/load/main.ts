/**
 * `npm run bench:load`: what a span costs, and what happens when there is too much. docs/guides/benchmarks.md says how to read
 * the report.
 *
 * Exit code 0: everything that is asked of millrace and the naive gateway held (a peer's results do not count). 1: not so, or
 * the run itself failed. 2: wrong arguments.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { errorText } from '#shared/errors.ts';
import { repeatedNumbers } from './generator/load-loop.ts';
import { parseOptions, USAGE, type Options } from './options.ts';
import { makeWorkload } from './payload/catalog.ts';
import { averageBytes, writeWorkload } from './payload/workload.ts';
import { machineFacts, machineLine } from './report/machine.ts';
import { writeReport } from './report/markdown.ts';
import { Progress } from './report/progress.ts';
import { failuresOf, makeResult, type Report, type Result } from './report/report.ts';
import { systemCpu } from './report/summary.ts';
import { renderText } from './report/text.ts';
import { measureIdle } from './run/idle.ts';
import { goodput, judge, mainPhase } from './run/judge.ts';
import { runRound, type Round, type Setting } from './run/round.ts';
import type { Scenario } from './scenario/scenario.ts';
import { listScenarios } from './scenario/table.ts';
import { unable } from './system/start.ts';
import { MILLRACE, type SystemName } from './system/system.ts';

// An interrupted run ends through 'exit', where processes and files of the run are cleared away.
process.once('SIGTERM', () => process.exit(143));
process.once('SIGINT', () => process.exit(130));

const REPORTS = resolve(import.meta.dirname, '../out');

async function load(options: Options, args: readonly string[]): Promise<boolean> {
  const progress = new Progress(process.stderr);
  const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const removeDirectory = (): void => rmSync(directory, { recursive: true, force: true });
  process.once('exit', removeDirectory);
  const results: Result[] = [];
  try {
    for (const scenario of options.scenarios)
      results.push(await runScenario(scenario, options, join(directory, 'workload.bin'), progress));
  } finally {
    removeDirectory();
  }
  const { workers, built, nodeFlags, cpus } = options;
  const report: Report = {
    machine: machineFacts(),
    arguments: args,
    workers,
    built,
    nodeFlags,
    cpus,
    peer: options.peer?.name ?? null,
    results,
  };
  const path = options.report ?? join(REPORTS, `${report.machine.date}-${reportName(options.scenarios)}.md`);
  writeReport(report, path);
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : `\n${renderText(report)}\n`);
  progress.say(`report: ${path}`);
  return failuresOf(report).length === 0;
}

async function runScenario(s: Scenario, options: Options, workloadFile: string, progress: Progress): Promise<Result> {
  const workload = makeWorkload(s.payload, s.spans);
  writeWorkload(workloadFile, workload);
  const bytesPerSpan = averageBytes(workload) / s.spans;
  const setting: Setting = {
    ...options,
    workloadFile,
    bytesPerSpan,
    repeatedNumbers: s.compressionIn === 'none' ? 0 : repeatedNumbers(workload, s.inFlight),
  };
  const skipped: string[] = [];
  const rounds = new Map<SystemName, Round[]>();
  for (const name of systemsFor(s, options)) {
    const why = unable(name, s.protocol, s.compressionIn, s.compressionOut);
    if (why === null) rounds.set(name, []);
    else skipped.push(`${name}: ${why}`);
  }
  // interleaved, so that a machine that grows slower or faster meanwhile does so to both
  for (let r = 1; r <= s.rounds; r++) {
    for (const [name, list] of rounds) {
      progress.begin(`${s.name}  round ${r}/${s.rounds}  ${name}`);
      const round = await runRound(name, s, setting, (...seen) => progress.watch(...seen));
      list.push(round);
      progress.say(`${s.name}  round ${r}/${s.rounds}  ${name}  ${describe(s, round, bytesPerSpan)}`);
    }
  }
  return makeResult(s, averageBytes(workload), rounds, skipped);
}

function systemsFor(s: Scenario, { systems, peer }: Options): readonly SystemName[] {
  if (peer !== null) return [...(systems ?? [MILLRACE]), peer.name];
  return systems ?? s.systems;
}

function reportName(scenarios: readonly Scenario[]): string {
  const [first, ...more] = scenarios;
  return first === undefined ? 'none' : more.length === 0 ? first.name : `${first.name}-and-${more.length}-more`;
}

function describe(s: Scenario, round: Round, bytesPerSpan: number): string {
  const cpu = systemCpu(s, round);
  const failed = judge(s, round, bytesPerSpan).find(({ passed }) => !passed);
  return (
    `${Math.round(goodput(mainPhase(s, round))).toLocaleString('en')} spans/s` +
    (cpu === null ? '' : `, ${cpu.toFixed(2)} CPU-s/Mspan`) +
    (failed === undefined ? '' : `  FAILED: ${failed.text}`)
  );
}

async function idle(options: Options): Promise<boolean> {
  const result = await measureIdle(options);
  const machine = machineFacts();
  if (options.json) process.stdout.write(`${JSON.stringify({ machine, idle: result }, null, 2)}\n`);
  else {
    const workers = `${result.workers} worker${result.workers === 1 ? '' : 's'}`;
    process.stdout.write(
      `${machineLine(machine)}\nidle, ${result.built ? 'built' : 'from source'}, ${workers}, ${result.secondsAfterReady} s after ready: RSS ${result.rssMiB?.toFixed(0) ?? 'unavailable'} MiB, ` +
        `CPU ${result.cpuPercent?.toFixed(1) ?? 'unavailable'} % of a core, ${result.badEnd ?? 'a clean end'}\n`,
    );
  }
  return result.badEnd === null;
}

const args = process.argv.slice(2);
let options: Options;
try {
  options = parseOptions(args);
} catch (failure) {
  process.stderr.write(`${errorText(failure)}\n\n${USAGE}`);
  process.exit(2);
}
if (options.help) process.stdout.write(USAGE);
else if (options.list) process.stdout.write(listScenarios());
else {
  try {
    process.exitCode = (await (options.idle ? idle(options) : load(options, args))) ? 0 : 1;
  } catch (failure) {
    process.stderr.write(`${errorText(failure)}\n`);
    process.exitCode = 1;
  }
}
