/**
 * The times of one connection, on one timer: idle, age, and the pings that find a dead peer (gRFC A9 and grpc-go
 * keepalive.ServerParameters), and the time for a peer to begin to speak HTTP/2.
 */
import type { Clock } from '#shared/clock.ts';
import type { GrpcServerKeepalive } from '../grpc.ts';

/** grpc-go's defaults. */
const PING_AFTER_MS = 2 * 3600_000;
const PING_TIMEOUT_MS = 20_000;
const HANDSHAKE_MS = 120_000;
/** The age of a connection varies by this part up or down, so that connections made together do not end together. */
const AGE_JITTER = 0.1;

export interface TimedConnection {
  readonly established: boolean;
  readonly openCalls: number;
  ping(): void;
  /** Takes no new calls, lets those under way be answered, then ends. */
  drain(): void;
  destroy(): void;
}

export class ConnectionTimer {
  readonly #keepalive: GrpcServerKeepalive;
  readonly #clock: Clock;
  readonly #connection: TimedConnection;
  readonly #bornMs: number;
  readonly #ageMs: number;
  #lastReadMs: number;
  #idleSinceMs: number;
  /** When the ping that is not answered yet was sent; -1 without one. */
  #pingedMs = -1;
  #drainedMs = -1;
  #cancel: (() => void) | null = null;

  /** `random` draws from [0, 1). */
  constructor(keepalive: GrpcServerKeepalive, clock: Clock, connection: TimedConnection, random: () => number) {
    this.#keepalive = keepalive;
    this.#clock = clock;
    this.#connection = connection;
    this.#bornMs = this.#lastReadMs = this.#idleSinceMs = clock.monotonicMs();
    const age = keepalive.maxConnectionAgeMs;
    this.#ageMs = age > 0 ? age * (1 - AGE_JITTER + 2 * AGE_JITTER * random()) : Infinity;
    this.#arm(this.#bornMs);
  }

  /** Bytes came, at this time of the clock. */
  read(nowMs: number): void {
    this.#lastReadMs = nowMs;
    this.#pingedMs = -1;
  }

  /** The last open call has ended. */
  idle(): void {
    this.#idleSinceMs = this.#clock.monotonicMs();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** What is due first; later events set their own time when the timer fires. */
  #arm(now: number): void {
    const next = Math.min(
      this.#connection.established ? Infinity : this.#bornMs + HANDSHAKE_MS,
      this.#drainedMs < 0 ? Math.min(this.#bornMs + this.#ageMs, this.#idleAtMs) : this.#graceEndMs,
      this.#pingedMs < 0 ? this.#lastReadMs + this.#pingAfterMs : this.#pingedMs + this.#pingTimeoutMs,
    );
    this.#cancel = this.#clock.after(Math.max(0, next - now), () => this.#fire());
  }

  #fire(): void {
    this.#cancel = null;
    const now = this.#clock.monotonicMs();
    const dead = this.#pingedMs >= 0 && now >= this.#pingedMs + this.#pingTimeoutMs;
    const mute = !this.#connection.established && now >= this.#bornMs + HANDSHAKE_MS;
    if (dead || mute || (this.#drainedMs >= 0 && now >= this.#graceEndMs)) return this.#connection.destroy();
    if (this.#drainedMs < 0 && (now >= this.#bornMs + this.#ageMs || now >= this.#idleAtMs)) {
      this.#drainedMs = now;
      this.#connection.drain();
    }
    if (this.#pingedMs < 0 && now >= this.#lastReadMs + this.#pingAfterMs) {
      this.#pingedMs = now;
      this.#connection.ping();
    }
    this.#arm(now);
  }

  get #pingAfterMs(): number {
    return this.#keepalive.timeMs || PING_AFTER_MS;
  }

  get #pingTimeoutMs(): number {
    return this.#keepalive.timeoutMs || PING_TIMEOUT_MS;
  }

  /** While calls are open the connection is not idle: look again after a whole period. */
  get #idleAtMs(): number {
    const { maxConnectionIdleMs } = this.#keepalive;
    if (maxConnectionIdleMs === 0) return Infinity;
    return (this.#connection.openCalls > 0 ? this.#clock.monotonicMs() : this.#idleSinceMs) + maxConnectionIdleMs;
  }

  get #graceEndMs(): number {
    const { maxConnectionAgeGraceMs } = this.#keepalive;
    return maxConnectionAgeGraceMs === 0 ? Infinity : this.#drainedMs + maxConnectionAgeGraceMs;
  }
}
