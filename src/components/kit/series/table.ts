/**
 * Counts the series of a connector in one worker, between two harvests: a write-combining buffer in front of the merge part, which
 * owns the series. Rows are found by bytes and counted by number; counting allocates nothing.
 *
 *     table.begin(clock.now());
 *     let row = table.find(group, resource, key, 0, keyEnd);
 *     if (row < 0) row = table.make(group, resource, key, 0, keyEnd, attributes.buf, 0, attributes.length);
 *     table.observe(group, row, DURATION, ms, 1);
 *
 * Bounded: past {@link WORKER_ROWS} rows or {@link WORKER_BYTES} of keys and attributes a new combination counts into the overflow
 * row of its resource, which has no key and no attributes here; past {@link WORKER_RESOURCES} a new resource is the overflow
 * resource, whose one attribute is `otel.metric.overflow`. At half of a bound it asks for a harvest. The limits of a plan's groups
 * are the merge part's business. Worker threads; no clock, no timers.
 */
import { RESOURCE } from '#codec/otlp/fields.ts';
import { LENGTH } from '#codec/protobuf/limits.ts';
import type { Counter } from '#shared/meter.ts';
import type { WorkerContext } from '../component.ts';
import { AttributeWriter } from './attributes.ts';
import { Counted, NOTHING_EXPECTED } from './counted.ts';
import { newExponential, observeExponential } from './exponential.ts';
import { HISTOGRAM_HEAD } from './parcel.ts';
import { ParcelWriter } from './parcel-writer.ts';
import { fingerprint, identityOf, WORKER_ROWS, type SeriesPlan } from './plan.ts';
import { EXPONENTIAL, GAUGE, GroupLayout, HISTOGRAM } from './rows.ts';

/** Keys and attributes of all rows and resources of one worker, between two harvests. */
export const WORKER_BYTES = 32 << 20;
export const WORKER_RESOURCES = 16_384;
/** Exemplars of one worker, between two harvests; further ones are not kept. */
export const WORKER_EXEMPLARS = 131_072;

/** The attribute of what stands for everything past a bound. */
export const OVERFLOW_ATTRIBUTE = 'otel.metric.overflow';
const NO_BYTES = Buffer.alloc(0);
/** A byte that is in no text: no other resource has this key. */
const OVERFLOW_KEY = Buffer.from([0xff]);
const OVERFLOW_RESOURCE = overflowResource();

export class SeriesTable {
  readonly #due: () => void;
  readonly #overflows: Counter;
  readonly #lost: Counter;
  #identity: string;
  #print: number;
  #layouts: readonly GroupLayout[];
  #counted: Counted;
  /** Being harvested: `done` when there is no further parcel and the caller has not been told. */
  #sealed: ParcelWriter | null = null;
  #asked = false;
  #epoch = 0;
  #nowMs = 0;

  /** Counts itself what finds no room and what an update gives up, so that no connector forgets to. */
  constructor(plan: SeriesPlan, { harvestDue, meter }: Pick<WorkerContext, 'harvestDue' | 'meter'>) {
    this.#due = harvestDue;
    this.#overflows = meter.counter({
      name: 'millrace_connector_overflowed_series_total',
      help: 'New series that found no room in a worker before the next harvest, and count as overflow.',
    });
    this.#lost = meter.counter({
      name: 'millrace_connector_lost_observations_total',
      help: 'Observations that were given up because a reload changed what is counted.',
      lasting: true,
    });
    this.#identity = identityOf(plan);
    this.#print = fingerprint(plan);
    this.#layouts = plan.groups.map((group) => new GroupLayout(group));
    this.#counted = new Counted(this.#layouts, NOTHING_EXPECTED);
  }

  /** Goes up whenever row and resource numbers given out before mean nothing any more (harvest, update). */
  get epoch(): number {
    return this.#epoch;
  }

  /** Wall clock of the batch whose observations follow, ms since the epoch. Once per batch, first. */
  begin(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  /**
   * The number of the resource with this key, made if new. `attributes`: whole KeyValue fields as in a Resource message. Bytes are
   * copied.
   */
  resource(key: Buffer, keyStart: number, keyEnd: number, attributes: Buffer, start: number, end: number): number {
    const { resources } = this.#counted;
    const found = resources.find(0, key, keyStart, keyEnd);
    if (found >= 0) return found;
    const room = resources.length < WORKER_RESOURCES && this.#hasBytes(keyEnd - keyStart + end - start);
    if (room) {
      const made = resources.make(0, key, keyStart, keyEnd, attributes, start, end, this.#nowMs);
      this.#askEarly();
      return made;
    }
    this.#overflows.add(1);
    const overflow = resources.find(0, OVERFLOW_KEY, 0, OVERFLOW_KEY.length);
    if (overflow >= 0) return overflow;
    const all = OVERFLOW_RESOURCE;
    return resources.make(0, OVERFLOW_KEY, 0, OVERFLOW_KEY.length, all, 0, all.length, this.#nowMs);
  }

  /** The row of a group with this key, which is not empty; -1: `make` it. */
  find(group: number, resource: number, key: Buffer, keyStart: number, keyEnd: number): number {
    return this.#counted.groups[group].find(resource, key, keyStart, keyEnd);
  }

  /**
   * Makes a row for a key that `find` did not find; past a bound it is the overflow row of the resource. `attributes`: the KeyValue
   * messages with a varint length in front of each ({@link AttributeWriter}). Bytes are copied.
   */
  make(
    group: number,
    resource: number,
    key: Buffer,
    keyStart: number,
    keyEnd: number,
    attributes: Buffer,
    start: number,
    end: number,
  ): number {
    const counted = this.#counted;
    const rows = counted.groups[group];
    if (counted.rows < WORKER_ROWS && this.#hasBytes(keyEnd - keyStart + end - start)) {
      counted.rows++;
      const row = rows.make(resource, key, keyStart, keyEnd, attributes, start, end, this.#nowMs);
      this.#askEarly();
      return row;
    }
    this.#overflows.add(1);
    const overflow = rows.find(resource, NO_BYTES, 0, 0);
    return overflow >= 0 ? overflow : rows.make(resource, NO_BYTES, 0, 0, NO_BYTES, 0, 0, this.#nowMs);
  }

  /** Sum: adds. Gauge: sets. */
  add(group: number, row: number, instrument: number, value: number): void {
    const rows = this.#counted.groups[group];
    const { layout } = rows;
    const at = row * layout.stride + layout.offsets[instrument];
    if (layout.kinds[instrument] === GAUGE) rows.values[at] = value;
    else rows.values[at] += value;
    rows.counted[row] |= 1 << instrument;
    rows.hits[row]++;
    rows.lastMs[row] = this.#nowMs;
  }

  /** Histogram, exponential histogram: `count` times the same finite value. */
  observe(group: number, row: number, instrument: number, value: number, count: number): void {
    const rows = this.#counted.groups[group];
    const { layout } = rows;
    const kind = layout.kinds[instrument];
    if (kind === HISTOGRAM) {
      const { values } = rows;
      const at = row * layout.stride + layout.offsets[instrument];
      if (values[at] === 0) values[at + 2] = values[at + 3] = value;
      else if (value < values[at + 2]) values[at + 2] = value;
      else if (value > values[at + 3]) values[at + 3] = value;
      values[at] += count;
      values[at + 1] += value * count;
      values[at + HISTOGRAM_HEAD + layout.buckets[instrument].of(value)] += count;
    } else if (kind === EXPONENTIAL) {
      const own = rows.exponential[instrument];
      own[row] = observeExponential(own[row] ?? newExponential(), layout.maxSizes[instrument], value, count);
    }
    rows.counted[row] |= 1 << instrument;
    rows.hits[row]++;
    rows.lastMs[row] = this.#nowMs;
  }

  /**
   * An exemplar of what was counted at the same moment. Ids are 16 and 8 bytes in `buf`; `spanIdAt` -1: none. The first ones are
   * kept, as many as the instrument may have; overflow rows have none.
   */
  exemplar(
    group: number,
    row: number,
    instrument: number,
    value: number,
    buf: Buffer,
    traceIdAt: number,
    spanIdAt: number,
  ): void {
    const { groups, exemplars } = this.#counted;
    const rows = groups[group];
    const bit = 1 << instrument;
    if ((rows.full[row] & bit) !== 0) return;
    const most = rows.layout.exemplars[instrument];
    const newest = rows.exemplar[row];
    const have = exemplars.count(newest, instrument);
    if (have >= most || rows.keyLength[row] === 0 || exemplars.length >= WORKER_EXEMPLARS) {
      rows.full[row] |= bit;
      return;
    }
    rows.exemplar[row] = exemplars.add(newest, instrument, value, buf, traceIdAt, spanIdAt);
    if (have + 1 >= most) rows.full[row] |= bit;
    if (exemplars.length === WORKER_EXEMPLARS >> 1) this.#ask();
  }

  /**
   * The next parcel, in memory of its own; null = that was all. The first call of a round seals what there is: what is counted
   * meanwhile is for the next round.
   */
  harvest(): Uint8Array<ArrayBuffer> | null {
    if (this.#sealed === null) {
      if (this.#counted.rows === 0 && this.#counted.resources.length === 0) return null;
      this.#sealed = new ParcelWriter(this.#print, this.#counted);
      this.#renew();
    }
    const parcel = this.#sealed.next();
    if (parcel === null) this.#sealed = null;
    return parcel;
  }

  /**
   * Other arguments. Where they mean the same series everything stays. Else what was counted and not harvested is given up, and
   * counted as lost.
   */
  update(plan: SeriesPlan): void {
    const identity = identityOf(plan);
    if (identity === this.#identity) return;
    this.#identity = identity;
    this.#lost.add(this.#counted.observations + (this.#sealed?.observations ?? 0));
    this.#print = fingerprint(plan);
    this.#layouts = plan.groups.map((group) => new GroupLayout(group));
    this.#sealed = null;
    this.#renew();
  }

  #renew(): void {
    const expected = this.#counted.groups.length === this.#layouts.length ? this.#counted.expected() : NOTHING_EXPECTED;
    this.#counted = new Counted(this.#layouts, expected);
    this.#asked = false;
    this.#epoch++;
  }

  #hasBytes(bytes: number): boolean {
    return this.#counted.bytes.length + bytes <= WORKER_BYTES;
  }

  #askEarly(): void {
    const { rows, bytes, resources } = this.#counted;
    if (rows >= WORKER_ROWS >> 1 || bytes.length >= WORKER_BYTES >> 1 || resources.length >= WORKER_RESOURCES >> 1)
      this.#ask();
  }

  #ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    this.#due();
  }
}

/** The attributes of a Resource message: the tag, then what a row would have. */
function overflowResource(): Buffer {
  const attributes = new AttributeWriter();
  attributes.bool(OVERFLOW_ATTRIBUTE, true);
  const tag = Buffer.from([(RESOURCE.attributes << 3) | LENGTH]);
  return Buffer.concat([tag, attributes.buf.subarray(0, attributes.length)]);
}
