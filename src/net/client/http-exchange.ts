/** One request and its response as undici tells of them, and whether the request's bytes may be reused when it is over. */
import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { connectProblem, type Peer } from './connect-error.ts';

export type HttpResult =
  | {
      readonly kind: 'response';
      readonly status: number;
      /** Lower-cased names. */
      readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
      /** At most {@link BODY_LIMIT} bytes; what lies beyond is thrown away. */
      readonly body: Buffer;
      /** Certainly nobody reads the request's body any more. A server may answer before it is sent. */
      readonly bytesDone: boolean;
    }
  /** No response: connection, name lookup, TLS, time. */
  | {
      readonly kind: 'failure';
      readonly timedOut: boolean;
      readonly message: string;
      /** As above: true when the request never left. */
      readonly bytesDone: boolean;
    };

export const BODY_LIMIT = 64 * 1024;

/** Several pieces as one body. undici takes them one by one, the next when the socket has room. */
export class Pieces implements Iterable<Buffer> {
  readonly #pieces: readonly Buffer[];
  /** All have been handed over. */
  taken = false;

  constructor(pieces: readonly Buffer[]) {
    this.#pieces = pieces;
  }

  *[Symbol.iterator](): Generator<Buffer, void> {
    for (const piece of this.#pieces) yield piece;
    this.taken = true;
  }
}

/** Settles once; whatever undici tells later is ignored. */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Asked when the request is about to be written: the socket it goes to; null = not known. */
  startOn: () => Socket | null = () => null;
  readonly #peer: Peer;
  /** null: the body is one piece, which undici writes at once. */
  readonly #pieces: Pieces | null;
  readonly #done: (result: HttpResult) => void;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #status = 0;
  #headers: Readonly<Record<string, string | readonly string[] | undefined>> = {};
  #controller: Dispatcher.DispatchController | null = null;
  /** The socket that the request is written to; null until then, and where it is not known. */
  #socket: Socket | null = null;
  #settled = false;

  constructor(peer: Peer, pieces: Pieces | null, done: (result: HttpResult) => void) {
    this.#peer = peer;
    this.#pieces = pieces;
    this.#done = done;
  }

  /** Called at once before the request is written. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#socket = this.startOn();
    // It was cancelled while it waited for a connection.
    if (this.#settled) controller.abort(new Error('cancelled'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  ): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const room = BODY_LIMIT - this.#size;
    this.#size += chunk.length;
    if (room > 0) this.#chunks.push(Buffer.from(chunk.subarray(0, room)));
    if (this.#size <= BODY_LIMIT) return;
    this.#finish();
    controller.abort(new Error('the response body is longer than anyone needs'));
  }

  onResponseEnd(): void {
    this.#finish();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  fail(error: unknown): void {
    this.#failed(false, connectProblem(error, this.#peer));
  }

  timeout(timeoutMs: number): void {
    this.#cancel(true, `no response within ${Math.round(timeoutMs)} ms`);
  }

  /** The client is being closed. */
  cancel(): void {
    this.#cancel(false, 'the client was closed');
  }

  #cancel(timedOut: boolean, message: string): void {
    this.#failed(timedOut, message);
    this.#controller?.abort(new Error(message));
  }

  #failed(timedOut: boolean, message: string): void {
    // Without onRequestStart nothing was written, and after this nothing will be.
    this.#settle({ kind: 'failure', timedOut, message, bytesDone: this.#controller === null });
  }

  #finish(): void {
    const written = this.#written();
    this.#settle({
      kind: 'response',
      status: this.#status,
      headers: this.#headers,
      body: Buffer.concat(this.#chunks),
      bytesDone: written,
    });
    // Answered early: nobody needs the rest, and a server that never reads would let it pile up.
    if (!written) this.#socket?.destroy();
  }

  /**
   * undici has written all of the body and the socket holds nothing back: `writableLength` falls when the kernel (or TLS,
   * which encrypts into memory of its own) has taken the bytes, not before.
   */
  #written(): boolean {
    const socket = this.#socket;
    return socket !== null && !socket.destroyed && socket.writableLength === 0 && this.#pieces?.taken !== false;
  }

  #settle(result: HttpResult): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#done(result);
  }
}
