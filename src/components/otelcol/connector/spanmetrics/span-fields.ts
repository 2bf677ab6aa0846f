/**
 * Where the parts of one span lie that metrics are made of. Reused for each span; makes nothing. For validated bytes: what cannot
 * be read there throws, and is a bug.
 *
 *     0a trace id   12 span id   1a trace state   2a name   30 kind   39 start   41 end   4a attribute*   5a event*   7a status
 */
import { SPAN, SPAN_STATUS } from '#codec/otlp/fields.ts';
import { FIXED64, LENGTH, ProtobufError, VARINT } from '#codec/protobuf/limits.ts';
import { readLength, readTag, skipUnknown, varint, walkError } from '#codec/protobuf/walk.ts';
import type { AttributeSet } from './attribute-set.ts';

const TRACE_ID = (SPAN.traceId << 3) | LENGTH;
const SPAN_ID = (SPAN.spanId << 3) | LENGTH;
const TRACE_STATE = (SPAN.traceState << 3) | LENGTH;
const NAME = (SPAN.name << 3) | LENGTH;
const KIND = (SPAN.kind << 3) | VARINT;
const START = (SPAN.startTimeUnixNano << 3) | FIXED64;
const END = (SPAN.endTimeUnixNano << 3) | FIXED64;
const ATTRIBUTE = (SPAN.attributes << 3) | LENGTH;
const STATUS = (SPAN.status << 3) | LENGTH;
const CODE = (SPAN_STATUS.code << 3) | VARINT;

/** Both ids with their tags and lengths. */
const IDS_BYTES = 28;

/** Kinds and codes from here on have no name: they are taken as not set. */
const KINDS = 6;
const CODES = 3;

export class SpanFields {
  /** -1: none. */
  traceIdAt = -1;
  spanIdAt = -1;
  nameStart = 0;
  nameEnd = 0;
  stateStart = 0;
  stateEnd = 0;
  /** 0 to 5 as in OTLP. */
  kind = 0;
  /** 0 to 2 as in OTLP. */
  status = 0;
  #startAt = -1;
  #endAt = -1;

  /** `attributes`: takes the span's; null: none are wanted. */
  read(buf: Buffer, start: number, end: number, attributes: AttributeSet | null): void {
    this.traceIdAt = this.spanIdAt = this.#startAt = this.#endAt = -1;
    this.nameStart = this.nameEnd = this.stateStart = this.stateEnd = 0;
    this.kind = this.status = 0;
    let p = start | 0;
    // Nearly every span begins with its ids.
    if (
      end - p > IDS_BYTES &&
      buf[p] === TRACE_ID &&
      buf[p + 1] === 16 &&
      buf[p + 18] === SPAN_ID &&
      buf[p + 19] === 8
    ) {
      this.traceIdAt = p + 2;
      this.spanIdAt = p + 20;
      p += IDS_BYTES;
    }
    while (p < end) {
      const tagAt = p;
      let tag = buf[p++];
      if (tag > 0x7f) {
        p = checked(readTag(buf, tagAt, end));
        tag = varint;
      }
      if ((tag & 7) === LENGTH) {
        let length = p < end ? buf[p] : 0x80;
        if (length < 0x80) p++;
        else {
          p = checked(readLength(buf, p, end));
          length = varint;
        }
        const stop = (p + length) | 0;
        if (tag === ATTRIBUTE) {
          if (attributes !== null) {
            if (attributes.mayWant(buf, p, stop)) attributes.add(buf, p, stop);
          } else {
            p = stop;
            while (p + 1 < end && buf[p] === ATTRIBUTE && buf[p + 1] < 0x80) p = (p + 2 + buf[p + 1]) | 0;
            continue;
          }
        } else if (tag === NAME) {
          this.nameStart = p;
          this.nameEnd = stop;
        } else if (tag <= STATUS) this.#rare(buf, tag, p, stop);
        p = stop;
      } else if ((tag & 7) === FIXED64) {
        if (tag === START) this.#startAt = p;
        else if (tag === END) this.#endAt = p;
        p += 8;
      } else if (tag === KIND) {
        this.kind = buf[p] < KINDS ? buf[p] : 0;
        p = buf[p] < 0x80 ? p + 1 : checked(skipUnknown(buf, p, end, tag, tagAt, 1));
      } else p = checked(skipUnknown(buf, p, end, tag, tagAt, 1));
    }
  }

  /** What few spans have, and ids that are not where they mostly are. */
  #rare(buf: Buffer, tag: number, start: number, end: number): void {
    if (tag === TRACE_ID) this.traceIdAt = end - start === 16 ? start : -1;
    else if (tag === SPAN_ID) this.spanIdAt = end - start === 8 ? start : -1;
    else if (tag === STATUS) this.#readStatus(buf, start, end);
    else if (tag === TRACE_STATE) {
      this.stateStart = start;
      this.stateEnd = end;
    }
  }

  /** 0 where the end is not after the start, or one of the two is not set. */
  durationNs(buf: Buffer): number {
    const start = this.#startAt;
    const end = this.#endAt;
    if (start < 0 || end < 0) return 0;
    const startLow = word(buf, start);
    const startHigh = word(buf, start + 4);
    if (startLow === 0 && startHigh === 0) return 0;
    const ns = (word(buf, end + 4) - startHigh) * 2 ** 32 + (word(buf, end) - startLow);
    return ns > 0 ? ns : 0;
  }

  /** Whether it has a trace id that is not all zeros. */
  hasTraceId(buf: Buffer): boolean {
    if (this.traceIdAt < 0) return false;
    for (let i = 0; i < 16; i++) if (buf[this.traceIdAt + i] !== 0) return true;
    return false;
  }

  #readStatus(buf: Buffer, p: number, end: number): void {
    while (p < end) {
      const tagAt = p;
      p = checked(readTag(buf, p, end));
      if (varint === CODE) this.status = buf[p] < CODES ? buf[p] : 0;
      p = checked(skipUnknown(buf, p, end, varint, tagAt, 1));
    }
  }
}

/** Unsigned 32 bits, little-endian. */
const word = (buf: Buffer, at: number): number =>
  (buf[at] | (buf[at + 1] << 8) | (buf[at + 2] << 16) | (buf[at + 3] << 24)) >>> 0;

/** A position that a step of `walk.ts` gave. */
export function checked(position: number): number {
  if (position < 0) throw new ProtobufError(walkError(), 0);
  return position;
}
