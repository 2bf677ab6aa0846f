/** What one send carries: a batch as it came, or several that leave as one request, without being copied together. */
import type { Batch } from '#components/kit/batch.ts';
import type { Metadata } from '#shared/metadata.ts';
import type { Signal } from '#shared/signal.ts';

export interface SendRequest {
  readonly signal: Signal;
  /** One behind the other they are one valid Export*ServiceRequest. At least one; owned, they never change. */
  readonly parts: readonly Buffer[];
  /** Length of all parts. */
  readonly bytes: number;
  readonly items: number;
  readonly metadata: Metadata | null;
  /** Gives the memory of the parts back (`Batch.release`): at most once, when certainly nobody reads them any more. */
  readonly release: () => void;
}

/** Export requests of one signal concatenate into a valid request. Metadata survives only where nothing is mixed. At least one. */
export function requestOf(batches: readonly Batch[]): SendRequest {
  const [first] = batches;
  let bytes = 0;
  let items = 0;
  let { metadata } = first;
  for (const batch of batches) {
    bytes += batch.bytes.length;
    items += batch.items;
    if (batch.metadata !== metadata) metadata = null;
  }
  return {
    signal: first.signal,
    parts: batches.map((batch) => batch.bytes),
    bytes,
    items,
    metadata,
    release: () => {
      for (const batch of batches) batch.release?.();
    },
  };
}

/** For what needs one piece: compression, another encoding. Copies only where there are several. */
export function joined(parts: readonly Buffer[]): Buffer {
  return parts.length === 1 ? parts[0] : Buffer.concat(parts);
}
