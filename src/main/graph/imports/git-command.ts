/** Runs the git of this machine: one command at a time, without questions to anybody, bounded in time and output. */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Clock } from '#shared/clock.ts';
import { errorText, MillraceError } from '#shared/errors.ts';

export interface GitCommand {
  readonly args: readonly string[];
  /** Working folder. */
  readonly folder: string;
  /** Added to {@link gitEnvironment}. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What is kept of the output; the rest is thrown away. */
const MAX_OUTPUT = 1024 * 1024;
const MAX_ERROR = 16 * 1024;
/** Time to remove its lock files before it is killed. */
const GRACE_MS = 2000;

/**
 * Its output. Rejects with a MillraceError: `git_missing`, `git_timeout`, `git_failed` with what git says. Secrets must be in the
 * environment, which only this user and root can read; arguments can be read by everyone on the machine.
 */
export async function git({ args, folder, environment, timeoutMs, signal }: GitCommand, clock: Clock): Promise<string> {
  signal.throwIfAborted();
  const child = spawn('git', args, {
    cwd: folder,
    env: { ...gitEnvironment(process.env), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: git has children that must end with it, and a terminal's Ctrl-C is not for them.
    detached: true,
  });
  const output = collect(child.stdout, MAX_OUTPUT);
  const complaint = collect(child.stderr, MAX_ERROR);
  let isLate = false;
  let cancelKill = (): void => undefined;
  const end = (): void => {
    killGroup(child, 'SIGTERM');
    cancelKill = clock.after(GRACE_MS, () => killGroup(child, 'SIGKILL'));
  };
  // Nobody looks at the folder any more: nothing to tidy up.
  const abort = (): void => killGroup(child, 'SIGKILL');
  const cancelTimer = clock.after(timeoutMs, () => {
    isLate = true;
    end();
  });
  signal.addEventListener('abort', abort, { once: true });
  try {
    const code = await ended(child);
    signal.throwIfAborted();
    if (isLate) throw new MillraceError('git_timeout', `git gave no answer within ${timeoutMs / 1000} s`);
    if (code !== 0) throw new MillraceError('git_failed', reason(complaint(), code));
    return output();
  } finally {
    cancelTimer();
    cancelKill();
    signal.removeEventListener('abort', abort);
  }
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', (error: NodeJS.ErrnoException) => {
      // Also said of a working folder that is not there.
      const missing = error.code === 'ENOENT' && error.syscall === 'spawn git';
      reject(
        missing
          ? new MillraceError('git_missing', 'import.git needs the git command, which is not in PATH: install git')
          : new MillraceError('git_failed', `git cannot be run: ${errorText(error)}`, { cause: error }),
      );
    });
  });
}

function killGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has just ended.
  }
}

function collect(stream: NodeJS.ReadableStream, maxBytes: number): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    if (bytes < maxBytes) chunks.push(chunk.subarray(0, maxBytes - bytes));
    bytes += chunk.length;
  });
  return () => Buffer.concat(chunks).toString();
}

/** The last line that git calls an error, printable and short: servers put their own words there. */
function reason(complaint: string, code: number | null): string {
  const lines = complaint.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  const line = lines.find((one) => /^(fatal|error|ERROR):/.test(one)) ?? lines.at(-1);
  if (line === undefined) return `git ended with code ${code ?? 'none'}`;
  return `git: ${line.replace(/[^\x20-\x7e\u00a0-\uffff]/g, ' ').slice(0, 300)}`;
}

/**
 * The environment of this process without what would point git at another repository or configuration, and with what keeps it
 * from asking, from running hooks, from working on in the background, and from transports that run commands.
 */
export function gitEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !/^(GIT_|SSH_ASKPASS)/.test(name) || KEPT.has(name));
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh',
    GIT_SSH_COMMAND: env['GIT_SSH_COMMAND'] ?? 'ssh -o BatchMode=yes',
  };
}

/** Say which certificates and which user configuration count. */
const KEPT: ReadonlySet<string> = new Set([
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_EXEC_PATH',
]);

/** Settings of git as environment (git-config(1), GIT_CONFIG_COUNT). */
export function configEnvironment(settings: readonly (readonly [string, string])[]): Record<string, string> {
  const environment: Record<string, string> = { GIT_CONFIG_COUNT: String(settings.length) };
  settings.forEach(([key, value], i) => {
    environment[`GIT_CONFIG_KEY_${i}`] = key;
    environment[`GIT_CONFIG_VALUE_${i}`] = value;
  });
  return environment;
}
