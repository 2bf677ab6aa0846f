/**
 * An HTTP/1.1 server as receivers use it. Two doors implement it: `node-http.ts` and `uws.ts`; `http-driver.ts` chooses.
 */
import type { Clock } from '#shared/clock.ts';
import type { Logger } from '#shared/log.ts';
import type { TlsServerSettings } from '#net/tls/settings.ts';
import type { Address } from './listen.ts';
import type { ReceiveMemory } from './receive-memory.ts';
import type { Shortage } from './request-body.ts';

/** What became of reading a body; the client that went away meanwhile gets no callback. */
export type BodyResult = Buffer | Shortage;

/** One request and its answer. Everything but `readBody` and `answer` is valid only until the handler returns. */
export interface HttpExchange {
  /** Upper case. */
  readonly method: string;
  /** Percent-decoded, without the query. */
  readonly path: string;
  /** `name` in lower case; '' when absent; values of a repeated header joined with ', '. */
  header(name: string): string;
  /** All headers with all their values. */
  metadata(): Map<string, readonly string[]>;
  /**
   * Reads the whole body, at most `limitBytes`; call it at most once and not after `answer`. The buffer is valid until `done`
   * returns. Without it the body is thrown away.
   */
  readBody(limitBytes: number, done: (result: BodyResult) => void): void;
  /** Answers, once. Content-Length is added. Does nothing when the client has gone. */
  answer(status: number, headers: Headers, body: Buffer | string): void;
}

/** An exchange whose answer may be made while it is sent. */
export interface StreamingExchange extends HttpExchange {
  /**
   * Instead of `answer`: a body of unknown length. `next` makes its next piece, null at its end. It is called once in a turn of the
   * event loop, only when the client has taken most of what came before, and no more when the client has gone; for HEAD not at all.
   * Where it throws, the connection is cut: nobody takes half of a body for all of it.
   */
  stream(status: number, headers: Headers, next: () => string | null): void;
}

/** Name and value pairs. */
export type Headers = readonly (readonly [name: string, value: string])[];

/** Called for every request, on the thread that started the server. Must not throw. */
export type HttpHandler = (exchange: HttpExchange) => void;

/** Milliseconds; 0 = no bound. */
export interface HttpTimeouts {
  /** A kept-alive connection without a request. */
  readonly idleMs: number;
  readonly readHeaderMs: number;
  /** Headers and body. */
  readonly readMs: number;
  /** A connection on which nothing moves while a request is read, worked on or answered. */
  readonly writeMs: number;
}

export interface HttpServerOptions {
  /** The component's id, for errors. */
  readonly who: string;
  readonly address: Address;
  readonly tls: TlsServerSettings | null;
  readonly timeouts: HttpTimeouts;
  /** false: every connection is closed after its answer. */
  readonly keepAlives: boolean;
  readonly handler: HttpHandler;
  /** Holds what is still arriving; shared by the servers of a thread. */
  readonly memory: ReceiveMemory;
  readonly log: Logger;
  readonly clock: Clock;
}

export interface HttpServer {
  /** Binds and accepts. Resolves with the bound address; rejects with a MillraceError. */
  start(): Promise<string>;
  /**
   * Stops accepting (the address is free when it returns), lets requests in flight be answered for at most `deadlineMs`, then
   * closes every connection. Resolves when nothing is left open. May be called again for an earlier end.
   */
  stop(deadlineMs: number): Promise<void>;
}
