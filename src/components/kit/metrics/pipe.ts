/** How a component that edits metrics hands on what it made: in order, whole, and held when the next component refuses it. */
import type { Batch, Consumer } from '#components/kit/batch.ts';
import type { WorkerContext } from '#components/kit/component.ts';
import { droppedCounter, heldGauge } from '#components/kit/exporter/instruments.ts';
import { Splitter } from '#codec/otlp/split.ts';
import { LimitedLog } from '#components/kit/limited-log.ts';
import { Outbox } from '#components/kit/outbox.ts';
import { itemCounters, processorName, type ItemCounters } from '#components/kit/processor-counters.ts';
import type { Metadata } from '#shared/metadata.ts';
import type { Gauge } from '#shared/meter.ts';
import { isAccepted, isRejected, messageOf, Outcome } from '#shared/outcome.ts';
import { METRICS, type Flow } from '#shared/signal.ts';
import { MetricsEditor, type MetricEdits } from './edit.ts';

/** Longest time that a shutdown offers refused batches again: what follows needs the rest of the deadline to flush itself. */
const STOP_MS = 5_000;
/** Most bytes of a batch that is made here; one data point more where it does not fit. */
const PIECE_BYTES = 3 << 20;

export class MetricsPipe {
  readonly #editor = new MetricsEditor();
  readonly #splitter = new Splitter();
  readonly #next: Consumer;
  readonly #outbox: Outbox;
  readonly #log: LimitedLog;
  readonly #counts: ItemCounters;
  readonly #held: Gauge;
  readonly #lost: (items: number, reason: 'rejected' | 'shutdown', outcome: Outcome) => void;
  #stopping = false;

  /** `type`: as in the component's id, the Collector's name for it. */
  constructor(ctx: WorkerContext, type: string) {
    this.#next = ctx.next.metrics;
    this.#counts = itemCounters(ctx.meter, processorName(ctx.id, type), METRICS);
    const held = heldGauge(ctx.meter, METRICS);
    const dropped = {
      rejected: droppedCounter(ctx.meter, METRICS, 'rejected'),
      shutdown: droppedCounter(ctx.meter, METRICS, 'shutdown'),
    };
    this.#held = held;
    this.#log = new LimitedLog(ctx.log, ctx.clock);
    const lost = (items: number, reason: 'rejected' | 'shutdown', outcome: Outcome): void => {
      dropped[reason].add(items);
      this.#log.event('error', 'metrics could not be passed on and are dropped', items, {
        reason,
        error: messageOf(outcome),
      });
    };
    this.#lost = lost;
    this.#outbox = new Outbox({
      clock: ctx.clock,
      next: ctx.next.metrics,
      sent: (batch) => this.#counts.outgoing.add(batch.items),
      held: (change) => held.add(change),
      dropped: (batch, reason, outcome) => lost(batch.items, reason, outcome),
    });
  }

  /** Why nothing is taken at present; null: it is. */
  get blocked(): Outcome | null {
    return this.#stopping ? Outcome.stopping : this.#outbox.blocked;
  }

  /** Edits a batch and hands on what is left of it. */
  consume(batch: Batch<Flow>, edits: MetricEdits): Outcome | Promise<Outcome> {
    const { blocked } = this;
    if (blocked !== null) return blocked;
    if (batch.signal !== METRICS) return Outcome.noConsumer;
    const bytes = this.#editor.run(batch.bytes, edits);
    // Nothing was looked at, so no state has moved: whoever sent it may send it again.
    if (bytes === batch.bytes) return this.#passedOn(batch.items, this.#next.consume(batch as Batch));
    this.#counts.incoming.add(batch.items);
    return bytes === null ? Outcome.accepted : this.#send(bytes, this.#editor.items, batch.metadata);
  }

  #passedOn(items: number, outcome: Outcome | Promise<Outcome>): Outcome | Promise<Outcome> {
    if (typeof outcome !== 'number') return outcome.then((later) => this.#passedOn(items, later));
    if (isAccepted(outcome)) {
      this.#counts.incoming.add(items);
      this.#counts.outgoing.add(items);
    }
    return outcome;
  }

  /** Hands on, in pieces where that is large, what the component has made by itself: what is rejected is lost. */
  emit(bytes: Buffer): void {
    const splitter = this.#splitter.reset(METRICS, bytes);
    for (
      let piece = splitter.next(Infinity, PIECE_BYTES);
      piece !== null;
      piece = splitter.next(Infinity, PIECE_BYTES)
    ) {
      const { items } = splitter;
      const outcome = this.#send(piece, items, null);
      if (typeof outcome !== 'number') void outcome.then((later) => this.#told(items, later));
      else this.#told(items, outcome);
    }
  }

  #told(items: number, outcome: Outcome): void {
    if (isRejected(outcome)) this.#lost(items, 'rejected', outcome);
  }

  /** Items that the component holds itself went up or down. */
  holds(change: number): void {
    this.#held.add(change);
  }

  #send(bytes: Buffer, items: number, metadata: Metadata | null): Outcome | Promise<Outcome> {
    return this.#outbox.send({ signal: METRICS, bytes, items, metadata, owned: true });
  }

  /** Resolves when the next component has everything, or at the deadline. */
  async drain(deadlineMs: number, removed: boolean): Promise<void> {
    this.#stopping = true;
    await this.#outbox.drain(removed ? deadlineMs : Math.min(deadlineMs / 2, STOP_MS));
    this.#log.flush();
  }
}
