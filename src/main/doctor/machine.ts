/** What of the machine and the process matters to a gateway. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import process from 'node:process';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { sizeText } from '#config/schema/size.ts';
import type { RunSettings } from '../cli/settings.ts';

export interface Finding {
  readonly state: 'ok' | 'warn' | 'fail';
  readonly what: string;
  readonly found: string;
  /** What to do about it. */
  readonly advice?: string;
}

const MIB = 1024 * 1024;
/** Of the process with one worker and no data (docs/benchmarks.md). */
const IDLE_BYTES = 120 * MIB;
const THREAD_BYTES = 20 * MIB;
const FEW_FILES = 4096;

export async function examine(
  settings: Pick<RunSettings, 'workers' | 'ingestThreads' | 'ringBytes' | 'receiveBytes'>,
): Promise<Finding[]> {
  return [node(), nodeFlags(), cores(settings), memory(settings), await openFiles(), zstd(), await git()];
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isFit = (major === 22 && minor >= 22) || (major === 24 && minor >= 6) || major > 24;
  const found = `${process.version} on ${process.platform} ${process.arch}`;
  return isFit
    ? { state: 'ok', what: 'Node', found }
    : { state: 'fail', what: 'Node', found, advice: 'use Node 22.22, 24.6 or later' };
}

function nodeFlags(): Finding {
  const set = process.execArgv.filter(
    (flag) => flag.startsWith('--single-threaded-gc') || flag.startsWith('--max-semi-space-size'),
  );
  return set.length === 2
    ? { state: 'ok', what: 'flags of Node', found: set.join(' ') }
    : {
        state: 'warn',
        what: 'flags of Node',
        found: 'not those that millrace was measured with',
        advice: 'start it by its own command, bin/millrace.mjs',
      };
}

function cores({ workers, ingestThreads }: Pick<RunSettings, 'workers' | 'ingestThreads'>): Finding {
  const threads = 1 + workers + ingestThreads;
  const found = `${availableParallelism()} cores for ${threads} threads`;
  return threads <= availableParallelism() + 1
    ? { state: 'ok', what: 'threads', found }
    : {
        state: 'warn',
        what: 'threads',
        found,
        advice: 'threads that share a core cost more per span: lower --workers',
      };
}

function memory({ workers, ingestThreads, ringBytes, receiveBytes }: Parameters<typeof examine>[0]): Finding {
  const limit = process.constrainedMemory();
  const available = limit > 0 && limit < totalmem() ? limit : totalmem();
  const producers = Math.max(1, ingestThreads);
  const bound =
    IDLE_BYTES + THREAD_BYTES * (workers - 1 + ingestThreads) + producers * (workers * ringBytes + receiveBytes);
  const found = `${sizeText(Math.floor(available / MIB) * MIB)} for up to ${sizeText(Math.ceil(bound / MIB) * MIB)} before exporters' queues`;
  return bound <= available * 0.8
    ? { state: 'ok', what: 'memory', found }
    : {
        state: 'fail',
        what: 'memory',
        found,
        advice: 'lower --ring.size, --receive.size or --workers, or give the process more',
      };
}

async function openFiles(): Promise<Finding> {
  const what = 'open files';
  let limits: string;
  try {
    limits = await readFile('/proc/self/limits', 'utf8');
  } catch {
    return { state: 'ok', what, found: 'the limit cannot be read on this system' };
  }
  const soft = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
  return soft >= FEW_FILES
    ? { state: 'ok', what, found: `at most ${soft}` }
    : {
        state: 'warn',
        what,
        found: `at most ${soft}`,
        advice: `each connection takes one: raise the limit (ulimit -n), at least to ${FEW_FILES}`,
      };
}

function zstd(): Finding {
  return 'zstdCompressSync' in zlib
    ? { state: 'ok', what: 'zstd', found: 'there' }
    : { state: 'fail', what: 'zstd', found: 'this Node cannot do it', advice: 'use Node 22.22, 24.6 or later' };
}

async function git(): Promise<Finding> {
  try {
    const { stdout } = await promisify(execFile)('git', ['--version'], { timeout: 5000 });
    return { state: 'ok', what: 'git', found: stdout.trim() };
  } catch {
    return { state: 'warn', what: 'git', found: 'not there', advice: 'import.git needs it' };
  }
}
