/**
 * Makes edges of spans (semantics 14.2, 14.3), in one worker. Both halves of an edge are in the same trace, so they come to the same
 * worker.
 *
 * Per span: one walk over its fields, one over its attributes where these are asked for, one look-up. Nothing is allocated; a
 * half that waits is a slot of the edge store and the numbers of two or three texts.
 */
import { ENTRY, REQUEST, RESOURCE, SCOPE_ENTRY } from '#codec/otlp/fields.ts';
import { LENGTH } from '#codec/protobuf/limits.ts';
import { readLength, readTag, skipUnknown, varint } from '#codec/protobuf/walk.ts';
import type { SeriesTable } from '#components/kit/series/table.ts';
import { Found, Keys } from './attributes.ts';
import { CLIENT_SIDE, DATABASE, EdgeSeries, MESSAGING, NEITHER, PLAIN, SERVER_SIDE, VIRTUAL } from './edge-series.ts';
import { EdgeStore } from './edge-store.ts';
import type { GraphInstruments } from './instruments.ts';
import { dimensionsOf } from './plan.ts';
import type { Args } from './schema.ts';
import { CLIENT, CONSUMER, PRODUCER, SERVER, SpanFields } from './span.ts';
import { NO_TEXT, Texts, UNKNOWN, USER } from './texts.ts';

const ENTRY_TAG = (REQUEST.entries << 3) | LENGTH;
const RESOURCE_TAG = (ENTRY.resource << 3) | LENGTH;
const SCOPE_TAG = (ENTRY.scopes << 3) | LENGTH;
const ITEM_TAG = (SCOPE_ENTRY.items << 3) | LENGTH;
const RESOURCE_ATTRIBUTES_TAG = (RESOURCE.attributes << 3) | LENGTH;

const SERVICE_NAME = 'service.name';
/** Its number among the keys. */
const SERVICE = 0;

/** Bytes of texts that edges may hold on to, for each that `max_items` allows; more of them mean that the store is full. */
const TEXT_BYTES_PER_EDGE = 512;
const MIN_TEXT_BYTES = 64 * 1024;
/** With all that comes on top of it positions stay below 2^31. */
const MAX_TEXT_BYTES = 256 * 1024 * 1024;

const NO_VIEW: DataView = new DataView(new ArrayBuffer(0));

/** The part of the arguments that graphs go by. */
export type GraphArgs = Pick<
  Args,
  'dimensions' | 'virtual_node_extra_label' | 'virtual_node_peer_attributes' | 'database_name_attributes' | 'store'
>;

export class ServiceGraph {
  readonly #count: GraphInstruments;
  readonly #series: EdgeSeries;
  readonly #store: EdgeStore;
  #texts: Texts;
  /** Edges hold on to more texts than they may: until some have left, no further one is begun. */
  #textsFull = false;
  #maxItems = 0;
  #maxTextBytes = 0;
  #ttlMs = 0;
  #virtualNodes = true;
  #dimensions: readonly string[] = [];
  /** Numbers of keys, in the order of their lists. */
  #databases: readonly number[] = [];
  #peers: readonly number[] = [];
  #dimensionKeys: readonly number[] = [];
  #ofResource = new Found(new Keys([]));
  #span = new SpanFields(new Keys([]), false);
  /** The dimensions of all spans of the resource are the resource's, whose text is `resourceText` (0: not made yet). */
  #fromResource = false;
  #resourceText = NO_TEXT;
  /** Of the request being taken. */
  #view = NO_VIEW;
  #nowMs = 0;
  #counted = 0;
  /** Of the request being taken; for the counters. */
  #begun = 0;
  #dropped = 0;

  /** `maxItems`: this worker's part of `store.max_items`. */
  constructor(args: GraphArgs, maxItems: number, table: SeriesTable, count: GraphInstruments) {
    this.#count = count;
    this.#series = new EdgeSeries(table);
    this.#store = new EdgeStore();
    this.#texts = new Texts(0);
    this.update(args, maxItems);
  }

  /** Edges counted as requests since this graph was made. */
  get counted(): number {
    return this.#counted;
  }

  /** Edges that wait stay. Of their dimensions those stay that still are dimensions. */
  update(args: GraphArgs, maxItems: number): void {
    const dimensions = dimensionsOf(args);
    const fieldOf = dimensions.map((name) => this.#dimensions.indexOf(name) + 1 || -1);
    const keys = new Keys([
      SERVICE_NAME,
      ...args.database_name_attributes,
      ...args.virtual_node_peer_attributes,
      ...dimensions,
    ]);
    const numbers = (names: readonly string[]): number[] => names.map((name) => keys.names.indexOf(name));
    this.#dimensions = dimensions;
    this.#databases = numbers(args.database_name_attributes);
    this.#peers = numbers(args.virtual_node_peer_attributes);
    this.#dimensionKeys = numbers(dimensions);
    this.#ofResource = new Found(keys);
    this.#span = new SpanFields(keys, dimensions.length > 0);
    this.#maxItems = maxItems;
    this.#maxTextBytes = Math.min(MAX_TEXT_BYTES, Math.max(MIN_TEXT_BYTES, maxItems * TEXT_BYTES_PER_EDGE));
    this.#ttlMs = args.store.ttl;
    this.#virtualNodes = args.virtual_node_peer_attributes.length > 0;
    this.#series.configure(dimensions, args.virtual_node_extra_label);
    this.#renewTexts(fieldOf);
  }

  /** Takes the spans of one request, of validated bytes. `nowMs`: monotonic, for their age. */
  consume(buf: Buffer, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#view = new DataView(buf.buffer, buf.byteOffset, buf.length);
    this.#begun = 0;
    this.#dropped = 0;
    this.#request(buf, buf.length);
    this.#view = NO_VIEW;
    if (this.#begun > 0) this.#count.totalEdges.add(this.#begun);
    if (this.#dropped > 0) this.#count.droppedSpans.add(this.#dropped);
  }

  /** Edges that have waited for longer than the ttl leave; some become edges to virtual nodes. */
  sweep(nowMs: number): void {
    const store = this.#store;
    for (let slot = store.oldest; slot >= 0 && nowMs - store.createdMs[slot] > this.#ttlMs; slot = store.oldest) {
      this.#count.expiredEdges.add(1);
      if (this.#virtualNodes) this.#expire(slot);
      store.remove(slot);
    }
    if (this.#textsFull) this.#renewTexts(this.#sameFields());
  }

  /** Forgets all edges that wait; returns how many those were. */
  clear(): number {
    const store = this.#store;
    const lost = store.size;
    while (store.oldest >= 0) store.remove(store.oldest);
    return lost;
  }

  #request(buf: Buffer, end: number): void {
    let p = 0;
    while (p >= 0 && p < end) {
      const tagAt = p;
      p = readTag(buf, p, end);
      if (p < 0) return;
      if (varint !== ENTRY_TAG) {
        p = skipUnknown(buf, p, end, varint, tagAt, 1);
        continue;
      }
      p = readLength(buf, p, end);
      if (p < 0) return;
      const stop = p + varint;
      this.#entry(buf, p, stop);
      p = stop;
    }
  }

  #entry(buf: Buffer, start: number, end: number): void {
    const resource = this.#ofResource;
    resource.reset();
    let scopes = 0;
    for (let p = start; p < end;) {
      const tagAt = p;
      p = readTag(buf, p, end);
      if (p < 0) return;
      const tag = varint;
      const next = skipUnknown(buf, p, end, tag, tagAt, 1);
      if (next < 0) return;
      if (tag === RESOURCE_TAG) resource.scan(buf, readLength(buf, p, end), next, RESOURCE_ATTRIBUTES_TAG);
      else if (tag === SCOPE_TAG) scopes++;
      p = next;
    }
    if (scopes === 0) return;
    const hasService = resource.start[SERVICE] >= 0;
    this.#resourceText = NO_TEXT;
    this.#fromResource = this.#dimensionKeys.every((key) => resource.start[key] >= 0);
    for (let p = start; p < end;) {
      const tagAt = p;
      p = readTag(buf, p, end);
      const tag = varint;
      const next = skipUnknown(buf, p, end, tag, tagAt, 1);
      if (tag === SCOPE_TAG) {
        const at = readLength(buf, p, end);
        if (!hasService) this.#count.ignored.add(spansOf(buf, at, next));
        else if (!this.#scope(buf, at, next)) return;
      }
      p = next;
    }
  }

  /** False when it is malformed. */
  #scope(buf: Buffer, start: number, end: number): boolean {
    const span = this.#span;
    let p = start;
    while (p < end) {
      const tagAt = p;
      if (buf[p] !== ITEM_TAG) {
        p = readTag(buf, p, end);
        if (p >= 0) p = skipUnknown(buf, p, end, varint, tagAt, 1);
        if (p < 0) return false;
        continue;
      }
      p = readLength(buf, p + 1, end);
      if (p < 0) return false;
      const stop = p + varint;
      if (!span.read(buf, p, stop)) return false;
      if (span.kind === CLIENT || span.kind === PRODUCER) this.#clientSpan(buf, span);
      else if (span.kind === SERVER || span.kind === CONSUMER) this.#serverSpan(buf, span);
      p = stop;
    }
    return true;
  }

  #clientSpan(buf: Buffer, span: SpanFields): void {
    if (!this.#texts.room) this.#renewTexts(this.#sameFields());
    span.look(buf);
    const texts = this.#texts;
    const own = this.#ownText(buf);
    const database = this.#databaseText(buf);
    const latency = span.latency(this.#view);
    const connection = database !== NO_TEXT ? DATABASE : span.kind === PRODUCER ? MESSAGING : PLAIN;
    const failed = span.failed ? 1 : 0;
    const store = this.#store;
    store.key(this.#view, span.traceIdAt, span.spanIdAt);
    let slot = store.find();
    if (slot < 0) {
      if (database !== NO_TEXT && texts.named(own) && texts.named(database)) {
        this.#begun++;
        this.#finish(own, database, connection, failed, NEITHER, latency, latency);
        return;
      }
      slot = this.#begin();
      if (slot < 0) return;
    }
    store.client[slot] = own;
    store.clientLatency[slot] = latency;
    store.connection[slot] = connection;
    store.failed[slot] |= failed;
    if (database !== NO_TEXT) {
      store.server[slot] = database;
      store.serverLatency[slot] = latency;
    }
    if (!this.#complete(slot)) store.peer[slot] = this.#peerText(buf);
  }

  #serverSpan(buf: Buffer, span: SpanFields): void {
    if (!this.#texts.room) this.#renewTexts(this.#sameFields());
    if (!this.#fromResource) span.look(buf);
    const own = this.#ownText(buf);
    const store = this.#store;
    store.key(this.#view, span.traceIdAt, span.parentIdAt);
    let slot = store.find();
    if (slot < 0) {
      slot = this.#begin();
      if (slot < 0) return;
    }
    store.server[slot] = own;
    store.serverLatency[slot] = span.latency(this.#view);
    store.connection[slot] = span.kind === CONSUMER ? MESSAGING : PLAIN;
    if (span.failed) store.failed[slot] = 1;
    this.#complete(slot);
  }

  /** A slot for the key of the store, -1 when it is full. */
  #begin(): number {
    if (this.#store.size >= this.#maxItems || this.#textsFull) {
      this.#dropped++;
      return -1;
    }
    this.#begun++;
    return this.#store.insert(this.#nowMs);
  }

  /** Counts the edge and removes it if both of its sides have a name. */
  #complete(slot: number): boolean {
    const store = this.#store;
    const client = store.client[slot];
    const server = store.server[slot];
    if (client === NO_TEXT || server === NO_TEXT) return false;
    if (!this.#texts.named(client) || !this.#texts.named(server)) return false;
    const { connection, failed, clientLatency, serverLatency } = store;
    this.#finish(client, server, connection[slot], failed[slot], NEITHER, clientLatency[slot], serverLatency[slot]);
    store.remove(slot);
    return true;
  }

  #expire(slot: number): void {
    if (!this.#texts.room) this.#renewTexts(this.#sameFields());
    const store = this.#store;
    const texts = this.#texts;
    let client = store.client[slot];
    let server = store.server[slot];
    let virtualNode = NEITHER;
    if (!texts.named(client)) {
      if (store.isRoot(slot)) {
        client = client === NO_TEXT ? USER : texts.renamed(client, USER);
        virtualNode = CLIENT_SIDE;
      } else if (texts.named(server)) return;
    }
    if (!texts.named(server)) {
      const peer = store.peer[slot] === NO_TEXT ? UNKNOWN : store.peer[slot];
      server = server === NO_TEXT ? peer : texts.renamed(server, peer);
      virtualNode = SERVER_SIDE;
    }
    const { failed, clientLatency, serverLatency } = store;
    this.#finish(client, server, VIRTUAL, failed[slot], virtualNode, clientLatency[slot], serverLatency[slot]);
  }

  #finish(
    client: number,
    server: number,
    connection: number,
    failed: number,
    virtualNode: number,
    clientLatency: number,
    serverLatency: number,
  ): void {
    this.#counted++;
    this.#series.count(this.#texts, client, server, connection, failed, virtualNode, clientLatency, serverLatency);
  }

  /** Service name and dimensions of the span's side: those of the resource come first. */
  #ownText(buf: Buffer): number {
    if (this.#fromResource && this.#resourceText !== NO_TEXT) return this.#resourceText;
    const texts = this.#texts;
    const resource = this.#ofResource;
    texts.value(buf, resource.start[SERVICE], resource.end[SERVICE]);
    const keys = this.#dimensionKeys;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      const from = resource.start[key] >= 0 ? resource : this.#span.found;
      if (from.start[key] < 0) texts.absent();
      else texts.value(buf, from.start[key], from.end[key]);
    }
    const text = texts.end();
    if (this.#fromResource) this.#resourceText = text;
    return text;
  }

  /** The name of the database that a client span asks, as a server without dimensions. */
  #databaseText(buf: Buffer): number {
    const keys = this.#databases;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      const from = this.#ofResource.start[key] >= 0 ? this.#ofResource : this.#span.found;
      if (from.start[key] >= 0) return this.#serverText(buf, from.start[key], from.end[key]);
    }
    return NO_TEXT;
  }

  /** What a client span says of a server that will send no span. */
  #peerText(buf: Buffer): number {
    const keys = this.#peers;
    const { start, end } = this.#span.found;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (start[key] >= 0) return this.#serverText(buf, start[key], end[key]);
    }
    return NO_TEXT;
  }

  #serverText(buf: Buffer, start: number, end: number): number {
    this.#texts.value(buf, start, end);
    return this.#texts.end();
  }

  #sameFields(): number[] {
    return this.#dimensions.map((_, i) => i + 1);
  }

  /** Copies the texts that edges refer to into new memory. `fieldOf`: see {@link Texts.copy}. */
  #renewTexts(fieldOf: readonly number[]): void {
    const old = this.#texts;
    const store = this.#store;
    const columns = [store.client, store.server, store.peer];
    // -1: to be copied; then the number of the copy.
    const moved = new Int32Array(old.count);
    let count = 0;
    let bytes = 0;
    for (let slot = store.oldest; slot >= 0; slot = store.after(slot)) {
      for (const column of columns) {
        const text = column[slot];
        if (text === NO_TEXT || moved[text] !== 0) continue;
        moved[text] = -1;
        count++;
        bytes += old.size(text) + 2 * fieldOf.length;
      }
    }
    const texts = new Texts(fieldOf.length, bytes, count);
    for (let slot = store.oldest; slot >= 0; slot = store.after(slot)) {
      for (const column of columns) {
        const text = column[slot];
        if (text === NO_TEXT) continue;
        if (moved[text] === -1) moved[text] = texts.copy(old, text, fieldOf);
        column[slot] = moved[text];
      }
    }
    this.#texts = texts;
    this.#textsFull = bytes > this.#maxTextBytes;
    this.#resourceText = NO_TEXT;
    this.#series.forget();
  }
}

/** Spans in the ScopeSpans message `buf[p, end)`. */
function spansOf(buf: Buffer, p: number, end: number): number {
  let spans = 0;
  while (p >= 0 && p < end) {
    const tagAt = p;
    p = readTag(buf, p, end);
    if (p < 0) break;
    if (varint === ITEM_TAG) spans++;
    p = skipUnknown(buf, p, end, varint, tagAt, 1);
  }
  return spans;
}
