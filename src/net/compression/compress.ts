/** Compresses what we send, synchronously. */
import { constants, deflateSync, gzipSync, zstdCompressSync, type ZlibOptions } from 'node:zlib';
import { MillraceError } from '#shared/errors.ts';
import type { Encoding } from './encoding.ts';
import { compressSnappyBlock, compressSnappyFramed } from './snappy.ts';
import { wasmCodec } from './wasm-codec.ts';

/** Level 1 costs two fifths of level 6 for gzip and gives up a tenth of the size; zstd level 1 beats both on speed and size. */
const DEFAULT_LEVEL = 1;
/** node:zlib takes none below 64 bytes. */
const LEAST_CHUNK = 1024;

/**
 * `bytes` compressed; `bytes` itself for '' and 'none'. Names as in `encoding.ts`: gRPC's "snappy" is 'x-snappy-framed' here.
 * `level`: gzip, zlib and deflate -2 (Huffman only), -1 (the library's default, 6), 0 (stored) to 9; zstd 1 to 22; the others
 * have none. Left out: {@link DEFAULT_LEVEL}.
 */
export function compress(encoding: Encoding | 'none' | '', bytes: Buffer, level: number = DEFAULT_LEVEL): Buffer {
  switch (encoding) {
    case '':
    case 'none':
      return bytes;
    case 'gzip':
      return gzipSync(bytes, zlibOptions(bytes.length, level));
    case 'zlib':
    case 'deflate':
      return deflateSync(bytes, zlibOptions(bytes.length, level));
    case 'zstd':
      return zstdCompressSync(bytes, {
        params: { [constants.ZSTD_c_compressionLevel]: Math.min(22, Math.max(1, level)) },
        pledgedSrcSize: bytes.length,
        chunkSize: Math.max(LEAST_CHUNK, zstdBound(bytes.length)),
      });
    case 'lz4':
      if (bytes.length === 0) return Buffer.alloc(0);
      return wasmCodec().lz4Compress(bytes);
    case 'snappy':
      return compressSnappyBlock(bytes);
    case 'x-snappy-framed':
      return compressSnappyFramed(bytes);
  }
  throw new MillraceError('compression', `unknown compression ${JSON.stringify(encoding)}`);
}

/**
 * A table twice the default size (memLevel 9, 256 KiB more while it works) is a tenth to a fifth faster at level 1 and no larger.
 * Half of the input holds what telemetry compresses to, so that node:zlib has nothing to join.
 */
function zlibOptions(length: number, level: number): ZlibOptions {
  const options = { memLevel: 9, chunkSize: Math.max(LEAST_CHUNK, length >> 1) };
  return level === -2 ? { ...options, strategy: constants.Z_HUFFMAN_ONLY } : { ...options, level };
}

/** With this much room zstd writes straight into the result (ZSTD_COMPRESSBOUND of zstd.h). */
function zstdBound(length: number): number {
  return length + (length >> 8) + (length < 1 << 17 ? ((1 << 17) - length) >> 11 : 0);
}
