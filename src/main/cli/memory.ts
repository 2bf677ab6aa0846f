/**
 * How much memory the process may take, and how much it may need. The limit is what Go's variables say to Alloy: GOMEMLIMIT
 * (pkg.go.dev/runtime), else AUTOMEMLIMIT, a share of the cgroup's limit (0.9 unless set; `off`). Neither ever ends the process.
 */
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { parseSize, sizeText } from '#config/schema/size.ts';
import type { Host } from './host.ts';
import type { RunSettings } from './settings.ts';

const MIB = 1024 * 1024;
/** Of the process with one worker and no data (docs/benchmarks.md). */
const IDLE_BYTES = 120 * MIB;
const THREAD_BYTES = 20 * MIB;
const DEFAULT_SHARE = 0.9;
/** Less would stop threads that do nothing. */
const MIN_HEAP_BYTES = 64 * MIB;

export interface MemoryLimit {
  readonly bytes: number;
  /** `GOMEMLIMIT=512MiB` */
  readonly origin: string;
}

export type MemorySettings = Pick<RunSettings, 'workers' | 'ingestThreads' | 'ringBytes' | 'receiveBytes'>;

/** Rings, and requests that arrive: what is bounded by flags. */
export function reservedBytes({ workers, ingestThreads, ringBytes, receiveBytes }: MemorySettings): number {
  return Math.max(1, ingestThreads) * (workers * ringBytes + receiveBytes);
}

/** What the process takes under overload, without what exporters keep in their queues. */
export function neededBytes(settings: MemorySettings): number {
  const { workers, ingestThreads } = settings;
  return IDLE_BYTES + THREAD_BYTES * (workers - 1 + ingestThreads) + reservedBytes(settings);
}

/** The limit of the cgroup; null when there is none. */
export function cgroupBytes(): number | null {
  const bytes = process.constrainedMemory();
  return bytes > 0 && bytes < totalmem() ? bytes : null;
}

/** null: no limit is set. Text: a variable that is not understood, and how it is written. */
export function memoryLimit(env: Host['env'], cgroup: number | null): MemoryLimit | string | null {
  const go = env['GOMEMLIMIT'] ?? '';
  if (go !== '') {
    if (go === 'off') return null;
    const bytes = /^\d+$/.test(go) ? Number(go) : /^\d+(B|[KMGT]iB)$/.test(go) ? parseSize(go) : NaN;
    return typeof bytes === 'number' && Number.isSafeInteger(bytes)
      ? { bytes, origin: `GOMEMLIMIT=${go}` }
      : `GOMEMLIMIT=${go} is ignored: write bytes, a size such as 512MiB, or off`;
  }
  const auto = env['AUTOMEMLIMIT'] ?? '';
  if (auto === 'off') return null;
  const share = auto === '' ? DEFAULT_SHARE : Number(auto);
  if (!(share > 0 && share <= 1)) return `AUTOMEMLIMIT=${auto} is ignored: write a share such as 0.9, or off`;
  if (cgroup === null) return null;
  return { bytes: Math.floor(cgroup * share), origin: `${share} of the cgroup's ${mebibytes(cgroup)}` };
}

/** Holds the heaps of threads that are started from now on below the limit, and warns when flags allow more than it. */
export function keepToMemoryLimit(settings: MemorySettings, { env, log, limitHeaps }: Host): void {
  const limit = memoryLimit(env, cgroupBytes());
  if (limit === null) return;
  if (typeof limit === 'string') {
    log.warn('a memory limit is not understood', { err: limit });
    return;
  }
  const needed = neededBytes(settings);
  if (needed > limit.bytes)
    log.warn('rings and requests may take more memory than the limit: lower --ring.size, --receive.size or --workers', {
      limit: mebibytes(limit.bytes),
      origin: limit.origin,
      needed: mebibytes(needed),
    });
  const heap = Math.max(MIN_HEAP_BYTES, limit.bytes - reservedBytes(settings));
  if (heap < getHeapStatistics().heap_size_limit) limitHeaps(heap);
}

/** Rounded up. */
export function mebibytes(bytes: number): string {
  return sizeText(Math.ceil(bytes / MIB) * MIB);
}
