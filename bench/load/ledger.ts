/**
 * What the sink got, span by span, against what was sent. One cell per span id: no sets, no strings.
 */
import { SpanCursor } from './span-cursor.ts';
import { isWorkloadId, type Workload } from './workload.ts';

/** 512 MiB of cells; memory becomes resident only where it is written. */
const MAX_CELLS = 128 * 1024 * 1024;
/** Every so many spans one is compared byte for byte with what was sent, its resource and its scope too. */
const COMPARE_EVERY = 16;

export interface Verdict {
  /** Spans that arrived. */
  readonly received: number;
  /** Spans of accepted requests that did not arrive. */
  readonly lost: number;
  /** Arrivals beyond the first of each accepted send. */
  readonly duplicated: number;
  /** Arrivals of spans whose request was refused or never answered: a sender that retries makes them duplicates. */
  readonly unexpected: number;
  /** Spans, of those compared, whose bytes, resource or scope differ from what was sent. */
  readonly altered: number;
  readonly compared: number;
  /** Spans that nobody sent. */
  readonly foreign: number;
}

export class Ledger {
  received = 0;
  readonly #workload: Workload;
  readonly #cursor = new SpanCursor();
  readonly #sentCursor = new SpanCursor();
  /** Arrivals by send number x spans per request + index of the span. */
  #arrivals = new Uint32Array(1024 * 1024);
  #foreign = 0;
  #compared = 0;
  #altered = 0;
  /** Of each payload, its spans' positions; filled when first needed. */
  readonly #sent: (SpanRanges | undefined)[] = [];

  constructor(workload: Workload) {
    this.#workload = workload;
  }

  /** Counts the spans of one ExportTraceServiceRequest. Throws if it is malformed. `bytes` are not kept. */
  take(bytes: Buffer, start: number, end: number): void {
    const perRequest = this.#workload.spansPerRequest;
    const cursor = this.#cursor.reset(bytes, start, end);
    while (cursor.next()) {
      this.received++;
      const at = cursor.spanIdAt;
      const span = (bytes[at + 2] << 8) | bytes[at + 3];
      const cell = bytes.readUInt32BE(at + 4) * perRequest + span;
      if (!isWorkloadId(bytes, at) || span >= perRequest || cell >= MAX_CELLS) {
        this.#foreign++;
        continue;
      }
      if (cell >= this.#arrivals.length) this.#grow(cell);
      this.#arrivals[cell] = this.#arrivals[cell] + 1;
      if (this.received % COMPARE_EVERY === 0) this.#compare(bytes, bytes[at + 1], span);
    }
  }

  /** `accepted[n]` = how often the request with send number n was accepted. */
  verdict(accepted: Uint32Array): Verdict {
    const perRequest = this.#workload.spansPerRequest;
    let lost = 0;
    let duplicated = 0;
    let unexpected = 0;
    const cells = Math.max(this.#arrivals.length, accepted.length * perRequest);
    for (let cell = 0; cell < cells; cell++) {
      const due = accepted[Math.floor(cell / perRequest)] ?? 0;
      const arrived = this.#arrivals[cell] ?? 0;
      if (arrived < due) lost += due - arrived;
      else if (due === 0) unexpected += arrived;
      else duplicated += arrived - due;
    }
    return {
      received: this.received,
      lost,
      duplicated,
      unexpected,
      altered: this.#altered,
      compared: this.#compared,
      foreign: this.#foreign,
    };
  }

  #grow(cell: number): void {
    let length = this.#arrivals.length;
    while (length <= cell) length *= 2;
    const grown = new Uint32Array(length);
    grown.set(this.#arrivals);
    this.#arrivals = grown;
  }

  #compare(bytes: Buffer, payload: number, span: number): void {
    this.#compared++;
    const source = this.#workload.payloads[payload];
    if (source === undefined) {
      this.#altered++;
      return;
    }
    const sent = (this.#sent[payload] ??= this.#ranges(payload));
    const r = span * RANGE_WORDS;
    const [spanStart, spanEnd, idAt, resourceStart, resourceEnd, scopeStart, scopeEnd] = sent.subarray(
      r,
      r + RANGE_WORDS,
    );
    const got = this.#cursor;
    // the send number is the only part that may differ
    const same =
      equal(source.bytes, spanStart, idAt + 4, bytes, got.spanStart, got.spanIdAt + 4) &&
      equal(source.bytes, idAt + 8, spanEnd, bytes, got.spanIdAt + 8, got.spanEnd) &&
      equal(source.bytes, resourceStart, resourceEnd, bytes, got.resourceStart, got.resourceEnd) &&
      equal(source.bytes, scopeStart, scopeEnd, bytes, got.scopeStart, got.scopeEnd);
    if (!same) this.#altered++;
  }

  #ranges(payload: number): SpanRanges {
    const { bytes, spanIdAt } = this.#workload.payloads[payload];
    const ranges = new Uint32Array(spanIdAt.length * RANGE_WORDS);
    const c = this.#sentCursor.reset(bytes, 0, bytes.length);
    for (let at = 0; c.next(); at += RANGE_WORDS) {
      ranges.set([c.spanStart, c.spanEnd, c.spanIdAt, c.resourceStart, c.resourceEnd, c.scopeStart, c.scopeEnd], at);
    }
    return ranges;
  }
}

const RANGE_WORDS = 7;
/** Per span {@link RANGE_WORDS} offsets. */
type SpanRanges = Uint32Array;

function equal(a: Buffer, aStart: number, aEnd: number, b: Buffer, bStart: number, bEnd: number): boolean {
  return aEnd - aStart === bEnd - bStart && a.compare(b, bStart, bEnd, aStart, aEnd) === 0;
}
