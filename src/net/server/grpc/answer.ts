/**
 * Answers as header blocks (grpc/doc/PROTOCOL-HTTP2.md, Responses):
 *
 *     Response       HEADERS :status 200, content-type; DATA u8 0, u32 length, message; HEADERS grpc-status (trailers)
 *     Trailers-Only  HEADERS :status, content-type, grpc-status, grpc-message, grpc-status-details-bin
 */
import { encodeHeaders } from '#net/http2/hpack/encoder.ts';
import type { Stream } from '#net/http2/stream.ts';
import { GRPC } from '#shared/outcome.ts';
import { ACCEPT_ENCODING } from './encodings.ts';

/**
 * A status of our own is a sentence; a destination's, which may be passed on, is anything. Encoded: with the details (base64) they
 * stay under 8 KiB, the smallest bound that clients have for headers (grpc-java).
 */
const MAX_MESSAGE_CHARACTERS = 2048;
const MAX_DETAILS_BYTES = 4096;

const STATUS_200: readonly [string, string] = [':status', '200'];
const CONTENT_TYPE: readonly [string, string] = ['content-type', 'application/grpc'];
const ACCEPT: readonly [string, string] = ['grpc-accept-encoding', ACCEPT_ENCODING];

const OK_HEADERS = encodeHeaders([STATUS_200, CONTENT_TYPE, ACCEPT]);
const OK_TRAILERS = encodeHeaders([['grpc-status', '0']]);
/** Not compressed, no bytes: an empty message. */
const EMPTY_MESSAGE = Buffer.alloc(5);

/** OK with one message. */
export function answerOk(stream: Stream, message: Buffer): void {
  stream.respond(OK_HEADERS, message.length === 0 ? EMPTY_MESSAGE : framed(message), OK_TRAILERS);
}

/** Another status, without a message. `details`: an encoded google.rpc.Status. */
export function answerStatus(stream: Stream, code: number, message: string, details?: Buffer): void {
  const fields: (readonly [string, string])[] = [
    STATUS_200,
    CONTENT_TYPE,
    ['grpc-status', String(code)],
    ['grpc-message', percentEncoded(message)],
  ];
  if (code === GRPC.UNIMPLEMENTED) fields.push(['grpc-accept-encoding', ACCEPT_ENCODING]);
  if (details !== undefined && details.length <= MAX_DETAILS_BYTES)
    fields.push(['grpc-status-details-bin', details.toString('base64').replace(/=+$/, '')]);
  stream.respond(encodeHeaders(fields), null, null);
}

/** To a request that is not gRPC: an HTTP status and a sentence to read. */
export function answerText(stream: Stream, httpStatus: number, text: string): void {
  const headers = encodeHeaders([
    [':status', String(httpStatus)],
    ['content-type', 'text/plain; charset=utf-8'],
  ]);
  stream.respond(headers, Buffer.from(`${text.slice(0, MAX_MESSAGE_CHARACTERS)}\n`, 'utf8'), null);
}

function framed(message: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(5 + message.length);
  bytes[0] = 0;
  bytes.writeUInt32BE(message.length, 1);
  message.copy(bytes, 5);
  return bytes;
}

/** Percent-encoded UTF-8, as much as may be sent of it: printable ASCII but `%` stays. */
function percentEncoded(message: string): string {
  const text = message.slice(0, MAX_MESSAGE_CHARACTERS);
  if (/^[ -$&-~]*$/.test(text)) return text;
  let out = '';
  let character = 0;
  for (const byte of Buffer.from(text, 'utf8')) {
    if ((byte & 0xc0) !== 0x80) character = out.length;
    out +=
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    if (out.length > MAX_MESSAGE_CHARACTERS) return out.slice(0, character);
  }
  return out;
}
