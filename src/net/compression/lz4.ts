/**
 * LZ4 frames (lz4 doc/lz4_Frame_format.md 1.6.4, lz4_Block_format.md), decoded here because the output must be bounded.
 *
 *     frame    magic 04 22 4D 18, FLG, BD, [content size 8], [dictionary id 4], header checksum 1, blocks, [content checksum 4]
 *     FLG      bits 7-6 version 01, 5 independent blocks, 4 block checksums, 3 content size, 2 content checksum, 0 dictionary
 *     block    size 4 little endian, bit 31 = stored; data; [checksum 4]. Size 0 ends the frame.
 *     sequence token (literal length 4 bits, match length - 4 in 4 bits; 15 = more bytes follow), literals, offset 2, more length
 */
import { corrupt, tooLarge } from './error.ts';
import { xxh32 } from './xxh32.ts';

const MAGIC = 0x184d2204;
const SKIPPABLE = 0x184d2a50;
/** A match length byte of 255 is the densest thing in the format. */
const MAX_RATIO = 255;

/** All frames of `bytes` inflated and joined. Empty input is an empty result. */
export function inflateLz4(bytes: Buffer, limitBytes: number): Buffer {
  const out = new Output(Math.min(limitBytes, bytes.length * 8), limitBytes);
  let at = 0;
  while (at < bytes.length) {
    need(bytes, at, 8);
    const magic = bytes.readUInt32LE(at);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      at += 8 + bytes.readUInt32LE(at + 4);
      if (at > bytes.length) throw corrupt('truncated lz4 data');
    } else if (magic === MAGIC) {
      at = frame(bytes, at + 4, out);
    } else {
      throw corrupt('not an lz4 frame');
    }
  }
  return out.finish();
}

function frame(bytes: Buffer, start: number, out: Output): number {
  const flg = bytes[start];
  const bd = bytes[start + 1];
  if (flg >> 6 !== 1 || (flg & 0x03) !== 0 || (bd & 0x8f) !== 0 || bd >> 4 < 4)
    throw corrupt('unsupported lz4 frame header');
  const maxBlock = 1 << (8 + 2 * (bd >> 4));
  const blockChecksums = (flg & 0x10) !== 0;
  let at = start + 2;
  let declared = -1;
  if ((flg & 0x08) !== 0) {
    need(bytes, at, 8);
    declared = Number(bytes.readBigUInt64LE(at));
    at += 8;
    out.reserve(Math.min(declared, (bytes.length - at) * MAX_RATIO), declared);
  }
  need(bytes, at, 1);
  if (((xxh32(bytes.subarray(start, at)) >>> 8) & 0xff) !== bytes[at])
    throw corrupt('wrong checksum in an lz4 frame header');
  at++;

  const first = out.length;
  for (;;) {
    need(bytes, at, 4);
    const header = bytes.readUInt32LE(at);
    at += 4;
    if (header === 0) break;
    const size = header & 0x7fffffff;
    if (size > maxBlock) throw corrupt('an lz4 block larger than its frame allows');
    need(bytes, at, size + (blockChecksums ? 4 : 0));
    const end = at + size;
    if (blockChecksums && xxh32(bytes.subarray(at, end)) !== bytes.readUInt32LE(end))
      throw corrupt('wrong checksum of an lz4 block');
    out.reserve(Math.min(header > 0x7fffffff ? size : size * MAX_RATIO, maxBlock), 0);
    const before = out.length;
    if (header > 0x7fffffff) out.literals(bytes, at, end);
    else block(bytes, at, end, out, (flg & 0x20) !== 0 ? before : first);
    if (out.length - before > maxBlock) throw corrupt('an lz4 block inflates to more than its frame allows');
    at = end + (blockChecksums ? 4 : 0);
  }
  if ((flg & 0x04) !== 0) {
    need(bytes, at, 4);
    if (xxh32(out.since(first)) !== bytes.readUInt32LE(at)) throw corrupt('wrong checksum of an lz4 frame');
    at += 4;
  }
  if (declared >= 0 && out.length - first !== declared)
    throw corrupt('an lz4 frame holds another length than it declares');
  return at;
}

/** `base` is the oldest output byte that a match may reach. */
function block(bytes: Buffer, start: number, end: number, out: Output, base: number): void {
  let at = start;
  while (at < end) {
    const token = bytes[at++];
    let length = token >> 4;
    if (length === 15) {
      let more: number;
      do {
        if (at >= end) throw corrupt('truncated lz4 block');
        more = bytes[at++];
        length += more;
      } while (more === 255);
    }
    if (at + length > end) throw corrupt('truncated lz4 block');
    out.literals(bytes, at, at + length);
    at += length;
    if (at === end) return; // The last sequence has no match.

    if (at + 2 > end) throw corrupt('truncated lz4 block');
    const offset = bytes[at] | (bytes[at + 1] << 8);
    at += 2;
    let match = token & 15;
    if (match === 15) {
      let more: number;
      do {
        if (at >= end) throw corrupt('truncated lz4 block');
        more = bytes[at++];
        match += more;
      } while (more === 255);
    }
    if (offset === 0 || out.length - offset < base) throw corrupt('an lz4 match before the start of its block');
    out.match(offset, match + 4);
  }
}

/** Output that grows up to a limit and refuses more. */
class Output {
  #buffer: Buffer;
  readonly #limit: number;
  length = 0;

  constructor(firstBytes: number, limitBytes: number) {
    this.#buffer = Buffer.allocUnsafe(firstBytes);
    this.#limit = limitBytes;
  }

  /** Makes room for `expected` more bytes as far as the limit allows; `declared` more bytes must fit the limit. */
  reserve(expected: number, declared: number): void {
    if (this.length + declared > this.#limit) throw tooLarge(this.#limit);
    const want = Math.min(this.length + expected, this.#limit);
    if (want <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.min(this.#limit, Math.max(want, this.#buffer.length * 2)));
    this.#buffer.copy(grown, 0, 0, this.length);
    this.#buffer = grown;
  }

  literals(from: Buffer, start: number, end: number): void {
    this.#check(end - start);
    from.copy(this.#buffer, this.length, start, end);
    this.length += end - start;
  }

  match(offset: number, count: number): void {
    this.#check(count);
    const buffer = this.#buffer;
    let to = this.length;
    this.length += count;
    if (offset >= count) {
      buffer.copyWithin(to, to - offset, to - offset + count);
      return;
    }
    for (let from = to - offset; to < this.length;) buffer[to++] = buffer[from++];
  }

  since(first: number): Buffer {
    return this.#buffer.subarray(first, this.length);
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  #check(count: number): void {
    if (this.length + count <= this.#buffer.length) return;
    // reserve() has made room for as much as the block may hold, so only the limit or the block's own bound is in the way.
    throw this.#buffer.length >= this.#limit
      ? tooLarge(this.#limit)
      : corrupt('an lz4 block inflates to more than its frame allows');
  }
}

function need(bytes: Buffer, at: number, count: number): void {
  if (at + count > bytes.length) throw corrupt('truncated lz4 data');
}
