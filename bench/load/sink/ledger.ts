/** What the sink got, span by span, against what was sent: no strings, no entry per span. */
import { SpanCursor } from '../payload/span-cursor.ts';
import { isWorkloadId, payloadOf, sendNumberOf, spanIndexOf, type Workload } from '../payload/workload.ts';
import type { Accepted, Arrivals, Faults } from './arrivals.ts';
import { sameContent } from './same-content.ts';

/** Every so many spans one is compared byte for byte with what was sent, its resource and its scope too. */
const COMPARE_EVERY = 16;
/** Of those whose bytes differ every so many are decoded: a system that encodes anew writes the same in other bytes. */
const DECODE_EVERY = 256;

export interface Verdict extends Faults {
  /** Spans that arrived. */
  readonly received: number;
  /** Spans that were compared with what was sent, resource and scope included. */
  readonly compared: number;
  /** Of those compared, the ones that came in other bytes. */
  readonly reencoded: number;
  /** Of the re-encoded ones, a sample was decoded: so many of it say something else than what was sent. */
  readonly altered: number;
  /** Spans that nobody sent. */
  readonly foreign: number;
}

export class Ledger {
  received = 0;
  readonly #workload: Workload;
  readonly #arrivals: Arrivals;
  readonly #cursor = new SpanCursor();
  readonly #sentCursor = new SpanCursor();
  #foreign = 0;
  #compared = 0;
  #reencoded = 0;
  #altered = 0;
  /** Of each payload, its spans' positions; filled when first needed. */
  readonly #sent: (SpanRanges | undefined)[] = [];

  constructor(workload: Workload, arrivals: Arrivals) {
    this.#workload = workload;
    this.#arrivals = arrivals;
  }

  /**
   * Counts the spans of one ExportTraceServiceRequest and says how many they were. Throws if it is malformed. `bytes` are not
   * kept.
   */
  take(bytes: Buffer, start: number, end: number): number {
    const before = this.received;
    const perRequest = this.#workload.spansPerRequest;
    const cursor = this.#cursor.reset(bytes, start, end);
    while (cursor.next()) {
      this.received++;
      const at = cursor.spanIdAt;
      const span = spanIndexOf(bytes, at);
      if (!isWorkloadId(bytes, at) || span >= perRequest || !this.#arrivals.arrive(sendNumberOf(bytes, at), span)) {
        this.#foreign++;
        continue;
      }
      if (this.received % COMPARE_EVERY === 0) this.#compare(bytes, payloadOf(bytes, at), span);
    }
    return this.received - before;
  }

  verdict(accepted: Accepted): Verdict {
    return {
      received: this.received,
      ...this.#arrivals.faults(accepted),
      compared: this.#compared,
      reencoded: this.#reencoded,
      altered: this.#altered,
      foreign: this.#foreign,
    };
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
    if (same || this.#reencoded++ % DECODE_EVERY !== 0) return;
    if (
      !sameContent('span', source.bytes.subarray(spanStart, spanEnd), bytes.subarray(got.spanStart, got.spanEnd)) ||
      !sameContent(
        'resource',
        source.bytes.subarray(resourceStart, resourceEnd),
        bytes.subarray(got.resourceStart, got.resourceEnd),
      ) ||
      !sameContent('scope', source.bytes.subarray(scopeStart, scopeEnd), bytes.subarray(got.scopeStart, got.scopeEnd))
    )
      this.#altered++;
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
