/** The fields of a span that make an edge, read in one walk. */
import { SPAN, SPAN_STATUS } from '#codec/otlp/fields.ts';
import { FIXED32, FIXED64, LENGTH, VARINT } from '#codec/protobuf/limits.ts';
import { readLength, readTag, skipUnknown, skipVarint, varint } from '#codec/protobuf/walk.ts';
import { Found, type Keys } from './attributes.ts';

const TRACE_ID_TAG = (SPAN.traceId << 3) | LENGTH;
const SPAN_ID_TAG = (SPAN.spanId << 3) | LENGTH;
const PARENT_TAG = (SPAN.parentSpanId << 3) | LENGTH;
const NAME_TAG = (SPAN.name << 3) | LENGTH;
const KIND_TAG = (SPAN.kind << 3) | VARINT;
const START_TAG = (SPAN.startTimeUnixNano << 3) | FIXED64;
const END_TAG = (SPAN.endTimeUnixNano << 3) | FIXED64;
const STATUS_TAG = (SPAN.status << 3) | LENGTH;
const CODE_TAG = (SPAN_STATUS.code << 3) | VARINT;
const ATTRIBUTES_TAG = (SPAN.attributes << 3) | LENGTH;

/** SpanKind and StatusCode of OTLP. */
export const SERVER = 2;
export const CLIENT = 3;
export const PRODUCER = 4;
export const CONSUMER = 5;
const ERROR = 2;

/** Field 16, fixed32: the first of two bytes of its tag, and all bytes of the field. */
const FLAGS_TAG = (((SPAN.flags << 3) | FIXED32) & 0x7f) | 0x80;
const FLAGS_BYTES = 6;
/** Ids of span and parent, and two bytes more: a span that has less is not worth a shortcut. */
const HEAD_BYTES = 40;

export class SpanFields {
  /** Where the ids begin; -1: absent or empty. */
  traceIdAt = -1;
  spanIdAt = -1;
  parentIdAt = -1;
  kind = 0;
  failed = false;
  /** What was asked for among the attributes, after {@link look}. */
  readonly found: Found;
  readonly #ofServers: boolean;
  /** From the first attribute to behind the last one; other fields may lie between. */
  #attributesAt = 0;
  #attributesEnd = 0;
  /** `found` has been told of all attributes. */
  #looked = false;
  #startAt = -1;
  #endAt = -1;

  /** `ofServers`: whether attributes of server and consumer spans are asked for, too. */
  constructor(keys: Keys, ofServers: boolean) {
    this.found = new Found(keys);
    this.#ofServers = ofServers;
  }

  /** Reads the span `buf[p, end)`; false when it is malformed. */
  read(buf: Buffer, p: number, end: number): boolean {
    this.traceIdAt = -1;
    this.spanIdAt = -1;
    this.parentIdAt = -1;
    this.kind = 0;
    this.failed = false;
    this.#attributesAt = 0;
    this.#attributesEnd = 0;
    this.#looked = false;
    this.#startAt = -1;
    this.#endAt = -1;
    p = this.#head(buf, p, end);
    while (p < end) {
      const tagAt = p;
      const tag = buf[p];
      if (tag === ATTRIBUTES_TAG) {
        p = this.#attributes(buf, p, end);
        if (p < 0) return false;
        continue;
      }
      if (tag === START_TAG || tag === END_TAG) {
        if (tag === START_TAG) this.#startAt = p + 1;
        else this.#endAt = p + 1;
        p += 9;
        if (p > end) return false;
        continue;
      }
      if (tag === KIND_TAG) {
        const stop = skipVarint(buf, p + 1, end);
        if (stop < 0) return false;
        this.kind = stop === p + 2 ? buf[p + 1] : 0;
        p = stop;
        continue;
      }
      if (tag === FLAGS_TAG && end - p >= FLAGS_BYTES && buf[p + 1] === 0x01) {
        p += FLAGS_BYTES;
        continue;
      }
      if ((tag & 7) !== LENGTH || tag > 0x7f) {
        p = readTag(buf, p, end);
        if (p >= 0) p = skipUnknown(buf, p, end, varint, tagAt, 1);
        if (p < 0) return false;
        continue;
      }
      let length = p + 1 < end ? buf[p + 1] : 0x80;
      if (length < 0x80) p += 2;
      else {
        p = readLength(buf, p + 1, end);
        if (p < 0) return false;
        length = varint;
      }
      const stop = p + length;
      if (stop > end) return false;
      if (tag === TRACE_ID_TAG) this.traceIdAt = length === 16 ? p : -1;
      else if (tag === SPAN_ID_TAG) this.spanIdAt = length === 8 ? p : -1;
      else if (tag === PARENT_TAG) this.parentIdAt = length === 8 ? p : -1;
      else if (tag === STATUS_TAG) this.#status(buf, p, stop);
      p = stop;
    }
    return true;
  }

  /** Makes sure that `found` is about this span. */
  look(buf: Buffer): void {
    if (this.#looked) return;
    this.found.reset();
    this.found.scan(buf, this.#attributesAt, this.#attributesEnd, ATTRIBUTES_TAG);
  }

  /**
   * Seconds from start to end; 0 where the end lies before the start, or one of them is not given (upstream makes 584 years of the
   * one and decades of the other). `view`: of the buffer that was read.
   */
  latency(view: DataView): number {
    if (this.#startAt < 0 || this.#endAt < 0) return 0;
    const startLo = view.getUint32(this.#startAt, true);
    const startHi = view.getUint32(this.#startAt + 4, true);
    if ((startLo | startHi) === 0) return 0;
    const endLo = view.getUint32(this.#endAt, true);
    const endHi = view.getUint32(this.#endAt + 4, true);
    // Both products are exact, so the sum is rounded once, as Go's conversion of an integer is.
    const nanoseconds = (endHi - startHi) * 0x1_0000_0000 + (endLo - startLo);
    return nanoseconds > 0 ? nanoseconds / 1e9 : 0;
  }

  /**
   * What SDKs write first, one field behind the other without a choice between them: ids, parent, name, kind, times. Position of
   * the first field that is something else.
   */
  #head(buf: Buffer, p: number, end: number): number {
    if (end - p < HEAD_BYTES || buf[p] !== TRACE_ID_TAG || buf[p + 1] !== 16) return p;
    if (buf[p + 18] !== SPAN_ID_TAG || buf[p + 19] !== 8) return p;
    this.traceIdAt = p + 2;
    this.spanIdAt = p + 20;
    p += 28;
    if (buf[p] === PARENT_TAG && buf[p + 1] === 8) {
      this.parentIdAt = p + 2;
      p += 10;
    }
    if (buf[p] !== NAME_TAG || buf[p + 1] > 0x7f) return p;
    const kindAt = p + 2 + buf[p + 1];
    if (end - kindAt < 20 || buf[kindAt] !== KIND_TAG || buf[kindAt + 1] > 0x7f) return p;
    this.kind = buf[kindAt + 1];
    p = kindAt + 2;
    if (buf[p] !== START_TAG || buf[p + 9] !== END_TAG) return p;
    this.#startAt = p + 1;
    this.#endAt = p + 10;
    return p + 18;
  }

  /**
   * The attributes that lie behind each other from `p` on; position after them, or -1. Senders write the kind before the attributes,
   * so it is known here whether anybody asks for them.
   */
  #attributes(buf: Buffer, p: number, end: number): number {
    const { kind } = this;
    const first = this.#attributesEnd === 0;
    if (first) {
      this.#attributesAt = p;
      this.#looked =
        kind === CLIENT || kind === PRODUCER || (this.#ofServers && (kind === SERVER || kind === CONSUMER));
      if (this.#looked) this.found.reset();
    }
    if (this.#looked) p = this.found.take(buf, p, end, ATTRIBUTES_TAG);
    else p = skipAttributes(buf, p, end);
    if (p < 0) return -1;
    this.#attributesEnd = p;
    return p;
  }

  /** Status messages in turn are one: the last code counts. */
  #status(buf: Buffer, p: number, end: number): void {
    while (p >= 0 && p < end) {
      const tagAt = p;
      p = readTag(buf, p, end);
      if (p < 0) return;
      const tag = varint;
      if (tag === CODE_TAG) this.failed = p + 1 <= end && buf[p] === ERROR;
      p = skipUnknown(buf, p, end, tag, tagAt, 1);
    }
  }
}

/** Position after the attributes that lie behind each other from `from` on, or -1. */
function skipAttributes(buf: Buffer, from: number, to: number): number {
  // `| 0` keeps positions 32-bit integers without checks for overflow.
  const end = to | 0;
  let p = from | 0;
  while (p < end && buf[p] === ATTRIBUTES_TAG) {
    const lengthAt = (p + 1) | 0;
    const length = lengthAt < end ? buf[lengthAt] : 0x80;
    if (length < 0x80) p = (p + 2 + length) | 0;
    else {
      p = readLength(buf, lengthAt, end) | 0;
      if (p < 0) return -1;
      p = (p + varint) | 0;
    }
  }
  return p <= end ? p : -1;
}
