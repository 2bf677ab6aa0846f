/** Keeps processes on chosen CPUs, with taskset(1) of util-linux. */
import { execFileSync } from 'node:child_process';

/** All threads of the process; those it starts later inherit it. `cpus`: a list as taskset takes it, such as 0,2-3. */
export function pin(pid: number, cpus: string): void {
  try {
    execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cpus, String(pid)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (failure) {
    throw new Error(`taskset could not keep process ${pid} on CPUs ${cpus}`, { cause: failure });
  }
}
