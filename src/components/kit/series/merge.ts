/**
 * The merge part of connectors that derive metrics: owns the series ({@link SeriesStore}), empties the workers, flushes at even
 * periods, removes what is idle. One thing at a time; everything long is done in turns of bounded work, so that the main thread
 * goes on accepting.
 *
 * Of a flush that consumers refuse: its requests are offered again until the next flush is due; then the request under way is
 * dropped and counted, and the flush ends. Cumulative series lose nothing by that but a point in time. Of delta series the points
 * of that request are lost, the others wait for the next flush. Where nobody consumes, nothing is offered and nothing is lost:
 * cumulative series can be scraped, deltas are given up at each flush.
 */
import type { CreateMergePart, DerivedMetrics, MergeContext, MergePart } from '#components/kit/component.ts';
import { errorText } from '#shared/errors.ts';
import { METRICS } from '#shared/signal.ts';
import { Delivery } from './delivery.ts';
import { derivedMetrics } from './derived.ts';
import { compact, expire, settleFlush } from './expiry.ts';
import { flushWalk, type Piece } from './flush-walk.ts';
import { mergeMetrics, type MergeMetrics } from './own-metrics.ts';
import { identityOf, type SeriesPlan } from './plan.ts';
import { SeriesStore } from './store.ts';

/** Runs something in a later turn of the event loop. */
export type Schedule = (run: () => void) => void;

/** How long refused requests are offered again where flushes have no period. */
const RETRY_MS = 5_000;

const GO_ON = (): Promise<boolean> => Promise.resolve(true);

/** A connector's merge.ts is: `export const create = seriesMerge<Args>(seriesPlan);` */
export function seriesMerge<A>(
  planOf: (args: A) => SeriesPlan,
  schedule: Schedule = (run) => void setImmediate(run),
): CreateMergePart<A> {
  return (args, ctx) => new SeriesMerge(planOf, args, ctx, schedule);
}

class SeriesMerge<A> implements MergePart<A> {
  readonly derived: DerivedMetrics;
  readonly #planOf: (args: A) => SeriesPlan;
  readonly #ctx: MergeContext;
  readonly #schedule: Schedule;
  readonly #count: MergeMetrics;
  readonly #delivery: Delivery;
  #store: SeriesStore;

  /** Things to do one after the other: the end of the last one. */
  #busy: Promise<void> = Promise.resolve();
  #flushWaits = false;
  /** The end of a last flush that waits: the one under way stops where it is, then this one tells all. */
  #lastWaits: Promise<void> | null = null;
  #expiryWaits = false;
  #isHarvesting = false;
  #harvestAgain = false;
  #stopped = false;
  /** Monotonic: when the present period of flushes, of expiry, ends. */
  #nextFlushMs = 0;
  #nextExpiryMs = 0;
  #cancelFlush: (() => void) | null = null;
  #cancelExpiry: (() => void) | null = null;

  constructor(planOf: (args: A) => SeriesPlan, args: A, ctx: MergeContext, schedule: Schedule) {
    this.#planOf = planOf;
    this.#ctx = ctx;
    this.#schedule = schedule;
    this.#count = mergeMetrics(ctx.meter);
    this.#delivery = new Delivery(ctx.entry, ctx.clock, ctx.log, this.#count);
    this.#store = new SeriesStore(planOf(args), ctx.clock.now(), this.#count);
    this.derived = derivedMetrics(() => this.#store);
  }

  start(): void {
    this.#startFlushTimer();
    this.#startExpiryTimer();
  }

  merge(parcel: Uint8Array<ArrayBuffer>): void {
    if (this.#stopped) return;
    this.#store.merge(parcel);
    this.#tellSize();
  }

  due(): void {
    if (this.#stopped) return;
    if (this.#store.plan.flushIntervalMs === 0) this.#askForFlush();
    else this.#harvestSoon();
  }

  flush(deadlineMs: number): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    const { clock } = this.#ctx;
    const endMs = clock.monotonicMs() + deadlineMs;
    // The request under way has half of the time to be taken; what its flush has not come to is for this one.
    this.#delivery.hurry(clock.monotonicMs() + deadlineMs / 2);
    const flushed = (this.#lastWaits ??= this.#enqueue(() => {
      this.#lastWaits = null;
      return this.#flush(endMs, true);
    }));
    return new Promise((resolve) => {
      const cancel = clock.after(deadlineMs, resolve);
      void flushed.then(() => {
        cancel();
        resolve();
      });
    });
  }

  update(args: A): void {
    const plan = this.#planOf(args);
    const before = this.#store.plan;
    if (identityOf(plan) === identityOf(before)) this.#store.adopt(plan);
    else {
      this.#store = new SeriesStore(plan, this.#ctx.clock.now(), this.#count);
      this.#delivery.hurry(this.#ctx.clock.monotonicMs());
    }
    this.#tellSize();
    if (plan.flushIntervalMs !== before.flushIntervalMs) this.#startFlushTimer();
    if (plan.expiryIntervalMs !== before.expiryIntervalMs) this.#startExpiryTimer();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelFlush?.();
    this.#cancelExpiry?.();
    this.#delivery.stop();
  }

  #enqueue(run: () => Promise<void>): Promise<void> {
    this.#busy = this.#busy
      .then(() => (this.#stopped ? undefined : run()))
      // A bug. What is next may still work, and traces have nothing to do with it.
      .catch((thrown: unknown) => this.#ctx.log.error('derived metrics failed', { err: errorText(thrown) }));
    return this.#busy;
  }

  #askForFlush(): void {
    if (this.#flushWaits) return;
    this.#flushWaits = true;
    void this.#enqueue(() => {
      this.#flushWaits = false;
      const { flushIntervalMs } = this.#store.plan;
      const nowMs = this.#ctx.clock.monotonicMs();
      return this.#flush(flushIntervalMs === 0 ? nowMs + RETRY_MS : Math.max(nowMs, this.#nextFlushMs), false);
    });
  }

  /** Harvests, hands on what there is, removes what is over. `endMs`: monotonic; refused requests are given up then. */
  async #flush(endMs: number, last: boolean): Promise<void> {
    const { clock, harvest, entry, requestBytes } = this.#ctx;
    const startMs = clock.monotonicMs();
    await harvest();
    if (this.#stopped) return;
    const store = this.#store;
    const flushMs = clock.now();
    this.#delivery.untilMs = endMs;
    this.#count.longestTurn.set(0);
    const isWanted = entry.has(METRICS);
    const walk = flushWalk(store, flushMs, last, isWanted ? requestBytes : null);
    const isWhole = await this.#sendAll(store, walk, isWanted);
    if (this.#isOver(store)) return;
    await this.#inTurns(store, settleFlush(store, flushMs));
    this.#count.flushes[isWhole ? 'complete' : 'cut'].add(1);
    this.#count.flushSeconds.observe((clock.monotonicMs() - startMs) / 1000);
    this.#tellSize();
  }

  /** Whether all of it came to be offered. */
  async #sendAll(store: SeriesStore, walk: Generator<Piece | null>, isWanted: boolean): Promise<boolean> {
    let pieces = 0;
    const isWhole = await this.#inTurns(store, walk, async (piece) => {
      pieces++;
      const goesOn = await this.#delivery.send(piece);
      return goesOn && this.#lastWaits === null;
    });
    if (isWanted && pieces === 0 && store.plan.emitsEmpty && !this.#isOver(store))
      await this.#delivery.send({ bytes: Buffer.alloc(0), points: 0 });
    return isWhole;
  }

  async #expire(): Promise<void> {
    // What workers have counted meanwhile is young.
    await this.#ctx.harvest();
    if (this.#stopped) return;
    const store = this.#store;
    await this.#inTurns(store, expire(store, this.#ctx.clock.now(), false));
    await this.#inTurns(store, compact(store));
    this.#tellSize();
  }

  /** Runs a generator, each step in a turn of its own; what it yields goes to `take`, which says whether to go on. Whether it came to its end. */
  async #inTurns<T>(
    store: SeriesStore,
    work: Generator<T | null>,
    take: (piece: T) => Promise<boolean> = GO_ON,
  ): Promise<boolean> {
    const { clock } = this.#ctx;
    const { longestTurn } = this.#count;
    for (;;) {
      await new Promise<void>((resolve) => this.#schedule(resolve));
      if (this.#isOver(store)) return false;
      const beganMs = clock.monotonicMs();
      const step = work.next();
      const seconds = (clock.monotonicMs() - beganMs) / 1000;
      if (seconds > longestTurn.value) longestTurn.set(seconds);
      if (step.done === true) return true;
      if (step.value !== null && !(await take(step.value))) return false;
    }
  }

  /** Stopped, or another store has taken its place. */
  #isOver(store: SeriesStore): boolean {
    return this.#stopped || store !== this.#store;
  }

  #harvestSoon(): void {
    if (this.#isHarvesting) {
      this.#harvestAgain = true;
      return;
    }
    this.#isHarvesting = true;
    void this.#ctx.harvest().then(() => {
      this.#isHarvesting = false;
      const again = this.#harvestAgain && !this.#stopped;
      this.#harvestAgain = false;
      if (again) this.#harvestSoon();
    });
  }

  /** Periods follow one another from now on, however long what happens at their ends takes. */
  #startFlushTimer(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    this.#nextFlushMs = this.#ctx.clock.monotonicMs();
    if (this.#store.plan.flushIntervalMs > 0) this.#nextFlush();
  }

  #nextFlush(): void {
    const { clock } = this.#ctx;
    this.#nextFlushMs = nextPeriod(this.#nextFlushMs, this.#store.plan.flushIntervalMs, clock.monotonicMs());
    this.#cancelFlush = clock.after(this.#nextFlushMs - clock.monotonicMs(), () => {
      this.#nextFlush();
      this.#askForFlush();
    });
  }

  #startExpiryTimer(): void {
    this.#cancelExpiry?.();
    this.#cancelExpiry = null;
    this.#nextExpiryMs = this.#ctx.clock.monotonicMs();
    if (this.#store.plan.expiryIntervalMs > 0) this.#nextExpiry();
  }

  #nextExpiry(): void {
    const { clock } = this.#ctx;
    this.#nextExpiryMs = nextPeriod(this.#nextExpiryMs, this.#store.plan.expiryIntervalMs, clock.monotonicMs());
    this.#cancelExpiry = clock.after(this.#nextExpiryMs - clock.monotonicMs(), () => {
      this.#nextExpiry();
      if (this.#expiryWaits) return;
      this.#expiryWaits = true;
      void this.#enqueue(() => {
        this.#expiryWaits = false;
        return this.#expire();
      });
    });
  }

  #tellSize(): void {
    this.#count.series.set(this.#store.rows);
    this.#count.resources.set(this.#store.resourceCount);
    this.#count.bytes.set(this.#store.bytes);
  }
}

/** End of the first whole period after `nowMs`, of those that follow `beforeMs`. */
function nextPeriod(beforeMs: number, periodMs: number, nowMs: number): number {
  const over = Math.max(0, Math.floor((nowMs - beforeMs) / periodMs));
  return beforeMs + (over + 1) * periodMs;
}
