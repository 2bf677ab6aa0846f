/**
 * Whether a client may ping now, as grpc-go decides (internal/transport/http2_server.go, handlePing; gRFC A8): after three
 * pings in a row that come too early, with no call or answer between them, it is sent away with ENHANCE_YOUR_CALM. grpc-go's
 * client measures its window with a ping after an answer.
 */
const MAX_STRIKES = 2;
/** Without a call a client has no reason to ping more often than TCP would. */
const IDLE_MIN_TIME_MS = 2 * 3600_000;

export class PingPolicy {
  readonly #minTimeMs: number;
  readonly #permitWithoutStream: boolean;
  #strikes = 0;
  #lastPingMs = -Infinity;
  #forgive = false;

  constructor(minTimeMs: number, permitWithoutStream: boolean) {
    this.#minTimeMs = minTimeMs;
    this.#permitWithoutStream = permitWithoutStream;
  }

  /** A call began, or its answer. */
  called(): void {
    this.#forgive = true;
  }

  /** Takes note of a ping; false: it was one too many. */
  allows(nowMs: number, openCalls: number): boolean {
    const minTimeMs = openCalls === 0 && !this.#permitWithoutStream ? IDLE_MIN_TIME_MS : this.#minTimeMs;
    if (this.#forgive) this.#strikes = 0;
    else if (nowMs - this.#lastPingMs < minTimeMs) this.#strikes++;
    this.#forgive = false;
    this.#lastPingMs = nowMs;
    return this.#strikes <= MAX_STRIKES;
  }
}
