/**
 * What waits for one endpoint in one worker, in shards (prometheus `storage/remote/queue_manager.go`, without its log on disk). A
 * series belongs to one shard, by the hash of its labels, and a shard has one request under way at a time: so samples of a series
 * leave in the order in which they came. Series are written into the request that they leave in at once; nothing else is kept.
 *
 * The number of shards follows the load, looked at every {@link TICK_MS}: it doubles when requests wait although the endpoint takes
 * what it is sent, and is halved after a while in which none had to wait. What waits moves to the new shards; they begin when
 * the requests under way are done.
 */
import { shardOf } from '#codec/otlp/hash.ts';
import { labelsHash } from '#codec/prometheus/labels.ts';
import { LEAVE_NOTHING, type Leave, type SeriesView } from '#codec/prometheus/write-request.ts';
import { Fifo } from '#components/kit/exporter/fifo.ts';
import type { Clock } from '#shared/clock.ts';
import {
  type Chunk,
  ChunkBuilder,
  type Counts,
  difference,
  itemsOf,
  type LabelRange,
  NOTHING,
  seriesOf,
} from './chunk.ts';
import type { EndpointInstruments } from './instruments.ts';
import type { QueueArgs } from './schema.ts';

/** As in Prometheus. */
export const TICK_MS = 10_000;
/** Ticks without a request that had to wait, before there are fewer shards. */
const QUIET_TICKS = 6;

/** One request under way. */
export interface Work {
  /** What is still to be sent; changed by {@link Shards.shrink}. */
  readonly chunk: Chunk;
  /** Whoever stopped the queue has counted it: what becomes of it counts no more. */
  readonly abandoned: boolean;
}

export interface ShardHooks {
  /** Sends a request with all its retries. Never rejects; whatever became of it, it is done. */
  readonly send: (work: Work) => Promise<void>;
}

interface Sending {
  chunk: Chunk;
  abandoned: boolean;
}

interface Shard {
  readonly open: ChunkBuilder;
  readonly waiting: Fifo<Chunk>;
  sending: Sending | null;
  cancelDeadline: (() => void) | null;
}

const newShard = (): Shard => ({ open: new ChunkBuilder(), waiting: new Fifo(), sending: null, cancelDeadline: null });

export interface ShardLimits extends QueueArgs {
  /** This worker's part of `min_shards` and `max_shards`. */
  readonly fewest: number;
  readonly most: number;
}

/** The shards mean the process, whatever `--workers` is; each worker has at least one. */
export function limitsOf(args: QueueArgs, workerCount: number): ShardLimits {
  const part = (shards: number): number => Math.max(1, Math.ceil(shards / workerCount));
  return { ...args, fewest: part(args.min_shards), most: part(args.max_shards) };
}

export class Shards {
  readonly #clock: Clock;
  readonly #hooks: ShardHooks;
  readonly #count: EndpointInstruments;
  #limits: ShardLimits;
  #shards: Shard[];
  /** Requests under way in shards that are no more: the present ones wait for them. */
  #leaving = new Set<Shard>();
  /** Samples and histograms, waiting and being sent. */
  #items = 0;
  #cancelTick: (() => void) | null = null;
  #onEmpty: (() => void) | null = null;
  /** Since the last tick. */
  #sent = 0;
  #everWaited = false;
  #quietTicks = 0;

  constructor(limits: ShardLimits, clock: Clock, count: EndpointInstruments, hooks: ShardHooks) {
    this.#limits = limits;
    this.#clock = clock;
    this.#count = count;
    this.#hooks = hooks;
    this.#shards = Array.from({ length: limits.fewest }, newShard);
    this.#meter(1);
  }

  start(): void {
    this.#cancelTick ??= this.#clock.after(TICK_MS, () => {
      this.#cancelTick = null;
      this.#tick();
      this.start();
    });
  }

  get items(): number {
    return this.#items;
  }

  /**
   * Until then it takes a batch of any size, so what it holds exceeds the bound by less than a batch. If it took only what fits, a batch
   * that comes in several parts, and from the first one again after a refusal, would never get past the part that does not.
   */
  get isFull(): boolean {
    return this.#items >= this.#limits.capacity * this.#limits.most;
  }

  /** Of the last {@link append}: what of the series is in the queue now. */
  appendedSamples = 0;
  appendedExemplars = 0;
  appendedHistograms = 0;

  /** Appends a series that leaves under `labels`, whose hash is given. */
  append(series: SeriesView, labels: LabelRange, hash: number, leave: Leave): void {
    const shard = this.#shards[shardOf(hash, this.#shards.length)];
    const { open } = shard;
    const { max_samples_per_send: most } = this.#limits;
    this.appendedSamples = this.appendedExemplars = this.appendedHistograms = 0;
    // More than once only for a series that is too long for one request.
    for (let from = 0; ;) {
      if (itemsOf(open) > 0 && itemsOf(open) + Math.min(most, series.items) > most) this.#close(shard);
      const room = most - itemsOf(open);
      const taken = open.add(series, labels, leave, from, room);
      from += taken;
      this.appendedSamples += series.copiedSamples;
      this.appendedExemplars += series.copiedExemplars;
      this.appendedHistograms += series.copiedHistograms;
      this.#items += taken;
      this.#count.held.add(taken);
      this.#count.pending.add({
        samples: series.copiedSamples,
        exemplars: series.copiedExemplars,
        histograms: series.copiedHistograms,
      });
      if (itemsOf(open) >= most) this.#close(shard);
      else if (!open.isEmpty) this.#armDeadline(shard);
      if (taken < room) return;
    }
  }

  /** Everything may leave now: what waits for more must not keep the queue full. */
  flush(): void {
    for (const shard of this.#shards) this.#close(shard);
  }

  /** What waits stays, even if it is more than there may be now. */
  update(limits: ShardLimits): void {
    this.#meter(-1);
    this.#limits = limits;
    this.#meter(1);
    const wanted = Math.min(Math.max(this.#shards.length, limits.fewest), limits.most);
    // While the shards of before still send, the next tick sees to it.
    if (wanted !== this.#shards.length && this.#leaving.size === 0) this.#reshard(wanted);
  }

  /** Ends the timers and sends all there is without waiting for fuller requests; resolves when nothing is left. */
  drain(): Promise<void> {
    this.#cancelTick?.();
    this.#cancelTick = null;
    this.flush();
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => (this.#onEmpty = resolve));
  }

  /** Part of a request is not to be sent any more. */
  shrink(work: Work, chunk: Chunk): void {
    const sending = work as Sending;
    this.#release(sending.chunk, chunk);
    sending.chunk = chunk;
  }

  /** Gives up what is left and hands it out; requests that are still under way count no more. After {@link drain}. */
  abandon(): Chunk[] {
    const left: Chunk[] = [];
    for (const shard of [...this.#leaving, ...this.#shards]) {
      if (shard.sending !== null) {
        shard.sending.abandoned = true;
        left.push(shard.sending.chunk);
      }
      shard.sending = null;
      for (let chunk = shard.waiting.shift(); chunk !== undefined; chunk = shard.waiting.shift()) left.push(chunk);
    }
    this.#leaving.clear();
    for (const chunk of left) this.#release(chunk);
    this.#meter(-1);
    return left;
  }

  #close(shard: Shard): void {
    shard.cancelDeadline?.();
    shard.cancelDeadline = null;
    if (shard.open.isEmpty) return;
    shard.waiting.push(shard.open.take());
    this.#pump(shard);
  }

  #armDeadline(shard: Shard): void {
    shard.cancelDeadline ??= this.#clock.after(this.#limits.batch_send_deadline, () => this.#close(shard));
  }

  #pump(shard: Shard): void {
    if (shard.sending !== null || this.#leaving.size > 0) {
      this.#everWaited = true;
      return;
    }
    const chunk = shard.waiting.shift();
    if (chunk === undefined) {
      if (this.#isIdle()) this.#onEmpty?.();
      return;
    }
    const work = { chunk, abandoned: false };
    shard.sending = work;
    void this.#hooks.send(work).then(() => {
      if (!work.abandoned) this.#done(shard, work);
    });
  }

  #done(shard: Shard, { chunk }: Sending): void {
    shard.sending = null;
    this.#sent++;
    this.#release(chunk);
    if (!this.#leaving.delete(shard)) return this.#pump(shard);
    if (this.#leaving.size === 0) for (const next of this.#shards) this.#pump(next);
  }

  /** `rest` of it stays. */
  #release(chunk: Chunk, rest: Counts = NOTHING): void {
    const gone = difference(chunk, rest);
    this.#items -= itemsOf(gone);
    this.#count.held.add(-itemsOf(gone));
    this.#count.pending.add(gone, -1);
  }

  #isIdle(): boolean {
    return (
      this.#leaving.size === 0 &&
      this.#shards.every(({ open, waiting, sending }) => open.isEmpty && waiting.length === 0 && sending === null)
    );
  }

  #tick(): void {
    const { fewest, most } = this.#limits;
    const now = this.#shards.length;
    this.#quietTicks = this.#everWaited ? 0 : this.#quietTicks + 1;
    let wanted = Math.min(Math.max(now, fewest), most);
    if (this.#sent > 0 && this.#shards.every(({ waiting }) => waiting.length > 0)) wanted = Math.min(now * 2, most);
    else if (this.#quietTicks >= QUIET_TICKS) wanted = Math.max(Math.ceil(now / 2), fewest);
    this.#sent = 0;
    this.#everWaited = false;
    if (wanted === now || this.#leaving.size > 0) return;
    this.#quietTicks = 0;
    this.#reshard(wanted);
  }

  #reshard(count: number): void {
    const old = this.#shards;
    this.#count.shards.add(count - old.length);
    this.#count.shardsDesired.add(count - old.length);
    this.#shards = Array.from({ length: count }, newShard);
    for (const shard of old) {
      shard.cancelDeadline?.();
      if (shard.sending !== null) this.#leaving.add(shard);
    }
    for (const shard of old) {
      for (let chunk = shard.waiting.shift(); chunk !== undefined; chunk = shard.waiting.shift()) this.#move(chunk);
      if (!shard.open.isEmpty) this.#move(shard.open.take());
    }
  }

  /** Spreads what was in an old shard; it is in the books already. */
  #move(chunk: Chunk): void {
    this.#release(chunk);
    for (const series of seriesOf(chunk)) {
      const labels = { buf: series.buf, start: series.labelsStart, stop: series.labelsStop };
      this.append(series, labels, labelsHash(labels.buf, labels.start, labels.stop), LEAVE_NOTHING);
    }
  }

  /** Puts the numbers that mean the configuration and the shards into the gauges, or takes them out. */
  #meter(sign: 1 | -1): void {
    const { fewest, most, capacity, max_samples_per_send: perSend } = this.#limits;
    this.#count.shards.add(sign * this.#shards.length);
    this.#count.shardsDesired.add(sign * this.#shards.length);
    this.#count.shardsMin.add(sign * fewest);
    this.#count.shardsMax.add(sign * most);
    this.#count.shardCapacity.set(sign > 0 ? capacity : 0);
    this.#count.maxSamplesPerSend.set(sign > 0 ? perSend : 0);
  }
}
