/**
 * HTTP/2 frames (RFC 9113, section 4.1 and 6), all numbers big-endian:
 *
 *     0  u24  length of the payload
 *     3  u8   type
 *     4  u8   flags
 *     5  u32  stream id; the highest bit is reserved
 *     9  ...  payload
 *
 *     DATA           [u8 pad length] data [padding]
 *     HEADERS        [u8 pad length] [u32 dependency, u8 weight] block fragment [padding]
 *     PRIORITY       u32 dependency, u8 weight
 *     RST_STREAM     u32 error code
 *     SETTINGS       (u16 id, u32 value)*
 *     PING           8 bytes
 *     GOAWAY         u32 last stream id, u32 error code, debug data
 *     WINDOW_UPDATE  u32 increment
 *     CONTINUATION   block fragment
 */
export const FRAME_HEADER_BYTES = 9;

export const DATA = 0;
export const HEADERS = 1;
export const PRIORITY = 2;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PUSH_PROMISE = 5;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;

export const FLAG_ACK = 0x1;
export const FLAG_END_STREAM = 0x1;
export const FLAG_END_HEADERS = 0x4;
export const FLAG_PADDED = 0x8;
export const FLAG_PRIORITY = 0x20;

/** What a client sends before its first frame (section 3.4). */
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** Windows before any SETTINGS or WINDOW_UPDATE (section 6.9.2), and the largest there may be. */
export const INITIAL_WINDOW_BYTES = 65_535;
export const MAX_WINDOW_BYTES = 0x7fff_ffff;
/** The largest payload that a peer takes unless it announces more (section 4.2). */
export const DEFAULT_MAX_FRAME_BYTES = 16_384;
/** Our bound of an encoded header block, however many frames it comes in. */
export const MAX_BLOCK_BYTES = 64 * 1024;
/** Stream ids have 31 bits. */
export const MAX_STREAM_ID = 0x7fff_ffff;

/** Writes a frame header at `at`; the offset behind it. */
export function writeFrameHeader(
  target: Buffer,
  at: number,
  length: number,
  type: number,
  flags: number,
  streamId: number,
): number {
  target[at] = length >>> 16;
  target[at + 1] = length >>> 8;
  target[at + 2] = length;
  target[at + 3] = type;
  target[at + 4] = flags;
  return writeUint32(target, at + 5, streamId);
}

export function writeUint32(target: Buffer, at: number, value: number): number {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
  return at + 4;
}

/** Unsigned. */
export function readUint32(source: Buffer, at: number): number {
  return ((source[at] << 24) | (source[at + 1] << 16) | (source[at + 2] << 8) | source[at + 3]) >>> 0;
}

/** A stream id or window increment: 31 bits, the reserved one left out. */
export function readUint31(source: Buffer, at: number): number {
  return readUint32(source, at) & MAX_STREAM_ID;
}
