/**
 * Event-loop lag of the calling thread: how late a timer comes. Two timers a second, next to no cost when idle.
 */
import type { Clock } from './clock.ts';
import type { Meter } from './meter.ts';

const INTERVAL_MS = 500;

/** Starts measuring; returns the function that stops it. */
export function startLagProbe(meter: Meter, clock: Clock, thread: string): () => void {
  const lag = meter.gauge(
    { name: 'nodejs_eventloop_lag_seconds', help: 'How late timers fire in a thread of the process.', merge: 'max' },
    { thread },
  );
  let due = clock.monotonicMs() + INTERVAL_MS;
  let cancel = clock.after(INTERVAL_MS, tick);
  function tick(): void {
    const now = clock.monotonicMs();
    lag.set(Math.max(0, now - due) / 1000);
    due = now + INTERVAL_MS;
    cancel = clock.after(INTERVAL_MS, tick);
  }
  return () => cancel();
}
