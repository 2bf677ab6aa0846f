/** Decompression for test sinks, apart from `#net/compression` so that our compressor is judged by other code. */
import { gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { crc32c, snappyDecompress } from '@platformatic/wasm-utils';

/** `snappy` = block format (HTTP), `x-snappy-framed` = the framed stream that gRPC peers call snappy. */
export function inflate(encoding: string, bytes: Buffer): Buffer {
  switch (encoding) {
    case '':
    case 'identity':
      return bytes;
    case 'gzip':
      return gunzipSync(bytes);
    case 'zlib':
    case 'deflate':
      return inflateSync(bytes);
    case 'zstd':
      return zstdDecompressSync(bytes);
    case 'snappy':
      return snappyDecompress(bytes);
    case 'x-snappy-framed':
      return snappyFrames(bytes);
    default:
      throw new Error(`the sink does not know the encoding ${encoding}`);
  }
}

/**
 * Snappy framing format (google/snappy framing_format.txt): chunks of type u8, length u24 LE, then for types 0 (compressed)
 * and 1 (stored) a masked CRC-32C u32 LE of the uncompressed data and the data; type 0xff is the stream identifier.
 */
function snappyFrames(bytes: Buffer): Buffer {
  const out: Buffer[] = [];
  if (bytes.subarray(0, 10).toString('latin1') !== '\xff\x06\x00\x00sNaPpY')
    throw new Error('no snappy stream identifier');
  for (let at = 0; at < bytes.length;) {
    const type = bytes[at];
    const length = bytes.readUIntLE(at + 1, 3);
    const end = at + 4 + length;
    if (end > bytes.length) throw new Error('truncated snappy chunk');
    if (type === 0 || type === 1) {
      const body = bytes.subarray(at + 8, end);
      const data = type === 0 ? snappyDecompress(body) : body;
      if (data.length > 65536) throw new Error('snappy chunk over 64 KiB');
      const crc = crc32c(data) >>> 0;
      const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
      if (masked !== bytes.readUInt32LE(at + 4)) throw new Error('snappy chunk checksum does not match');
      out.push(data);
    } else if (type !== 0xff) throw new Error(`unknown snappy chunk ${type}`);
    at = end;
  }
  return Buffer.concat(out);
}
