/**
 * Sends clients away that ping too often, as grpc-go does (internal/transport/http2_server.go, handlePing; gRFC A8): three
 * pings in a row that come too early, with no call between them, end the connection with ENHANCE_YOUR_CALM. grpc-js has no
 * such rule of its own.
 */
import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Clock } from '#shared/clock.ts';

const MAX_STRIKES = 2;
/** Without a call a client has no reason to ping more often than TCP would. */
const IDLE_MIN_TIME_MS = 2 * 3600_000;

export interface PingPolicy {
  readonly minTimeMs: number;
  readonly permitWithoutStream: boolean;
}

export function enforcePings(session: ServerHttp2Session, policy: PingPolicy, clock: Clock): void {
  let strikes = 0;
  let streams = 0;
  let lastPingMs = -Infinity;
  let forgive = false;
  session.on('stream', (stream: ServerHttp2Stream) => {
    streams++;
    forgive = true;
    stream.once('close', () => {
      streams--;
      forgive = true;
    });
  });
  session.on('ping', () => {
    const now = clock.monotonicMs();
    const minTimeMs = streams === 0 && !policy.permitWithoutStream ? IDLE_MIN_TIME_MS : policy.minTimeMs;
    if (forgive) strikes = 0;
    else if (now - lastPingMs < minTimeMs) strikes++;
    forgive = false;
    lastPingMs = now;
    if (strikes > MAX_STRIKES && !session.destroyed) {
      session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from('too_many_pings'));
      session.destroy();
    }
  });
}
