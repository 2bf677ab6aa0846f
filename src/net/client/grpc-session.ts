/**
 * One HTTP/2 session of a gRPC client: opened on a socket, given calls, watched over, and thrown away when it ends.
 */
import { connect, type ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Clock } from '#shared/clock.ts';
import { GRPC } from '#shared/outcome.ts';
import { closedEarly, connectProblem, type Peer } from './connect-error.ts';
import { startCall, type Call, type CallResult } from './grpc-call.ts';

/** gRPC keepalive (grpc/doc/keepalive.md). */
export interface Keepalive {
  /** Milliseconds without anything received after which the server is asked whether it is there; > 0. */
  readonly pingWaitMs: number;
  /** Milliseconds the server has to answer; then the connection is dropped. > 0. */
  readonly pingTimeoutMs: number;
  /** Ask while no call is under way, too. */
  readonly withoutCalls: boolean;
}

export interface SessionEvents {
  /** The session takes no new calls (GOAWAY, error, end). Calls under way may still finish. Told once. */
  retired(session: GrpcSession, reason: string): void;
  /** It is gone, all its calls are settled. Told once, after `retired`. */
  closed(session: GrpcSession): void;
}

/** Time for the answer to the ping that follows a missed deadline; grpc-go's default for keepalive. */
const PROBE_TIMEOUT_MS = 20_000;

export class GrpcSession {
  readonly #session: ClientHttp2Session;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #events: SessionEvents;
  #calls = 0;
  #reason = 'the connection was closed';
  #retired = false;
  #cancelKeepalive: () => void = () => undefined;
  /** Cancels the timeout of the ping under way; null = none is. */
  #cancelPing: (() => void) | null = null;

  constructor(
    session: ClientHttp2Session,
    socket: Socket,
    peer: Peer,
    keepalive: Keepalive | null,
    events: SessionEvents,
    clock: Clock,
  ) {
    this.#session = session;
    this.#socket = socket;
    this.#events = events;
    this.#clock = clock;
    session.on('goaway', (code: number) => {
      this.#retire(
        code === 0
          ? 'the server is closing the connection'
          : `the server closed the connection with HTTP/2 error ${code}`,
      );
    });
    session.on('error', (error) => (this.#reason = connectProblem(error, peer)));
    session.on('close', () => this.#end());
    if (keepalive !== null) this.#watch(keepalive);
  }

  /** Only before it is retired. */
  call(call: Call, done: (result: CallResult) => void): void {
    this.#calls++;
    const bytesBefore = this.#socket.bytesRead;
    startCall(this.#session, call, this.#clock, (result) => {
      this.#calls--;
      // A slow server answers a ping; a dead connection does not, and would let every later call time out as well.
      const silent = this.#socket.bytesRead === bytesBefore;
      if (result.code === GRPC.DEADLINE_EXCEEDED && silent) this.#ping(PROBE_TIMEOUT_MS);
      done(result);
    });
  }

  /** Takes no new calls, lets those under way finish, then ends. */
  close(): void {
    this.#retired = true;
    this.#session.close();
  }

  /** Ends at once; calls under way fail. */
  destroy(): void {
    this.#retired = true;
    this.#session.destroy();
    // A session waits for its pending writes before it ends; on a dead connection they never finish.
    this.#socket.destroy();
  }

  #retire(reason: string): void {
    if (this.#retired) return;
    this.#retired = true;
    this.#events.retired(this, reason);
  }

  #end(): void {
    this.#cancelKeepalive();
    this.#cancelPing?.();
    this.#retire(this.#reason);
    this.#events.closed(this);
  }

  #watch(keepalive: Keepalive): void {
    let seen = this.#socket.bytesRead;
    const look = (): void => {
      const quiet = this.#socket.bytesRead === seen;
      seen = this.#socket.bytesRead;
      if (quiet && (keepalive.withoutCalls || this.#calls > 0)) this.#ping(keepalive.pingTimeoutMs);
      this.#cancelKeepalive = this.#clock.after(keepalive.pingWaitMs, look);
    };
    this.#cancelKeepalive = this.#clock.after(keepalive.pingWaitMs, look);
  }

  /** One at a time. */
  #ping(timeoutMs: number): void {
    if (this.#cancelPing !== null || this.#session.destroyed) return;
    this.#cancelPing = this.#clock.after(timeoutMs, () => {
      this.#retire(`no answer to a ping within ${Math.round(timeoutMs)} ms`);
      this.destroy();
    });
    this.#session.ping(() => {
      this.#cancelPing?.();
      this.#cancelPing = null;
    });
  }
}

/** Opens a session on a connected socket. Resolves once the server has sent its SETTINGS: only then does it speak HTTP/2. */
export function openHttp2(socket: Socket, signal: AbortSignal): Promise<ClientHttp2Session> {
  // node destroys the session on a socket error, but after a TLS alert neither ends until the socket is destroyed, too.
  socket.on('error', () => socket.destroy());
  // The URL only names the peer in errors: each call brings its own :scheme and :authority.
  const session = connect('http://grpc', {
    createConnection: () => socket,
    settings: { enablePush: false },
    // MB of headers and frames, not of messages; node's 10 could refuse streams under heavy concurrency.
    maxSessionMemory: 64,
  });
  return new Promise((resolve, reject) => {
    const settle = (error: Error | null): void => {
      session.off('close', onClose);
      session.off('remoteSettings', onSettings);
      signal.removeEventListener('abort', onAbort);
      if (error === null) return resolve(session);
      session.destroy();
      socket.destroy();
      // A TLS server that is spoken to in plain text often resets the connection.
      reject('code' in error && error.code === 'ECONNRESET' ? closedEarly('HTTP/2', error) : error);
    };
    const onSettings = (): void => settle(null);
    const onClose = (): void => settle(closedEarly('HTTP/2'));
    const onAbort = (): void => settle(signal.reason as Error);
    // Stays for good: an error without a listener would throw.
    session.on('error', settle);
    session.once('close', onClose);
    session.once('remoteSettings', onSettings);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
}
