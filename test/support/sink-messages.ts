/**
 * The two small messages a sink answers with, written by hand so that no code under test takes part.
 *
 *     Export*ServiceResponse   1 partial_success { 1 rejected_* int64, 2 error_message string }     (OTLP 1.x)
 *     google.rpc.Status        1 code int32, 2 message string, 3 details repeated Any { 1 type_url, 2 value }
 *     google.rpc.RetryInfo     1 retry_delay Duration { 1 seconds int64, 2 nanos int32 }
 */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 0x80);
  }
}
const field = (number: number, value: number | string | Buffer): Buffer => {
  if (typeof value === 'number')
    return value === 0 ? Buffer.alloc(0) : Buffer.concat([varint(number * 8), varint(value)]);
  const bytes = Buffer.from(value as string);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
};

export function partialSuccess(rejected: number, message: string): Buffer {
  return field(1, Buffer.concat([field(1, rejected), field(2, message)]));
}

/** A Status; with RetryInfo when `retryDelayMs` > 0. */
export function rpcStatus(code: number, message: string, retryDelayMs: number): Buffer {
  const parts = [field(1, code), field(2, message)];
  if (retryDelayMs > 0) {
    const duration = Buffer.concat([field(1, Math.floor(retryDelayMs / 1000)), field(2, (retryDelayMs % 1000) * 1e6)]);
    parts.push(
      field(3, Buffer.concat([field(1, 'type.googleapis.com/google.rpc.RetryInfo'), field(2, field(1, duration))])),
    );
  }
  return Buffer.concat(parts);
}
