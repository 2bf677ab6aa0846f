/**
 * What moves between the components of one worker, and who owns its bytes.
 */
import type { Metadata } from '#shared/metadata.ts';
import type { Outcome } from '#shared/outcome.ts';
import type { Flow, Signal } from '#shared/signal.ts';
import { copyAll } from './copy.ts';

export interface Batch<F extends Flow = Signal> {
  readonly signal: F;
  /** One valid message of the flow (OTLP: Export*ServiceRequest), framing already verified at the door. Never written to by a consumer. */
  readonly bytes: Buffer;
  /** Spans, metric data points, log records, samples or lines in it; > 0. */
  readonly items: number;
  readonly metadata: Metadata | null;
  /**
   * true: `bytes` is memory of the batch's own that never changes: it may be kept. false: borrowed (it lies in a ring) and
   * valid only until `consume` returns (not: until its promise settles). Whoever keeps a batch calls {@link keep} first.
   */
  readonly owned: boolean;
  /**
   * Set by producers that want the memory of an owned batch back. Whoever has taken the batch may call it, at most once, when
   * it is certain that nobody reads `bytes` any more; not calling it costs an allocation and nothing else. Null or absent:
   * nobody asks. A fan-out to several sets it to null, since none of them knows when the others are done.
   */
  release?: (() => void) | null;
}

/** The batch itself if it owns its bytes, else a copy that does. */
export function keep<F extends Flow>(batch: Batch<F>): Batch<F> {
  if (batch.owned) return batch;
  const bytes = Buffer.allocUnsafeSlow(batch.bytes.length);
  copyAll(batch.bytes, bytes, 0);
  return { signal: batch.signal, bytes, items: batch.items, metadata: batch.metadata, owned: true };
}

/**
 * A component's input in a worker. `consume` answers at once with an outcome where it can; a promise means that the answer
 * takes time (a full queue that blocks, an export that is waited for). It never throws and the promise never rejects.
 * Accepted means: the consumer has taken responsibility; refused and rejected: it kept nothing.
 */
export interface Consumer<F extends Flow = Signal> {
  /**
   * It counts what passes and hands none of it on. Beside others it is given only what these have not refused, so that what comes
   * again is not counted twice.
   */
  readonly observes?: true;
  consume(batch: Batch<F>): Outcome | Promise<Outcome>;
}
