/**
 * A gRPC client in another language, as a child process that is told line by line what to do. All clients
 * (test/interop/clients) understand the same lines of JSON on standard input:
 *
 *     {"port":4317,...}    PeerOptions, all fields: closes the channel, if there is one, and makes another; no answer
 *     {"first":1,...}      PeerStep, all fields -> one line of standard output: {"codes":[0,0,14],"message":"of a failed call"}
 *     end of input         closes the channel and ends with code 0
 *
 * Spans are numbered: call i of a step carries the `spans` numbers from `first + i * spans` on. Span n is named "span n", has one
 * attribute "padding" of `padding` times "x", and as trace id n as four bytes, eight zero bytes, n as four bytes; its span id is
 * the last eight of these.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { TRACES } from '#shared/signal.ts';
import { decodeRequest, type PlainMessage } from './otlp-proto.ts';

export const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

export interface PeerOptions {
  readonly port: number;
  /** Whether messages are compressed with gzip. */
  readonly gzip: boolean;
  /** How often to ping, with or without a call; 0 = never. */
  readonly keepaliveMs: number;
  /** PEM of the authority to trust; '' = plaintext. */
  readonly ca: string;
  /** PEM of the client's own certificate and key; '' = none. */
  readonly cert: string;
  readonly key: string;
}

export interface PeerStep {
  /** Sends `spans` spans with the language's OpenTelemetry SDK and OTLP exporter instead of plain calls. */
  readonly sdk: boolean;
  readonly first: number;
  readonly calls: number;
  /** Calls under way at once. */
  readonly concurrency: number;
  /** Spans of one call. */
  readonly spans: number;
  /** Bytes of the attribute that makes a span large. */
  readonly padding: number;
  readonly deadlineMs: number;
  readonly method: string;
  /** Name and value; values of names that end in -bin are base64 here. A name may come several times. */
  readonly metadata: readonly (readonly [string, string])[];
}

export interface PeerAnswer {
  /** The gRPC status code of each call, in the order of their spans. */
  readonly codes: readonly number[];
  readonly message: string;
}

export type ConnectOptions = Partial<PeerOptions> & Pick<PeerOptions, 'port'>;

const OPTIONS: Omit<PeerOptions, 'port'> = { gzip: false, keepaliveMs: 0, ca: '', cert: '', key: '' };
const STEP: Omit<PeerStep, 'first'> = {
  sdk: false,
  calls: 1,
  concurrency: 1,
  spans: 1,
  padding: 20,
  deadlineMs: 20_000,
  method: EXPORT,
  metadata: [],
};

/** How to start a client. */
export type PeerCommand = readonly [file: string, ...args: readonly string[]];

/** The client that needs no other language. */
export const NODE_PEER: PeerCommand = [
  process.execPath,
  '--conditions=source',
  join(import.meta.dirname, '../interop/clients/node/client.ts'),
];

export class GrpcPeer implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;
  readonly #answers: AsyncIterator<string>;
  #stderr = '';

  constructor([file, ...args]: PeerCommand) {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(`${code === null ? 'signal' : 'code'} ${code ?? signal}`));
    });
    child.stdin.on('error', () => {}); // a client that has ended says so with its output
    child.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (this.#stderr = (this.#stderr + text).slice(-20_000)));
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** The steps that follow are made on a new channel. Connecting is left to the first of them. */
  connect(options: ConnectOptions): void {
    this.#write({ ...OPTIONS, ...options });
  }

  /** Steps are answered in order; the next one may only be given when this one is answered. */
  async run(step: Partial<PeerStep> & Pick<PeerStep, 'first'>): Promise<PeerAnswer> {
    this.#write({ ...STEP, ...step });
    const line = await this.#answers.next();
    if (line.done === true) throw new Error(`the client ended with ${await this.#ended}\n${this.#stderr}`);
    return JSON.parse(line.value) as PeerAnswer;
  }

  /** Lets the client close its channel and end. Throws if it did not end well. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    const ended = await this.#ended;
    if (ended !== 'code 0') throw new Error(`the client ended with ${ended}\n${this.#stderr}`);
  }

  /** Ends the client at once; a step that waits for its answer fails. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #write(line: object): void {
    this.#child.stdin?.write(`${JSON.stringify(line)}\n`);
  }
}

/** One process for all tests, each of which gets a channel of its own; after a failure another process. */
export class SharedPeer {
  readonly #command: PeerCommand;
  #peer: GrpcPeer | null = null;

  constructor(command: PeerCommand) {
    this.#command = command;
  }

  async use({ signal }: TestContext, options: ConnectOptions, run: (peer: GrpcPeer) => Promise<void>): Promise<void> {
    const peer = (this.#peer ??= new GrpcPeer(this.#command));
    // A test that takes too long is not waited for, so that its file can go on.
    const tooLong = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('the test was ended')), { once: true });
    });
    try {
      peer.connect(options);
      await Promise.race([run(peer), tooLong]);
    } catch (failure) {
      this.#peer = null;
      await peer[Symbol.asyncDispose]();
      throw failure;
    }
  }

  async close(): Promise<void> {
    await this.#peer?.close();
  }
}

/** The numbers of all spans in a request, see above. */
export function spanNumbers(bytes: Uint8Array): number[] {
  const list = (value: unknown): PlainMessage[] => (value ?? []) as PlainMessage[];
  return list(decodeRequest(TRACES, bytes)['resourceSpans'])
    .flatMap((r) => list(r['scopeSpans']))
    .flatMap((s) => list(s['spans']))
    .map((span) => Number(/^span (\d+)$/.exec(String(span['name']))?.[1]));
}
