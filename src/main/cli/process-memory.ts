/**
 * How much memory is in use, from what the process takes (RSS) and what the heaps of its threads hold.
 *
 * RSS alone would do while memory grows. When it is freed, the allocator keeps much of it, ready for the next buffers: RSS stays
 * where it was, and whoever waits for it to fall waits for ever (docs/decisions/0021). So what heaps held once and hold
 * no more does not count. Nor is the result less than what they hold and what the process took beside them at first.
 *
 *     in use = max(beside + heaps, RSS - (most that heaps ever held - heaps)), at most RSS
 */
import { totalmem } from 'node:os';
import type { MemoryReading } from '#components/kit/component.ts';
import type { Clock } from '#shared/clock.ts';
import type { Registry } from '#shared/registry.ts';
import { EXTERNAL, HEAP_TOTAL } from '#shared/thread-probe.ts';
import { cgroupBytes } from './memory.ts';

/** As often as threads tell of their heaps. */
const INTERVAL_MS = 500;

export interface MemoryFigures {
  readonly residentBytes: number;
  /** Of all threads, with the buffers that hang on them; as they were in the last half second. Without rings. */
  readonly heapBytes: number;
  /** The limit of the cgroup, or the memory of the machine. */
  readonly capacityBytes: number;
}

/** What the system and the threads say at present. */
export const figuresOf = (registry: Registry): MemoryFigures => ({
  residentBytes: process.memoryUsage.rss(),
  heapBytes: registry.total(HEAP_TOTAL) + registry.total(EXTERNAL),
  capacityBytes: cgroupBytes() ?? totalmem(),
});

export class ProcessMemory {
  readonly #figures: () => MemoryFigures;
  readonly #clock: Clock;
  #cancel = (): void => {};
  /** Code, stacks, memory of libraries: when all threads run and there are no data yet. */
  #besideBytes: number | null = null;
  #mostHeapBytes = 0;

  constructor(figures: () => MemoryFigures, clock: Clock) {
    this.#figures = figures;
    this.#clock = clock;
  }

  /** All threads run. Keeps track of the heaps from now on. */
  watch(): void {
    this.read();
    this.#cancel = this.#clock.after(INTERVAL_MS, () => this.watch());
  }

  stop(): void {
    this.#cancel();
  }

  read(): MemoryReading {
    const { residentBytes, heapBytes, capacityBytes } = this.#figures();
    this.#besideBytes ??= Math.max(0, residentBytes - heapBytes);
    this.#mostHeapBytes = Math.max(this.#mostHeapBytes, heapBytes);
    const kept = this.#mostHeapBytes - heapBytes;
    const inUse = Math.max(this.#besideBytes + heapBytes, residentBytes - kept);
    return { usedBytes: Math.min(residentBytes, inUse), capacityBytes };
  }
}
