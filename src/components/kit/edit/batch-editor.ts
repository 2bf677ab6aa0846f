/**
 * Makes a request out of another: steps through it once, puts each item and what it is in where visitors read and edit them, and
 * writes the result once. What nobody edited is copied in ranges as long as possible, unknown fields included; a request that
 * nobody edited is handed back as it is.
 *
 *     request   1 entry*         entry    1 resource  2 scope entry*  ...      metric   1 name  ...  5|7|9|10|11 data
 *               scope entry      1 scope  2 item*     ...                      data     1 point*  ...
 *
 * A visitor says whether its item stays. Items see the resource and the scope as edited so far, and may edit them too. What loses all
 * that was in it goes with it: metrics without points, scopes without items, resources without scopes.
 *
 * For validated bytes. Worker threads; reused; not re-entrant.
 */
import { valueAddress } from '#codec/otlp/address.ts';
import { countItems } from '#codec/otlp/count.ts';
import { ENTRY, METRIC, METRIC_DATA, REQUEST, SCOPE_ENTRY, SPAN } from '#codec/otlp/fields.ts';
import type { Message } from '#codec/otlp/message.ts';
import { Splice } from '#codec/otlp/splice.ts';
import { LENGTH } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import { fail } from '#ottl/error.ts';
import { Telemetry, type PointKind } from '#ottl/telemetry.ts';
import { METRICS, TRACES, type Signal } from '#shared/signal.ts';

/** False: it is left out. */
export type Visitor = (t: Telemetry) => boolean;

/** What is done with each kind of message; kinds that are absent are not looked into. */
export interface Edits {
  readonly resource?: Visitor;
  readonly scope?: Visitor;
  readonly span?: Visitor;
  readonly spanEvent?: Visitor;
  readonly metric?: Visitor;
  readonly point?: Visitor;
  readonly log?: Visitor;
}

const ENTRY_TAG = (REQUEST.entries << 3) | LENGTH;
const SCOPES_TAG = (ENTRY.scopes << 3) | LENGTH;
const ITEM_TAG = (SCOPE_ENTRY.items << 3) | LENGTH;
/** A buffer that grew beyond this is not kept for the next batch. */
const KEPT_BYTES = 4 << 20;
/** Edits must not make many times of a batch what it was; addresses of the scratch end at 1 GiB. */
const MOST_WRITTEN = 256 << 20;
const NOTHING = -1;

export class BatchEditor {
  readonly t = new Telemetry();
  readonly #splice = new Splice();
  readonly #request = new Reader();
  readonly #entry = new Reader();
  readonly #scope = new Reader();
  /** Ranges of what is in an entry beside resource and scopes, and in a scope entry beside scope and items. */
  readonly #entryOthers: number[] = [];
  readonly #scopeOthers: number[] = [];
  readonly #outs: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)];
  #turn: 0 | 1 = 0;
  #signal: Signal = TRACES;
  #edits: Edits = {};
  #visitsItems = false;
  #changed = false;
  #dropped = 0;
  #kept = 0;
  /** Items in the result of the last `run`. */
  items = 0;

  /**
   * The edited request; the same bytes if nothing was changed; null if nothing is left. What is new lies in memory of the editor that
   * serves again for the run after the next one: a run may read the result of the one before. `items`: of `bytes`.
   * Throws EvaluationError where edits write too much, ProtobufError where a message has more fields than are taken in.
   */
  run(signal: Signal, bytes: Buffer, items: number, edits: Edits): Buffer | null {
    this.t.space.reset(bytes);
    this.#splice.reset();
    this.#signal = signal;
    this.#edits = edits;
    this.#visitsItems =
      signal === TRACES
        ? (edits.span ?? edits.spanEvent) !== undefined
        : signal === METRICS
          ? (edits.metric ?? edits.point) !== undefined
          : edits.log !== undefined;
    this.#changed = false;
    this.#dropped = 0;
    this.#kept = 0;
    const request = this.#request.reset(bytes, 0, bytes.length);
    while (request.next()) {
      if (request.field === REQUEST.entries && request.wire === LENGTH)
        this.#editEntry(request.fieldStart, request.start, request.pos);
      else this.#splice.range(request.fieldStart, request.pos);
    }
    this.items = items;
    if (!this.#changed) return bytes;
    const out = this.#write(bytes);
    if (this.#visitsItems && signal !== METRICS) this.items = this.#kept;
    else if (this.#dropped > 0 || signal === METRICS) this.items = countItems(signal, out);
    return this.items === 0 ? null : out;
  }

  #write(bytes: Buffer): Buffer {
    const splice = this.#splice;
    this.#turn = this.#turn === 0 ? 1 : 0;
    let out = this.#outs[this.#turn];
    if (splice.size > out.length || out.length > KEPT_BYTES) {
      out = Buffer.allocUnsafeSlow(Math.max(splice.size + (splice.size >> 2), 4096));
      this.#outs[this.#turn] = out;
    }
    splice.write(bytes, out, 0, this.t.space.scratch.buffer);
    return out.subarray(0, splice.size);
  }

  #editEntry(tagAt: number, start: number, end: number): void {
    const { t } = this;
    const splice = this.#splice;
    const before = this.#changed;
    const droppedBefore = this.#dropped;
    this.#changed = false;
    t.resourceEntry.set(start, end);
    const resourceAt = this.#find(this.#entry, ENTRY.resource, ENTRY.scopes, start, end, t.resource);
    if (this.#edits.resource?.(t) === false) {
      this.#dropped++;
      this.#changed = true;
      return;
    }
    splice.begin(ENTRY_TAG);
    const place = splice.reserve();
    const others = this.#entryOthers;
    others.length = 0;
    let scopes = 0;
    for (const reader = this.#entry.reset(t.space.source, start, end); reader.next();) {
      if (reader.field === ENTRY.scopes && reader.wire === LENGTH) {
        if (this.#editScope(reader.fieldStart, reader.start, reader.pos)) scopes++;
      } else if (reader.fieldStart !== resourceAt) addRange(others, reader.fieldStart, reader.pos);
    }
    if (scopes === 0 && this.#dropped > droppedBefore) return splice.cancel();
    this.#fill(place, t.resource, ENTRY.resource, resourceAt);
    this.#addOthers(others, t.resourceEntry, ENTRY.resource, ENTRY.scopes);
    if (t.resourceEntry.edited || t.resource.edited) this.#changed = true;
    this.#close(tagAt, end, before);
  }

  /** Whether it stays. */
  #editScope(tagAt: number, start: number, end: number): boolean {
    const { t } = this;
    const splice = this.#splice;
    const before = this.#changed;
    const droppedBefore = this.#dropped;
    this.#changed = false;
    t.scopeEntry.set(start, end);
    const scopeAt = this.#find(this.#scope, SCOPE_ENTRY.scope, SCOPE_ENTRY.items, start, end, t.scope);
    if (this.#edits.scope?.(t) === false) {
      this.#dropped++;
      this.#changed = true;
      return false;
    }
    if (!this.#visitsItems && !t.scope.edited && !t.scopeEntry.edited) {
      splice.range(tagAt, end);
      this.#changed = before;
      return true;
    }
    splice.begin(SCOPES_TAG);
    const place = splice.reserve();
    const others = this.#scopeOthers;
    others.length = 0;
    t.added.length = 0;
    let items = 0;
    for (const reader = this.#scope.reset(t.space.source, start, end); reader.next();) {
      if (reader.field === SCOPE_ENTRY.items && reader.wire === LENGTH) {
        if (!this.#visitsItems) splice.range(reader.fieldStart, reader.pos);
        else if (this.#editItem(reader.fieldStart, reader.start, reader.pos)) items++;
        else {
          this.#dropped++;
          this.#changed = true;
        }
      } else if (reader.fieldStart !== scopeAt) addRange(others, reader.fieldStart, reader.pos);
    }
    items += this.#editAdded();
    this.#kept += items;
    if (items === 0 && this.#dropped > droppedBefore) {
      splice.cancel();
      return false;
    }
    this.#fill(place, t.scope, SCOPE_ENTRY.scope, scopeAt);
    this.#addOthers(others, t.scopeEntry, SCOPE_ENTRY.scope, SCOPE_ENTRY.items);
    if (t.scopeEntry.edited || t.scope.edited) this.#changed = true;
    this.#close(tagAt, end, before);
    return true;
  }

  /** Visits the metrics that visitors have added to the scope, and those that they add then; how many stay. */
  #editAdded(): number {
    const { added, space } = this.t;
    let items = 0;
    for (let i = 0; i < added.length; i += 2) {
      this.#changed = true;
      const end = added[i + 1];
      if (this.#editItem(added[i], valueAddress(space, added[i]), end)) items++;
    }
    return items;
  }

  /** Fields beside those of two numbers: as they came, or of the message as it was edited. They may be edited from inside, so they come last. */
  #addOthers(ranges: readonly number[], message: Message, one: number, other: number): void {
    if (message.edited) return message.emitBut(this.#splice, one, other);
    for (let i = 0; i < ranges.length; i += 2) this.#splice.range(ranges[i], ranges[i + 1]);
  }

  /** Ends the innermost message; one in which nothing was changed is the range that it came as. */
  #close(tagAt: number, end: number, changedBefore: boolean): void {
    if (this.#changed) return this.#splice.end();
    this.#splice.cancel();
    this.#splice.range(tagAt, end);
    this.#changed = changedBefore;
  }

  /** Puts the message in field `wanted` of `[start, end)` into `into`; where its tag is, or NOTHING. Stops at the first `items`. */
  #find(reader: Reader, wanted: number, items: number, start: number, end: number, into: Message): number {
    into.clear();
    let found = NOTHING;
    for (reader.reset(this.t.space.source, start, end); reader.next();) {
      if (reader.field === wanted && reader.wire === LENGTH) {
        into.set(reader.start, reader.stop);
        found = reader.fieldStart;
      }
      // Encoders write it first.
      if (found !== NOTHING && reader.field === items) break;
    }
    return found;
  }

  #fill(place: number, message: Message, field: number, tagAt: number): void {
    const splice = this.#splice;
    if (message.edited) {
      const mark = message.write(field);
      splice.fill(place, mark, this.t.space.end);
    } else if (tagAt === NOTHING) splice.fill(place, 0, 0);
    else splice.fill(place, tagAt, message.end);
  }

  #editItem(tagAt: number, start: number, end: number): boolean {
    const { t } = this;
    this.#checkWritten();
    t.row = 0;
    switch (this.#signal) {
      case TRACES:
        return this.#place(t.span, tagAt, start, end, this.#edits.span, this.#edits.spanEvent && this.#events);
      case METRICS:
        return this.#place(t.metric, tagAt, start, end, this.#metric, undefined);
      default:
        return this.#place(t.log, tagAt, start, end, this.#edits.log, undefined);
    }
  }

  #place(
    message: Message,
    tagAt: number,
    start: number,
    end: number,
    visit: Visitor | undefined,
    inside: (() => void) | undefined,
  ): boolean {
    message.set(start, end);
    if (visit?.(this.t) === false) return false;
    inside?.();
    const splice = this.#splice;
    if (!message.edited) {
      splice.range(tagAt, end);
      return true;
    }
    splice.begin(ITEM_TAG);
    message.emit(splice);
    splice.end();
    this.#changed = true;
    return true;
  }

  readonly #events = (): void => {
    this.t.eventIndex = 0;
    this.#inside(this.t.span, SPAN.events, this.t.spanEvent, this.#edits.spanEvent!);
  };

  readonly #metric = (): boolean => {
    const { t } = this;
    const { metric, point } = this.#edits;
    turnToData(t);
    if (metric?.(t) === false) return false;
    if (point === undefined) {
      this.#putData(t);
      return true;
    }
    const { pointKind, metricData } = t;
    if (pointKind === 0) return true;
    const had = metricData.first(METRIC_DATA.dataPoints) !== 0;
    this.#inside(metricData, METRIC_DATA.dataPoints, t.point, point);
    if (had && metricData.first(METRIC_DATA.dataPoints) === 0) return false;
    this.#putData(t);
    return true;
  };

  /** The data of a metric, where it was edited, back into the metric. */
  #putData({ metric, metricData, pointKind }: Telemetry): void {
    if (pointKind === 0 || !metricData.edited) return;
    metric.put(pointKind, metricData.write(pointKind));
  }

  /** Visits the messages in a field of another one. */
  #inside(outer: Message, field: number, inner: Message, visit: Visitor): void {
    for (let row = outer.first(field); row !== 0;) {
      const next = outer.next(row);
      inner.set(outer.valueAt(row), outer.valueEnd(row));
      this.t.row = row;
      if (!visit(this.t)) outer.remove(row);
      else if (inner.edited) outer.replace(row, inner.write(field));
      row = next;
      this.t.eventIndex++;
      this.#checkWritten();
    }
  }

  #checkWritten(): void {
    if (this.t.space.scratch.length > MOST_WRITTEN) fail(`the edits of one batch are more than ${MOST_WRITTEN} bytes`);
  }
}

/** Ranges that touch are one. */
function addRange(ranges: number[], from: number, to: number): void {
  if (ranges.at(-1) === from) ranges[ranges.length - 1] = to;
  else ranges.push(from, to);
}

const DATA = [METRIC.gauge, METRIC.sum, METRIC.histogram, METRIC.exponentialHistogram, METRIC.summary] as const;

/** Turns to the data of the metric at hand: of a oneof, the last member counts. */
export function turnToData(t: Telemetry): void {
  const { metric, metricData } = t;
  let kind: PointKind = 0;
  let last = 0;
  for (const field of DATA) {
    const row = metric.last(field);
    if (row > last) {
      last = row;
      kind = field;
    }
  }
  t.pointKind = kind;
  if (kind === 0) metricData.clear();
  else metricData.set(metric.valueAt(last), metric.valueEnd(last));
}
