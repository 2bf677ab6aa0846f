/**
 * Snappy, both formats (google/snappy format_description.txt and framing_format.txt).
 *
 *     block    varint: inflated length; elements
 *     framed   chunks: type 1, length 3 little endian, data
 *              FF stream identifier "sNaPpY" (first)   00 masked CRC-32C 4, block   01 masked CRC-32C 4, raw bytes
 *              02-7F unknown, must be refused           80-FE skipped
 *              A chunk inflates to at most 65536 bytes.
 */
import { corrupt, tooLarge } from './error.ts';
import { wasmCodec } from './wasm-codec.ts';

const IDENTIFIER = Buffer.from([0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59]);
const MAX_CHUNK = 65536;
/** The densest element, a 3-byte copy, makes 64 bytes. */
const MAX_RATIO = 22;

export function isFramedSnappy(bytes: Buffer): boolean {
  return (
    bytes.length >= IDENTIFIER.length && bytes.compare(IDENTIFIER, 0, IDENTIFIER.length, 0, IDENTIFIER.length) === 0
  );
}

export function inflateSnappyBlock(block: Buffer, limitBytes: number): Buffer {
  const length = declaredLength(block);
  if (length > limitBytes) throw tooLarge(limitBytes);
  if (length > block.length * MAX_RATIO) throw corrupt('a snappy block declares more than it can hold');
  let out: Buffer;
  try {
    out = wasmCodec().snappyDecompress(block);
  } catch {
    // The package traps with no more to say than "unreachable".
    throw corrupt('corrupt snappy block');
  }
  if (out.length !== length) throw corrupt('a snappy block holds another length than it declares');
  return out;
}

export function compressSnappyBlock(bytes: Buffer): Buffer {
  return bytes.length === 0 ? Buffer.of(0) : wasmCodec().snappyCompress(bytes);
}

/** Empty input is an empty result, as for Go's reader. */
export function inflateSnappyFramed(bytes: Buffer, limitBytes: number): Buffer {
  const out = Buffer.allocUnsafe(framedLength(bytes, limitBytes));
  let to = 0;
  for (let at = 0; at < bytes.length;) {
    const type = bytes[at];
    const end = at + 4 + bytes.readUIntLE(at + 1, 3);
    if (type <= 1) {
      const data = bytes.subarray(at + 8, end);
      const raw = type === 1 ? data : inflateSnappyBlock(data, MAX_CHUNK);
      if (maskedCrc(raw) !== bytes.readUInt32LE(at + 4)) throw corrupt('wrong checksum in a snappy stream');
      to += raw.copy(out, to);
    }
    at = end;
  }
  return out;
}

/** Checks the chunks and sums what they declare. */
function framedLength(bytes: Buffer, limitBytes: number): number {
  if (bytes.length > 0 && !isFramedSnappy(bytes)) throw corrupt('a snappy stream does not begin with its identifier');
  let total = 0;
  for (let at = 0; at < bytes.length;) {
    if (at + 4 > bytes.length) throw corrupt('truncated snappy stream');
    const type = bytes[at];
    const length = bytes.readUIntLE(at + 1, 3);
    const data = at + 4;
    if (data + length > bytes.length) throw corrupt('truncated snappy stream');
    if (type === 0xff) {
      if (!isFramedSnappy(bytes.subarray(at, data + length)) || length !== 6)
        throw corrupt('wrong identifier in a snappy stream');
    } else if (type <= 1) {
      if (length < 4) throw corrupt('a snappy chunk without its checksum');
      const inflated = type === 1 ? length - 4 : declaredLength(bytes.subarray(data + 4, data + length));
      if (inflated > MAX_CHUNK) throw corrupt('a snappy chunk larger than 65536 bytes');
      total += inflated;
      if (total > limitBytes) throw tooLarge(limitBytes);
    } else if (type < 0x80) {
      throw corrupt('unknown chunk in a snappy stream');
    }
    at = data + length;
  }
  return total;
}

export function compressSnappyFramed(bytes: Buffer): Buffer {
  const parts: Buffer[] = [IDENTIFIER];
  for (let from = 0; from < bytes.length; from += MAX_CHUNK) {
    const raw = bytes.subarray(from, from + MAX_CHUNK);
    const block = wasmCodec().snappyCompress(raw);
    // Go's writer stores a chunk raw unless compression saves an eighth.
    const data = block.length >= raw.length - (raw.length >> 3) ? raw : block;
    const header = Buffer.allocUnsafe(8);
    header[0] = data === raw ? 1 : 0;
    header.writeUIntLE(data.length + 4, 1, 3);
    header.writeUInt32LE(maskedCrc(raw), 4);
    parts.push(header, data);
  }
  return Buffer.concat(parts);
}

function declaredLength(block: Buffer): number {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = block[i];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) {
      if (length > 0xffffffff) break;
      return length;
    }
  }
  throw corrupt('a snappy block without a valid length');
}

function maskedCrc(bytes: Buffer): number {
  const crc = bytes.length === 0 ? 0 : wasmCodec().crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
