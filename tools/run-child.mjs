/**
 * Runs one child process as if it were this one: same standard streams, signals passed on, same way of ending, and
 * nothing left behind.
 *
 * - The child has a session of its own. A terminal's Ctrl-C, and npm, which repeats it, would otherwise each reach the
 *   collector, which takes the second signal as "stop at once". Here repeats within `REPEAT_MS` count as one.
 * - An IPC channel lies between the two. When this process is killed outright, the channel closes and the child knows
 *   that nobody waits for it any more (millrace drains and ends then).
 * - When this process was started by npm and npm is gone, the child is asked to stop.
 */
import { spawn } from 'node:child_process';

const FORWARDED = ['SIGTERM', 'SIGINT', 'SIGHUP'];
const REPEAT_MS = 250;
const PARENT_CHECK_MS = 500;

/** Never returns control to its caller in a useful way: when the child ends, this process ends like it. */
export function runChild(command, args, { cwd = process.cwd(), env = process.env } = {}) {
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: process.platform !== 'win32',
  });

  const lastSent = new Map();
  for (const signal of FORWARDED) {
    process.on(signal, () => {
      const now = performance.now();
      const repeated = now - (lastSent.get(signal) ?? -Infinity) < REPEAT_MS;
      lastSent.set(signal, now);
      if (!repeated) child.kill(signal);
    });
  }

  const parent = process.ppid;
  const startedByNpm = process.env.npm_lifecycle_event !== undefined;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, PARENT_CHECK_MS);
  watch.unref();
  if (!startedByNpm) clearInterval(watch);

  child.on('error', (error) => {
    console.error(`millrace: ${command} could not be run: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const name of FORWARDED) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}
