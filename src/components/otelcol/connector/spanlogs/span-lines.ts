/**
 * Turns a request of spans into requests of log records, one line after the other, in pieces of bounded size (semantics 15.2 to
 * 15.4): one log resource and scope for each resource and scope of the spans, without attributes and names.
 *
 * It stands somewhere in the request between two pieces, and reads from its bytes: {@link SpanLines.rebase} when they move.
 */
import { LENGTH, VARINT } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import { Writer } from '#codec/protobuf/writer.ts';
import {
  ANY_VALUE,
  ENTRY,
  KEY_VALUE,
  REQUEST,
  RESOURCE,
  SCOPE_ENTRY,
  SPAN,
  SPAN_EVENT,
  SPAN_STATUS,
  TRACE_ID_BYTES,
} from '#codec/otlp/fields.ts';
import type { Layout } from './layout.ts';
import { LineValues } from './line-values.ts';
import { LogfmtLine } from './logfmt-line.ts';
import { Picked } from './picked.ts';
import { RecordWriter } from './record-writer.ts';

const ATTRIBUTE_TAG = (SPAN.attributes << 3) | LENGTH;
const EMPTY = Buffer.alloc(0);
const HEX = Buffer.from('0123456789abcdef');
const NANOSECONDS = Buffer.from('ns');
const SERVICE_NAME = Buffer.from('service.name');
/** By status code. Code 0 is not logged; codes that nobody has defined have no name. */
const STATUS = [EMPTY, Buffer.from('Ok'), Buffer.from('Error')] as const;

const kind = (word: string): Buffer =>
  Buffer.from([(ANY_VALUE.stringValue << 3) | LENGTH, word.length, ...Buffer.from(word)]);
const PROCESS = kind('process');
const SPAN_LINE = kind('span');
const ROOT = kind('root');
const EVENT = kind('event');

export class SpanLines {
  readonly #layout: Layout;
  readonly #records: RecordWriter;
  readonly #out = new Writer();
  #buf: Buffer = EMPTY;

  readonly #request = new Reader();
  readonly #entry = new Reader();
  readonly #scope = new Reader();
  readonly #span = new Reader();
  readonly #inner = new Reader();
  readonly #pair = new Reader();
  /** What is open in the request, and where its counterpart begins in the piece. */
  #inEntry = false;
  #inScope = false;
  #inSpan = false;
  #entryMark = 0;
  #scopeMark = 0;

  readonly #spanValues: LineValues;
  readonly #otherValues: LineValues;
  readonly #spanPicked: Picked;
  readonly #processPicked: Picked;
  readonly #eventPicked: Picked;
  #serviceAt = 0;
  #serviceEnd = 0;

  /** Hex of the trace id of the span, or nothing when it has none; and of the last span of the scope that a process was logged for. */
  readonly #traceId = Buffer.alloc(TRACE_ID_BYTES * 2);
  readonly #processTraceId = Buffer.alloc(TRACE_ID_BYTES * 2);
  #traceIdLength = 0;
  #processTraceIdLength = 0;
  readonly #duration = new LogfmtLine();

  /** Lines in the piece that {@link fill} made. */
  items = 0;

  constructor(layout: Layout) {
    this.#layout = layout;
    this.#records = new RecordWriter(layout);
    this.#spanValues = new LineValues(layout.slots.length);
    this.#otherValues = new LineValues(layout.slots.length);
    this.#spanPicked = new Picked(layout.spanAttributes);
    this.#processPicked = new Picked(layout.processAttributes);
    this.#eventPicked = new Picked(layout.eventAttributes);
  }

  /** Pairs left out of lines since it was last asked. */
  takeDroppedPairs(): number {
    const dropped = this.#records.droppedPairs;
    this.#records.droppedPairs = 0;
    return dropped;
  }

  /** Starts on a request of spans. */
  begin(bytes: Buffer): void {
    this.#buf = bytes;
    this.#request.reset(bytes, 0, bytes.length);
    this.#inEntry = this.#inScope = this.#inSpan = false;
  }

  /** The request lies in `bytes` from now on. */
  rebase(bytes: Buffer): void {
    for (const reader of [this.#request, this.#entry, this.#scope, this.#span]) reader.buf = bytes;
    for (const values of [this.#spanValues, this.#otherValues]) values.rebase(this.#buf, bytes);
    this.#buf = bytes;
  }

  /** Lets go of the request. */
  release(): void {
    this.rebase(EMPTY);
    this.#out.reset();
  }

  /** Makes the next piece: of about `maxBytes`, one line more where it does not fit. False: that was the last one. */
  fill(maxBytes: number): boolean {
    this.#out.reset();
    this.items = 0;
    if (this.#inEntry) this.#entryMark = this.#out.begin(REQUEST.entries);
    if (this.#inScope) this.#scopeMark = this.#out.begin(ENTRY.scopes);
    while (this.#step()) {
      if (this.#out.length < maxBytes) continue;
      if (this.#inScope) this.#out.end(this.#scopeMark);
      if (this.#inEntry) this.#out.end(this.#entryMark);
      return true;
    }
    return false;
  }

  /** The piece, in memory of its own. */
  finish(): Buffer {
    return this.#out.finish();
  }

  /** One field of what is open; false at the end of the request. */
  #step(): boolean {
    if (this.#inSpan) this.#nextEvent();
    else if (this.#inScope) this.#nextSpan();
    else if (this.#inEntry) this.#nextScope();
    else {
      if (!this.#request.next()) return false;
      if (this.#request.field === REQUEST.entries && this.#request.wire === LENGTH) this.#openEntry();
    }
    return true;
  }

  #openEntry(): void {
    const { start, stop } = this.#request;
    this.#inEntry = true;
    this.#entryMark = this.#out.begin(REQUEST.entries);
    this.#serviceAt = this.#serviceEnd = 0;
    this.#processPicked.reset();
    // The resource may stand behind the spans.
    const entry = this.#entry.reset(this.#buf, start, stop);
    while (entry.next()) {
      if (entry.field === ENTRY.resource && entry.wire === LENGTH) this.#readResource(entry.start, entry.stop);
    }
    entry.reset(this.#buf, start, stop);
  }

  #readResource(start: number, stop: number): void {
    const resource = this.#inner.reset(this.#buf, start, stop);
    let named = false;
    while (resource.next()) {
      if (resource.field !== RESOURCE.attributes || resource.wire !== LENGTH) continue;
      this.#processPicked.offer(this.#buf, resource.start, resource.stop);
      if (!named) named = this.#readService(resource.start, resource.stop);
    }
  }

  /** Whether the attribute is the service name; its text is remembered when it is one. */
  #readService(start: number, stop: number): boolean {
    const pair = this.#pair.reset(this.#buf, start, stop);
    let is = false;
    let valueAt = 0;
    let valueEnd = 0;
    while (pair.next()) {
      if (pair.wire !== LENGTH) continue;
      if (pair.field === KEY_VALUE.key) is = SERVICE_NAME.compare(this.#buf, pair.start, pair.stop) === 0;
      else if (pair.field === KEY_VALUE.value) {
        valueAt = pair.start;
        valueEnd = pair.stop;
      }
    }
    if (!is) return false;
    pair.reset(this.#buf, valueAt, valueEnd);
    this.#serviceAt = this.#serviceEnd = 0;
    while (pair.next()) {
      const isText = pair.field === ANY_VALUE.stringValue;
      if (pair.field > ANY_VALUE.bytesValue) continue;
      this.#serviceAt = isText ? pair.start : 0;
      this.#serviceEnd = isText ? pair.stop : 0;
    }
    return true;
  }

  #nextScope(): void {
    const entry = this.#entry;
    if (!entry.next()) {
      this.#out.end(this.#entryMark);
      this.#inEntry = false;
    } else if (entry.field === ENTRY.scopes && entry.wire === LENGTH) {
      this.#scope.reset(this.#buf, entry.start, entry.stop);
      this.#scopeMark = this.#out.begin(ENTRY.scopes);
      this.#processTraceIdLength = 0;
      this.#inScope = true;
    }
  }

  #nextSpan(): void {
    const scope = this.#scope;
    if (!scope.next()) {
      this.#out.end(this.#scopeMark);
      this.#inScope = false;
    } else if (scope.field === SCOPE_ENTRY.items && scope.wire === LENGTH) this.#logSpan(scope.start, scope.stop);
  }

  #logSpan(start: number, stop: number): void {
    const { spans, roots, processes, events } = this.#layout;
    const isRoot = this.#readSpan(start, stop);
    const logProcess = processes && !this.#sameProcess();
    if (logProcess) this.#logProcess();
    const logRoot = roots && isRoot;
    if (!spans && !logRoot && !events) return;
    this.#putProcess(this.#spanValues);
    if (spans) this.#log(SPAN_LINE, this.#spanValues);
    if (logRoot) this.#log(ROOT, this.#spanValues);
    if (!events) return;
    this.#span.reset(this.#buf, start, stop);
    this.#inSpan = true;
  }

  /** Puts what the span says into its line; whether it has no parent. */
  #readSpan(start: number, stop: number): boolean {
    const { name, duration, status } = this.#layout;
    const buf = this.#buf;
    const span = this.#inner.reset(buf, start, stop);
    const values = this.#spanValues;
    let nameAt = 0;
    let nameEnd = 0;
    let startAt = -1;
    let endAt = -1;
    let code = 0;
    let isRoot = true;
    values.clear();
    this.#spanPicked.reset();
    this.#traceIdLength = 0;
    while (span.next()) {
      switch (span.field) {
        case SPAN.traceId:
          this.#traceIdLength =
            span.stop - span.start === TRACE_ID_BYTES ? writeHex(buf, span.start, this.#traceId) : 0;
          break;
        case SPAN.parentSpanId:
          isRoot = isZero(buf, span.start, span.stop);
          break;
        case SPAN.name:
          nameAt = span.start;
          nameEnd = span.stop;
          break;
        case SPAN.startTimeUnixNano:
          startAt = span.start;
          break;
        case SPAN.endTimeUnixNano:
          endAt = span.start;
          break;
        case SPAN.attributes:
          this.#spanPicked.offer(buf, span.start, span.stop);
          span.pos = this.#offerRun(buf, span.pos, stop);
          break;
        case SPAN.status:
          code = this.#statusCode(span.start, span.stop, code);
          break;
      }
    }
    values.text(name, buf, nameAt, nameEnd);
    this.#writeDuration(startAt, endAt);
    values.plain(duration, this.#duration.buf, 0, this.#duration.length);
    if (code !== 0) {
      const word = STATUS[code] ?? EMPTY;
      values.plain(status, word, 0, word.length);
    }
    this.#spanPicked.put(values, buf);
    return isRoot;
  }

  /** Attributes come in runs, most of them short: those that begin at `at`, in one go. Position after them. */
  #offerRun(buf: Buffer, at: number, stop: number): number {
    while (at + 2 <= stop && buf[at] === ATTRIBUTE_TAG && buf[at + 1] < 0x80) {
      const end = at + 2 + buf[at + 1];
      if (end > stop) break;
      this.#spanPicked.offer(buf, at + 2, end);
      at = end;
    }
    return at;
  }

  #statusCode(start: number, stop: number, before: number): number {
    const status = this.#pair.reset(this.#buf, start, stop);
    let code = before;
    while (status.next()) if (status.field === SPAN_STATUS.code && status.wire === VARINT) code = status.lo;
    return code;
  }

  /** End minus start in 64 bits that wrap, as an int64. Positions -1: zero. */
  #writeDuration(startAt: number, endAt: number): void {
    const line = this.#duration;
    const buf = this.#buf;
    line.reset();
    const startHigh = startAt < 0 ? 0 : buf.readUInt32LE(startAt + 4);
    const endHigh = endAt < 0 ? 0 : buf.readUInt32LE(endAt + 4);
    const high = endHigh - startHigh;
    // Within 52 bits doubles are exact; dates apart by more than a month or so are not the common case.
    if (Math.abs(high) < 1 << 19) {
      const low = (endAt < 0 ? 0 : buf.readUInt32LE(endAt)) - (startAt < 0 ? 0 : buf.readUInt32LE(startAt));
      line.integer(high * 2 ** 32 + low);
    } else {
      const from = startAt < 0 ? 0n : buf.readBigUInt64LE(startAt);
      const to = endAt < 0 ? 0n : buf.readBigUInt64LE(endAt);
      line.ascii(Buffer.from(String(BigInt.asIntN(64, to - from))));
    }
    line.ascii(NANOSECONDS);
  }

  #sameProcess(): boolean {
    const length = this.#traceIdLength;
    return (
      length === this.#processTraceIdLength && this.#traceId.compare(this.#processTraceId, 0, length, 0, length) === 0
    );
  }

  #logProcess(): void {
    this.#traceId.copy(this.#processTraceId);
    this.#processTraceIdLength = this.#traceIdLength;
    const values = this.#otherValues;
    values.clear();
    this.#putProcess(values);
    this.#log(PROCESS, values);
  }

  /** Service, attributes of the process and trace id: the end of every line. */
  #putProcess(values: LineValues): void {
    const { service, traceId } = this.#layout;
    values.text(service, this.#buf, this.#serviceAt, this.#serviceEnd);
    this.#processPicked.put(values, this.#buf);
    values.plain(traceId, this.#traceId, 0, this.#traceIdLength);
  }

  #nextEvent(): void {
    const span = this.#span;
    if (!span.next()) this.#inSpan = false;
    else if (span.field === SPAN.events && span.wire === LENGTH) {
      const event = this.#inner.reset(this.#buf, span.start, span.stop);
      this.#eventPicked.reset();
      while (event.next()) {
        if (event.field === SPAN_EVENT.attributes) this.#eventPicked.offer(this.#buf, event.start, event.stop);
      }
      this.#otherValues.copy(this.#spanValues);
      this.#eventPicked.put(this.#otherValues, this.#buf);
      this.#log(EVENT, this.#otherValues);
    }
  }

  #log(what: Buffer, values: LineValues): void {
    this.#records.write(this.#out, what, values);
    this.items++;
  }
}

/** Hex of a trace id; its length, 0 when the id is all zeros. */
function writeHex(buf: Buffer, at: number, out: Buffer): number {
  let bits = 0;
  for (let i = 0; i < TRACE_ID_BYTES; i++) {
    const byte = buf[at + i];
    bits |= byte;
    out[2 * i] = HEX[byte >> 4];
    out[2 * i + 1] = HEX[byte & 0xf];
  }
  return bits === 0 ? 0 : out.length;
}

function isZero(buf: Buffer, start: number, stop: number): boolean {
  for (let i = start; i < stop; i++) if (buf[i] !== 0) return false;
  return true;
}
