/**
 * Base-128 varints, least significant group first, minimal length. Values up to 64 bits travel as two unsigned 32-bit halves.
 */

/** Bytes that `value` (0 .. 2^32-1) takes. */
export function varint32Size(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

/** Writes `value` (0 .. 2^32-1) at `pos`; returns the position after it. The caller has made room. */
export function writeVarint32(buf: Uint8Array, pos: number, value: number): number {
  while (value > 0x7f) {
    buf[pos++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  buf[pos++] = value;
  return pos;
}

/** Writes the 64-bit value `hi * 2^32 + lo`; returns the position after it. The caller has made room (at most ten bytes). */
export function writeVarint64(buf: Uint8Array, pos: number, lo: number, hi: number): number {
  while (hi !== 0) {
    buf[pos++] = (lo & 0x7f) | 0x80;
    lo = ((lo >>> 7) | (hi << 25)) >>> 0;
    hi >>>= 7;
  }
  return writeVarint32(buf, pos, lo >>> 0);
}

/** ZigZag of sint32. */
export const zigzag32 = (value: number): number => ((value << 1) ^ (value >> 31)) >>> 0;
export const unzigzag32 = (value: number): number => (value >>> 1) ^ -(value & 1);
