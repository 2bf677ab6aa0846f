/**
 * The trace state of a span as far as sampling goes: found in bytes, and written anew with other thresholds (W3C Trace Context Level 2,
 * 3.3; OpenTelemetry specification, "TraceState Handling" and "TraceState: Probability Sampling").
 *
 *     tracestate   member *( "," member ), at most 31, 1024 bytes    member  key "=" value, blanks around it; may be empty
 *     value of ot  field *( ";" field ), at most 256 bytes           field   key ":" value, of which rv (14 hex digits) and th (1 to 14)
 *
 * Written, the member ot comes first, in it rv and th; all others follow as they were. Reused.
 */
import { SPAN } from '#codec/otlp/fields.ts';
import type { Message } from '#codec/otlp/message.ts';
import { Bits56, HEX_DIGITS } from './bits56.ts';
import type { SamplingState } from './sampling-state.ts';

const MAX_BYTES = 1024;
/** The Collector refuses the 32nd, which the specification allows. */
const MAX_MEMBERS = 31;
const MAX_KEY = 256;
const MAX_TENANT = 241;
const MAX_SYSTEM = 14;
const MAX_VALUE = 256;

const OT = Buffer.from('ot=');
const RV = Buffer.from('rv:');
const TH = Buffer.from('th:');
const COMMA = Buffer.from(',');
const SEMICOLON = Buffer.from(';');
const EQUALS = 0x3d;
const COLON = 0x3a;

export class TraceState implements SamplingState {
  readonly random = new Bits56();
  readonly threshold = new Bits56();
  hasRandom = false;
  hasThreshold = false;
  /** The digits of rv, as they came. */
  #randomAt = 0;
  /** Ranges: members but ot, and fields of ot but those two. */
  readonly #members: number[] = [];
  readonly #fields: number[] = [];
  readonly #digits = Buffer.alloc(HEX_DIGITS);

  read(span: Message): boolean {
    this.hasRandom = this.hasThreshold = false;
    this.#members.length = this.#fields.length = 0;
    return !span.locate(SPAN.traceState) || this.#readMembers(span.buf, span.start, span.stop);
  }

  write(span: Message, threshold: Bits56, random: Bits56 | null): void {
    // No edit has been made, so that the buffer is the batch, which does not move while something is written.
    const { buf } = span;
    const mark = span.mark();
    const { scratch } = span;
    const state = scratch.begin(SPAN.traceState);
    scratch.raw(OT);
    if (this.hasRandom || random !== null) {
      scratch.raw(RV);
      if (this.hasRandom) scratch.raw(buf, this.#randomAt, this.#randomAt + HEX_DIGITS);
      else {
        random!.writeDigits(this.#digits, 0);
        scratch.raw(this.#digits);
      }
      scratch.raw(SEMICOLON);
    }
    scratch.raw(TH);
    scratch.raw(this.#digits, 0, threshold.writeThreshold(this.#digits, 0));
    writeEach(SEMICOLON, this.#fields);
    writeEach(COMMA, this.#members);
    scratch.end(state);
    span.put(SPAN.traceState, mark);

    function writeEach(separator: Buffer, ranges: readonly number[]): void {
      for (let i = 0; i < ranges.length; i += 2) {
        scratch.raw(separator);
        scratch.raw(buf, ranges[i], ranges[i + 1]);
      }
    }
  }

  #readMembers(buf: Buffer, start: number, stop: number): boolean {
    if (stop - start > MAX_BYTES) return false;
    let count = 0;
    for (let at = start; at < stop; count++) {
      if (count === MAX_MEMBERS) return false;
      let from = at;
      let to = indexOf(buf, 0x2c, at, stop);
      at = to + 1;
      while (from < to && isBlank(buf[from])) from++;
      while (from < to && isBlank(buf[to - 1])) to--;
      if (from < to && !this.#readMember(buf, from, to)) return false;
    }
    return true;
  }

  #readMember(buf: Buffer, start: number, stop: number): boolean {
    const equals = indexOf(buf, EQUALS, start, stop);
    if (equals === stop || !isKey(buf, start, equals) || !isValue(buf, equals + 1, stop)) return false;
    if (equals - start !== 2 || buf[start] !== OT[0] || buf[start + 1] !== OT[1]) {
      this.#members.push(start, stop);
      return true;
    }
    // Of several the last counts.
    this.hasRandom = this.hasThreshold = false;
    this.#fields.length = 0;
    return this.#readFields(buf, equals + 1, stop);
  }

  #readFields(buf: Buffer, start: number, stop: number): boolean {
    for (let at = start; ;) {
      const to = indexOf(buf, 0x3b, at, stop);
      if (!this.#readField(buf, at, to)) return false;
      if (to === stop) return true;
      at = to + 1;
    }
  }

  #readField(buf: Buffer, start: number, stop: number): boolean {
    const colon = indexOf(buf, COLON, start, stop);
    if (colon === stop || colon === start || !isLower(buf[start])) return false;
    for (let i = start + 1; i < colon; i++) if (!isLower(buf[i]) && !isDigit(buf[i])) return false;
    for (let i = colon + 1; i < stop; i++) if (!isFieldByte(buf[i])) return false;
    const isTwo = colon - start === 2;
    if (isTwo && buf[start] === RV[0] && buf[start + 1] === RV[1]) {
      this.#randomAt = colon + 1;
      this.hasRandom = stop - colon - 1 === HEX_DIGITS && this.random.readHex(buf, colon + 1, stop);
      return this.hasRandom;
    }
    if (isTwo && buf[start] === TH[0] && buf[start + 1] === TH[1]) {
      this.hasThreshold = this.threshold.readHex(buf, colon + 1, stop);
      return this.hasThreshold;
    }
    this.#fields.push(start, stop);
    return true;
  }
}

/** The first such byte in the range, or its end. */
function indexOf(buf: Buffer, byte: number, start: number, stop: number): number {
  let at = start;
  while (at < stop && buf[at] !== byte) at++;
  return at;
}

/** `name`, or `tenant@system`. */
function isKey(buf: Buffer, start: number, stop: number): boolean {
  const at = indexOf(buf, 0x40, start, stop);
  if (stop - start > MAX_KEY || start === at || !isKeyBytes(buf, start, at)) return false;
  if (at === stop) return isLower(buf[start]);
  const system = at + 1;
  if (system === stop || !isLower(buf[system]) || !isKeyBytes(buf, system, stop)) return false;
  return (isLower(buf[start]) || isDigit(buf[start])) && at - start <= MAX_TENANT && stop - system <= MAX_SYSTEM;
}

function isKeyBytes(buf: Buffer, start: number, stop: number): boolean {
  for (let i = start; i < stop; i++) {
    const byte = buf[i];
    // _ - * /
    if (!isLower(byte) && !isDigit(byte) && byte !== 0x5f && byte !== 0x2d && byte !== 0x2a && byte !== 0x2f)
      return false;
  }
  return true;
}

/** Printable ASCII but comma (which has ended it) and equals sign; its last byte is no blank, for these were cut off. */
function isValue(buf: Buffer, start: number, stop: number): boolean {
  if (stop === start || stop - start > MAX_VALUE) return false;
  for (let i = start; i < stop; i++) if (buf[i] < 0x20 || buf[i] > 0x7e || buf[i] === EQUALS) return false;
  return true;
}

const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09;
const isLower = (byte: number): boolean => byte >= 0x61 && byte <= 0x7a;
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
/** Letters, digits, `.`, `_`, `-`. */
function isFieldByte(byte: number): boolean {
  return isDigit(byte) || isLower(byte | 0x20) || byte === 0x2e || byte === 0x5f || byte === 0x2d;
}
