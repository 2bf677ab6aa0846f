/** HTTP/2 frames made by hand (RFC 9113, section 6), right and wrong ones, and the frames that somebody has written. */
import {
  CONTINUATION,
  DATA,
  FLAG_ACK,
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FLAG_PADDED,
  FLAG_PRIORITY,
  FRAME_HEADER_BYTES,
  GOAWAY,
  HEADERS,
  PING,
  PREFACE,
  PRIORITY,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from '#net/http2/frame.ts';
import { encodeHeaders } from '#net/http2/hpack/encoder.ts';

export type Fields = readonly (readonly [name: string, value: string])[];

export const PATH = '/test.Service/Echo';
export const REQUEST: Fields = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', PATH],
  [':authority', 'there'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
];

/** Ids of settings (section 6.5.2). */
export const HEADER_TABLE_SIZE = 1;
export const INITIAL_WINDOW_SIZE = 4;
export const MAX_FRAME_SIZE = 5;

export function frame(type: number, flags: number, streamId: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, payload]);
}

const uint32 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32BE(value >>> 0, 4 * i));
  return bytes;
};

export function settings(...pairs: (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(6 * pairs.length);
  pairs.forEach(([id, value], i) => {
    payload.writeUInt16BE(id, 6 * i);
    payload.writeUInt32BE(value, 6 * i + 2);
  });
  return frame(SETTINGS, 0, 0, payload);
}

/** How every client begins. */
export const hello = (...pairs: (readonly [id: number, value: number])[]): Buffer =>
  Buffer.concat([PREFACE, settings(...pairs)]);

export interface HeadersOptions {
  readonly endStream?: boolean;
  readonly padding?: number;
  /** The stream that it depends on. */
  readonly dependsOn?: number;
  /** Lengths of the fragments; what is left goes into the last one. Without: one frame. */
  readonly split?: readonly number[];
}

/** A header block, or the fields of one, in HEADERS and CONTINUATION frames. */
export function headers(streamId: number, of: Fields | Buffer = REQUEST, options: HeadersOptions = {}): Buffer {
  const block = Buffer.isBuffer(of) ? of : encodeHeaders(of);
  const { endStream = false, padding, dependsOn, split = [] } = options;
  const fragments: Buffer[] = [];
  let at = 0;
  for (const length of split) fragments.push(block.subarray(at, (at += length)));
  fragments.push(block.subarray(at));
  let flags = endStream ? FLAG_END_STREAM : 0;
  if (padding !== undefined) flags |= FLAG_PADDED;
  if (dependsOn !== undefined) flags |= FLAG_PRIORITY;
  return Buffer.concat(
    fragments.map((fragment, i) => {
      const end = i === fragments.length - 1 ? FLAG_END_HEADERS : 0;
      if (i > 0) return frame(CONTINUATION, end, streamId, fragment);
      const payload = Buffer.concat([
        padding === undefined ? Buffer.alloc(0) : Buffer.of(padding),
        dependsOn === undefined ? Buffer.alloc(0) : Buffer.concat([uint32(dependsOn), Buffer.of(15)]),
        fragment,
        Buffer.alloc(padding ?? 0),
      ]);
      return frame(HEADERS, flags | end, streamId, payload);
    }),
  );
}

export function data(streamId: number, content: Uint8Array, endStream = false, padding?: number): Buffer {
  const flags = endStream ? FLAG_END_STREAM : 0;
  if (padding === undefined) return frame(DATA, flags, streamId, content);
  const payload = Buffer.concat([Buffer.of(padding), content, Buffer.alloc(padding)]);
  return frame(DATA, flags | FLAG_PADDED, streamId, payload);
}

export const reset = (streamId: number, code = 8): Buffer => frame(RST_STREAM, 0, streamId, uint32(code));
export const ping = (payload: string | Buffer = 'pingpong', ack = false): Buffer =>
  frame(PING, ack ? FLAG_ACK : 0, 0, Buffer.from(payload as string));
export const windowUpdate = (streamId: number, increment: number): Buffer =>
  frame(WINDOW_UPDATE, 0, streamId, uint32(increment));
export const priority = (streamId: number, dependsOn: number): Buffer =>
  frame(PRIORITY, 0, streamId, Buffer.concat([uint32(dependsOn), Buffer.of(15)]));
export const goAway = (lastId = 0, code = 0): Buffer => frame(GOAWAY, 0, 0, uint32(lastId, code));

/** A gRPC message with its prefix. */
export function message(content: Uint8Array, flag = 0, length = content.length): Buffer {
  return Buffer.concat([Buffer.of(flag), uint32(length), content]);
}

/** HEADERS and one DATA frame: a whole unary call. */
export const call = (streamId: number, content: Uint8Array, fields: Fields = REQUEST): Buffer =>
  Buffer.concat([headers(streamId, fields), data(streamId, message(content), true)]);

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** Cuts `bytes` into frames; `rest` is what does not make a whole one. */
export function cut(bytes: Buffer): { readonly frames: Frame[]; readonly rest: Buffer } {
  const frames: Frame[] = [];
  let at = 0;
  while (at + FRAME_HEADER_BYTES <= bytes.length) {
    const end = at + FRAME_HEADER_BYTES + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    const payload = bytes.subarray(at + FRAME_HEADER_BYTES, end);
    frames.push({ type: bytes[at + 3], flags: bytes[at + 4], streamId: bytes.readUInt32BE(at + 5), payload });
    at = end;
  }
  return { frames, rest: bytes.subarray(at) };
}
