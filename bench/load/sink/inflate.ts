/** Decompression of what reaches the sink: gzip (RFC 1952) or zstd (RFC 8878), told apart by how they begin. */
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;

/** `bytes` are said to be compressed. Throws if they are neither. */
export function inflate(bytes: Buffer): Buffer {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes, { maxOutputLength: MAX_MESSAGE_BYTES });
  if (bytes.length >= 4 && bytes.readUInt32LE(0) === 0xfd2fb528)
    return zstdDecompressSync(bytes, { maxOutputLength: MAX_MESSAGE_BYTES });
  throw new Error('a compressed message that is neither gzip nor zstd');
}
