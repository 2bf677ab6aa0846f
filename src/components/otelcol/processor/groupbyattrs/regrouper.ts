/**
 * Makes a request out of another in which each item is under the resource that it belongs to: its own, with the wanted attributes of
 * the item in it. Resources, scopes and metrics that are equal then are one. Items are copied as they came, in their order; those that
 * lose attributes are written without these.
 *
 * Equal: attributes, in any order, and all other fields, with the bytes of each. So nothing gets lost where two are merged.
 *
 * For validated bytes. Worker threads; reused.
 */
import { KeyTable } from '#components/kit/key-table.ts';
import { KeyBuilder } from '#components/kit/metrics/key.ts';
import { isMetricData } from '#codec/otlp/count.ts';
import {
  ENTRY,
  LOG_RECORD,
  METRIC_DATA,
  POINT_FIELDS,
  REQUEST,
  RESOURCE,
  SCOPE,
  SCOPE_ENTRY,
  SPAN,
} from '#codec/otlp/fields.ts';
import { MessageView } from '#codec/otlp/view.ts';
import { LENGTH } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import type { Writer } from '#codec/protobuf/writer.ts';
import { METRICS, TRACES, type Signal } from '#shared/signal.ts';
import { Tree } from './tree.ts';
import { WantedKeys } from './wanted-keys.ts';

const NONE = -1;
const NOTHING = Buffer.alloc(0);

export class Regrouper {
  readonly #wanted: WantedKeys;
  readonly #tree = new Tree();
  #bytes: Buffer = NOTHING;

  /** Nodes by what makes them the same: resources; of a source entry, by wanted attributes; scopes of a resource; data of a scope's metrics. */
  readonly #resources = new KeyTable();
  readonly #grouped = new KeyTable();
  readonly #scopes = new KeyTable();
  readonly #data = new KeyTable();
  readonly #resourceKey = new KeyBuilder();
  readonly #valuesKey = new KeyBuilder();
  readonly #scopeKey = new KeyBuilder();
  readonly #metricKey = new KeyBuilder();

  readonly #request = new Reader();
  readonly #inEntry = new Reader();
  readonly #inScope = new Reader();
  readonly #inMetric = new Reader();
  readonly #inData = new Reader();
  readonly #inItem = new Reader();
  readonly #fields = new Reader();
  readonly #entry = new MessageView();
  readonly #inner = new MessageView();

  /** The source entry that is walked: its number, where it lies and its headers; the node of its resource, if it has been needed. */
  #entryNumber = 0;
  #entryStart = 0;
  #entryStop = 0;
  #entryFrom = 0;
  #entryTo = 0;
  #base = NONE;
  /** The source scope: its headers; the resource that was asked for last, and what the scope is in there. */
  #scopeFrom = 0;
  #scopeTo = 0;
  #lastResource = NONE;
  #lastScope = NONE;

  /** Messages with items in the source, and in the result: fewer if some were merged. */
  #found = 0;
  #made = 0;

  /** Of the last request: items whose resource is another one now, those that stayed, and resources. */
  moved = 0;
  stayed = 0;
  resources = 0;

  constructor(keys: readonly string[]) {
    this.#wanted = new WantedKeys(keys);
  }

  /** The request in memory of its own; the same bytes if it would be the same request. */
  run(signal: Signal, bytes: Buffer): Buffer {
    this.#bytes = bytes;
    this.#tree.reset();
    for (const table of [this.#resources, this.#grouped, this.#scopes, this.#data]) table.clear();
    this.#entryNumber = this.#found = this.#made = 0;
    this.moved = this.stayed = this.resources = 0;
    const request = this.#request.reset(bytes, 0, bytes.length);
    while (request.next()) {
      if (request.field === REQUEST.entries && request.wire === LENGTH)
        this.#walkEntry(signal, request.start, request.stop);
      else this.#tree.item(this.#tree.root, request.fieldStart, request.pos, 0);
    }
    const isSame = this.moved === 0 && this.#made === this.#found;
    const made = isSame ? bytes : this.#tree.write(bytes, this.#rewrite);
    this.#bytes = NOTHING;
    return made;
  }

  #walkEntry(signal: Signal, start: number, stop: number): void {
    this.#entry.reset(this.#bytes, start, stop);
    this.#entryNumber++;
    this.#entryStart = start;
    this.#entryStop = stop;
    this.#base = NONE;
    this.#entryFrom = this.#tree.headers.length;
    this.#copyBut(ENTRY.scopes, start, stop);
    this.#entryTo = this.#tree.headers.length;
    const before = this.moved + this.stayed;
    const entry = this.#inEntry.reset(this.#bytes, start, stop);
    while (entry.next())
      if (entry.field === ENTRY.scopes && entry.wire === LENGTH) this.#walkScope(signal, entry.start, entry.stop);
    if (this.moved + this.stayed > before) this.#found++;
  }

  #walkScope(signal: Signal, start: number, stop: number): void {
    this.#lastResource = NONE;
    this.#scopeFrom = this.#tree.headers.length;
    this.#copyBut(SCOPE_ENTRY.items, start, stop);
    this.#scopeTo = this.#tree.headers.length;
    this.#keyOf(this.#scopeKey, this.#scopeFrom, this.#scopeTo, SCOPE.attributes);
    const attributes = signal === TRACES ? SPAN.attributes : LOG_RECORD.attributes;
    const before = this.moved + this.stayed;
    const scope = this.#inScope.reset(this.#bytes, start, stop);
    while (scope.next()) {
      if (scope.field !== SCOPE_ENTRY.items || scope.wire !== LENGTH) continue;
      if (signal === METRICS) this.#walkMetric(scope.start, scope.stop);
      else {
        const moves = this.#moves(attributes, scope.start, scope.stop);
        this.#tree.item(this.#scopeIn(this.#resource(moves)), scope.fieldStart, scope.pos, moves ? attributes : 0);
      }
    }
    if (this.moved + this.stayed > before) this.#found++;
  }

  #walkMetric(start: number, stop: number): void {
    const { headers } = this.#tree;
    const from = headers.length;
    const fields = this.#fields.reset(this.#bytes, start, stop);
    while (fields.next())
      if (!isMetricData((fields.field << 3) | fields.wire)) headers.raw(this.#bytes, fields.fieldStart, fields.pos);
    const to = headers.length;
    const metric = this.#inMetric.reset(this.#bytes, start, stop);
    while (metric.next())
      if (isMetricData((metric.field << 3) | metric.wire))
        this.#walkData(from, to, metric.field, metric.start, metric.stop);
  }

  /** The points of a gauge, sum, ... in field `kind` of a metric with the headers [from, to). */
  #walkData(from: number, to: number, kind: number, start: number, stop: number): void {
    const dataFrom = this.#tree.headers.length;
    this.#copyBut(METRIC_DATA.dataPoints, start, stop);
    const dataTo = this.#tree.headers.length;
    const key = this.#metricKey;
    const headers = this.#tree.headers.written();
    key.cut(0);
    key.bytes(headers, from, to);
    key.number(kind);
    key.bytes(headers, dataFrom, dataTo);
    const { attributes } = POINT_FIELDS[kind as keyof typeof POINT_FIELDS];
    const before = this.moved + this.stayed;
    let lastScope = NONE;
    let lastData = NONE;
    const data = this.#inData.reset(this.#bytes, start, stop);
    while (data.next()) {
      if (data.field !== METRIC_DATA.dataPoints || data.wire !== LENGTH) continue;
      const moves = this.#moves(attributes, data.start, data.stop);
      const scope = this.#scopeIn(this.#resource(moves));
      if (scope !== lastScope) {
        lastScope = scope;
        lastData = this.#data.get(scope, key.buf, 0, key.length);
        if (lastData === NONE) {
          const metric = this.#tree.message(scope, SCOPE_ENTRY.items, from, to);
          lastData = this.#tree.message(metric, kind, dataFrom, dataTo);
          this.#data.put(lastData);
          this.#made++;
        }
      }
      this.#tree.item(lastData, data.fieldStart, data.pos, moves ? attributes : 0);
    }
    if (this.moved + this.stayed > before) this.#found++;
  }

  /** Whether the item has any of the wanted attributes, which are noted. Counts it. */
  #moves(attributes: number, start: number, stop: number): boolean {
    let moves = false;
    if (this.#wanted.count > 0) {
      this.#wanted.forget();
      const item = this.#inItem.reset(this.#bytes, start, stop);
      while (item.next())
        if (item.field === attributes && item.wire === LENGTH && this.#wanted.note(this.#bytes, item.start, item.stop))
          moves = true;
    }
    if (moves) this.moved++;
    else this.stayed++;
    return moves;
  }

  /** The resource of an item of the present entry. */
  #resource(moves: boolean): number {
    if (!moves) {
      if (this.#base === NONE) this.#base = this.#sameResource(this.#entryFrom, this.#entryTo);
      return this.#base;
    }
    const key = this.#valuesKey;
    const { starts, stops, count } = this.#wanted;
    key.cut(0);
    for (let k = 0; k < count; k++) {
      if (starts[k] < 0) key.number(0);
      else key.bytes(this.#bytes, starts[k], stops[k]);
    }
    const known = this.#grouped.get(this.#entryNumber, key.buf, 0, key.length);
    if (known !== NONE) return known;
    const { headers } = this.#tree;
    const from = headers.length;
    this.#writeGrouped();
    const node = this.#sameResource(from, headers.length);
    this.#grouped.put(node);
    return node;
  }

  /** The node with these headers of an entry, which is made if there is none with equal ones. */
  #sameResource(from: number, to: number): number {
    const key = this.#resourceKey;
    this.#keyOf(key, from, to, RESOURCE.attributes);
    const known = this.#resources.get(0, key.buf, 0, key.length);
    if (known !== NONE) return known;
    const node = this.#tree.message(this.#tree.root, REQUEST.entries, from, to);
    this.#resources.put(node);
    this.#made++;
    this.resources++;
    return node;
  }

  /** The present scope in a resource. */
  #scopeIn(resource: number): number {
    if (resource === this.#lastResource) return this.#lastScope;
    const key = this.#scopeKey;
    let node = this.#scopes.get(resource, key.buf, 0, key.length);
    if (node === NONE) {
      node = this.#tree.message(resource, ENTRY.scopes, this.#scopeFrom, this.#scopeTo);
      this.#scopes.put(node);
      this.#made++;
    }
    this.#lastResource = resource;
    this.#lastScope = node;
    return node;
  }

  /** The headers of the present entry with the noted attributes in the resource, in place of those with the same keys. */
  #writeGrouped(): void {
    const { headers } = this.#tree;
    const resourceAt = this.#entry.start(ENTRY.resource);
    const entry = this.#fields.reset(this.#bytes, this.#entryStart, this.#entryStop);
    while (entry.next()) {
      if (entry.field === ENTRY.scopes && entry.wire === LENGTH) continue;
      // Of several the last counts.
      if (entry.field === ENTRY.resource && entry.start === resourceAt) continue;
      headers.raw(this.#bytes, entry.fieldStart, entry.pos);
    }
    const mark = headers.begin(ENTRY.resource);
    const { starts, stops, count } = this.#wanted;
    const resource = this.#fields.reset(this.#bytes, resourceAt, this.#entry.stop(ENTRY.resource));
    while (resource.next()) {
      if (resource.field === RESOURCE.attributes && resource.wire === LENGTH) {
        const k = this.#wanted.indexOf(this.#bytes, resource.start, resource.stop);
        if (k >= 0 && starts[k] >= 0) continue;
      }
      headers.raw(this.#bytes, resource.fieldStart, resource.pos);
    }
    for (let k = 0; k < count; k++)
      if (starts[k] >= 0) headers.bytes(RESOURCE.attributes, this.#bytes, starts[k], stops[k]);
    headers.end(mark);
  }

  /** Makes the key of an entry or a scope entry with the headers [from, to); its first field is the Resource or the scope, with attributes. */
  #keyOf(key: KeyBuilder, from: number, to: number, attributes: number): void {
    const headers = this.#tree.headers.written();
    const inner = this.#inner.reset(headers, to, to);
    const fields = this.#fields;
    let innerStart = to;
    for (fields.reset(headers, from, to); fields.next();)
      if (fields.field === ENTRY.resource && fields.wire === LENGTH)
        inner.reset(headers, (innerStart = fields.start), fields.stop);
    key.cut(0);
    key.attributes(inner, attributes);
    for (fields.reset(headers, innerStart, inner.end); fields.next();)
      if (fields.field !== attributes || fields.wire !== LENGTH) key.bytes(headers, fields.fieldStart, fields.pos);
    key.number(0);
    for (fields.reset(headers, from, to); fields.next();)
      if (fields.start !== innerStart) key.bytes(headers, fields.fieldStart, fields.pos);
  }

  /** Copies the fields of a message to the headers, but those with one number. */
  #copyBut(field: number, start: number, stop: number): void {
    const fields = this.#fields.reset(this.#bytes, start, stop);
    while (fields.next())
      if (fields.field !== field || fields.wire !== LENGTH)
        this.#tree.headers.raw(this.#bytes, fields.fieldStart, fields.pos);
  }

  readonly #rewrite = (out: Writer, start: number, stop: number, attributes: number): void => {
    const field = this.#inItem.reset(this.#bytes, start, stop);
    field.next();
    const mark = out.begin(field.field);
    const fields = this.#fields.reset(this.#bytes, field.start, field.stop);
    while (fields.next()) {
      const isLost =
        fields.field === attributes &&
        fields.wire === LENGTH &&
        this.#wanted.indexOf(this.#bytes, fields.start, fields.stop) >= 0;
      if (!isLost) out.raw(this.#bytes, fields.fieldStart, fields.pos);
    }
    out.end(mark);
  };
}
