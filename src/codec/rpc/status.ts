/**
 * google.rpc.Status, the error body of OTLP/HTTP and the `grpc-status-details-bin` trailer, as far as OTLP uses it.
 *
 *     Status     1 int32 code   2 string message   3 Any details*
 *     Any        1 string type_url   2 bytes value
 *     RetryInfo  1 Duration retry_delay            Duration   1 int64 seconds   2 int32 nanos
 */
import { LENGTH, VARINT } from '../protobuf/limits.ts';
import { Reader } from '../protobuf/reader.ts';
import { Writer } from '../protobuf/writer.ts';

const STATUS = { code: 1, message: 2, details: 3 } as const;
const ANY = { typeUrl: 1, value: 2 } as const;
const RETRY_INFO = { retryDelay: 1 } as const;
const DURATION = { seconds: 1, nanos: 2 } as const;
const RETRY_INFO_URL = 'type.googleapis.com/google.rpc.RetryInfo';

export interface RpcStatus {
  /** gRPC status code. */
  readonly code: number;
  readonly message: string;
  /** RetryInfo: milliseconds to wait before a retry; null = not said. */
  readonly retryDelayMs: number | null;
}

export function encodeStatus(status: RpcStatus): Buffer {
  const out = new Writer(128);
  if (status.code !== 0) out.uint32(STATUS.code, status.code);
  if (status.message !== '') out.string(STATUS.message, status.message);
  if (status.retryDelayMs !== null) {
    const details = out.begin(STATUS.details);
    out.string(ANY.typeUrl, RETRY_INFO_URL);
    const value = out.begin(ANY.value);
    const delay = out.begin(RETRY_INFO.retryDelay);
    const seconds = Math.floor(status.retryDelayMs / 1000);
    const nanos = Math.round((status.retryDelayMs - seconds * 1000) * 1e6);
    if (seconds !== 0) out.varint64(DURATION.seconds, seconds >>> 0, Math.floor(seconds / 4294967296));
    if (nanos !== 0) out.uint32(DURATION.nanos, nanos);
    out.end(delay);
    out.end(value);
    out.end(details);
  }
  return out.finish();
}

/** Throws {@link ProtobufError} for malformed bytes. Details other than RetryInfo are ignored. */
export function decodeStatus(bytes: Buffer): RpcStatus {
  const reader = new Reader().reset(bytes, 0, bytes.length);
  let code = 0;
  let message = '';
  let retryDelayMs: number | null = null;
  while (reader.next()) {
    if (reader.field === STATUS.code && reader.wire === VARINT) code = reader.int32();
    else if (reader.field === STATUS.message && reader.wire === LENGTH) message = reader.string();
    else if (reader.field === STATUS.details && reader.wire === LENGTH)
      retryDelayMs = readDetail(reader.bytes()) ?? retryDelayMs;
  }
  return { code, message, retryDelayMs };
}

function readDetail(bytes: Buffer): number | null {
  const reader = new Reader().reset(bytes, 0, bytes.length);
  let url = '';
  let value: Buffer | null = null;
  while (reader.next()) {
    if (reader.wire !== LENGTH) continue;
    if (reader.field === ANY.typeUrl) url = reader.string();
    else if (reader.field === ANY.value) value = reader.bytes();
  }
  if (value === null || !url.endsWith('/google.rpc.RetryInfo')) return null;
  reader.reset(value, 0, value.length);
  while (reader.next())
    if (reader.field === RETRY_INFO.retryDelay && reader.wire === LENGTH) return readDuration(reader.bytes());
  return 0;
}

function readDuration(bytes: Buffer): number {
  const reader = new Reader().reset(bytes, 0, bytes.length);
  let ms = 0;
  while (reader.next()) {
    if (reader.wire !== VARINT) continue;
    if (reader.field === DURATION.seconds) ms += Number(reader.int64()) * 1000;
    else if (reader.field === DURATION.nanos) ms += reader.int32() / 1e6;
  }
  return ms;
}

/** The JSON form (protobuf JSON mapping): `{"code":14,"message":"..."}`, RetryInfo as a detail if there is one. */
export function statusToJson(status: RpcStatus): string {
  const { code, message, retryDelayMs } = status;
  if (retryDelayMs === null) return JSON.stringify({ code, message });
  return JSON.stringify({
    code,
    message,
    details: [{ '@type': RETRY_INFO_URL, retryDelay: `${retryDelayMs / 1000}s` }],
  });
}

/** Reads the JSON form; null when the text is no such object. */
export function statusFromJson(text: string): RpcStatus | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null; // an error body of something else, an HTML page of a proxy say
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { code, message, details } = value as { readonly [name: string]: unknown };
  let retryDelayMs: number | null = null;
  for (const detail of Array.isArray(details) ? (details as unknown[]) : []) {
    const { '@type': url, retryDelay } = (detail ?? {}) as { readonly [name: string]: unknown };
    const seconds = /^(-?[0-9]+(?:\.[0-9]+)?)s$/.exec(String(retryDelay));
    if (String(url).endsWith('/google.rpc.RetryInfo') && seconds !== null) retryDelayMs = Number(seconds[1]) * 1000;
  }
  return {
    code: typeof code === 'number' ? code : 0,
    message: typeof message === 'string' ? message : '',
    retryDelayMs,
  };
}
