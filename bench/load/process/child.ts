/**
 * A process of the benchmark's own (generator, sink, naive gateway) as its parent sees it: started with an IPC channel, asked
 * one question at a time, every wait bounded, killed by its own pid at the end.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const ANSWER_DEADLINE_MS = 60_000;
const EXIT_DEADLINE_MS = 30_000;
const LATE = Symbol('late');
const MAX_STDERR_CHARS = 64 * 1024;

export class Child<Q extends { readonly ask: string }, A> implements AsyncDisposable {
  readonly name: string;
  readonly #exited: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #waiting: ((answer: object | Error) => void)[] = [];
  readonly #early: object[] = [];
  #stderr = '';

  /** `file` is relative to `bench/`. */
  constructor(name: string, file: string, args: readonly string[]) {
    this.name = name;
    this.#child = fork(resolve(import.meta.dirname, '../..', file), args, {
      execArgv: ['--conditions=source'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-MAX_STDERR_CHARS);
    });
    this.#child.on('message', (answer: object) => {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#early.push(answer);
      else waiting(answer);
    });
    this.#exited = new Promise((done) => this.#child.once('close', (code) => done(code)));
    void this.#exited.then((code) => {
      const ended = new Error(`the ${this.name} ended with code ${code}\n${this.#stderr}`);
      for (const waiting of this.#waiting.splice(0)) waiting(ended);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }
  get stderr(): string {
    return this.#stderr;
  }
  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The next thing the process says by itself. */
  async hear<T>(deadlineMs = ANSWER_DEADLINE_MS): Promise<T> {
    const early = this.#early.shift();
    if (early !== undefined) return early as T;
    if (!this.running) throw new Error(`the ${this.name} has ended\n${this.#stderr}`);
    return new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`the ${this.name} was silent for ${deadlineMs} ms`)), deadlineMs);
      this.#waiting.push((answer) => {
        clearTimeout(timer);
        if (answer instanceof Error) fail(answer);
        else done(answer as T);
      });
    });
  }

  ask<K extends Q['ask'] & keyof A>(question: Extract<Q, { readonly ask: K }>, deadlineMs?: number): Promise<A[K]> {
    this.#child.send(question);
    return this.hear(deadlineMs);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Its exit code, when it has ended; null if a signal ended it. Rejects if it takes too long. */
  async ended(): Promise<number | null> {
    const late = new AbortController();
    const code = await Promise.race([
      this.#exited,
      delay(EXIT_DEADLINE_MS, LATE, { signal: late.signal }).catch(() => LATE),
    ]);
    late.abort();
    if (typeof code === 'symbol')
      throw new Error(`the ${this.name} still ran after ${EXIT_DEADLINE_MS} ms\n${this.#stderr}`);
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.running) this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
