/**
 * The series of one connector, merged from what all workers have counted: resources, in each of them rows by group, in each row
 * the values of the group's instruments since its start (delta: since the last flush). Main thread; every call takes the time of
 * one parcel at most. What takes longer is in generators that pause (`flush-walk.ts`, `expiry.ts`), which bear merges meanwhile.
 *
 * Bounds: `Group.limit` rows of a resource, else {@link MAX_ROWS} and {@link MAX_BYTES} of all; past them counts go to the overflow row
 * of their resource (semantics 13.6). {@link MAX_RESOURCES} resources; further ones count as one, the overflow resource.
 */
import { createHash } from 'node:crypto';
import { AttributeWriter } from './attributes.ts';
import { addExponential } from './exponential-merge.ts';
import { storedLayout, type StoredLayout, type StoredInstrument } from './stored-layout.ts';
import type { StoreMetrics } from './own-metrics.ts';
import { ParcelReader } from './parcel-reader.ts';
import { BUCKETS, COUNT, EXEMPLAR_BYTES, EXPONENTIAL_HEAD, MAX, MIN, SUM } from './parcel.ts';
import { fingerprint, MAX_ROWS, type SeriesPlan } from './plan.ts';
import { Resource } from './resource.ts';
import { EXEMPLAR_ENTRY, EXEMPLARS_HEAD, StoredRows } from './stored-rows.ts';
import { TimestampCache } from './timestamp-cache.ts';

/** {@link SeriesStore.bytes} from which on nothing new is kept. */
export const MAX_BYTES = 512 * 1024 * 1024;
export const MAX_RESOURCES = 100_000;
/** What is kept of a resource besides its key and attributes; and for each group of metrics. */
const RESOURCE_BYTES = 512;
const LIST_BYTES = 400;

/** Longer names of rows ({@link TimestampCache}) are hashed. */
const MAX_NAME_CHARS = 128;

/** Attributes of an overflow row. */
const OVERFLOW = overflowAttributes();
/** Of the resource that stands for all past the bound: no other one has this key, nor can a worker's be taken for another's. */
const OVERFLOW_KEY = '\u00ff';
const OVERFLOW_RESOURCE = Buffer.concat([Buffer.from([0x0a]), OVERFLOW]);
const NO_KEY = Buffer.alloc(0);

export class SeriesStore {
  /** What decides how long things are kept may change ({@link SeriesStore.adopt}). */
  plan: SeriesPlan;
  readonly layouts: readonly StoredLayout[];
  /** By group. */
  readonly groups: readonly StoredRows[];
  readonly timestamps: TimestampCache;
  /** Start of points that do not start with their series, ms since the epoch. */
  readonly madeMs: number;
  /** Number of the present flush; the last one, between two. */
  flush = 0;
  /** Serial number of the resource that the next flush begins with. */
  resumeAt = 0;
  /** Rows and resources get ascending numbers: those that came after a walk has begun are not for it. */
  serial = 0;

  /** Resources that have been shown, by {@link Resource.target}. */
  readonly targets = new Map<string, Resource>();

  readonly #count: StoreMetrics;
  readonly #reader: ParcelReader;
  readonly #print: number;
  readonly #resources = new Map<string, Resource>();
  readonly #byId: (Resource | null)[] = [];
  readonly #freeIds: number[] = [];
  #resourceBytes = 0;

  constructor(plan: SeriesPlan, nowMs: number, count: StoreMetrics) {
    this.plan = plan;
    this.madeMs = nowMs;
    this.#count = count;
    this.layouts = plan.groups.map(storedLayout);
    this.groups = this.layouts.map((layout, group) => new StoredRows(layout, group, this.#byId));
    this.timestamps = new TimestampCache(plan.timestampCacheSize);
    this.#reader = new ParcelReader(this.layouts);
    this.#print = fingerprint(plan);
  }

  /** A plan of the same identity (`identityOf`). */
  adopt(plan: SeriesPlan): void {
    this.plan = plan;
    this.timestamps.limit = plan.timestampCacheSize;
  }

  get rows(): number {
    return this.groups.reduce((sum, { live }) => sum + live, 0);
  }
  get resourceCount(): number {
    return this.#resources.size;
  }
  /** Memory of all series. */
  get bytes(): number {
    return this.groups.reduce((sum, { bytes }) => sum + bytes, this.#resourceBytes);
  }
  /** In the order in which they came. Not a copy: it bears changes while it is walked along. */
  resources(): Iterable<Resource> {
    return this.#resources.values();
  }

  /** Adds what a worker has counted; a parcel of other arguments, or one that is no parcel, is counted as lost. */
  merge(parcel: Uint8Array<ArrayBuffer>): void {
    const reader = this.#reader;
    if (!reader.open(parcel, this.#print)) {
      this.#count.lostParcels.add(1);
      return;
    }
    const named = new Map<number, Resource>();
    while (reader.next()) {
      if (reader.isResource) named.set(reader.resource, this.#touch());
      // `open` has seen that each is named.
      else if (reader.counted !== 0) this.#mergeRow(named.get(reader.resource) as Resource);
    }
  }

  /** Takes a resource out. Its rows are still to be removed, then {@link release} ends it. */
  detach(resource: Resource): void {
    // Another one may have its key by now.
    if (this.#resources.get(resource.key) === resource) this.#resources.delete(resource.key);
    if (resource.target !== null && this.targets.get(resource.target) === resource)
      this.targets.delete(resource.target);
  }
  /** A resource that was detached, and has no rows. */
  release(resource: Resource): void {
    this.#byId[resource.id] = null;
    this.#freeIds.push(resource.id);
    this.#resourceBytes -= sizeOf(resource);
  }

  /** What {@link TimestampCache} calls a row. */
  seriesName(rows: StoredRows, row: number): string {
    const { arena } = rows;
    const block = rows.keyBlock(row);
    const at = arena.start(block);
    const key = arena.bytes(block).toString('latin1', at * 8 + 8, at * 8 + 8 + arena.words(block)[at * 2]);
    return nameOf(this.groups.indexOf(rows), rows.resource(row), key);
  }

  /** The resource of the present record, made if new. */
  #touch(): Resource {
    const { bytes, keyStart, keyEnd, attributesEnd, lastMs } = this.#reader;
    const key = bytes.toString('latin1', keyStart, keyEnd);
    let resource = this.#resources.get(key);
    if (resource === undefined) {
      const length = attributesEnd - keyEnd;
      if (this.#resources.size < MAX_RESOURCES && this.bytes + length <= MAX_BYTES) {
        const attributes = Buffer.allocUnsafeSlow(length);
        bytes.copy(attributes, 0, keyEnd, attributesEnd);
        resource = this.#make(key, attributes);
      } else resource = this.#resources.get(OVERFLOW_KEY) ?? this.#make(OVERFLOW_KEY, OVERFLOW_RESOURCE);
    }
    resource.lastMs = Math.max(resource.lastMs, lastMs);
    resource.leaving = false;
    return resource;
  }

  #make(key: string, attributes: Buffer): Resource {
    const id = this.#freeIds.pop() ?? this.#byId.push(null) - 1;
    const resource = new Resource(id, key, attributes, ++this.serial, this.groups.length);
    this.#byId[id] = resource;
    this.#resources.set(key, resource);
    this.#resourceBytes += sizeOf(resource);
    return resource;
  }

  #mergeRow(resource: Resource): void {
    const { group, firstMs, lastMs } = this.#reader;
    const rows = this.groups[group];
    const row = this.#rowOf(rows, resource);
    // Workers are harvested one after the other: the series began with the first of them, unless it was told already.
    if (this.#startsWithSeries && rows.shown(row) === 0 && firstMs < rows.startMs(row)) rows.setStart(row, firstMs);
    this.#addValues(rows, row, lastMs >= rows.lastMs(row));
    if (lastMs > rows.lastMs(row)) rows.setLast(row, lastMs);
    if (this.#reader.exemplars > 0 && row !== resource.overflow[group]) this.#addExemplars(rows, row);
  }

  get #startsWithSeries(): boolean {
    return this.plan.temporality === 'cumulative' && this.plan.startsWith === 'series';
  }

  #rowOf(rows: StoredRows, resource: Resource): number {
    const { bytes, keyStart, keyEnd, attributesEnd, group } = this.#reader;
    if (keyEnd > keyStart) {
      const hash = rows.hash(resource, bytes, keyStart, keyEnd);
      const found = rows.find(resource, hash, bytes, keyStart, keyEnd);
      if (found >= 0) return found;
      if (this.#hasRoom(resource, group)) {
        const row = rows.add(resource, hash, ++this.serial, bytes, keyStart, keyEnd, bytes, keyEnd, attributesEnd);
        rows.setStart(row, this.#startOf(resource, bytes.toString('latin1', keyStart, keyEnd)));
        return row;
      }
      this.#count.overflowed.add(1);
    }
    if (resource.overflow[group] >= 0) return resource.overflow[group];
    const row = rows.add(resource, 0, ++this.serial, NO_KEY, 0, 0, OVERFLOW, 0, OVERFLOW.length);
    rows.setStart(row, this.#startOf(resource, ''));
    return row;
  }

  #hasRoom(resource: Resource, group: number): boolean {
    const { limit } = this.plan.groups[group];
    if (limit > 0 && resource.lists[group].live - (resource.overflow[group] >= 0 ? 1 : 0) >= limit) return false;
    return this.rows < MAX_ROWS && this.bytes < MAX_BYTES;
  }

  #startOf(resource: Resource, key: string): number {
    const { firstMs, group } = this.#reader;
    const { temporality, startsWith } = this.plan;
    const before = temporality === 'delta' ? this.timestamps.get(nameOf(group, resource, key)) : null;
    return before ?? (startsWith === 'series' ? firstMs : this.madeMs);
  }

  /** `newer`: nothing later has been merged. */
  #addValues(rows: StoredRows, row: number, newer: boolean): void {
    const { counted, numbers } = this.#reader;
    const had = rows.counted(row);
    let at = this.#reader.values;
    for (const layout of rows.layout.instruments) {
      const { kind } = layout.instrument;
      if ((counted & layout.bit) !== 0) {
        const isNew = (had & layout.bit) === 0;
        if (kind === 'exponential') addExponential(rows, row, layout, !isNew, numbers, at);
        else if (kind === 'histogram') addHistogram(rows, row, layout, isNew, numbers, at);
        else if (isNew || (kind === 'gauge' && newer)) rows.numbers(row)[rows.number(row) + layout.at] = numbers[at];
        else if (kind === 'sum') rows.numbers(row)[rows.number(row) + layout.at] += numbers[at];
      }
      at += kind === 'exponential' ? EXPONENTIAL_HEAD + numbers[at + BUCKETS] : layout.width;
    }
    rows.setCounted(row, had | counted);
  }

  /** The first ones since the last flush are kept. */
  #addExemplars(rows: StoredRows, row: number): void {
    const reader = this.#reader;
    const { instruments } = rows.layout;
    for (let i = 0; i < reader.exemplars; i++) {
      const { exemplars, instrument } = instruments[reader.exemplarInstrument(i)];
      const { exemplars: bound = 0 } = instrument;
      if (exemplars < 0) continue;
      let block = rows.block(row, exemplars);
      if (block === 0) {
        block = rows.allocate(row, exemplars, EXEMPLARS_HEAD + bound * EXEMPLAR_ENTRY);
        rows.arena.numbers(block)[rows.arena.start(block)] = 0;
      }
      const start = rows.arena.start(block);
      const words = rows.arena.words(block);
      // Those that were exported stay for whoever looks, until there are new ones.
      if (words[start * 2 + 1] !== 0) words[start * 2] = words[start * 2 + 1] = 0;
      const count = words[start * 2];
      if (count === bound) continue;
      const from = reader.exemplarsAt + i * EXEMPLAR_BYTES;
      reader.bytes.copy(
        rows.arena.bytes(block),
        start * 8 + EXEMPLARS_HEAD + count * EXEMPLAR_ENTRY,
        from,
        from + EXEMPLAR_ENTRY,
      );
      words[start * 2] = count + 1;
    }
  }
}

const sizeOf = ({ attributes, key, lists }: Resource): number =>
  RESOURCE_BYTES + LIST_BYTES * lists.length + attributes.length + key.length;

function overflowAttributes(): Buffer {
  const writer = new AttributeWriter();
  writer.bool('otel.metric.overflow', true);
  return Buffer.from(writer.buf.subarray(0, writer.length));
}

/** Of bounded length: keys hold attributes of senders, and many names are remembered. */
function nameOf(group: number, resource: Resource, key: string): string {
  const name = `${group} ${resource.key.length} ${resource.key}${key}`;
  return name.length <= MAX_NAME_CHARS ? name : createHash('sha256').update(name, 'latin1').digest('base64');
}

function addHistogram(
  rows: StoredRows,
  row: number,
  layout: StoredInstrument,
  isNew: boolean,
  from: Float64Array,
  at: number,
): void {
  const to = rows.numbers(row);
  const start = rows.number(row) + layout.at;
  if (isNew) {
    for (let i = 0; i < layout.width; i++) to[start + i] = from[at + i];
    return;
  }
  to[start + COUNT] += from[at + COUNT];
  to[start + SUM] += from[at + SUM];
  to[start + MIN] = Math.min(to[start + MIN], from[at + MIN]);
  to[start + MAX] = Math.max(to[start + MAX], from[at + MAX]);
  for (let i = MAX + 1; i < layout.width; i++) to[start + i] += from[at + i];
}
