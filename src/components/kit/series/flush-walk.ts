/**
 * A flush: goes through all resources, groups, instruments and rows, in that order, and writes their points into
 * ExportMetricsServiceRequests of bounded size. One resource entry per resource and request, in it one scope, in it the metrics in
 * the order of the plan; a metric that is cut goes on first thing in the next request.
 *
 * Everything about a row that a flush changes is changed when its point is written, so that what is merged between two turns is
 * neither lost nor told twice: delta values begin anew, exemplars are marked as exported. Main thread.
 */
import { ENTRY, METRIC, METRIC_DATA, REQUEST, SCOPE, SCOPE_ENTRY } from '#codec/otlp/fields.ts';
import { Writer } from '#codec/protobuf/writer.ts';
import type { StoredInstrument } from './stored-layout.ts';
import type { Instrument, SeriesPlan } from './plan.ts';
import { PointWriter } from './point-writer.ts';
import type { Resource } from './resource.ts';
import { RowCursor } from './row-list.ts';
import type { SeriesStore } from './store.ts';
import type { StoredRows } from './stored-rows.ts';

const REQUEST_BYTES = 1024 * 1024;
const REQUEST_POINTS = 5000;
/** Work of one turn: a row counts 1, buckets of exponential histograms more. */
export const WORK_PER_TURN = 1000;
const BUCKETS_PER_WORK = 32;

const DELTA = 1;
const CUMULATIVE = 2;

/** One request. */
export interface Piece {
  /** Valid until the walk goes on. */
  readonly bytes: Buffer;
  readonly points: number;
}

/**
 * All points as of `flushMs`. Null between two pieces: a turn's work is done. `last`: nothing may follow, so new sums show what
 * they have counted. Whoever stops early leaves the rest for the next flush, which begins with the resource where this one stopped.
 * `requestBytes`: a request ends with the point that reaches it. null: there is nobody to tell; all is as if it had been told (deltas
 * begin anew), and nothing is written.
 */
export function* flushWalk(
  store: SeriesStore,
  flushMs: number,
  last: boolean,
  requestBytes: number | null = REQUEST_BYTES,
): Generator<Piece | null> {
  store.flush++;
  const { serial } = store;
  const isDelta = store.plan.temporality === 'delta';
  const out = requestBytes === null ? null : new RequestWriter(store.plan, Math.min(requestBytes, REQUEST_BYTES));
  const resources = displace(store, inTurn(store));
  let work = 0;
  for (const resource of resources) {
    store.resumeAt = resource.serial;
    for (const [group, rows] of store.groups.entries()) {
      for (const layout of rows.layout.instruments) {
        const cursor = new RowCursor(resource.lists[group], serial);
        for (let row = cursor.next(); row >= 0; row = cursor.next()) {
          if ((rows.counted(row) & layout.bit) !== 0) {
            out?.point(store, resource, rows, row, layout, flushMs, last || resource.leaving);
            told(rows, row, layout, isDelta);
            work += weight(rows, row, layout);
            if (out?.isFull === true) {
              work = 0;
              yield out.take();
              out.begin();
              continue;
            }
          }
          if (++work < WORK_PER_TURN) continue;
          work = 0;
          yield null;
        }
        out?.endMetric();
      }
    }
    out?.endResource();
    resource.flush = store.flush;
    // Resources without rows are work too.
    if (++work >= WORK_PER_TURN) {
      work = 0;
      yield null;
    }
  }
  store.resumeAt = 0;
  if (out !== null && out.points > 0) yield out.take();
}

/** All resources, beginning with the one where the last flush has stopped before its end. */
function inTurn(store: SeriesStore): Resource[] {
  const all = [...store.resources()];
  const first = all.findIndex(({ serial }) => serial >= store.resumeAt);
  return first <= 0 ? all : [...all.slice(first), ...all.slice(0, first)];
}

/** Past the size of the cache, those that were used least recently are exported once more (semantics 13.5). Delta keeps none anyway. */
function displace(store: SeriesStore, resources: Resource[]): Resource[] {
  const { resourceCacheSize, temporality } = store.plan;
  const excess = resources.length - resourceCacheSize;
  if (resourceCacheSize === 0 || excess <= 0 || temporality === 'delta') return resources;
  const times = Float64Array.from(resources, ({ lastMs }) => lastMs).sort();
  const untilMs = times[excess - 1];
  // Of those last used at the same time the older ones go.
  let ties = excess - lowerBound(times, untilMs);
  for (const resource of resources) {
    resource.leaving = resource.lastMs < untilMs || (resource.lastMs === untilMs && ties > 0);
    if (resource.lastMs === untilMs) ties--;
  }
  return resources;
}

function lowerBound(sorted: Float64Array, value: number): number {
  let at = 0;
  while (sorted[at] < value) at++;
  return at;
}

function weight(rows: StoredRows, row: number, { instrument, at }: StoredInstrument): number {
  return instrument.kind === 'exponential' ? rows.numbers(row)[rows.number(row) + at + 7] / BUCKETS_PER_WORK : 0;
}

class RequestWriter {
  readonly #out = new Writer(64 * 1024);
  readonly #write = new PointWriter(this.#out);
  readonly #scopeName: string;
  readonly #isDelta: boolean;
  readonly #bytes: number;
  points = 0;
  /** Marks of what is open; -1 = it is not. */
  #entry = -1;
  #scope = -1;
  #metric = -1;
  #data = -1;
  #layout: StoredInstrument | null = null;

  constructor({ scopeName, temporality }: SeriesPlan, bytes: number) {
    this.#bytes = bytes;
    this.#scopeName = scopeName;
    this.#isDelta = temporality === 'delta';
  }

  get isFull(): boolean {
    return this.points >= REQUEST_POINTS || this.#out.length >= this.#bytes;
  }

  /** What {@link take} gave was handed on. */
  begin(): void {
    this.#out.reset();
    this.points = 0;
  }

  point(
    store: SeriesStore,
    resource: Resource,
    rows: StoredRows,
    row: number,
    layout: StoredInstrument,
    flushMs: number,
    isLast: boolean,
  ): void {
    if (this.#entry < 0) this.#beginResource(resource);
    if (this.#metric < 0) this.#beginMetric(layout);
    const startMs = store.plan.startsWith === 'connector' && !this.#isDelta ? store.madeMs : rows.startMs(row);
    const isNew = (rows.shown(row) & layout.bit) === 0;
    const zero = isNew && !isLast && !this.#isDelta && layout.instrument.startsAtZero === true;
    this.#write.write(rows, row, layout, startMs, flushMs, zero);
    this.points++;
  }

  /** The request so far; what was open goes on in the next one. */
  take(): Piece {
    this.endMetric();
    this.endResource();
    return { bytes: this.#out.written(), points: this.points };
  }

  endMetric(): void {
    if (this.#metric < 0) return;
    const { kind, monotonic } = (this.#layout as StoredInstrument).instrument;
    if (kind !== 'gauge') this.#out.uint32(METRIC_DATA.aggregationTemporality, this.#isDelta ? DELTA : CUMULATIVE);
    if (kind === 'sum' && monotonic !== false) this.#out.bool(METRIC_DATA.isMonotonic, true);
    this.#out.end(this.#data);
    this.#out.end(this.#metric);
    this.#metric = -1;
  }

  endResource(): void {
    if (this.#entry < 0) return;
    this.#out.end(this.#scope);
    this.#out.end(this.#entry);
    this.#entry = -1;
  }

  #beginResource({ attributes }: Resource): void {
    const out = this.#out;
    this.#entry = out.begin(REQUEST.entries);
    out.bytes(ENTRY.resource, attributes);
    this.#scope = out.begin(ENTRY.scopes);
    const scope = out.begin(SCOPE_ENTRY.scope);
    if (this.#scopeName !== '') out.string(SCOPE.name, this.#scopeName);
    out.end(scope);
  }

  #beginMetric(layout: StoredInstrument): void {
    const out = this.#out;
    const { name, description, unit, kind } = layout.instrument;
    this.#layout = layout;
    this.#metric = out.begin(SCOPE_ENTRY.items);
    out.string(METRIC.name, name);
    if (description !== '') out.string(METRIC.description, description);
    if (unit !== '') out.string(METRIC.unit, unit);
    this.#data = out.begin(DATA_FIELD[kind]);
  }
}

const DATA_FIELD: Readonly<Record<Instrument['kind'], number>> = {
  sum: METRIC.sum,
  gauge: METRIC.gauge,
  histogram: METRIC.histogram,
  exponential: METRIC.exponentialHistogram,
};

/** What a flush changes about a row whose point it has written. */
function told(rows: StoredRows, row: number, layout: StoredInstrument, isDelta: boolean): void {
  rows.setShown(row, rows.shown(row) | layout.bit);
  if (isDelta) rows.setCounted(row, rows.counted(row) & ~layout.bit);
  const block = layout.exemplars < 0 ? 0 : rows.block(row, layout.exemplars);
  if (block !== 0) rows.arena.words(block)[rows.arena.start(block) * 2 + 1] = 1;
}
