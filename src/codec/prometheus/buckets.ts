/**
 * Buckets of OTLP histograms as the spans and deltas of native histograms (prometheus/prometheus `model/histogram`; OpenTelemetry
 * specification, "Exponential Histograms" of the compatibility with Prometheus).
 *
 * OTLP's bucket `i` of scale `s` is (base^i, base^(i+1)], Prometheus's is (base^(i-1), base^i]: the index grows by one. Scales
 * above 8 are brought down to 8: each step merges two neighbours, so an index is shifted right.
 */
import { Occurrences, type MessageView } from '../otlp/view.ts';
import { BUCKETS } from '../otlp/fields.ts';
import { zigzag32 } from '../protobuf/varint.ts';
import type { Writer } from '../protobuf/writer.ts';
import { BUCKET_SPAN } from './fields.ts';

/** Counts below this and differences of them are exact, also twice over, which is how a difference travels. */
const COUNT_LIMIT = 2 ** 52;
/** Empty buckets in a row that are written out before a new span is begun (client_golang, histogram.go). */
const GAP_WRITTEN_OUT = 2;
const TWO_32 = 2 ** 32;

/** The non-empty buckets of one side of a histogram, ascending. */
export class SparseBuckets {
  readonly #indices: number[] = [];
  readonly #counts: number[] = [];
  /** Sum of the counts. */
  total = 0;

  reset(): this {
    this.#indices.length = 0;
    this.#counts.length = 0;
    this.total = 0;
    return this;
  }

  /** Adds to bucket `index`; indices come in ascending order, equal ones one after the other. */
  add(index: number, count: number): void {
    if (count === 0) return;
    const last = this.#indices.length - 1;
    if (last >= 0 && this.#indices[last] === index) this.#counts[last] += count;
    else {
      this.#indices.push(index);
      this.#counts.push(count);
    }
    this.total += count;
  }

  /**
   * Takes the Buckets message in `field` of an exponential point; `view` is lent for it. False: they cannot be expressed (counts
   * from 2^52 on, indices beyond 32 bits).
   */
  readExponential(point: MessageView, field: number, view: MessageView, shift: number): boolean {
    this.reset();
    view.reset(point.buf, point.start(field), point.stop(field));
    const offset = view.sint32(BUCKETS.offset);
    let i = 0;
    const ok = eachCount(view, BUCKETS.bucketCounts, (count) => this.add(((offset + i++) >> shift) + 1, count));
    return ok && offset + i < 0x7fff_ffff && this.total < COUNT_LIMIT;
  }

  /** Spans and deltas as the fields `spans` and `deltas` of the message that `out` is writing. */
  write(out: Writer, spans: number, deltas: number): void {
    const indices = this.#indices;
    const length = indices.length;
    if (length === 0) return;
    let next = 0;
    for (let from = 0; from < length;) {
      let to = from + 1;
      while (to < length && indices[to] - indices[to - 1] - 1 <= GAP_WRITTEN_OUT) to++;
      const mark = out.begin(spans);
      const offset = indices[from] - next;
      if (offset !== 0) out.uint32(BUCKET_SPAN.offset, zigzag32(offset));
      next = indices[to - 1] + 1;
      out.uint32(BUCKET_SPAN.length, next - indices[from]);
      out.end(mark);
      from = to;
    }
    const mark = out.begin(deltas);
    let previous = 0;
    for (let i = 0; i < length; i++) {
      const gap = i === 0 ? 0 : indices[i] - indices[i - 1] - 1;
      for (let empty = gap <= GAP_WRITTEN_OUT ? gap : 0; empty > 0; empty--) {
        packedDelta(out, -previous);
        previous = 0;
      }
      packedDelta(out, this.#counts[i] - previous);
      previous = this.#counts[i];
    }
    out.end(mark);
  }
}

/** sint64. */
function packedDelta(out: Writer, delta: number): void {
  const zigzag = delta >= 0 ? delta * 2 : -delta * 2 - 1;
  out.packedVarint64(zigzag >>> 0, Math.floor(zigzag / TWO_32));
}

/** Calls `take` with each number of a repeated uint64 field, packed or not. False when one is 2^52 or more. */
function eachCount(view: MessageView, field: number, take: (count: number) => void): boolean {
  for (const each = new Occurrences().over(view, field); each.next();) {
    let value = 0;
    let scale = 1;
    for (let at = each.start; at < each.stop; at++) {
      const byte = view.buf[at];
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
      if (byte > 0x7f) continue;
      if (value >= COUNT_LIMIT) return false;
      take(value);
      value = 0;
      scale = 1;
    }
  }
  return true;
}

/** The numbers of a repeated fixed64 field as numbers; null when one is 2^52 or more. Allocates the list. */
export function fixedCounts(view: MessageView, field: number): number[] | null {
  const found: number[] = [];
  for (const each = new Occurrences().over(view, field); each.next();) {
    for (let at = each.start; at + 8 <= each.stop; at += 8) {
      const count = view.buf.readUInt32LE(at + 4) * TWO_32 + view.buf.readUInt32LE(at);
      if (count >= COUNT_LIMIT) return null;
      found.push(count);
    }
  }
  return found;
}
