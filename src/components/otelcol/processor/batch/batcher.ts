/**
 * One batch in the making: one signal, one combination of metadata values, in one worker (semantics 7.2).
 *
 * Requests are appended to an arena. What is due (by size, by time) moves to `ready` and is handed to the next component one
 * batch at a time. While the next component refuses a batch or has not answered yet, that batch stays in front, is offered
 * again after a short wait, and input is taken only up to a bound; past it the sender is refused. So a full queue further
 * down reaches the sender, and nothing that was accepted is lost.
 */
import type { Batch, Consumer } from '#components/kit/batch.ts';
import { Fifo } from '#components/kit/exporter/fifo.ts';
import { Splitter } from '#codec/otlp/split.ts';
import type { Clock } from '#shared/clock.ts';
import type { Metadata } from '#shared/metadata.ts';
import { isAccepted, isRejected, Outcome, statusOf } from '#shared/outcome.ts';
import type { Signal } from '#shared/signal.ts';
import { Arena, type Taken } from './arena.ts';
import type { Args } from './schema.ts';
import type { Spares } from './spares.ts';

/** Waits between two offers of a refused batch: doubling from the first to the last. */
const FIRST_RETRY_MS = 5;
const LAST_RETRY_MS = 250;

export type Trigger = 'size' | 'timeout';

/** What the batchers of one signal share. */
export interface BatcherContext {
  readonly signal: Signal;
  readonly clock: Clock;
  readonly next: Consumer;
  readonly spares: Spares;
  /** Items taken from the sender (`items` > 0). */
  readonly took: (items: number) => void;
  readonly sent: (batch: Batch, trigger: Trigger) => void;
  /** Accepted items are lost, `reason` says why. */
  readonly dropped: (items: number, reason: 'rejected' | 'shutdown', outcome: Outcome) => void;
}

export type BatchLimits = Pick<Args, 'timeout' | 'send_batch_size' | 'send_batch_max_size'>;

interface Ready {
  readonly batch: Batch;
  readonly trigger: Trigger;
}

export class Batcher {
  readonly #ctx: BatcherContext;
  readonly #metadata: Metadata | null;
  #limits: BatchLimits;

  readonly #arena: Arena;
  /** Cut and due, in order; the first is being delivered. Bounded: filled only when empty, by what the arena holds. */
  readonly #ready = new Fifo<Ready>();
  #readyItems = 0;
  /** The first of `ready` has been offered and not been taken. */
  #blocked = false;
  /** Items of the first of `ready` while its answer is awaited. */
  #pendingItems = 0;
  #retryMs = FIRST_RETRY_MS;
  #cancelRetry: (() => void) | null = null;

  /** The timer's periods start here. It is set only while something waits for it. */
  #periodStartMs: number;
  #cancelTimer: (() => void) | null = null;
  /** The period has ended: all is due. */
  #flush = false;

  #stopping = false;
  #ended = false;
  #drained: Promise<void> | null = null;
  #onEmpty: (() => void) | null = null;

  constructor(ctx: BatcherContext, limits: BatchLimits, metadata: Metadata | null) {
    this.#ctx = ctx;
    this.#limits = limits;
    this.#metadata = metadata;
    this.#arena = new Arena(ctx.spares);
    this.#periodStartMs = ctx.clock.monotonicMs();
  }

  /** Items held. */
  get items(): number {
    return this.#arena.items + this.#readyItems;
  }

  offer(batch: Batch): Outcome {
    if (this.#stopping) return Outcome.stopping;
    if (this.#blocked && !this.#hasRoom(batch.items)) return Outcome.batchFull;
    this.#arena.append(batch.bytes, batch.items);
    this.#ctx.took(batch.items);
    this.#advance();
    return Outcome.accepted;
  }

  update(limits: BatchLimits): void {
    this.#limits = limits;
    this.#restartTimer();
    this.#advance();
  }

  /** Takes nothing more and sends all there is; resolves when it is empty. May be called again. */
  drain(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    this.#stopping = true;
    this.#flush = true;
    this.#stopTimer();
    this.#drained ??= new Promise((resolve) => (this.#onEmpty = resolve));
    if (this.#cancelRetry !== null) this.#retry();
    else this.#advance();
    if (this.items === 0) this.#onEmpty?.();
    return this.#drained;
  }

  /**
   * Drops what is left and emits nothing more, after {@link drain}. Of a batch that the next component has and has not answered for
   * its answer decides: whoever stops later may still deliver it. {@link drain} has come to its end then.
   */
  abandon(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelRetry?.();
    const lost = this.items - this.#pendingItems;
    if (lost > 0) this.#ctx.dropped(lost, 'shutdown', Outcome.stopping);
    this.#onEmpty?.();
  }

  get #immediate(): boolean {
    return this.#limits.timeout === 0 || this.#limits.send_batch_size === 0;
  }

  /** While blocked, behind the batch that is being delivered: one batch, or one request whatever its size. */
  #hasRoom(items: number): boolean {
    const waiting = this.items - (this.#ready.peek()?.batch.items ?? 0);
    return waiting === 0 || waiting + items <= (this.#limits.send_batch_max_size || this.#limits.send_batch_size);
  }

  #advance(): void {
    while (!this.#blocked && (this.#ready.length > 0 || this.#fill())) this.#deliver();
    this.#startTimer();
  }

  /** Moves what is due from the arena to `ready`; false when nothing is. */
  #fill(): boolean {
    const { items } = this.#arena;
    const bySize = this.#immediate || items >= this.#limits.send_batch_size;
    if (items === 0 || !(bySize || this.#flush)) {
      this.#flush = this.#stopping;
      return false;
    }
    const trigger = bySize ? 'size' : 'timeout';
    const max = this.#limits.send_batch_max_size;
    if (max === 0 || items <= max) this.#push(this.#arena.take(), items, trigger);
    else this.#cut(max, trigger);
    this.#flush = this.#stopping;
    if (bySize) this.#restartTimer();
    return true;
  }

  #cut(max: number, trigger: Trigger): void {
    let left = this.#arena.items;
    const whole = this.#arena.take();
    const splitter = new Splitter().reset(this.#ctx.signal, whole.bytes);
    for (let piece = splitter.next(max); piece !== null; piece = splitter.next(max)) {
      left -= splitter.items;
      const rests = left === 0 && splitter.items < this.#limits.send_batch_size && !this.#immediate && !this.#flush;
      if (rests) this.#arena.adopt(piece, splitter.items);
      else this.#push({ bytes: piece, release: null }, splitter.items, trigger);
    }
    // The pieces have memory of their own.
    whole.release?.();
  }

  #push({ bytes, release }: Taken, items: number, trigger: Trigger): void {
    this.#ready.push({
      batch: { signal: this.#ctx.signal, bytes, items, metadata: this.#metadata, owned: true, release },
      trigger,
    });
    this.#readyItems += items;
  }

  #deliver(): void {
    const { batch } = this.#ready.peek() as Ready;
    this.#blocked = true;
    const outcome = this.#ctx.next.consume(batch);
    if (typeof outcome === 'number') this.#settle(outcome);
    else {
      this.#pendingItems = batch.items;
      void outcome.then((later) => {
        this.#pendingItems = 0;
        if (this.#ended) return this.#settleLast(later);
        this.#settle(later);
        this.#advance();
      });
    }
  }

  /** The answer to the one batch that was under way when all others were abandoned. */
  #settleLast(outcome: Outcome): void {
    const { batch, trigger } = this.#ready.peek() as Ready;
    if (isAccepted(outcome)) this.#ctx.sent(batch, trigger);
    else this.#ctx.dropped(batch.items, isRejected(outcome) ? 'rejected' : 'shutdown', outcome);
  }

  #settle(outcome: Outcome): void {
    const { batch, trigger } = this.#ready.peek() as Ready;
    if (!isAccepted(outcome) && !isRejected(outcome)) {
      const waitMs = Math.max(this.#retryMs, statusOf(outcome).retryAfterS * 1000);
      this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2);
      this.#cancelRetry = this.#ctx.clock.after(waitMs, () => this.#retry());
      return;
    }
    this.#ready.shift();
    this.#readyItems -= batch.items;
    this.#blocked = false;
    this.#retryMs = FIRST_RETRY_MS;
    if (isAccepted(outcome)) this.#ctx.sent(batch, trigger);
    else this.#ctx.dropped(batch.items, 'rejected', outcome);
    if (this.items === 0) this.#onEmpty?.();
  }

  #retry(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#deliver();
    this.#advance();
  }

  /**
   * The timer runs in periods of `timeout` from the last restart, whether or not data is there (semantics 7.2: the first item
   * waits anything up to `timeout`). A period in which nothing waits needs no real timer.
   */
  #startTimer(): void {
    if (this.#immediate || this.#stopping || this.#flush || this.#cancelTimer !== null || this.#arena.items === 0)
      return;
    const { timeout } = this.#limits;
    const elapsedMs = this.#ctx.clock.monotonicMs() - this.#periodStartMs;
    this.#cancelTimer = this.#ctx.clock.after(timeout - (elapsedMs % timeout), () => {
      this.#restartTimer();
      this.#flush = true;
      this.#advance();
    });
  }

  #restartTimer(): void {
    this.#stopTimer();
    this.#periodStartMs = this.#ctx.clock.monotonicMs();
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }
}
