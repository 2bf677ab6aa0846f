/**
 * Metrics of all threads. Each thread counts through a {@link ThreadMeter} into Float64 slots of SharedArrayBuffers that it
 * alone writes (aligned 8-byte stores, no atomics needed); main keeps the {@link Registry} of what each slot means and
 * sums the threads when somebody scrapes.
 */
import type { Counter, Gauge, Histogram, Labels, Merge, Meter, MetricInfo } from './meter.ts';

const CHUNK_SLOTS = 512;

export type Kind = 'counter' | 'gauge' | 'histogram';

/** What a thread tells main about one series. Structured-clone safe. */
export interface Declaration {
  readonly kind: Kind;
  readonly name: string;
  readonly help: string;
  readonly labels: Labels;
  readonly merge: Merge;
  readonly lasting: boolean;
  /** Histograms: upper bounds; the slots are one per bound, one for +Inf, one for the sum. */
  readonly bounds: readonly number[];
  readonly memory: SharedArrayBuffer;
  /** First slot of the series in `memory` seen as Float64Array. */
  readonly slot: number;
}

/** An instrument that goes on counting when its slots have been given to another. */
interface Detachable {
  detach(): void;
}

class SlotCounter implements Counter, Gauge, Detachable {
  #slots: Float64Array;
  #at: number;
  constructor(slots: Float64Array, at: number) {
    this.#slots = slots;
    this.#at = at;
  }
  get value(): number {
    return this.#slots[this.#at];
  }
  add(n: number): void {
    this.#slots[this.#at] += n;
  }
  set(value: number): void {
    this.#slots[this.#at] = value;
  }
  detach(): void {
    this.#slots = Float64Array.of(this.value);
    this.#at = 0;
  }
}

class SlotHistogram implements Histogram, Detachable {
  #slots: Float64Array;
  #at: number;
  readonly #bounds: readonly number[];
  constructor(slots: Float64Array, at: number, bounds: readonly number[]) {
    this.#slots = slots;
    this.#at = at;
    this.#bounds = bounds;
  }
  observe(value: number): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) bucket++;
    this.#slots[this.#at + bucket] += 1;
    this.#slots[this.#at + bounds.length + 1] += value;
  }
  detach(): void {
    this.#slots = new Float64Array(this.#bounds.length + 2);
    this.#at = 0;
  }
}

const seriesKey = (name: string, labels: Labels): string =>
  name +
  '\u0000' +
  Object.keys(labels)
    .sort()
    .map((k) => `${k}\u0001${labels[k]}`)
    .join('\u0000');

interface Slots {
  readonly memory: SharedArrayBuffer;
  readonly slots: Float64Array;
  readonly at: number;
}

interface Made extends Slots {
  readonly labels: Labels;
  readonly lasting: boolean;
  readonly width: number;
  readonly instrument: Detachable;
}

/** The meter of one thread. Declaring a series twice gives the same slots, so counters outlive a re-made component. */
export class ThreadMeter implements Meter {
  readonly #declare: (declaration: Declaration) => void;
  readonly #forgotten: (labels: Labels) => void;
  readonly #labels: Labels;
  readonly #shared: {
    memory: SharedArrayBuffer;
    slots: Float64Array;
    used: number;
    readonly series: Map<string, Made>;
    /** Slots of forgotten series, by width. */
    readonly free: Map<number, Slots[]>;
  };

  /** `forgotten` is told of each {@link forget}; both lead to the {@link Registry}. */
  constructor(
    declare: (declaration: Declaration) => void,
    forgotten: (labels: Labels) => void = () => {},
    parent?: { meter: ThreadMeter; labels: Labels },
  ) {
    this.#declare = declare;
    this.#forgotten = forgotten;
    this.#labels = parent?.labels ?? {};
    this.#shared =
      parent === undefined ? { ...newChunk(CHUNK_SLOTS), series: new Map(), free: new Map() } : parent.meter.#shared;
  }

  with(labels: Labels): Meter {
    return new ThreadMeter(this.#declare, this.#forgotten, { meter: this, labels: { ...this.#labels, ...labels } });
  }

  counter(info: MetricInfo & { readonly lasting?: boolean }, labels: Labels = {}): Counter {
    return this.#series('counter', info, labels, 'sum', [], (slots, at) => new SlotCounter(slots, at));
  }

  gauge(info: MetricInfo & { readonly merge?: Merge }, labels: Labels = {}): Gauge {
    return this.#series('gauge', info, labels, info.merge ?? 'sum', [], (slots, at) => new SlotCounter(slots, at));
  }

  histogram(info: MetricInfo & { readonly bounds: readonly number[] }, labels: Labels = {}): Histogram {
    return this.#series(
      'histogram',
      info,
      labels,
      'sum',
      info.bounds,
      (slots, at) => new SlotHistogram(slots, at, info.bounds),
    );
  }

  /** Whoever counted under these labels is gone: its series vanish, but for those that last and have counted something. */
  forget(labels: Labels): void {
    const { series, free } = this.#shared;
    for (const [key, made] of series) {
      if (!has(made.labels, labels) || lasts(made.lasting, made.slots[made.at])) continue;
      series.delete(key);
      // An answer may come after its component's end.
      made.instrument.detach();
      // Main looks at the value of one that lasts when it gets the message: that must not be another's by then.
      if (made.lasting) continue;
      const { memory, slots, at, width } = made;
      const sameWidth = free.get(width);
      if (sameWidth === undefined) free.set(width, [{ memory, slots, at }]);
      else sameWidth.push({ memory, slots, at });
    }
    this.#forgotten(labels);
  }

  #series<T extends Detachable>(
    kind: Kind,
    info: MetricInfo & { readonly lasting?: boolean },
    own: Labels,
    merge: Merge,
    bounds: readonly number[],
    make: (slots: Float64Array, at: number) => T,
  ): T {
    const labels = { ...this.#labels, ...own };
    const key = seriesKey(info.name, labels);
    const known = this.#shared.series.get(key);
    if (known !== undefined) return known.instrument as unknown as T;
    const width = kind === 'histogram' ? bounds.length + 2 : 1;
    const { memory, slots, at } = this.#slots(width);
    const instrument = make(slots, at);
    const { name, help, lasting = false } = info;
    this.#shared.series.set(key, { memory, slots, at, labels, lasting, width, instrument });
    this.#declare({ kind, name, help, labels, merge, lasting, bounds, memory, slot: at });
    return instrument;
  }

  /** Zeroes. */
  #slots(width: number): Slots {
    const shared = this.#shared;
    const used = shared.free.get(width)?.pop();
    if (used !== undefined) {
      used.slots.fill(0, used.at, used.at + width);
      return used;
    }
    if (shared.used + width > shared.slots.length) Object.assign(shared, newChunk(Math.max(CHUNK_SLOTS, width)));
    const at = shared.used;
    shared.used += width;
    return { memory: shared.memory, slots: shared.slots, at };
  }
}

const has = (all: Labels, some: Labels): boolean => Object.entries(some).every(([name, value]) => all[name] === value);

/** What was lost has to be told also when its component is gone. */
const lasts = (lasting: boolean, value: number): boolean => lasting && value > 0;

function newChunk(slots: number): { memory: SharedArrayBuffer; slots: Float64Array; used: number } {
  const memory = new SharedArrayBuffer(slots * 8);
  return { memory, slots: new Float64Array(memory), used: 0 };
}

export interface Series {
  readonly labels: Labels;
  /** Counters and gauges. */
  readonly value: number;
  /** Histograms: cumulative counts by upper bound, the last one +Inf. */
  readonly buckets?: readonly { readonly le: number; readonly count: number }[];
  readonly sum?: number;
  readonly count?: number;
}

export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly kind: Kind;
  readonly series: readonly Series[];
}

interface Merged {
  readonly declaration: Declaration;
  /** Value, or bucket counts and sum as they lie in the slots. */
  readonly values: Float64Array;
}

/** All series of all threads. Main only. */
export class Registry {
  readonly #threads = new Map<string, Declaration[]>();
  /** Counters and histograms of threads that ended, so that totals never go down. */
  readonly #retired = new Map<string, Merged>();
  readonly #beforeCollect: (() => void)[] = [];
  readonly #main = new ThreadMeter(
    (d) => this.declare('main', d),
    (labels) => this.forget('main', labels),
  );

  /** Main's own meter. */
  meter(): ThreadMeter {
    return this.#main;
  }

  /** Runs before each {@link collect}: the place to set gauges that are read on demand. */
  onCollect(run: () => void): void {
    this.#beforeCollect.push(run);
  }

  declare(thread: string, declaration: Declaration): void {
    const of = this.#threads.get(thread);
    if (of === undefined) this.#threads.set(thread, [declaration]);
    else of.push(declaration);
  }

  /** Forgets a thread that ended: its counters are kept in the totals, its gauges vanish. */
  retire(thread: string): void {
    for (const d of this.#threads.get(thread) ?? []) if (d.kind !== 'gauge') mergeInto(this.#retired, d);
    this.#threads.delete(thread);
  }

  /**
   * {@link ThreadMeter.forget} in one thread. What it counted stays in the totals until no thread has series with these labels any
   * more; then all of it vanishes, but for what lasts.
   */
  forget(thread: string, labels: Labels): void {
    const kept: Declaration[] = [];
    for (const d of this.#threads.get(thread) ?? []) {
      if (!has(d.labels, labels) || lasts(d.lasting, valueOf(d))) kept.push(d);
      else if (d.kind !== 'gauge') mergeInto(this.#retired, d);
    }
    if (kept.length > 0) this.#threads.set(thread, kept);
    else this.#threads.delete(thread);
    for (const others of this.#threads.values())
      if (others.some((d) => has(d.labels, labels) && !lasts(d.lasting, valueOf(d)))) return;
    for (const [key, { declaration: d, values }] of this.#retired)
      if (has(d.labels, labels) && !lasts(d.lasting, values[0])) this.#retired.delete(key);
  }

  /** Sum of one thread's series of a name, e.g. of the items that a dying worker held. */
  sum(thread: string, name: string): number {
    let total = 0;
    for (const d of this.#threads.get(thread) ?? []) if (d.name === name) total += valueOf(d);
    return total;
  }

  /** Sum of the series of a name over all threads that run. */
  total(name: string): number {
    let total = 0;
    for (const thread of this.#threads.keys()) total += this.sum(thread, name);
    return total;
  }

  /** Every family, sorted by name; series of all threads merged. */
  collect(): MetricFamily[] {
    for (const run of this.#beforeCollect) run();
    const merged = new Map<string, Merged>();
    for (const [key, m] of this.#retired) merged.set(key, { declaration: m.declaration, values: m.values.slice() });
    for (const declarations of this.#threads.values()) for (const d of declarations) mergeInto(merged, d);
    const families = new Map<string, { name: string; help: string; kind: Kind; series: Series[] }>();
    for (const { declaration: d, values } of merged.values()) {
      let family = families.get(d.name);
      if (family === undefined)
        families.set(d.name, (family = { name: d.name, help: d.help, kind: d.kind, series: [] }));
      family.series.push(d.kind === 'histogram' ? histogramSeries(d, values) : { labels: d.labels, value: values[0] });
    }
    return [...families.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** Of a counter or a gauge. */
const valueOf = (d: Declaration): number => new Float64Array(d.memory)[d.slot];

function mergeInto(into: Map<string, Merged>, d: Declaration): void {
  const key = seriesKey(d.name, d.labels);
  const width = d.kind === 'histogram' ? d.bounds.length + 2 : 1;
  const slots = new Float64Array(d.memory, d.slot * 8, width);
  const merged = into.get(key);
  if (merged === undefined) {
    into.set(key, { declaration: d, values: Float64Array.from(slots) });
    return;
  }
  for (let i = 0; i < width; i++) {
    const a = merged.values[i];
    const b = slots[i];
    merged.values[i] = d.merge === 'max' ? Math.max(a, b) : a + b;
  }
}

function histogramSeries(d: Declaration, values: Float64Array): Series {
  const buckets: { le: number; count: number }[] = [];
  let count = 0;
  for (let i = 0; i <= d.bounds.length; i++) {
    count += values[i];
    buckets.push({ le: d.bounds[i] ?? Infinity, count });
  }
  return { labels: d.labels, value: 0, buckets, sum: values[d.bounds.length + 1], count };
}
