/**
 * `npm run bench:load`: what a span costs. docs/guides/benchmarks.md says how to read the report.
 *
 * Exit code 0: every accepted span arrived exactly once and unaltered, and every system ended cleanly. 1: not so, or the run
 * itself failed. 2: wrong arguments.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorText } from '#shared/errors.ts';
import { measureIdle } from './idle.ts';
import { machineFacts, machineLine } from './machine.ts';
import { parseOptions, USAGE, type Options } from './options.ts';
import { ratio, renderReport, summarize, type Report } from './report.ts';
import { runRound, type Round } from './round.ts';
import { unable, type SystemName } from './systems.ts';
import { averageBytes, makeWorkload, writeWorkload } from './workload.ts';

// An interrupted run ends through 'exit', where processes and files of the run are cleared away.
process.once('SIGTERM', () => process.exit(143));
process.once('SIGINT', () => process.exit(130));

const progress = (text: string): void => void process.stderr.write(`${text}\n`);

async function load(options: Options): Promise<boolean> {
  const skipped: string[] = [];
  const systems = options.systems.filter((name) => {
    const why = unable(name, options.protocol, options.compression);
    if (why !== null) skipped.push(`${name}: ${why}`);
    return why === null;
  });
  const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const removeDirectory = (): void => rmSync(directory, { recursive: true, force: true });
  process.once('exit', removeDirectory);
  try {
    const workloadFile = join(directory, 'workload.bin');
    const workload = makeWorkload(options.spans);
    writeWorkload(workloadFile, workload);
    const rounds = new Map<SystemName, Round[]>(systems.map((name) => [name, []]));
    // interleaved, so that a machine that grows slower or faster meanwhile does so to both
    for (let r = 1; r <= options.rounds; r++) {
      for (const name of systems) {
        const round = await runRound(name, options, workloadFile);
        rounds.get(name)?.push(round);
        progress(`round ${r}/${options.rounds}  ${describe(round)}`);
      }
    }
    const summaries = systems.map((name) => summarize(name, rounds.get(name) ?? []));
    const { json, help: _help, idle: _idle, ...scenario } = options;
    const report: Report = {
      machine: machineFacts(),
      scenario: { ...scenario, requestBytes: averageBytes(workload) },
      systems: summaries,
      skipped,
      naiveToMillrace: ratio(rounds.get('naive') ?? [], rounds.get('millrace') ?? []),
    };
    process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : `\n${renderReport(report)}\n`);
    return summaries.every((summary) => summary.failures.length === 0);
  } finally {
    removeDirectory();
  }
}

function describe(round: Round): string {
  const cpu =
    round.cpuSecondsPerMillionSpans === null ? '' : `, ${round.cpuSecondsPerMillionSpans.toFixed(2)} CPU-s/Mspan`;
  const trouble = round.failures.length === 0 ? '' : `  FAILED: ${round.failures[0]}`;
  return `${round.system.padEnd(8)}  ${Math.round(round.spansPerSecond).toLocaleString('en')} spans/s${cpu}${trouble}`;
}

async function idle(options: Options): Promise<boolean> {
  const result = await measureIdle(options);
  const machine = machineFacts();
  if (options.json) process.stdout.write(`${JSON.stringify({ machine, idle: result }, null, 2)}\n`);
  else {
    const workers = `${result.workers} worker${result.workers === 1 ? '' : 's'}`;
    process.stdout.write(
      `${machineLine(machine)}\nidle, ${result.built ? 'built' : 'from source'}, ${workers}, ${result.secondsAfterReady} s after ready: RSS ${result.rssMiB?.toFixed(0) ?? 'unavailable'} MiB, ` +
        `CPU ${result.cpuPercent?.toFixed(1) ?? 'unavailable'} % of a core, exit code ${result.exitCode}\n`,
    );
  }
  return result.exitCode === 0;
}

let options: Options;
try {
  options = parseOptions(process.argv.slice(2));
} catch (failure) {
  process.stderr.write(`${errorText(failure)}\n\n${USAGE}`);
  process.exit(2);
}
if (options.help) process.stdout.write(USAGE);
else {
  try {
    process.exitCode = (await (options.idle ? idle(options) : load(options))) ? 0 : 1;
  } catch (failure) {
    process.stderr.write(`${errorText(failure)}\n`);
    process.exitCode = 1;
  }
}
