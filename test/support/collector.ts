/**
 * The collector as its users run it: the CLI in a child process, with a configuration file, real sockets and signals.
 *
 *     await using collector = await startCollector({ config: (ports) => `... endpoint = "127.0.0.1:${ports[0]}" ...` });
 *     ... send to 127.0.0.1:collector.ports[0], read collector.adminUrl ...
 *     assert.equal((await collector.stop('SIGTERM')).code, 0);
 *
 * Whatever happens, the process that was started (and no other) is gone when the collector is disposed of, or when the test's
 * own process ends, even by SIGTERM or an exception.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from './free-ports.ts';

const PROJECT = resolve(import.meta.dirname, '../..');
/** Node's arguments that start the CLI. */
const FROM_SOURCE = ['--conditions=source', join(PROJECT, 'src/main/cli/main.ts')];
const BUILT = [join(PROJECT, 'dist/main/cli/main.js')];
const MANIFEST = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8')) as {
  readonly millrace: { readonly nodeFlags: readonly string[] };
};
/** What the launchers start Node with. */
const NODE_FLAGS = MANIFEST.millrace.nodeFlags;
const PORT_ATTEMPTS = 5;
const POLL_MS = 50;
/** Of each output stream the last so many characters are kept. */
const MAX_OUTPUT_CHARS = 1024 * 1024;
const EXIT_DEADLINE_MS = 30_000;

export interface CollectorOptions {
  /** Text of the configuration file, given the free ports that it may listen on. */
  readonly config: (ports: readonly number[]) => string;
  /** How many ports `config` needs. Default 1. */
  readonly ports?: number;
  /** The command with its configuration; `run FILE` when not given. */
  readonly command?: (configFile: string) => readonly string[];
  /** More flags of the command. */
  readonly flags?: readonly string[];
  /** Runs what `npm run build` made in `dist/` instead of the sources. */
  readonly built?: boolean;
  /** Flags of Node itself, before the script. */
  readonly nodeFlags?: readonly string[];
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** For how long `/-/ready` may refuse. Default 20 s. */
  readonly readyDeadlineMs?: number;
}

/** How the process ended: `code` is null if a signal ended it, `signal` is null if it ended by itself. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class Collector implements AsyncDisposable {
  readonly ports: readonly number[];
  /** `http://127.0.0.1:PORT`, without a slash at its end. */
  readonly adminUrl: string;
  /** The file that the collector was started with; write to it before a reload. */
  readonly configFile: string;
  /** Settles when the process has ended and its output has been read to the end. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';

  constructor(child: ChildProcess, ports: readonly number[], adminUrl: string, configFile: string) {
    this.#child = child;
    this.ports = ports;
    this.adminUrl = adminUrl;
    this.configFile = configFile;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout = (this.#stdout + text).slice(-MAX_OUTPUT_CHARS);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-MAX_OUTPUT_CHARS);
    });
    this.exited = new Promise((done, fail) => {
      child.once('error', fail);
      child.once('close', (code, signal) => done({ code, signal }));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }
  get stdout(): string {
    return this.#stdout;
  }
  get stderr(): string {
    return this.#stderr;
  }
  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /**
   * Sends `signal` and waits for the end. A process that is still there after `deadlineMs` is killed and the promise rejects
   * with its output: a drain that hangs is a failure, not an exit.
   */
  async stop(signal: NodeJS.Signals = 'SIGTERM', deadlineMs = EXIT_DEADLINE_MS): Promise<Exit> {
    if (this.running) this.#child.kill(signal);
    const late = new AbortController();
    const exit = await Promise.race([this.exited, delay(deadlineMs, null, { signal: late.signal }).catch(() => null)]);
    late.abort();
    if (exit !== null) return exit;
    this.#child.kill('SIGKILL');
    await this.exited;
    throw new Error(`the collector still ran ${deadlineMs} ms after ${signal}\n${this.output()}`);
  }

  /** Both streams, for messages of failed assertions. */
  output(): string {
    return `--- stdout\n${this.#stdout}\n--- stderr\n${this.#stderr}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.running) this.#child.kill('SIGKILL');
    await this.exited;
    this.abandon();
  }

  /** What is left to do when there is no time to wait. */
  abandon(): void {
    alive.delete(this);
    if (this.running) this.#child.kill('SIGKILL');
    rmSync(dirname(this.configFile), { recursive: true, force: true });
  }
}

/** Collectors that have not been disposed of. */
const alive = new Set<Collector>();

function endWithThisProcess(collector: Collector): void {
  alive.add(collector);
  if (process.listeners('exit').includes(abandonAll)) return;
  process.on('exit', abandonAll);
  // a test runner ends a file that takes too long with SIGTERM, whose default action skips 'exit'
  process.once('SIGTERM', () => process.exit(143));
  process.once('SIGINT', () => process.exit(130));
}

function abandonAll(): void {
  for (const collector of alive) collector.abandon();
}

/**
 * Starts the collector and waits until it is ready. Rejects with its output when it ends before that; if the reason is a port
 * that somebody else has taken meanwhile, it is started again on other ports, a few times.
 */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  for (let attempt = 1; ; attempt++) {
    const collector = await spawnCollector(options);
    try {
      await untilReady(collector, options.readyDeadlineMs ?? 20_000);
      return collector;
    } catch (failure) {
      const clash = !collector.running && /EADDRINUSE|already in use/.test(collector.stderr);
      await collector[Symbol.asyncDispose]();
      if (!clash || attempt === PORT_ATTEMPTS) throw failure;
    }
  }
}

/** Starts the collector without waiting: for configurations that must not come up. */
export async function spawnCollector(options: CollectorOptions): Promise<Collector> {
  const [adminPort, ...ports] = await freePorts((options.ports ?? 1) + 1);
  const directory = await mkdtemp(join(tmpdir(), 'millrace-'));
  const configFile = join(directory, 'config.alloy');
  await writeFile(configFile, options.config(ports));
  const child = spawn(
    process.execPath,
    [
      ...NODE_FLAGS,
      ...(options.nodeFlags ?? []),
      ...(options.built === true ? BUILT : FROM_SOURCE),
      ...(options.command?.(configFile) ?? ['run', configFile]),
      `--server.http.listen-addr=127.0.0.1:${adminPort}`,
      ...(options.flags ?? []),
    ],
    { cwd: directory, env: { ...process.env, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const collector = new Collector(child, ports, `http://127.0.0.1:${adminPort}`, configFile);
  endWithThisProcess(collector);
  return collector;
}

/** Polls `/-/ready`: being ready is a state of another process and announces itself to nobody. */
async function untilReady(collector: Collector, deadlineMs: number): Promise<void> {
  const attempts = Math.ceil(deadlineMs / POLL_MS);
  for (let i = 0; i < attempts; i++) {
    if (await isReady(collector.adminUrl)) return;
    const exit = await Promise.race([collector.exited, delay(POLL_MS, null)]);
    if (exit !== null) {
      throw new Error(
        `the collector ended before it was ready: code ${exit.code}, signal ${exit.signal}\n${collector.output()}`,
      );
    }
  }
  throw new Error(`the collector was not ready after ${deadlineMs} ms\n${collector.output()}`);
}

async function isReady(adminUrl: string): Promise<boolean> {
  try {
    const response = await fetch(`${adminUrl}/-/ready`, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false; // nobody listens there yet: what the caller is waiting to change
  }
}
