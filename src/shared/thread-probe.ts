/**
 * What the calling thread costs and how busy it is: its CPU time, and its event-loop lag, that is how late a timer comes. Two
 * timers a second, next to no cost when idle.
 */
import type { Clock } from './clock.ts';
import type { Meter } from './meter.ts';

const INTERVAL_MS = 500;

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
  let due = clock.monotonicMs() + INTERVAL_MS;
  let cancel = clock.after(INTERVAL_MS, tick);
  countCpu();
  function tick(): void {
    const now = clock.monotonicMs();
    lag.set(Math.max(0, now - due) / 1000);
    countCpu();
    due = now + INTERVAL_MS;
    cancel = clock.after(INTERVAL_MS, tick);
  }
  /** Adds what is new: the series is the sum over the lives of a thread that was started again. */
  function countCpu(): void {
    const { user, system } = cpuUsage();
    cpu.add(Math.max(0, (user + system) / 1e6 - cpu.value));
  }
  return () => cancel();
}
