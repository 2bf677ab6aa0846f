/**
 * Cuts a request of spans into one request per trace: resource and scope headers are repeated, spans copied byte for byte in their
 * order, unknown fields kept (those of the request itself go with its first trace).
 *
 *     pieces.cut(bytes);
 *     for (let i = 0; i < pieces.count; i++) {
 *       const size = pieces.turnTo(i);          // then: id, spans
 *       pieces.write(target, at);               // size bytes
 *     }
 *
 * A span without a trace id belongs to the trace of 16 zeros. For validated bytes. Worker threads; reused; allocates only to grow.
 */
import { KeyTable } from '#components/kit/key-table.ts';
import { ENTRY, REQUEST, SCOPE_ENTRY, SPAN, TRACE_ID_BYTES } from '#codec/otlp/fields.ts';
import { Rows } from '#codec/otlp/item-index.ts';
import { Splice } from '#codec/otlp/splice.ts';
import { LENGTH } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';

const ENTRY_TAG = (REQUEST.entries << 3) | LENGTH;
const SCOPES_TAG = (ENTRY.scopes << 3) | LENGTH;
const NONE = -1;
const NO_ID: Buffer = Buffer.alloc(TRACE_ID_BYTES);
const NOTHING: Buffer = Buffer.alloc(0);

export class TracePieces {
  readonly #known = new KeyTable();
  /** traces: first span, last span, number of spans, where the id lies or NONE. spans: tag, end, scope, next span. */
  readonly #traces = new Rows(4, Infinity);
  readonly #spans = new Rows(4, Infinity);
  /** scopes: entry, first header, end of headers. entries: first header, end of headers. Rows of numbers, not of offsets. */
  readonly #scopes = new Rows(3, Infinity);
  readonly #entries = new Rows(2, Infinity);
  readonly #requestHeaders = new Rows(2, Infinity);
  readonly #entryHeaders = new Rows(2, Infinity);
  readonly #scopeHeaders = new Rows(2, Infinity);
  readonly #request = new Reader();
  readonly #entry = new Reader();
  readonly #scope = new Reader();
  readonly #span = new Reader();
  readonly #splice = new Splice();
  #bytes = NOTHING;

  /** Of the trace that it has turned to: where its 16 bytes of id are, and its spans. */
  id = NO_ID;
  idAt = 0;
  spans = 0;

  /** Traces in the request. */
  get count(): number {
    return this.#traces.length;
  }

  cut(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#known.clear();
    for (const rows of [this.#traces, this.#spans, this.#scopes, this.#entries]) rows.clear();
    for (const rows of [this.#requestHeaders, this.#entryHeaders, this.#scopeHeaders]) rows.clear();
    for (const request = this.#request.reset(bytes, 0, bytes.length); request.next();) {
      if (request.field === REQUEST.entries && request.wire === LENGTH) this.#cutEntry(request.start, request.stop);
      else this.#requestHeaders.addRange(request.fieldStart, request.pos);
    }
  }

  /** Turns to a trace; the bytes of its request. */
  turnTo(trace: number): number {
    const row = trace * 4;
    const idAt = this.#traces.data[row + 3];
    this.id = idAt === NONE ? NO_ID : this.#bytes;
    this.idAt = idAt === NONE ? 0 : idAt;
    this.spans = this.#traces.data[row + 2];
    const splice = this.#splice;
    splice.reset();
    if (trace === 0) addRanges(splice, this.#requestHeaders, 0, this.#requestHeaders.length);
    const spans = this.#spans.data;
    let scope = NONE;
    let entry = NONE;
    for (let span = this.#traces.data[row]; span !== NONE; span = spans[span + 3]) {
      if (spans[span + 2] !== scope) {
        if (scope !== NONE) splice.end();
        scope = spans[span + 2];
        entry = this.#open(entry, scope * 3);
      }
      splice.range(spans[span], spans[span + 1]);
    }
    splice.end();
    splice.end();
    return splice.size;
  }

  /** Writes the request of the trace at hand. */
  write(target: Buffer, at: number): void {
    this.#splice.write(this.#bytes, target, at);
  }

  /** Lets the request go. */
  release(): void {
    this.#bytes = this.id = NOTHING;
  }

  /** Opens a scope (by its row), and its entry unless that is the one that is open; which that is then. */
  #open(entry: number, row: number): number {
    const splice = this.#splice;
    const scopes = this.#scopes.data;
    const wanted = scopes[row];
    if (wanted !== entry) {
      if (entry !== NONE) splice.end();
      splice.begin(ENTRY_TAG);
      const headers = wanted * 2;
      addRanges(splice, this.#entryHeaders, this.#entries.data[headers], this.#entries.data[headers + 1]);
    }
    splice.begin(SCOPES_TAG);
    addRanges(splice, this.#scopeHeaders, scopes[row + 1], scopes[row + 2]);
    return wanted;
  }

  #cutEntry(start: number, stop: number): void {
    const row = this.#entries.add();
    this.#entries.data[row] = this.#entryHeaders.length;
    for (const entry = this.#entry.reset(this.#bytes, start, stop); entry.next();) {
      if (entry.field === ENTRY.scopes && entry.wire === LENGTH) this.#cutScope(entry.start, entry.stop);
      else this.#entryHeaders.addRange(entry.fieldStart, entry.pos);
    }
    this.#entries.data[row + 1] = this.#entryHeaders.length;
  }

  #cutScope(start: number, stop: number): void {
    const row = this.#scopes.add();
    const number = this.#scopes.length - 1;
    this.#scopes.data[row] = this.#entries.length - 1;
    this.#scopes.data[row + 1] = this.#scopeHeaders.length;
    for (const scope = this.#scope.reset(this.#bytes, start, stop); scope.next();) {
      if (scope.field === SCOPE_ENTRY.items && scope.wire === LENGTH)
        this.#addSpan(scope.fieldStart, scope.start, scope.stop, number);
      else this.#scopeHeaders.addRange(scope.fieldStart, scope.pos);
    }
    this.#scopes.data[row + 2] = this.#scopeHeaders.length;
  }

  #addSpan(tagAt: number, start: number, stop: number, scope: number): void {
    const trace = this.#traceOf(this.#traceIdAt(start, stop));
    const span = this.#spans.add();
    const spans = this.#spans.data;
    spans[span] = tagAt;
    spans[span + 1] = stop;
    spans[span + 2] = scope;
    spans[span + 3] = NONE;
    const traces = this.#traces.data;
    if (traces[trace + 2]++ === 0) traces[trace] = span;
    else spans[traces[trace + 1] + 3] = span;
    traces[trace + 1] = span;
  }

  /** Where the trace id of a span lies; NONE: it has none. */
  #traceIdAt(start: number, stop: number): number {
    const span = this.#span.reset(this.#bytes, start, stop);
    // Encoders write it first, and once.
    if (!span.next()) return NONE;
    let at = NONE;
    if (span.field === SPAN.traceId && span.stop - span.start === TRACE_ID_BYTES) return span.start;
    do {
      if (span.field === SPAN.traceId && span.stop - span.start === TRACE_ID_BYTES) at = span.start;
    } while (span.next());
    return at;
  }

  /** Offset of the trace's row. */
  #traceOf(idAt: number): number {
    const buf = idAt === NONE ? NO_ID : this.#bytes;
    const at = idAt === NONE ? 0 : idAt;
    const known = this.#known.get(0, buf, at, at + TRACE_ID_BYTES);
    if (known >= 0) return known;
    const trace = this.#traces.add();
    this.#traces.data[trace + 2] = 0;
    this.#traces.data[trace + 3] = idAt;
    this.#known.put(trace);
    return trace;
  }
}

/** Adds rows [from, to) of a range table. */
function addRanges(splice: Splice, { data }: Rows, from: number, to: number): void {
  for (let i = from * 2; i < to * 2; i += 2) splice.range(data[i], data[i + 1]);
}
