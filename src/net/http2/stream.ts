/** One request and its answer on an HTTP/2 connection. Made and driven by `connection.ts`; its `receiver` is the application's. */
import type { RequestHead } from './request-head.ts';

/**
 * What takes a request's body and hears of its end, until the stream is answered. Called synchronously while the connection reads;
 * must not throw.
 */
export interface RequestReceiver {
  /** The next piece of the body, valid only during the call. `last`: the request ends with it, {@link end} is not called. */
  data(bytes: Buffer, start: number, end: number, last: boolean): void;
  /** The request has ended. */
  end(): void;
  /** The stream was reset, or its connection is gone, before it was answered. Nothing else is called any more. */
  gone(): void;
}

/** An answer that waits for the peer's window. */
export interface Unsent {
  readonly body: Buffer;
  at: number;
  readonly trailers: Buffer | null;
}

/** The side of a connection that a stream talks to. */
export interface StreamOwner {
  respond(stream: Stream, headers: Buffer, body: Buffer | null, trailers: Buffer | null): void;
}

export class Stream {
  readonly id: number;
  readonly head: RequestHead;
  readonly #owner: StreamOwner;
  receiver: RequestReceiver | null = null;
  /** What the peer may still send, and what it has sent since our last WINDOW_UPDATE. */
  receiveWindow: number;
  unacknowledged = 0;
  /** What we may send beyond the initial window that the peer has announced: its changes then concern every stream at once. */
  sendWindow = 0;
  bodyBytes = 0;
  /** The peer has sent END_STREAM. */
  remoteEnded = false;
  answered = false;
  unsent: Unsent | null = null;

  constructor(id: number, head: RequestHead, owner: StreamOwner, receiveWindow: number) {
    this.id = id;
    this.head = head;
    this.#owner = owner;
    this.receiveWindow = receiveWindow;
  }

  /**
   * Answers, once, now or later; does nothing when the stream is gone. `headers` and `trailers` are encoded header blocks of at
   * most 16 KiB, `body` what lies between them. Nothing of the three is kept after it has been sent, and they are not changed.
   */
  respond(headers: Buffer, body: Buffer | null, trailers: Buffer | null): void {
    if (this.answered) return;
    this.answered = true;
    this.#owner.respond(this, headers, body, trailers);
  }
}
