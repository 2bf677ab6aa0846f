/**
 * Zstandard (RFC 8878) over node:zlib, made safe and equal on Node 22, 24 and 26.
 *
 * node:zlib accepts truncated frames on 22, returns only the first of several frames on 22 and 24, and ignores what follows a
 * frame everywhere. So the frames are walked first:
 *
 *     frame    magic 28 B5 2F FD, descriptor, [window], [dictionary id 0-4], [content size 0-8], blocks, [checksum 4]
 *     block    3 bytes little endian: bit 0 last, bits 1-2 type (raw, run, compressed, reserved), bits 3-23 size; data
 *     skipped  magic 50..5F 2A 4D 18, size 4, data
 */
import { constants, zstdDecompressSync } from 'node:zlib';
import { corrupt, InflateError, tooLarge } from './error.ts';

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const MAX_BLOCK = 1 << 17;
/** 32 MiB: the largest window of the Go encoder that Collectors use. */
const MAX_WINDOW_LOG = 25;
/** What the decoder allows when nothing is said (ZSTD_WINDOWLOG_LIMIT_DEFAULT of zstd.h). */
const DEFAULT_WINDOW_LOG = 27;

/** Senders write one frame; every frame costs a decoder of its own, and the smallest takes 9 bytes. */
const MAX_FRAMES = 1024;

interface Frame {
  readonly end: number;
  /** Bytes it claims to hold, -1 when it does not say. */
  readonly declared: number;
  /** No more than this many bytes can come out of it. */
  readonly bound: number;
}

/** All frames of `bytes` inflated and joined. Empty input is an empty result. */
export function inflateZstd(bytes: Buffer, limitBytes: number): Buffer {
  const parts: Buffer[] = [];
  let total = 0;
  let at = 0;
  while (at < bytes.length) {
    need(bytes, at, 4);
    const magic = bytes.readUInt32LE(at);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      need(bytes, at, 8);
      const size = bytes.readUInt32LE(at + 4);
      need(bytes, at + 8, size);
      at += 8 + size;
      continue;
    }
    if (magic !== MAGIC) throw corrupt('not a zstd frame');
    if (parts.length === MAX_FRAMES) throw corrupt(`more than ${MAX_FRAMES} zstd frames`);
    const frame = walk(bytes, at, limitBytes - total);
    if (total + frame.declared > limitBytes) throw tooLarge(limitBytes);
    const part = inflateFrame(bytes.subarray(at, frame.end), frame, limitBytes - total, limitBytes);
    parts.push(part);
    total += part.length;
    at = frame.end;
  }
  return parts.length === 1 ? parts[0] : Buffer.concat(parts, total);
}

function walk(bytes: Buffer, start: number, roomBytes: number): Frame {
  need(bytes, start, 6);
  const descriptor = bytes[start + 4];
  if ((descriptor & 0x08) !== 0) throw corrupt('reserved bit in a zstd frame header');
  const single = (descriptor & 0x20) !== 0;
  let at = start + 5;
  if (!single) {
    const window = bytes[at++];
    const base = 2 ** (10 + (window >> 3));
    if (base + (base / 8) * (window & 7) > 2 ** MAX_WINDOW_LOG) {
      throw new InflateError('too_large', 'the window of a zstd frame is larger than 32 MiB');
    }
  }
  at += [0, 1, 2, 4][descriptor & 3];
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6];
  need(bytes, at, sizeBytes);
  const declared = contentSize(bytes, at, sizeBytes);
  at += sizeBytes;

  let bound = 0;
  for (let last = false; !last;) {
    need(bytes, at, 3);
    const header = bytes.readUIntLE(at, 3);
    at += 3;
    last = (header & 1) !== 0;
    const type = (header >> 1) & 3;
    const size = header >> 3;
    if (type === 3 || size > MAX_BLOCK) throw corrupt('bad block in a zstd frame');
    const stored = type === 1 ? 1 : size;
    need(bytes, at, stored);
    at += stored;
    bound += type === 2 ? MAX_BLOCK : size;
  }
  if ((descriptor & 0x04) !== 0) {
    need(bytes, at, 4);
    at += 4;
  }
  return { end: at, declared, bound: Math.min(bound, declared < 0 ? roomBytes : declared) };
}

function contentSize(bytes: Buffer, at: number, length: number): number {
  switch (length) {
    case 0:
      return -1;
    case 1:
      return bytes[at];
    case 2:
      return bytes.readUInt16LE(at) + 256;
    case 4:
      return bytes.readUInt32LE(at);
    default:
      return Number(bytes.readBigUInt64LE(at));
  }
}

function inflateFrame(frame: Buffer, facts: Frame, roomBytes: number, limitBytes: number): Buffer {
  // A frame that declares its size may use all of it as its window. Other windows were held to 32 MiB above.
  const windowLog = Math.min(31, Math.ceil(Math.log2(facts.declared + 2)));
  try {
    return zstdDecompressSync(frame, {
      maxOutputLength: Math.max(1, roomBytes),
      // One byte more than can come out, so that node:zlib needs one chunk and no joining.
      chunkSize: Math.max(64, facts.bound + 1),
      ...(windowLog > DEFAULT_WINDOW_LOG ? { params: { [constants.ZSTD_d_windowLogMax]: windowLog } } : {}),
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limitBytes);
    throw corrupt('corrupt zstd data');
  }
}

function need(bytes: Buffer, at: number, count: number): void {
  if (at + count > bytes.length) throw corrupt('truncated zstd data');
}
