/**
 * Inflates what a peer sent, synchronously, to at most `limitBytes`. Sizes that the sender declares are checked before
 * anything is allocated, real sizes while inflating; beside the result no more than the limit is held at any moment.
 */
import { gunzipSync, inflateSync, type InputType, type ZlibOptions } from 'node:zlib';
import { isEncoding } from './encoding.ts';
import { corrupt, InflateError, tooLarge } from './error.ts';
import { inflateLz4 } from './lz4.ts';
import { inflateSnappyBlock, inflateSnappyFramed, isFramedSnappy } from './snappy.ts';
import { inflateZstd } from './zstd.ts';

export { InflateError } from './error.ts';

/** The most that DEFLATE can expand: 258 bytes from 2 bits. */
const DEFLATE_MAX_RATIO = 1032;

/**
 * The inflated bytes: memory of its own, never a part of `bytes`. `encoding` is a name of `encoding.ts`, compared exactly.
 * Throws an {@link InflateError}: `unknown` encoding, `corrupt` (also truncated, or followed by junk), `too_large`.
 */
export function inflate(encoding: string, bytes: Buffer, limitBytes: number): Buffer {
  if (!isEncoding(encoding)) throw new InflateError('unknown', `unsupported compression ${JSON.stringify(encoding)}`);
  switch (encoding) {
    case 'gzip':
      return inflateGzip(bytes, limitBytes);
    case 'zlib':
    case 'deflate':
      return withZlib(inflateSync, bytes, limitBytes, bytes.length * 8);
    case 'zstd':
      return inflateZstd(bytes, limitBytes);
    case 'lz4':
      return inflateLz4(bytes, limitBytes);
    case 'snappy':
      return isFramedSnappy(bytes) ? inflateSnappyFramed(bytes, limitBytes) : inflateSnappyBlock(bytes, limitBytes);
    case 'x-snappy-framed':
      return inflateSnappyFramed(bytes, limitBytes);
  }
}

function inflateGzip(bytes: Buffer, limitBytes: number): Buffer {
  if (bytes.length < 18) throw corrupt('truncated gzip data');
  // ISIZE (RFC 1952, 2.3.1): the sender's claim of the last member's length. zlib verifies it at the end.
  return withZlib(gunzipSync, bytes, limitBytes, bytes.readUInt32LE(bytes.length - 4));
}

type Inflater = (input: InputType, options: ZlibOptions) => unknown;

/** `expectedBytes` only sizes the first chunk: one chunk that holds everything saves node:zlib from joining pieces. */
function withZlib(inflater: Inflater, bytes: Buffer, limitBytes: number, expectedBytes: number): Buffer {
  const chunk = Math.min(expectedBytes, limitBytes, bytes.length * DEFLATE_MAX_RATIO) + 1;
  let result: { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
  try {
    result = inflater(bytes, {
      maxOutputLength: Math.max(1, limitBytes),
      chunkSize: Math.max(64, chunk),
      info: true,
    }) as typeof result;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(limitBytes) : corrupt(message);
  }
  // node:zlib ignores what follows the last member.
  if (result.engine.bytesWritten !== bytes.length) throw corrupt('junk after the compressed data');
  return result.buffer;
}
