/**
 * What a process and its descendants have used, from `/proc` (proc(5)): works for any program, whatever it is written in.
 * Linux only.
 */
import { readFileSync, readdirSync } from 'node:fs';

/** USER_HZ: the unit of utime and stime. 100 on every architecture that Node has Linux binaries for. */
const TICKS_PER_SECOND = 100;

export interface Usage {
  /** User and system time of all threads, ended ones included. Resolution 10 ms. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  /** Highest resident set so far (of each process, added up). */
  readonly rssPeakBytes: number;
}

/** null where there is no `/proc`, or if the process is gone. */
export function readUsage(pid: number): Usage | null {
  if (process.platform !== 'linux') return null;
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    let cpuSeconds = cpuTicks(readFileSync(`/proc/${pid}/stat`, 'latin1')) / TICKS_PER_SECOND;
    let rssBytes = kilobytes(status, 'VmRSS') * 1024;
    let rssPeakBytes = kilobytes(status, 'VmHWM') * 1024;
    for (const child of children(pid)) {
      const usage = readUsage(child);
      if (usage === null) continue;
      cpuSeconds += usage.cpuSeconds;
      rssBytes += usage.rssBytes;
      rssPeakBytes += usage.rssPeakBytes;
    }
    return { cpuSeconds, rssBytes, rssPeakBytes };
  } catch (failure) {
    const code = (failure as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw failure;
  }
}

/** utime and stime, fields 14 and 15; field 2 is the program's name in parentheses and may hold anything. */
function cpuTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function kilobytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
}

function children(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1')
      .split(' ')
      .filter((text) => text !== '')
      .map(Number),
  );
}
