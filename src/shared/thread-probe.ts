/**
 * What the calling thread costs and how busy it is: its CPU time, its heap with what hangs on it, and its event-loop lag, that is
 * how late a timer comes. Two timers a second, next to no cost when idle.
 */
import { getHeapStatistics } from 'node:v8';
import type { Clock } from './clock.ts';
import type { Gauge, Meter } from './meter.ts';

const INTERVAL_MS = 500;

/** Of each thread; both together are what V8 knows to be in use. */
export const HEAP_TOTAL = 'nodejs_heap_size_total_bytes';
export const EXTERNAL = 'nodejs_external_memory_bytes';

/** Starts measuring; returns the function that stops it. `cpuUsage`: microseconds of this thread since it began. */
export function startThreadProbe(
  meter: Meter,
  clock: Clock,
  thread: string,
  cpuUsage: () => { readonly user: number; readonly system: number } = () => process.threadCpuUsage(),
): () => void {
  const lag = meter.gauge(
    { name: 'nodejs_eventloop_lag_seconds', help: 'How late timers fire in a thread of the process.', merge: 'max' },
    { thread },
  );
  const cpu = meter.counter(
    { name: 'millrace_thread_cpu_seconds_total', help: 'User and system CPU time of a thread of the process.' },
    { thread },
  );
  const gauge = (name: string, help: string): Gauge => meter.gauge({ name, help }, { thread });
  const total = gauge(HEAP_TOTAL, 'Heap reserved.');
  const used = gauge('nodejs_heap_size_used_bytes', 'Heap in use.');
  const limit = gauge('nodejs_heap_size_limit_bytes', 'Largest heap allowed.');
  const external = gauge(EXTERNAL, 'Memory outside the heap that objects of it hold.');
  let due = clock.monotonicMs() + INTERVAL_MS;
  let cancel = clock.after(INTERVAL_MS, tick);
  countCpu();
  readHeap();
  function tick(): void {
    const now = clock.monotonicMs();
    lag.set(Math.max(0, now - due) / 1000);
    countCpu();
    readHeap();
    due = now + INTERVAL_MS;
    cancel = clock.after(INTERVAL_MS, tick);
  }
  /** Adds what is new: the series is the sum over the lives of a thread that was started again. */
  function countCpu(): void {
    const { user, system } = cpuUsage();
    cpu.add(Math.max(0, (user + system) / 1e6 - cpu.value));
  }
  function readHeap(): void {
    const heap = getHeapStatistics();
    total.set(heap.total_heap_size);
    used.set(heap.used_heap_size);
    limit.set(heap.heap_size_limit);
    external.set(heap.external_memory);
  }
  return () => cancel();
}
