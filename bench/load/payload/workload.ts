/**
 * The requests of a run: made once from a seed, written to a file, read by generator and sink.
 *
 * Every span that is sent has a span_id of its own, so that the sink can tell a lost span from a duplicated one:
 *
 *     byte 0    0xb5 (no id is all zero)
 *     byte 1    which payload of the workload the span comes from
 *     bytes 2-3 index of the span within its request, big-endian
 *     bytes 4-7 send number of the request, big-endian: written anew for every send
 *
 * File: u32 payload count, then per payload u32 length and its bytes (little-endian).
 */
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { SpanCursor } from './span-cursor.ts';

/** Distinct payloads: large enough a set (14 MB of 512-span requests) to lie outside the L2 cache. At most 256, see byte 1. */
export const PAYLOADS = 64;
export const MAX_SPANS = 0xffff;
const ID_MARK = 0xb5;

export interface Payload {
  /** One ExportTraceServiceRequest whose span ids hold everything but the send number. */
  readonly bytes: Buffer;
  /** Offset in `bytes` of each span's span_id. */
  readonly spanIdAt: Uint32Array;
}

export interface Workload {
  readonly spansPerRequest: number;
  readonly payloads: readonly Payload[];
}

/** Turns requests, all of the same number of spans, into a workload by writing over their span ids in place. */
export function workloadOf(requests: readonly Buffer[]): Workload {
  const payloads = requests.map((bytes, p) => {
    const spanIdAt = spanIdOffsets(bytes);
    spanIdAt.forEach((at, i) => {
      bytes[at] = ID_MARK;
      bytes[at + 1] = p;
      bytes.writeUInt16BE(i, at + 2);
      bytes.writeUInt32BE(0, at + 4);
    });
    return { bytes, spanIdAt };
  });
  return { spansPerRequest: payloads[0]?.spanIdAt.length ?? 0, payloads };
}

export function writeWorkload(file: string, workload: Workload): void {
  const fd = openSync(file, 'w');
  try {
    writeFileSync(fd, uint32(workload.payloads.length));
    for (const { bytes } of workload.payloads) {
      writeFileSync(fd, uint32(bytes.length));
      writeFileSync(fd, bytes);
    }
  } finally {
    closeSync(fd);
  }
}

export function readWorkload(file: string): Workload {
  const all = readFileSync(file);
  const payloads: Buffer[] = [];
  let at = 4;
  for (let i = all.readUInt32LE(0); i > 0; i--) {
    const length = all.readUInt32LE(at);
    payloads.push(all.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return workloadOf(payloads);
}

/** Average bytes of a request. */
export function averageBytes(workload: Workload): number {
  return workload.payloads.reduce((sum, p) => sum + p.bytes.length, 0) / workload.payloads.length;
}

function spanIdOffsets(bytes: Buffer): Uint32Array {
  const offsets: number[] = [];
  const cursor = new SpanCursor().reset(bytes, 0, bytes.length);
  while (cursor.next()) offsets.push(cursor.spanIdAt);
  return Uint32Array.from(offsets);
}

/** Writes the send number into the span ids at the given places. */
export function stampSendNumber(bytes: Buffer, spanIdAt: Uint32Array, sendNumber: number): void {
  for (let i = 0; i < spanIdAt.length; i++) {
    const at = spanIdAt[i] + 4;
    bytes[at] = sendNumber >>> 24;
    bytes[at + 1] = sendNumber >>> 16;
    bytes[at + 2] = sendNumber >>> 8;
    bytes[at + 3] = sendNumber;
  }
}

/** Whether 8 bytes at `at` are a span id of a workload; the other readers are for such ids. */
export const isWorkloadId = (bytes: Buffer, at: number): boolean => bytes[at] === ID_MARK;
export const payloadOf = (bytes: Buffer, at: number): number => bytes[at + 1];
export const spanIndexOf = (bytes: Buffer, at: number): number => (bytes[at + 2] << 8) | bytes[at + 3];
export const sendNumberOf = (bytes: Buffer, at: number): number => bytes.readUInt32BE(at + 4);

function uint32(value: number): Buffer {
  const out = Buffer.allocUnsafe(4);
  out.writeUInt32LE(value, 0);
  return out;
}
