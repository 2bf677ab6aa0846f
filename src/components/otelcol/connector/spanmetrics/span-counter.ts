/**
 * Counts the spans of batches in a `SeriesTable` (semantics 13.4), from bytes, without making anything for a span.
 *
 * What decides about the series of a span is copied, as it came in, into one key:
 *
 *     u32      number of the resource: one for each sequence of bytes that a resource was
 *     scope    where scopes are shown: its name and version (each: u16 length, bytes), or ff ff
 *     u8       kind + 8 x status
 *     name     u16 length, bytes
 *     values   for each dimension with a name: u16 length, AnyValue; or ff ff
 *     globbed  for each attribute that a glob matches: name and value, each u16 length, bytes
 *
 * An alias table leads from there to the rows of all metrics. What it does not know goes through `SeriesMaker`, which finds the series
 * that the bytes mean. Attributes of resources need no place in the key: the number of the resource stands for them. For an event,
 * which is counted like a span, the values are those of span and event together.
 */
import { countBelow } from '#codec/otlp/count.ts';
import { ENTRY, REQUEST, SCOPE, SCOPE_ENTRY, SPAN, SPAN_EVENT } from '#codec/otlp/fields.ts';
import { copyBytes } from '#codec/protobuf/copy.ts';
import { LENGTH } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import { readLength, readTag, skipUnknown, varint } from '#codec/protobuf/walk.ts';
import { AliasTable, MAX_RAW_KEY_BYTES, RawKey } from '#components/kit/series/alias.ts';
import { WORKER_ROWS } from '#components/kit/series/plan.ts';
import type { SeriesTable } from '#components/kit/series/table.ts';
import { TRACES } from '#shared/signal.ts';
import { createHash } from 'node:crypto';
import { AttributeNames, AttributeSet } from './attribute-set.ts';
import { dimensionsOf, groupsOf } from './dimensions.ts';
import { CALLS, DURATION_ALONE, DURATION_BESIDE_CALLS, EVENTS, NS_PER_MS, NS_PER_S } from './plan.ts';
import { ResourceAttributes } from './resource.ts';
import { adjustedCount } from './sampling.ts';
import type { Args } from './schema.ts';
import { SeriesMaker, type Sighting } from './series-maker.ts';
import { checked, SpanFields } from './span-fields.ts';

const ENTRY_TAG = (REQUEST.entries << 3) | LENGTH;
const RESOURCE_TAG = (ENTRY.resource << 3) | LENGTH;
const SCOPES_TAG = (ENTRY.scopes << 3) | LENGTH;
const SCOPE_TAG = (SCOPE_ENTRY.scope << 3) | LENGTH;
const SPAN_TAG = (SCOPE_ENTRY.items << 3) | LENGTH;
const EVENT_TAG = (SPAN.events << 3) | LENGTH;
const EVENT_ATTRIBUTE_TAG = (SPAN_EVENT.attributes << 3) | LENGTH;

/** Level of a resource entry for `countBelow`. */
const RESOURCE_LEVEL = 1;
const ALIAS_BYTES = 16 << 20;
const RESOURCE_ALIASES = 16_384;
const RESOURCE_ALIAS_BYTES = 8 << 20;
/** Length of a value that is not there. */
const ABSENT = 0xffff;

export class SpanCounter {
  readonly #table: SeriesTable;
  readonly #random: () => number;
  readonly #maker: SeriesMaker;
  readonly #nsPerUnit: number;
  /** Groups of the metrics; -1: there is no such metric. Instruments in them. */
  readonly #durationGroup: number;
  readonly #durationIn: number;
  readonly #eventsGroup: number;
  readonly #exemplars: boolean;
  readonly #keyAttributes: readonly string[];
  readonly #scopes: ReadonlySet<string>;

  readonly #fields = new SpanFields();
  /** null: nobody asks for attributes. */
  readonly #wanted: AttributeSet | null;
  readonly #attributes: AttributeSet;
  readonly #event: AttributeSet;
  readonly #key = new RawKey();
  readonly #resourceKey = new RawKey();
  /** Numbers of a span key: row of calls, row of duration. */
  readonly #rows = new AliasTable(2, WORKER_ROWS, ALIAS_BYTES);
  readonly #eventRows = new AliasTable(1, WORKER_ROWS, ALIAS_BYTES);
  /** Numbers of a resource: its own, the table's (-1: its spans are not counted). */
  readonly #resources = new AliasTable(2, RESOURCE_ALIASES, RESOURCE_ALIAS_BYTES);
  #epoch = -1;
  #nextResource = 0;

  // Of the resource and the scope that are walked.
  #resourceStart = 0;
  #resourceEnd = 0;
  #resource = -1;
  #resourceAttributes: ResourceAttributes | null = null;
  #scope: Sighting['scope'] = null;
  /** Bytes of the key that all spans of the scope share; -1: too long to be kept. */
  #shared = 0;
  /** Rows of the key that was looked for last. */
  #callsRow = 0;
  #durationRow = 0;

  /** Spans whose resource has no service name, since the counter was made. */
  ignored = 0;

  constructor(args: Args, table: SeriesTable, instanceId: string, random: () => number) {
    this.#table = table;
    this.#random = random;
    const groups = groupsOf(args);
    const dimensions = dimensionsOf(groups);
    this.#maker = new SeriesMaker(args, dimensions.groups, instanceId);
    this.#nsPerUnit = args.histogram.unit === 's' ? NS_PER_S : NS_PER_MS;
    this.#durationGroup = groups.duration;
    this.#durationIn = groups.duration === groups.calls ? DURATION_BESIDE_CALLS : DURATION_ALONE;
    this.#eventsGroup = groups.events;
    this.#exemplars = args.exemplars.enabled && args.exemplars.max_per_data_point > 0;
    this.#keyAttributes = args.resource_metrics_key_attributes;
    this.#scopes = new Set(args.include_instrumentation_scope);
    const names = new AttributeNames(dimensions.names, dimensions.globs);
    this.#attributes = new AttributeSet(names);
    this.#event = new AttributeSet(names);
    this.#wanted = names.none ? null : this.#attributes;
  }

  /** Counts the spans of one validated request. The table has been told the time. */
  count(buf: Buffer): void {
    this.#keepUp();
    for (let p = 0; p < buf.length;) {
      const tagAt = p;
      p = checked(readTag(buf, p, buf.length));
      if (varint !== ENTRY_TAG) {
        p = checked(skipUnknown(buf, p, buf.length, varint, tagAt, 1));
        continue;
      }
      p = checked(readLength(buf, p, buf.length));
      const stop = p + varint;
      this.#countEntry(buf, p, stop);
      p = stop;
    }
    this.#resourceAttributes = null;
  }

  /** After a harvest the numbers that were remembered mean nothing. */
  #keepUp(): void {
    if (this.#epoch === this.#table.epoch) return;
    this.#epoch = this.#table.epoch;
    this.#rows.clear();
    this.#eventRows.clear();
    this.#resources.clear();
  }

  #countEntry(buf: Buffer, start: number, end: number): void {
    // The resource may stand behind its scopes.
    this.#resourceStart = this.#resourceEnd = start;
    for (let p = start; p < end;) {
      const tagAt = p;
      p = checked(readTag(buf, p, end));
      if ((varint & 7) !== LENGTH) {
        p = checked(skipUnknown(buf, p, end, varint, tagAt, 1));
        continue;
      }
      const tag = varint;
      p = checked(readLength(buf, p, end));
      if (tag === RESOURCE_TAG) {
        this.#resourceStart = p;
        this.#resourceEnd = p + varint;
      }
      p += varint;
    }
    if (!this.#findResource(buf)) {
      this.ignored += countBelow(TRACES, RESOURCE_LEVEL, buf, start, end);
      return;
    }
    for (let p = start; p < end;) {
      const tagAt = p;
      p = checked(readTag(buf, p, end));
      if (varint !== SCOPES_TAG) {
        p = checked(skipUnknown(buf, p, end, varint, tagAt, 1));
        continue;
      }
      p = checked(readLength(buf, p, end));
      const stop = p + varint;
      this.#countScope(buf, p, stop);
      p = stop;
    }
  }

  /** Whether the spans of the resource are counted. */
  #findResource(buf: Buffer): boolean {
    const key = this.#resourceKey;
    const start = this.#resourceStart;
    const end = this.#resourceEnd;
    this.#resourceAttributes = null;
    if (end - start <= MAX_RAW_KEY_BYTES) {
      key.length = end - start;
      copyBytes(buf, start, end, key.bytes, 0);
    } else {
      key.length = createHash('sha256').update(buf.subarray(start, end)).digest().copy(key.bytes);
    }
    let at = this.#resources.find(key);
    if (at < 0) {
      const table = this.#tableResource(buf);
      at = this.#resources.add(key);
      this.#resources.values[at] = this.#nextResource = (this.#nextResource + 1) | 0;
      this.#resources.values[at + 1] = table;
    }
    this.#resource = this.#resources.values[at + 1];
    this.#key.words[0] = this.#resources.values[at];
    return this.#resource >= 0;
  }

  #tableResource(buf: Buffer): number {
    const attributes = this.#attributesOfResource(buf);
    if (attributes.serviceName === null) return -1;
    const key = attributes.key(this.#keyAttributes);
    const fields = attributes.fields();
    return this.#table.resource(key, 0, key.length, fields, 0, fields.length);
  }

  #attributesOfResource(buf: Buffer): ResourceAttributes {
    this.#resourceAttributes ??= new ResourceAttributes(buf, this.#resourceStart, this.#resourceEnd);
    return this.#resourceAttributes;
  }

  #countScope(buf: Buffer, start: number, end: number): void {
    this.#shared = 4;
    if (this.#scopes.size > 0) this.#readScope(buf, start, end);
    for (let p = start; p < end;) {
      const tagAt = p;
      p = checked(readTag(buf, p, end));
      if (varint !== SPAN_TAG) {
        p = checked(skipUnknown(buf, p, end, varint, tagAt, 1));
        continue;
      }
      p = checked(readLength(buf, p, end));
      const stop = p + varint;
      this.#countSpan(buf, p, stop);
      p = stop;
    }
  }

  /** The scope of the spans in a scope entry, as far as it is shown. */
  #readScope(buf: Buffer, start: number, end: number): void {
    let name = '';
    let version = '';
    const entry = new Reader().reset(buf, start, end);
    const scope = new Reader();
    while (entry.next()) {
      if ((entry.field << 3) + entry.wire !== SCOPE_TAG) continue;
      scope.reset(buf, entry.start, entry.stop);
      while (scope.next()) {
        if (scope.field === SCOPE.name) name = scope.string();
        else if (scope.field === SCOPE.version) version = scope.string();
      }
    }
    this.#scope = name !== '' && this.#scopes.has(name) ? { name, version } : null;
    if (this.#scope === null) {
      this.#shared = this.#putAbsent(this.#shared);
      return;
    }
    for (const text of [name, version]) {
      const bytes = Buffer.from(text);
      this.#shared = this.#put(this.#shared, bytes, 0, bytes.length);
    }
  }

  #countSpan(buf: Buffer, start: number, end: number): void {
    const table = this.#table;
    const fields = this.#fields;
    const wanted = this.#wanted;
    if (wanted !== null) wanted.clear();
    fields.read(buf, start, end, wanted);
    const at = this.#putSpan(buf, this.#shared);
    this.#findRows(buf, this.#putValues(buf, at, null));
    const duration = fields.durationNs(buf) / this.#nsPerUnit;
    const count =
      fields.stateEnd > fields.stateStart ? this.#rounded(adjustedCount(buf, fields.stateStart, fields.stateEnd)) : 1;
    const hasExemplar = this.#exemplars && fields.hasTraceId(buf);
    table.add(0, this.#callsRow, CALLS, count);
    if (hasExemplar) this.#exemplar(buf, 0, this.#callsRow, CALLS, duration);
    const group = this.#durationGroup;
    if (group >= 0) {
      table.observe(group, this.#durationRow, this.#durationIn, duration, count);
      if (hasExemplar) this.#exemplar(buf, group, this.#durationRow, this.#durationIn, duration);
    }
    if (this.#eventsGroup >= 0) this.#countEvents(buf, start, end, at, count, hasExemplar ? duration : -1);
  }

  /** `duration`: of an exemplar; -1: there is none. */
  #countEvents(buf: Buffer, start: number, end: number, keyAt: number, count: number, duration: number): void {
    for (let p = start; p < end;) {
      const tagAt = p;
      p = checked(readTag(buf, p, end));
      if (varint !== EVENT_TAG) {
        p = checked(skipUnknown(buf, p, end, varint, tagAt, 1));
        continue;
      }
      p = checked(readLength(buf, p, end));
      const stop = p + varint;
      this.#readEvent(buf, p, stop);
      const row = this.#findEventRow(buf, this.#putValues(buf, keyAt, this.#event));
      this.#table.add(this.#eventsGroup, row, EVENTS, count);
      if (duration >= 0) this.#exemplar(buf, this.#eventsGroup, row, EVENTS, duration);
      p = stop;
    }
  }

  #readEvent(buf: Buffer, start: number, end: number): void {
    this.#event.clear();
    for (let p = start; p < end;) {
      const tagAt = p;
      p = checked(readTag(buf, p, end));
      if (varint !== EVENT_ATTRIBUTE_TAG) {
        p = checked(skipUnknown(buf, p, end, varint, tagAt, 1));
        continue;
      }
      p = checked(readLength(buf, p, end));
      const stop = p + varint;
      this.#event.add(buf, p, stop);
      p = stop;
    }
  }

  #exemplar(buf: Buffer, group: number, row: number, instrument: number, duration: number): void {
    this.#table.exemplar(group, row, instrument, duration, buf, this.#fields.traceIdAt, this.#fields.spanIdAt);
  }

  /** Rounds up with the probability of what is behind the point, so that sums are right on average. */
  #rounded(count: number): number {
    const whole = Math.floor(count);
    return count === whole || this.#random() >= count - whole ? whole : whole + 1;
  }

  /** What a span and its events share, at `at` of the key. Where the next byte goes; -1: too long. */
  #putSpan(buf: Buffer, at: number): number {
    const { kind, status, nameStart, nameEnd } = this.#fields;
    if (at < 0) return -1;
    this.#key.bytes[at] = kind | (status << 3);
    return this.#put(at + 1, buf, nameStart, nameEnd);
  }

  #putValues(buf: Buffer, at: number, event: AttributeSet | null): number {
    const attributes = this.#attributes;
    const { start, end } = attributes;
    for (let i = 0; i < start.length; i++) {
      if (start[i] >= 0) at = this.#put(at, buf, start[i], end[i]);
      else if (event !== null && event.start[i] >= 0) at = this.#put(at, buf, event.start[i], event.end[i]);
      else at = this.#putAbsent(at);
    }
    if (attributes.globbedCount > 0) at = this.#putGlobbed(buf, at, attributes);
    if (event === null) return at;
    // An attribute of the event is none of the span.
    at = this.#putAbsent(at);
    return this.#putGlobbed(buf, at, event);
  }

  #putGlobbed(buf: Buffer, at: number, { globbed, globbedCount }: AttributeSet): number {
    for (let i = 0; i < globbedCount * 4; i += 4) {
      at = this.#put(at, buf, globbed[i], globbed[i + 1]);
      at = this.#put(at, buf, globbed[i + 2], globbed[i + 3]);
    }
    return at;
  }

  /** Bytes with their length in front, while they fit. */
  #put(at: number, buf: Buffer, start: number, end: number): number {
    const length = end - start;
    if (at < 0 || at + 2 + length > MAX_RAW_KEY_BYTES) return -1;
    const { bytes } = this.#key;
    bytes[at++] = length & 0xff;
    bytes[at++] = length >>> 8;
    if (length < 64) for (let i = start; i < end;) bytes[at++] = buf[i++];
    else at += buf.copy(bytes, at, start, end);
    return at;
  }

  #putAbsent(at: number): number {
    if (at < 0 || at + 2 > MAX_RAW_KEY_BYTES) return -1;
    this.#key.bytes[at] = ABSENT & 0xff;
    this.#key.bytes[at + 1] = ABSENT >>> 8;
    return at + 2;
  }

  /** Rows of calls and duration for a key of `length` bytes; -1: it is too long to be kept. */
  #findRows(buf: Buffer, length: number): void {
    const rows = this.#rows;
    const key = this.#key;
    if (length >= 0) {
      key.length = length;
      const at = rows.find(key);
      if (at >= 0) {
        this.#callsRow = rows.values[at];
        this.#durationRow = rows.values[at + 1];
        return;
      }
    }
    this.#callsRow = this.#makeRow(buf, 0, null);
    this.#durationRow = this.#durationGroup > 0 ? this.#makeRow(buf, this.#durationGroup, null) : this.#callsRow;
    if (length < 0) return;
    const at = rows.add(key);
    rows.values[at] = this.#callsRow;
    rows.values[at + 1] = this.#durationRow;
  }

  #findEventRow(buf: Buffer, length: number): number {
    const rows = this.#eventRows;
    const key = this.#key;
    if (length >= 0) {
      key.length = length;
      const at = rows.find(key);
      if (at >= 0) return rows.values[at];
    }
    const row = this.#makeRow(buf, this.#eventsGroup, this.#event);
    if (length >= 0) {
      const at = rows.add(key);
      rows.values[at] = row;
    }
    return row;
  }

  #makeRow(buf: Buffer, group: number, event: AttributeSet | null): number {
    const key = this.#maker.make(group, {
      buf,
      span: this.#fields,
      attributes: this.#attributes,
      event,
      resource: this.#attributesOfResource(buf),
      scope: this.#scope,
    });
    const found = this.#table.find(group, this.#resource, key, 0, key.length);
    if (found >= 0) return found;
    const { buf: attributes, length } = this.#maker.attributes;
    return this.#table.make(group, this.#resource, key, 0, key.length, attributes, 0, length);
  }
}
