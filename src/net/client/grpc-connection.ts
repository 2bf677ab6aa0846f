/**
 * A connection to one place that is made when it is needed and made again after it was lost (gRPC's subchannel):
 *
 *     idle ─ connect() ─> connecting ─ server's SETTINGS ─> ready ─ GOAWAY, error, end ─> idle
 *                             └─ failure ─> backoff ─ time ─> idle
 *
 * A session that the server wants to end takes no new calls; those on it finish beside the next session.
 */
import type { Socket } from 'node:net';
import type { Clock } from '#shared/clock.ts';
import { Backoff } from './backoff.ts';
import { connectProblem, type Peer } from './connect-error.ts';
import type { Call, CallResult } from './grpc-call.ts';
import { GrpcSession, openHttp2, type Keepalive } from './grpc-session.ts';

export interface ConnectionEvents {
  /** The state has changed. */
  changed(): void;
  /** A ready connection ended (an ordinary event), or an attempt to connect `failed`. */
  lost(reason: string, failed: boolean): void;
}

/** How the connection is made, and what its errors call the other side. */
export interface Way {
  readonly dial: (signal: AbortSignal) => Promise<Socket>;
  readonly peer: Peer;
}

export type ConnectionState = 'idle' | 'connecting' | 'ready' | 'backoff' | 'closed';

/** As long as grpc-go lets an attempt take, the server's first SETTINGS included. */
const CONNECT_TIMEOUT_MS = 20_000;

export class GrpcConnection {
  /** Why the last attempt failed or the last session ended; '' before. */
  failure = '';
  #state: ConnectionState = 'idle';
  #session: GrpcSession | null = null;
  /** Sessions that have not ended. Without calls a retired session ends at once, so the number of calls bounds this. */
  readonly #open = new Set<GrpcSession>();
  readonly #way: Way;
  readonly #keepalive: Keepalive | null;
  readonly #events: ConnectionEvents;
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  #attempt: AbortController | null = null;
  #cancelBackoff: () => void = () => undefined;
  #onAllClosed: () => void = () => undefined;

  constructor(way: Way, keepalive: Keepalive | null, events: ConnectionEvents, clock: Clock, random: () => number) {
    this.#way = way;
    this.#keepalive = keepalive;
    this.#events = events;
    this.#clock = clock;
    this.#backoff = new Backoff(random);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Starts to connect if idle. */
  connect(): void {
    if (this.#state === 'idle') void this.#connect();
  }

  /** Only while ready. */
  call(call: Call, done: (result: CallResult) => void): void {
    if (this.#session === null) throw new Error('call on a connection that is not ready');
    this.#session.call(call, done);
  }

  /** Lets the calls under way finish; the next call gets a connection made anew. */
  renew(): void {
    this.#attempt?.abort(new Error('the connection settings have changed'));
    const session = this.#session;
    if (session === null) return;
    this.#session = null;
    session.close();
    this.#to('idle');
  }

  /** Takes no more calls; resolves when those under way have ended. */
  async close(): Promise<void> {
    this.#to('closed');
    this.#cancelBackoff();
    this.#attempt?.abort(new Error('the client was closed'));
    this.#session = null;
    for (const session of this.#open) session.close();
    if (this.#open.size > 0) await new Promise<void>((resolve) => (this.#onAllClosed = resolve));
  }

  /** Fails the calls under way. */
  destroy(): void {
    for (const session of this.#open) session.destroy();
  }

  async #connect(): Promise<void> {
    const attempt = new AbortController();
    this.#attempt = attempt;
    this.#to('connecting');
    const cancelTimer = this.#clock.after(CONNECT_TIMEOUT_MS, () =>
      attempt.abort(new Error(`no connection within ${CONNECT_TIMEOUT_MS} ms`)),
    );
    try {
      const socket = await this.#way.dial(attempt.signal);
      const http2 = await openHttp2(socket, attempt.signal);
      // Its first frames may have held a GOAWAY as well.
      if (http2.closed || http2.destroyed) throw new Error('the server closed the connection at once');
      this.#ready(
        new GrpcSession(
          http2,
          socket,
          this.#way.peer,
          this.#keepalive,
          { retired: (s, reason) => this.#lose(s, reason), closed: (s) => this.#forget(s) },
          this.#clock,
        ),
      );
    } catch (error) {
      this.#fail(connectProblem(error, this.#way.peer));
    } finally {
      cancelTimer();
      this.#attempt = null;
    }
  }

  #ready(session: GrpcSession): void {
    this.#open.add(session);
    if (this.#state === 'closed') return session.destroy();
    this.#session = session;
    this.#backoff.reset();
    this.#to('ready');
  }

  #lose(session: GrpcSession, reason: string): void {
    if (this.#session !== session) return;
    this.#session = null;
    this.failure = reason;
    this.#to('idle');
    this.#events.lost(reason, false);
  }

  #forget(session: GrpcSession): void {
    this.#open.delete(session);
    if (this.#open.size === 0) this.#onAllClosed();
  }

  #fail(reason: string): void {
    if (this.#state === 'closed') return;
    this.failure = reason;
    this.#cancelBackoff = this.#clock.after(this.#backoff.next(), () => this.#to('idle'));
    this.#to('backoff');
    this.#events.lost(reason, true);
  }

  #to(state: ConnectionState): void {
    if (this.#state === 'closed') return;
    this.#state = state;
    this.#events.changed();
  }
}
