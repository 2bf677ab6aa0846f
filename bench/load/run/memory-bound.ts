/** How much memory an overloaded collector may take: what it is given to hold, and a fixed rest. */
import type { ExportQueue } from '../system/system.ts';
import { BATCH } from '../system/system.ts';

export const REST_BYTES = 256 * 2 ** 20;

/** Bytes that the configured queue can hold. The rings come out of the rest. */
export function queueBytes(queue: ExportQueue, bytesPerSpan: number): number {
  const spans = queue.sizer === 'items' ? queue.size : queue.size * BATCH.maxSpans;
  return spans * bytesPerSpan;
}

export const memoryBound = (queue: ExportQueue, bytesPerSpan: number): number =>
  REST_BYTES + queueBytes(queue, bytesPerSpan);
