/**
 * Any other collector under test: a command with placeholders, and a configuration file written for it.
 *
 *     {config}        the file written for it: OpenTelemetry Collector YAML, or the user's template filled in
 *     {listen}        127.0.0.1:PORT on which it has to take OTLP of the protocol at hand
 *     {sink}          127.0.0.1:PORT to which it has to export
 *     {listen_grpc}, {listen_http}  the same for programs that always listen for both: the one that is not at hand is a port to waste
 *     {listen_port}, {sink_port}, {protocol} (grpc, http), {compression} (of exports: none, gzip, zstd)
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '#test/support/free-ports.ts';
import { collectorYaml } from './collector-yaml.ts';
import { fillIn, parseCommand } from './command.ts';
import type { System, SystemSettings } from './system.ts';

const READY_DEADLINE_MS = 60_000;
const EXIT_DEADLINE_MS = 60_000;
const POLL_MS = 50;
const MAX_OUTPUT_CHARS = 64 * 1024;

export interface PeerCommand {
  readonly name: string;
  readonly command: string;
  /** File with a configuration template; null for OpenTelemetry Collector YAML. */
  readonly template: string | null;
}

/** A name for the peer if its user gave none. */
export function peerName(command: string): string {
  return basename(parseCommand(command).program);
}

export async function startPeer(peer: PeerCommand, settings: SystemSettings): Promise<System> {
  const [port, other] = await freePorts(2);
  const directory = mkdtempSync(join(tmpdir(), 'millrace-peer-'));
  const configFile = join(directory, 'config.yaml');
  const values = {
    config: configFile,
    listen: `127.0.0.1:${port}`,
    listen_grpc: `127.0.0.1:${settings.protocol === 'grpc' ? port : other}`,
    listen_http: `127.0.0.1:${settings.protocol === 'http' ? port : other}`,
    listen_port: String(port),
    sink: `127.0.0.1:${settings.sinkPort}`,
    sink_port: String(settings.sinkPort),
    protocol: settings.protocol,
    compression: settings.compressionOut,
  };
  writeFileSync(
    configFile,
    peer.template === null ? collectorYaml(settings, port) : fillIn(readFileSync(peer.template, 'utf8'), values),
  );
  const { env, program, args } = parseCommand(peer.command);
  const filled = (text: string): string => fillIn(text, values);
  const child = spawn(filled(program), args.map(filled), {
    // its own process group: whatever it starts can be ended with it
    detached: true,
    env: { ...process.env, ...Object.fromEntries(Object.entries(env).map(([k, v]) => [k, filled(v)])) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const running = new RunningPeer(peer.name, child, directory);
  try {
    await running.untilListening(port);
  } catch (failure) {
    await running[Symbol.asyncDispose]();
    throw failure;
  }
  return {
    pid: running.pid,
    port,
    balance: () => Promise.resolve(null),
    reload: null,
    drain: () => running.drain(),
    stderr: () => running.output,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

class RunningPeer implements AsyncDisposable {
  output = '';
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #ended: Promise<string>;
  readonly #endWithUs = (): void => this.#clear();
  #running = true;

  constructor(name: string, child: ChildProcess, directory: string) {
    this.#name = name;
    this.#child = child;
    this.#directory = directory;
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output = (this.output + text).slice(-MAX_OUTPUT_CHARS);
      });
    this.#ended = new Promise((resolve) => {
      child.once('error', (failure) => {
        this.#running = false;
        resolve(failure.message);
      });
      child.once('exit', (code, signal) => {
        this.#running = false;
        resolve(code === null ? `signal ${signal}` : `exit code ${code}`);
      });
    });
    process.once('exit', this.#endWithUs);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Being ready is a state of another process and announces itself to nobody: tries the port. */
  async untilListening(port: number): Promise<void> {
    for (let waited = 0; waited < READY_DEADLINE_MS; waited += POLL_MS) {
      if (await listens(port)) return;
      const end = await Promise.race([this.#ended, delay(POLL_MS, null)]);
      if (end !== null) throw new Error(`${this.#name} ended before it listened: ${end}\n${this.output}`);
    }
    throw new Error(`${this.#name} did not listen on port ${port} within ${READY_DEADLINE_MS} ms\n${this.output}`);
  }

  async drain(): Promise<string | null> {
    if (this.#running) this.#child.kill('SIGTERM');
    const late = new AbortController();
    const end = await Promise.race([
      this.#ended,
      delay(EXIT_DEADLINE_MS, null, { signal: late.signal }).catch(() => null),
    ]);
    late.abort();
    if (end === null) return `still ran ${EXIT_DEADLINE_MS} ms after SIGTERM`;
    // programs that leave SIGTERM to the system end by it
    return end === 'exit code 0' || end === 'exit code 143' || end === 'signal SIGTERM'
      ? null
      : `${end} after SIGTERM: ${this.output.slice(-2000)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#endWithUs);
    this.#clear();
    await this.#ended;
  }

  #clear(): void {
    if (this.#child.pid !== undefined) {
      try {
        process.kill(-this.#child.pid, 'SIGKILL');
      } catch {
        // the group is gone already
      }
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
