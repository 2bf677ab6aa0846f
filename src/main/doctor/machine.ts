/** What of the machine matters to a gateway. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { cgroupBytes, mebibytes, memoryLimit, neededBytes, type MemorySettings } from '../cli/memory.ts';
import type { Finding } from './finding.ts';

/** With fewer, a few thousand senders with a connection each are too many. */
const FEW_FILES = 4096;

export interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
  readonly cgroupBytes: number | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of `/proc/self/limits`; null where there is none. */
  readonly limits: string | null;
  /** What `git --version` says; null: it is not there. */
  readonly git: string | null;
}

export async function thisMachine(env: Machine['env']): Promise<Machine> {
  const git = promisify(execFile)('git', ['--version'], { timeout: 5000 });
  return {
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    cgroupBytes: cgroupBytes(),
    env,
    limits: await readFile('/proc/self/limits', 'utf8').catch(() => null),
    git: await git.then(
      ({ stdout }) => stdout.trim(),
      () => null,
    ),
  };
}

export function examineMachine(machine: Machine, settings: MemorySettings): Finding[] {
  return [cores(machine, settings), ...memory(machine, settings), openFiles(machine), git(machine)];
}

function cores({ cores }: Machine, { workers, ingestThreads }: MemorySettings): Finding {
  const threads = 1 + workers + ingestThreads;
  const found = `${cores} cores for ${threads} threads`;
  // Main does little where others accept.
  return threads <= cores + 1
    ? { state: 'ok', what: 'threads', found }
    : {
        state: 'warn',
        what: 'threads',
        found,
        advice: 'threads that share a core cost more per span: lower --workers or --ingest-threads',
      };
}

function memory(machine: Machine, settings: MemorySettings): Finding[] {
  const limit = memoryLimit(machine.env, machine.cgroupBytes);
  const findings: Finding[] = typeof limit === 'string' ? [{ state: 'warn', what: 'memory limit', found: limit }] : [];
  const { bytes, origin } =
    limit === null || typeof limit === 'string'
      ? { bytes: machine.cgroupBytes ?? machine.memoryBytes, origin: machine.cgroupBytes === null ? 'RAM' : 'cgroup' }
      : limit;
  const needed = neededBytes(settings);
  const found = `${mebibytes(bytes)} (${origin}) for up to ${mebibytes(needed)} and what exporters queue`;
  const what = 'memory';
  if (needed > bytes)
    findings.push({
      state: 'fail',
      what,
      found,
      advice: 'lower --ring.size, --receive.size or --workers, or give the process more',
    });
  else if (needed > bytes * 0.8)
    findings.push({
      state: 'warn',
      what,
      found,
      advice: 'little is left for queues: bound them, or lower --ring.size',
    });
  else findings.push({ state: 'ok', what, found });
  return findings;
}

function openFiles({ limits }: Machine): Finding {
  const what = 'open files';
  if (limits === null) return { state: 'ok', what, found: 'the limit cannot be read on this system' };
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  if (soft === undefined) return { state: 'ok', what, found: 'no limit' };
  return Number(soft) >= FEW_FILES
    ? { state: 'ok', what, found: `at most ${soft}` }
    : {
        state: 'warn',
        what,
        found: `at most ${soft}`,
        advice: `each connection takes one: raise the limit (ulimit -n, LimitNOFILE) to ${FEW_FILES} or more`,
      };
}

function git({ git }: Machine): Finding {
  return { state: 'ok', what: 'git', found: git ?? 'not there; only import.git needs it' };
}
