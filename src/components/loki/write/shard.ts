/** A part of an endpoint's streams: batches for each tenant, sent one at a time, so that the lines of a stream keep their order. */
import type { Label } from '#codec/loki/labels.ts';
import { Fifo } from '#components/kit/exporter/fifo.ts';
import type { Clock } from '#shared/clock.ts';
import type { Delivery } from './delivery.ts';
import { OpenBatch, type SealedBatch } from './open-batch.ts';

export interface ShardLimits {
  /** Milliseconds that a batch waits for more. */
  readonly batchWait: number;
  /** Batches leave as JSON. */
  readonly json: boolean;
  /** Bytes of lines. */
  readonly batchSize: number;
  /** 0 = no limit. */
  readonly maxStreams: number;
}

export interface ShardHooks {
  /** Entries that are no longer held, with what they counted for. */
  readonly done: (entries: number, heldBytes: number) => void;
  /** Batches dropped unsent at the end. */
  readonly abandoned: (batch: SealedBatch) => void;
}

interface Waiting {
  readonly batch: OpenBatch;
  readonly cancel: () => void;
}

export class Shard {
  readonly #delivery: Delivery;
  readonly #clock: Clock;
  readonly #limits: () => ShardLimits;
  readonly #hooks: ShardHooks;
  /** By tenant. */
  readonly #open = new Map<string, Waiting>();
  readonly #ready = new Fifo<SealedBatch>();
  #sending: SealedBatch | null = null;
  #abandoned = false;
  #whenIdle: (() => void) | null = null;

  constructor(delivery: Delivery, clock: Clock, limits: () => ShardLimits, hooks: ShardHooks) {
    this.#delivery = delivery;
    this.#clock = clock;
    this.#limits = limits;
    this.#hooks = hooks;
  }

  /** What the entry counts for; -1: it was not taken, its stream would be one too many. */
  add(
    tenant: string,
    text: string,
    labels: readonly Label[],
    buf: Buffer,
    start: number,
    stop: number,
    lineBytes: number,
  ): number {
    const { batchSize, maxStreams } = this.#limits();
    const open = this.#open.get(tenant)?.batch;
    if (open !== undefined && maxStreams > 0 && open.streams >= maxStreams && !open.has(text)) return -1;
    // One line is always taken, however long it is.
    if (open !== undefined && open.lineBytes + lineBytes > batchSize) this.#seal(tenant);
    const batch = this.#open.get(tenant)?.batch ?? this.#begin(tenant);
    return batch.add(text, labels, buf, start, stop, lineBytes);
  }

  /** Sends what waits for more. */
  flush(): void {
    for (const tenant of this.#open.keys()) this.#seal(tenant);
  }

  /** Resolves when nothing is held any more. Nothing is added from now on. */
  drain(): Promise<void> {
    this.flush();
    if (this.#sending === null) return Promise.resolve();
    return new Promise((resolve) => (this.#whenIdle = resolve));
  }

  /** Gives up what is left, after {@link drain}. */
  abandon(): void {
    this.#abandoned = true;
    const left = this.#sending === null ? [] : [this.#sending];
    for (let batch = this.#ready.shift(); batch !== undefined; batch = this.#ready.shift()) left.push(batch);
    this.#sending = null;
    for (const batch of left) {
      this.#hooks.abandoned(batch);
      this.#hooks.done(batch.entries, batch.heldBytes);
    }
    this.#whenIdle?.();
  }

  #begin(tenant: string): OpenBatch {
    const batch = new OpenBatch(tenant);
    const cancel = this.#clock.after(this.#limits().batchWait, () => this.#seal(tenant));
    this.#open.set(tenant, { batch, cancel });
    return batch;
  }

  #seal(tenant: string): void {
    const waiting = this.#open.get(tenant);
    if (waiting === undefined) return;
    waiting.cancel();
    this.#open.delete(tenant);
    this.#ready.push(waiting.batch.seal(this.#limits().json));
    this.#pump();
  }

  #pump(): void {
    if (this.#sending !== null) return;
    const batch = this.#ready.shift();
    if (batch !== undefined) void this.#send(batch);
    else this.#whenIdle?.();
  }

  async #send(batch: SealedBatch): Promise<void> {
    this.#sending = batch;
    await this.#delivery.deliver(batch, () => this.#abandoned);
    if (this.#abandoned) return;
    this.#sending = null;
    this.#hooks.done(batch.entries, batch.heldBytes);
    this.#pump();
  }
}
