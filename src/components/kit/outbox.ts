/**
 * The way on for a component whose state has moved when it has made a batch: offered once more, its input would not give the same
 * again. What the next component refuses is held here and offered again until it is taken; meanwhile the component takes
 * nothing ({@link Outbox.blocked}), so that it holds one batch, and those that were under way when it was refused.
 */
import type { Clock } from '#shared/clock.ts';
import { isAccepted, isRejected, Outcome, statusOf } from '#shared/outcome.ts';
import type { Batch, Consumer } from './batch.ts';
import { Fifo } from './exporter/fifo.ts';

/** Waits between two offers of a refused batch: doubling from the first to the last. */
const FIRST_RETRY_MS = 5;
const LAST_RETRY_MS = 250;
/** Batches that the next component may have without having answered. */
const MAX_UNDER_WAY = 16;

export interface OutboxContext {
  readonly clock: Clock;
  readonly next: Consumer;
  /** A batch was taken. */
  readonly sent: (batch: Batch) => void;
  /** A batch that was held is lost, `reason` says why. */
  readonly dropped: (batch: Batch, reason: 'rejected' | 'shutdown', outcome: Outcome) => void;
  /** Items held went up or down. */
  readonly held: (change: number) => void;
}

export class Outbox {
  readonly #ctx: OutboxContext;
  readonly #held = new Fifo<Batch>();
  #underWay = 0;
  /** The first of the held ones is with the next component. */
  #offering = false;
  #retryMs = FIRST_RETRY_MS;
  #cancelRetry: (() => void) | null = null;
  #refusal: Outcome = Outcome.downstream;
  #ended = false;
  #whenEmpty: (() => void)[] = [];

  constructor(ctx: OutboxContext) {
    this.#ctx = ctx;
  }

  /** The outcome to refuse input with; null: input may be taken. */
  get blocked(): Outcome | null {
    if (this.#ended) return Outcome.stopping;
    if (this.#held.length > 0) return this.#refusal;
    return this.#underWay >= MAX_UNDER_WAY ? Outcome.downstream : null;
  }

  /** Offers a batch that owns its bytes. Accepted also when it was refused and is held; rejected: it is lost, and its sender is told. */
  send(batch: Batch): Outcome | Promise<Outcome> {
    if (this.#held.length > 0) {
      this.#hold(batch);
      return Outcome.accepted;
    }
    const outcome = this.#ctx.next.consume(batch);
    if (typeof outcome === 'number') return this.#settled(batch, outcome);
    this.#underWay++;
    return outcome.then((later) => {
      this.#underWay--;
      const settled = this.#settled(batch, later);
      this.#tellWhenEmpty();
      return settled;
    });
  }

  /** Resolves when nothing is held or under way, or when `deadlineMs` have passed: then what is held is dropped. Nothing is sent afterwards. */
  async drain(deadlineMs: number): Promise<void> {
    this.#cancelRetry?.();
    if (this.#held.length > 0 && !this.#offering) this.#offer();
    const emptied = new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
    this.#tellWhenEmpty();
    const cancel = this.#ctx.clock.after(deadlineMs, () => this.#end());
    await emptied;
    cancel();
    this.#end();
  }

  #end(): void {
    this.#ended = true;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    // The one that the next component has and has not answered for is counted by its answer.
    const first = this.#offering ? this.#held.shift() : undefined;
    for (let batch = this.#held.shift(); batch !== undefined; batch = this.#held.shift())
      this.#lose(batch, 'shutdown', Outcome.stopping);
    if (first !== undefined) this.#held.push(first);
    for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }

  #settled(batch: Batch, outcome: Outcome): Outcome {
    if (isAccepted(outcome)) this.#ctx.sent(batch);
    else if (!isRejected(outcome)) {
      this.#refusal = outcome;
      if (this.#ended) this.#ctx.dropped(batch, 'shutdown', outcome);
      else {
        this.#hold(batch);
        this.#retryLater(outcome);
      }
      return Outcome.accepted;
    }
    return outcome;
  }

  #hold(batch: Batch): void {
    this.#held.push(batch);
    this.#ctx.held(batch.items);
  }

  #lose(batch: Batch, reason: 'rejected' | 'shutdown', outcome: Outcome): void {
    this.#ctx.held(-batch.items);
    this.#ctx.dropped(batch, reason, outcome);
  }

  #retryLater(outcome: Outcome): void {
    if (this.#cancelRetry !== null || this.#offering) return;
    const waitMs = Math.max(this.#retryMs, statusOf(outcome).retryAfterS * 1000);
    this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2);
    this.#cancelRetry = this.#ctx.clock.after(waitMs, () => this.#offer());
  }

  /** Offers the held batches, one after the other, until one is refused or not answered at once. */
  #offer(): void {
    this.#cancelRetry = null;
    for (let batch = this.#held.peek(); batch !== undefined; batch = this.#held.peek()) {
      const offered = batch;
      this.#offering = true;
      const outcome = this.#ctx.next.consume(offered);
      if (typeof outcome !== 'number') {
        void outcome.then((later) => {
          if (this.#answered(offered, later)) this.#offer();
        });
        return;
      }
      if (!this.#answered(offered, outcome)) return;
    }
    this.#tellWhenEmpty();
  }

  /** The answer for the first held batch; true: go on with the next. */
  #answered(batch: Batch, outcome: Outcome): boolean {
    this.#offering = false;
    if (!isAccepted(outcome) && !isRejected(outcome) && !this.#ended) {
      this.#refusal = outcome;
      this.#retryLater(outcome);
      return false;
    }
    this.#held.shift();
    this.#retryMs = FIRST_RETRY_MS;
    if (isAccepted(outcome)) {
      this.#ctx.held(-batch.items);
      this.#ctx.sent(batch);
    } else this.#lose(batch, isRejected(outcome) ? 'rejected' : 'shutdown', outcome);
    return true;
  }

  #tellWhenEmpty(): void {
    if (this.#held.length > 0 || this.#underWay > 0) return;
    for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }
}
