/** One client's connection to a gRPC server: its socket, its HTTP/2 connection, its calls, its times, its end. */
import type { Socket } from 'node:net';
import { Connection, type ConnectionHost } from '#net/http2/connection.ts';
import type { OwnSettings } from '#net/http2/settings.ts';
import type { Stream } from '#net/http2/stream.ts';
import type { RequestHead } from '#net/http2/request-head.ts';
import type { Clock } from '#shared/clock.ts';
import type { GrpcHandler, GrpcServerKeepalive } from '../grpc.ts';
import { PingPolicy } from '../ping-policy.ts';
import type { Holder } from '../receive-memory.ts';
import { UnaryCall, type CallContext } from './call.ts';
import { ConnectionTimer, type TimedConnection } from './connection-timer.ts';
import type { Deadlines } from './deadlines.ts';
import { readGrpcRequest, type ArrivingRequest, type GrpcRequest } from './request.ts';
import { RefusedRequest } from './refused-request.ts';
import { takeOver } from './socket-reading.ts';

/** What we have to say to a client that does not read: past it we read nothing from it either. */
const MAX_UNREAD_BYTES = 1 << 20;
/** Time for a client to answer the ping of a drain, and to read its last answer, before its connection is cut. */
const LINGER_MS = 500;
const DEFAULT_MIN_PING_MS = 300_000; // grpc-go's
/** Payloads of our pings: to find a dead peer, and to learn that a peer has heard of the end. */
const ALIVE_PING = Buffer.from('millrace', 'latin1');
const DRAIN_PING = Buffer.from('draining', 'latin1');

/** What the connections of a server share. */
export interface ServerContext extends CallContext {
  readonly settings: OwnSettings;
  readonly methods: ReadonlyMap<string, GrpcHandler>;
  readonly keepalive: GrpcServerKeepalive;
  readonly deadlines: Deadlines;
  readonly clock: Clock;
}

export class GrpcConnection implements ConnectionHost, TimedConnection, Holder {
  readonly #socket: Socket;
  readonly #server: ServerContext;
  readonly #http2: Connection;
  readonly #pings: PingPolicy;
  readonly #timer: ConnectionTimer;
  /** Of the request before: clients repeat their headers. */
  #knownHead: RequestHead | null = null;
  #knownRequest: GrpcRequest | null = null;
  /** When the present chunk came, monotonic milliseconds. */
  #chunkMs = 0;
  #draining = false;
  /** Serves nothing new: ends with its last call. */
  #refusing = false;
  #cancelLinger: (() => void) | null = null;
  /** Resolves when the socket is closed. */
  readonly closed: Promise<void>;

  /** `accepted` by a plain server is paused (`pauseOnConnect`); one of a TLS server is `secure`. */
  constructor(accepted: Socket, secure: boolean, server: ServerContext) {
    this.#server = server;
    const { keepalive, clock } = server;
    this.#http2 = new Connection(server.settings, this);
    this.#pings = new PingPolicy(keepalive.minTimeMs || DEFAULT_MIN_PING_MS, keepalive.permitWithoutStream);
    this.#timer = new ConnectionTimer(keepalive, clock, this, Math.random);
    const receive = (chunk: Buffer): void => {
      this.#chunkMs = server.nowMs();
      this.#timer.read(this.#chunkMs);
      this.#http2.receive(chunk);
    };
    const socket = secure ? accepted.on('data', receive) : takeOver(accepted, receive);
    this.#socket = socket;
    // What goes wrong with a socket concerns its client alone; 'close' follows.
    socket.on('error', () => socket.destroy());
    server.memory.hold(this);
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        server.memory.release(this);
        this.#timer.stop();
        this.#cancelLinger?.();
        this.#http2.close();
        resolve();
      });
    });
  }

  get established(): boolean {
    return this.#http2.established;
  }

  get openCalls(): number {
    return this.#http2.openStreams;
  }

  /**
   * Tells the client to go elsewhere, serves what was on its way, answers what is under way, then ends: first a GOAWAY that
   * excludes nothing, then, when the client has answered a ping, one that names the last stream (RFC 9113, section 6.8).
   */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    // A client that has said nothing would not understand, and need not be waited for.
    if (this.#socket.bytesRead === 0) return this.destroy();
    this.#http2.announceEnd();
    this.#http2.ping(DRAIN_PING);
    this.#linger(() => this.#refuseNew());
  }

  destroy(): void {
    this.#socket.destroy();
  }

  ping(): void {
    this.#http2.ping(ALIVE_PING);
  }

  evictStalled(sinceMs: number): void {
    for (const receiver of this.#http2.receivers()) {
      const request = receiver as ArrivingRequest;
      if (request.lastProgressMs <= sinceMs) request.evict();
    }
  }

  // What the HTTP/2 connection calls.

  nowMs(): number {
    return this.#server.nowMs();
  }

  write(bytes: Buffer): void {
    const socket = this.#socket;
    if (socket.destroyed || socket.writableEnded) return;
    socket.write(bytes);
    if (socket.writableLength <= MAX_UNREAD_BYTES || socket.isPaused()) return;
    socket.pause();
    socket.once('drain', () => socket.resume());
  }

  request(stream: Stream): ArrivingRequest | null {
    this.#pings.called();
    const request = this.#read(stream.head);
    if (request.handler === null) {
      const refused = new RefusedRequest(stream, request, this.#server.memory, this.#chunkMs);
      return refused.admit() ? refused : null;
    }
    const call = new UnaryCall(stream, request, this.#server, this.#chunkMs);
    if (!call.admit()) return null;
    this.#server.deadlines.watch(call);
    return call;
  }

  answered(): void {
    this.#pings.called();
  }

  pinged(): boolean {
    return this.#pings.allows(this.#server.nowMs(), this.#http2.openStreams);
  }

  pong(payload: Buffer): void {
    if (this.#draining && payload.equals(DRAIN_PING)) this.#refuseNew();
  }

  idle(): void {
    this.#timer.idle();
    if (this.#refusing) this.#end();
  }

  failed(): void {
    this.#end();
  }

  #read(head: RequestHead): GrpcRequest {
    if (head === this.#knownHead && this.#knownRequest !== null) return this.#knownRequest;
    this.#knownHead = head;
    this.#knownRequest = readGrpcRequest(head, this.#server.methods);
    return this.#knownRequest;
  }

  #refuseNew(): void {
    if (this.#refusing) return;
    this.#refusing = true;
    this.#cancelLinger?.();
    this.#http2.stopAccepting();
    if (this.#http2.openStreams === 0) this.#end();
  }

  /** Sends what is left and cuts the connection when the client had time to read it. */
  #end(): void {
    this.#draining = this.#refusing = true;
    this.#http2.flush();
    this.#http2.close();
    this.#socket.end();
    this.#linger(() => this.#socket.destroy());
  }

  #linger(then: () => void): void {
    this.#cancelLinger?.();
    this.#cancelLinger = this.#server.clock.after(LINGER_MS, then);
  }
}
