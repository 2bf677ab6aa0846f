/**
 * Which trace a span belongs to, and whether that trace is kept. Header: W3C Trace Context level 2, `traceparent`:
 *
 *     version "-" trace-id "-" parent-id "-" flags     2, 32, 16 and 2 hex digits in lower case; flags bit 0: sampled
 */
import { randomBytes } from 'node:crypto';

export interface SpanContext {
  /** 16 bytes. */
  readonly traceId: Buffer;
  /** 8 bytes. */
  readonly spanId: Buffer;
  readonly sampled: boolean;
}

/** The span of another process that an incoming request belongs to. */
export interface RemoteContext extends SpanContext {
  /** The header `tracestate`, '' when absent. */
  readonly state: string;
}

/** A longer `tracestate` need not be passed on (W3C Trace Context 3.3.1.5). */
const MAX_STATE = 512;

/** null: there is none, or it is not valid, which counts as none. */
export function remoteContext(traceparent: string, tracestate: string): RemoteContext | null {
  const match = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(traceparent.trim());
  if (match === null) return null;
  const [, version, trace, span, flags, more] = match;
  // Later versions may add to the end, this one may not.
  if (version === 'ff' || (version === '00' && more !== undefined)) return null;
  if (/^0+$/.test(trace) || /^0+$/.test(span)) return null;
  return {
    traceId: Buffer.from(trace, 'hex'),
    spanId: Buffer.from(span, 'hex'),
    sampled: (Number.parseInt(flags, 16) & 1) === 1,
    state: tracestate.length > MAX_STATE ? '' : tracestate,
  };
}

export const newTraceId = (): Buffer => randomBytes(16);
export const newSpanId = (): Buffer => randomBytes(8);

const RANGE = 2 ** 63;

/**
 * Whether a trace that begins here is kept: the share `fraction` of all trace IDs, the same in every process (OpenTelemetry SDK
 * specification, TraceIdRatioBased: the last 63 bits of the ID below the bound).
 */
export function isKept(traceId: Buffer, fraction: number): boolean {
  if (fraction >= 1) return true;
  if (!(fraction > 0)) return false;
  return (traceId.readBigUInt64BE(8) & 0x7fff_ffff_ffff_ffffn) < BigInt(Math.floor(fraction * RANGE));
}
