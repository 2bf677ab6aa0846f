/** A gRPC server of unary methods that sees messages as bytes, as receivers use it. `grpc/server.ts` implements it. */
import type { Clock } from '#shared/clock.ts';
import type { Logger } from '#shared/log.ts';
import type { TlsServerSettings } from '#net/tls/settings.ts';
import type { Address } from './listen.ts';
import type { ReceiveMemory } from './receive-memory.ts';

export interface GrpcStatus {
  readonly code: number;
  readonly message: string;
  /** An encoded google.rpc.Status, for grpc-status-details-bin. */
  readonly details?: Buffer;
}

export interface GrpcCall {
  /** Request headers that a client may set, lower case, all values, and its `:authority` as `host`. */
  metadata(): Map<string, readonly string[]>;
  /** Answers OK with one message. */
  reply(response: Buffer): void;
  /** Answers another status, see {@link GrpcStatus}. */
  fail(code: number, message: string, details?: Buffer): void;
}

/** Called with one uncompressed message, which is valid until it returns or answers. Answers once, at any time. Must not throw. */
export type GrpcHandler = (request: Buffer, call: GrpcCall) => void;

/** Milliseconds; 0 = grpc-go's default, which is "never" for the connection bounds, 2 h for time, 20 s for timeout, 5 min for minTime. */
export interface GrpcServerKeepalive {
  readonly maxConnectionIdleMs: number;
  readonly maxConnectionAgeMs: number;
  readonly maxConnectionAgeGraceMs: number;
  /** Ping a client that has been silent for so long, and wait so long for its answer. */
  readonly timeMs: number;
  readonly timeoutMs: number;
  /** A client that pings more often than this, or without a call when that is not permitted, is sent away. */
  readonly minTimeMs: number;
  readonly permitWithoutStream: boolean;
}

export interface GrpcServerOptions {
  /** The component's id, for errors. */
  readonly who: string;
  readonly address: Address;
  readonly tls: TlsServerSettings | null;
  /** By path: `/opentelemetry.proto.collector.trace.v1.TraceService/Export`. Others are Unimplemented. */
  readonly methods: ReadonlyMap<string, GrpcHandler>;
  /** Bound of a message, as received and inflated. */
  readonly maxMessageBytes: number;
  /** Calls at once on one connection; 0 = no bound. */
  readonly maxConcurrentStreams: number;
  readonly keepalive: GrpcServerKeepalive;
  /** Holds what is still arriving; shared by the servers of a thread. */
  readonly memory: ReceiveMemory;
  /** Called for each message that was refused before it reached a handler: too large, or in no encoding we know. */
  readonly onRefused: () => void;
  /** Asked with the path of a call in `methods` before its message is read: the status to refuse it with, or null. */
  readonly admit?: (path: string) => GrpcStatus | null;
  readonly log: Logger;
  readonly clock: Clock;
}

export interface GrpcServer {
  /** Binds and accepts. Resolves with the bound address; rejects with a MillraceError. */
  start(): Promise<string>;
  /**
   * Stops accepting (the address is free when it returns), lets calls in flight be answered for at most `deadlineMs`, then closes every connection. May be
   * called again for an earlier end.
   */
  stop(deadlineMs: number): Promise<void>;
}
