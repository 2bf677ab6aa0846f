/**
 * otelcol.processor.groupbytrace in a worker. Spans reach workers by their trace id, so a trace is in one worker, and each holds its
 * part of `num_traces`. What the next component refuses is held and offered again; input is refused meanwhile.
 */
import type { Batch, Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { processorName } from '#components/kit/processor-counters.ts';
import { LimitedLog } from '#components/kit/limited-log.ts';
import { Outbox } from '#components/kit/outbox.ts';
import { isRejected, messageOf, Outcome } from '#shared/outcome.ts';
import { TRACES, type Flow } from '#shared/signal.ts';
import { HeldTraces, type Released } from './held-traces.ts';
import { declareInstruments, type Instruments } from './instruments.ts';
import type { Args } from './schema.ts';

/** Most memory that a worker holds spans in, some 250,000 of them; beyond it the oldest traces leave before their time. */
export const MAX_BYTES = 128 << 20;
/** Most bytes of a batch of several traces; a trace is never cut. */
export const BATCH_BYTES = 1 << 20;
/** Shortest time between two looks for traces whose time has come, so that those of one moment leave together. */
const TICK_MS = 10;
/** How often that is looked at again while the next component takes nothing. */
const BLOCKED_TICK_MS = 50;
/** Longest time that a shutdown offers refused batches again: what follows needs the rest of the deadline to flush itself. */
const STOP_MS = 5_000;

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return new GroupByTrace(args, ctx);
}

class GroupByTrace implements WorkerPart<Args> {
  readonly input: Consumer<Flow> = { consume: (batch) => this.#consume(batch) };
  readonly #ctx: WorkerContext;
  readonly #held = new HeldTraces();
  readonly #outbox: Outbox;
  readonly #count: Instruments;
  readonly #log: LimitedLog;
  #waitMs: number;
  #maxTraces = 1;
  #cancelTimer: (() => void) | null = null;
  #running = false;
  #stopping = false;

  constructor(args: Args, ctx: WorkerContext) {
    this.#ctx = ctx;
    this.#log = new LimitedLog(ctx.log, ctx.clock);
    this.#count = declareInstruments(ctx.meter, processorName(ctx.id, 'groupbytrace'));
    this.#waitMs = args.wait_duration;
    this.#limit(args);
    const { held, outgoing } = this.#count;
    this.#outbox = new Outbox({
      clock: ctx.clock,
      next: ctx.next.traces,
      sent: (batch) => outgoing.add(batch.items),
      held: (change) => held.add(change),
      dropped: (batch, reason, outcome) => this.#lost(batch.items, reason, outcome),
    });
  }

  start(): void {
    this.#running = true;
    this.#startTimer();
  }

  update(args: Args): void {
    this.#waitMs = args.wait_duration;
    this.#limit(args);
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#startTimer();
  }

  async stop(deadlineMs: number, removed = false): Promise<void> {
    this.#running = false;
    this.#stopping = true;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    while (this.#release(Infinity, Infinity) > 0);
    await this.#outbox.drain(removed ? deadlineMs : Math.min(deadlineMs / 2, STOP_MS));
    this.#log.flush();
  }

  #consume(batch: Batch<Flow>): Outcome {
    if (this.#stopping) return Outcome.stopping;
    const { blocked } = this.#outbox;
    if (blocked !== null) return blocked;
    if (batch.signal !== TRACES) return Outcome.noConsumer;
    const before = this.#held.spans;
    this.#held.add(batch.bytes, this.#ctx.clock.monotonicMs());
    this.#count.incoming.add(batch.items);
    this.#count.held.add(this.#held.spans - before);
    this.#evict();
    this.#count.traces.set(this.#held.traces);
    this.#startTimer();
    return Outcome.accepted;
  }

  #limit(args: Args): void {
    this.#maxTraces = Math.max(1, Math.floor(args.num_traces / this.#ctx.workerCount));
    this.#count.configured.set(args.num_traces);
  }

  /** The oldest traces make room for the youngest. */
  #evict(): void {
    const held = this.#held;
    while (held.traces > this.#maxTraces)
      this.#evicted('num_traces', this.#release(Infinity, held.traces - this.#maxTraces));
    while (held.bytes > MAX_BYTES && held.traces > 0) this.#evicted('memory', this.#release(Infinity, Infinity));
  }

  #evicted(reason: 'num_traces' | 'memory', traces: number): void {
    this.#count.evicted[reason].add(traces);
    const fields = { reason, traces, traces_held: this.#held.traces, bytes_held: this.#held.bytes };
    this.#log.event('warn', 'traces leave before their time because there is no room for more', 0, fields);
  }

  /** Hands on one batch of the oldest traces: those that began until then, and no more than so many. How many those were. */
  #release(untilMs: number, maxTraces: number): number {
    const released = this.#held.take(untilMs, maxTraces, BATCH_BYTES);
    if (released === null) return 0;
    this.#count.held.add(-released.spans);
    this.#count.spansReleased.add(released.spans);
    this.#count.tracesReleased.add(released.traces);
    this.#count.traces.set(this.#held.traces);
    this.#send(released);
    return released.traces;
  }

  #send({ bytes, spans }: Released): void {
    const outcome = this.#outbox.send({ signal: TRACES, bytes, items: spans, metadata: null, owned: true });
    if (typeof outcome === 'number') return this.#told(spans, outcome);
    // Their senders have been told "accepted", so they are held until somebody else has them.
    this.#count.held.add(spans);
    void outcome.then((later) => {
      this.#count.held.add(-spans);
      this.#told(spans, later);
    });
  }

  #told(spans: number, outcome: Outcome): void {
    if (isRejected(outcome)) this.#lost(spans, 'rejected', outcome);
  }

  #lost(spans: number, reason: 'rejected' | 'shutdown', outcome: Outcome): void {
    this.#count.dropped[reason].add(spans);
    this.#log.event('error', 'spans could not be passed on and are dropped', spans, {
      reason,
      error: messageOf(outcome),
    });
  }

  #startTimer(): void {
    if (!this.#running || this.#cancelTimer !== null || this.#held.traces === 0) return;
    const dueMs = this.#held.oldestMs + this.#waitMs - this.#ctx.clock.monotonicMs();
    this.#tickAfter(Math.max(TICK_MS, dueMs));
  }

  #tickAfter(delayMs: number): void {
    this.#cancelTimer = this.#ctx.clock.after(delayMs, () => {
      this.#cancelTimer = null;
      const untilMs = this.#ctx.clock.monotonicMs() - this.#waitMs;
      while (this.#outbox.blocked === null && this.#release(untilMs, Infinity) > 0);
      if (this.#outbox.blocked === null || this.#held.traces === 0) this.#startTimer();
      else this.#tickAfter(BLOCKED_TICK_MS);
    });
  }
}
