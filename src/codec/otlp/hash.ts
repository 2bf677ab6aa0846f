/**
 * The hashes that decide which worker gets what. Every worker count, restart and version should send a trace the same way, so
 * these are part of the design: changing them moves every trace.
 */
import { TRACE_ID_BYTES } from './fields.ts';

/** Of the 16 bytes at `at`: all of them count, since senders with 64-bit ids leave either half constant. Signed 32 bits. */
export function traceIdHash(buf: Buffer, at: number): number {
  let hash = 0;
  for (let i = at; i < at + TRACE_ID_BYTES; i += 4) {
    const word = buf[i] | (buf[i + 1] << 8) | (buf[i + 2] << 16) | (buf[i + 3] << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return mix(hash);
}

/** Of any bytes (FNV-1a, mixed). Signed 32 bits. */
export function bytesHash(buf: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ buf[i], 0x01000193);
  return mix(hash);
}

/** The finalizer of MurmurHash3: every bit in changes about half of the bits out, so that a remainder may be taken. */
function mix(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** The shard, of `shards`, that a hash belongs to. */
export function shardOf(hash: number, shards: number): number {
  // The shifts make it a division of integers; of doubles, which half of all hashes would otherwise be, it takes ten times as long.
  return ((hash >>> 0) % (shards >>> 0)) | 0;
}
