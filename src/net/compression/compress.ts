/** Compresses what we send, synchronously. */
import { constants, deflateSync, gzipSync, zstdCompressSync, type ZlibOptions } from 'node:zlib';
import { MillraceError } from '#shared/errors.ts';
import type { Encoding } from './encoding.ts';
import { compressSnappyBlock, compressSnappyFramed } from './snappy.ts';
import { wasmCodec } from './wasm-codec.ts';

/** Level 1 costs half of level 6 for gzip and gives up a tenth of the size; zstd level 1 beats both on speed and size. */
const DEFAULT_LEVEL = 1;

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
      return gzipSync(bytes, zlibOptions(level));
    case 'zlib':
    case 'deflate':
      return deflateSync(bytes, zlibOptions(level));
    case 'zstd':
      return zstdCompressSync(bytes, {
        params: { [constants.ZSTD_c_compressionLevel]: Math.min(22, Math.max(1, level)) },
        pledgedSrcSize: bytes.length,
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

function zlibOptions(level: number): ZlibOptions {
  return level === -2 ? { strategy: constants.Z_HUFFMAN_ONLY } : { level };
}
