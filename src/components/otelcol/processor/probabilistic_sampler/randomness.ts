/**
 * Random values of items: the lower 56 bits of a trace id (W3C Trace Context Level 2, "random trace id flag"), or made of a hash in a
 * way that the upper 14 bits decide as the Collector always has (contrib probabilisticsamplerprocessor, `randomnessFromBytes`):
 *
 *     hash     FNV-1a of 32 bits over the seed (4 bytes, the lowest first) and the bytes
 *     random   14 bits: 2^14 - 1 - low    28 bits: high ^ high << 10    14 bits: low       (low, high: 14 bits of the hash)
 */
import { TRACE_ID_BYTES } from '#codec/otlp/fields.ts';
import type { Bits56 } from './bits56.ts';

const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;
/** Hashes fall into so many buckets. */
export const BUCKETS = 2 ** 14;
const LOW = BUCKETS - 1;

/** Of the 16 bytes at `at`. */
export function randomOfTraceId(buf: Buffer, at: number, into: Bits56): void {
  const end = at + TRACE_ID_BYTES;
  into.set(
    (buf[end - 7] << 20) | (buf[end - 6] << 12) | (buf[end - 5] << 4) | (buf[end - 4] >> 4),
    ((buf[end - 4] & 15) << 24) | (buf[end - 3] << 16) | (buf[end - 2] << 8) | buf[end - 1],
  );
}

/** Unsigned 32 bits. */
export function seededHash(seed: number, buf: Buffer, start: number, end: number): number {
  let hash = FNV_OFFSET;
  for (let shift = 0; shift < 32; shift += 8) hash = Math.imul(hash ^ ((seed >>> shift) & 0xff), FNV_PRIME);
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ buf[i], FNV_PRIME);
  return hash >>> 0;
}

export function randomOfHash(hash: number, into: Bits56): void {
  const low = hash & LOW;
  const high = hash >>> 18;
  const mixed = high ^ (high << 10);
  into.set(((LOW - low) << 14) | (mixed >>> 14), ((mixed & LOW) << 14) | low);
}

/** Whether the id at `at` has a bit set. */
export function isTraceId(buf: Buffer, at: number): boolean {
  for (let i = at; i < at + TRACE_ID_BYTES; i++) if (buf[i] !== 0) return true;
  return false;
}
