/**
 * The sending queue of one exporter for one signal in one worker, in memory (semantics 18.4).
 *
 * A request enters, waits, is sent by one of at most `consumers` sends at a time, alone or merged with others, and leaves
 * when its last part is done; only then is its size released. Requests are merged when a send starts, not when they arrive,
 * so waiting costs no copy.
 */
import { type Batch, keep } from '#components/kit/batch.ts';
import type { Clock } from '#shared/clock.ts';
import { Outcome } from '#shared/outcome.ts';
import { Entry, type Work } from './entry.ts';
import { Fifo } from './fifo.ts';
import type { DropReason, Instruments } from './instruments.ts';
import type { Limits } from './limits.ts';
import type { SendRequest } from './request.ts';
import { outcomeOf, type SendResult } from './sender.ts';
import { Waiting } from './waiting.ts';

export interface QueueHooks {
  /** Sends one request, with its retries; the final result. */
  readonly send: (request: SendRequest) => Promise<SendResult>;
  /** Told of items that were not sent; `accepted` = their sender was told "accepted", so they are lost. */
  readonly failed: (items: number, accepted: boolean, reason: DropReason, result: SendResult | null) => void;
}

interface Blocked {
  readonly batch: Batch;
  readonly answer: (outcome: Outcome) => void;
}

export class SendQueue {
  readonly #clock: Clock;
  readonly #count: Instruments;
  readonly #hooks: QueueHooks;
  #limits: Limits;
  #stopping = false;

  readonly #waiting = new Waiting();
  readonly #sending = new Set<Work>();
  /** Senders that wait for space (block_on_overflow), in order. At most as many as the lanes let be in flight. */
  readonly #blocked = new Fifo<Blocked>();

  /** Batches that found no room. */
  readonly #refused = new WeakSet<Batch>();

  /** All in the queue, waiting and being sent, in the three units: the sizer may change while running. */
  #requests = 0;
  #items = 0;
  #bytes = 0;

  /** What is in front has waited `flush_timeout`, or must make room. */
  #flushDue = false;
  #cancelFlush: (() => void) | null = null;
  #onEmpty: (() => void) | null = null;

  constructor(limits: Limits, clock: Clock, count: Instruments, hooks: QueueHooks) {
    this.#limits = limits;
    this.#clock = clock;
    this.#count = count;
    this.#hooks = hooks;
    this.#meter();
  }

  /** Takes the batch, refuses it, or (block_on_overflow, wait_for_result) promises an answer. */
  offer(batch: Batch): Outcome | Promise<Outcome> {
    if (this.#stopping) return Outcome.stopping;
    if (this.#blocked.length === 0 && this.#fits(batch)) return this.#admit(keep(batch));
    // Data that waits for more data must not keep the queue full.
    if (this.#waiting.length > 0) this.#flushDue = true;
    this.#advance();
    if (this.#blocked.length === 0 && this.#fits(batch)) return this.#admit(keep(batch));
    if (this.#limits.blockOnOverflow)
      return new Promise((answer) => this.#blocked.push({ batch: keep(batch), answer }));
    // A component that holds a refused batch offers it again and again; that is one failure.
    if (!this.#refused.has(batch)) this.#count.enqueueFailed.add(batch.items);
    this.#refused.add(batch);
    return Outcome.queueFull;
  }

  /** New bounds. What is in the queue stays, even if it is more than the new capacity. */
  update(limits: Limits): void {
    this.#limits = limits;
    this.#disarm();
    this.#advance();
    this.#arm();
    this.#meter();
  }

  /** Takes nothing more and sends all there is without waiting for fuller batches; resolves when the queue is empty. */
  drain(): Promise<void> {
    this.#stopping = true;
    this.#disarm();
    for (let blocked = this.#blocked.shift(); blocked !== undefined; blocked = this.#blocked.shift()) {
      blocked.answer(Outcome.stopping);
    }
    this.#pump();
    if (this.#requests === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#onEmpty = resolve));
  }

  /** Drops all that is left, after {@link drain}. Sends that are still under way count no more, whatever they report. */
  abandon(): void {
    for (const work of this.#sending) {
      work.abandoned = true;
      this.#count.inFlight.add(-1);
      this.#finish(work, Outcome.stopping, 'shutdown', null);
    }
    this.#sending.clear();
    for (let entry = this.#waiting.front; entry !== undefined; entry = this.#waiting.front) {
      const lost = this.#waiting.dropFront();
      this.#fail(entry, lost, Outcome.stopping, 'shutdown', null);
    }
    this.#meter();
  }

  #fits(batch: Batch): boolean {
    if (this.#requests === 0) return true;
    const { sizer, capacity } = this.#limits;
    const added = sizer === 'requests' ? 1 : sizer === 'items' ? batch.items : batch.bytes.length;
    return this.#size() + added <= capacity;
  }

  #size(): number {
    const { sizer } = this.#limits;
    return sizer === 'requests' ? this.#requests : sizer === 'items' ? this.#items : this.#bytes;
  }

  /** `answer`: of a sender that waited for space already. */
  #admit(batch: Batch, answer?: (outcome: Outcome) => void): Outcome | Promise<Outcome> {
    let outcome: Outcome | Promise<Outcome> = Outcome.accepted;
    let whenDone: ((outcome: Outcome) => void) | null = null;
    if (!this.#limits.waitForResult) answer?.(Outcome.accepted);
    else if (answer !== undefined) whenDone = answer;
    else outcome = new Promise((resolve) => (whenDone = resolve));

    this.#requests++;
    this.#items += batch.items;
    this.#bytes += batch.bytes.length;
    if (whenDone === null) this.#count.held.add(batch.items);
    this.#waiting.push(new Entry(batch, whenDone));
    this.#pump();
    this.#arm();
    this.#meter();
    return outcome;
  }

  #pump(): void {
    while (this.#sending.size < this.#limits.consumers) {
      const work = this.#next();
      if (work === null) return;
      this.#sending.add(work);
      this.#count.inFlight.add(1);
      void this.#run(work);
    }
  }

  #next(): Work | null {
    const { batch } = this.#limits;
    while (this.#waiting.length > 0) {
      if (batch !== undefined && !this.#flushDue && !this.#stopping && !this.#waiting.reaches(batch)) return null;
      const { work, tooLarge } = this.#waiting.take(batch);
      this.#disarm();
      for (const entry of tooLarge) this.#fail(entry, 1, Outcome.itemTooLarge, 'item_too_large', null);
      if (work === null) continue;
      if (batch !== undefined) {
        this.#count.batchItems.observe(work.request.items);
        this.#count.batchBytes.observe(work.request.bytes);
      }
      this.#arm();
      return work;
    }
    return null;
  }

  async #run(work: Work): Promise<void> {
    const result = await this.#hooks.send(work.request);
    if (work.abandoned) return;
    this.#sending.delete(work);
    this.#count.inFlight.add(-1);
    const reason = result.kind === 'permanent' ? 'rejected' : this.#stopping ? 'shutdown' : 'retries_exhausted';
    this.#finish(work, outcomeOf(result), reason, result);
    this.#advance();
    this.#meter();
  }

  #finish(work: Work, outcome: Outcome, reason: DropReason, result: SendResult | null): void {
    if (outcome === Outcome.accepted) this.#count.sent.add(work.request.items);
    for (const { entry, items } of work.pieces) {
      entry.parts--;
      if (outcome !== Outcome.accepted) this.#fail(entry, items, outcome, reason, result);
      else {
        if (entry.answer === null) this.#count.held.add(-items);
        this.#leave(entry);
      }
    }
  }

  #fail(entry: Entry, items: number, outcome: Outcome, reason: DropReason, result: SendResult | null): void {
    const accepted = entry.answer === null;
    this.#count.sendFailed.add(items);
    if (accepted) {
      this.#count.held.add(-items);
      this.#count.dropped[reason].add(items);
    }
    this.#hooks.failed(items, accepted, reason, result);
    entry.add(outcome);
    this.#leave(entry);
  }

  #leave(entry: Entry): void {
    if (!entry.done) return;
    this.#requests--;
    this.#items -= entry.batch.items;
    this.#bytes -= entry.batch.bytes.length;
    if (entry.copied) entry.batch.release?.();
    entry.answer?.(entry.outcome);
    if (this.#requests === 0) this.#onEmpty?.();
  }

  /** Starts what can be sent. That may drop items that are too large, and so make room, too. */
  #advance(): void {
    this.#pump();
    this.#unblock();
  }

  #unblock(): void {
    for (
      let blocked = this.#blocked.peek();
      blocked !== undefined && this.#fits(blocked.batch);
      blocked = this.#blocked.peek()
    ) {
      this.#blocked.shift();
      void this.#admit(blocked.batch, blocked.answer);
    }
  }

  /** Starts the flush timer if a part of a batch waits and the timer does not run. */
  #arm(): void {
    const { batch } = this.#limits;
    if (
      batch === undefined ||
      this.#stopping ||
      this.#flushDue ||
      this.#cancelFlush !== null ||
      this.#waiting.length === 0
    )
      return;
    this.#cancelFlush = this.#clock.after(batch.flush_timeout, () => {
      this.#cancelFlush = null;
      this.#flushDue = true;
      this.#advance();
      this.#meter();
    });
  }

  #disarm(): void {
    this.#flushDue = false;
    this.#cancelFlush?.();
    this.#cancelFlush = null;
  }

  #meter(): void {
    const { capacity } = this.#limits;
    this.#count.queueCapacity.set(Number.isFinite(capacity) ? capacity : 0);
    this.#count.queueSize.set(Number.isFinite(capacity) ? this.#size() : 0);
  }
}
