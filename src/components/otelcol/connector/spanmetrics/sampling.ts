/**
 * How many spans one stands for, by the sampling threshold in its trace state (OpenTelemetry specification, "TraceState: Probability
 * Sampling"; W3C Trace Context 3.3):
 *
 *     tracestate   member *( "," member ), blanks around members    member  key "=" value
 *     value of ot  field *( ";" field )                             field   "th:" 1 to 14 lower-case hex digits
 *
 * The digits are the upper ones of a number of 56 bits, below which random values are not sampled.
 */
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const BLANK = 0x20;
const TAB = 0x09;
const MAX_DIGITS = 14;

/** Nobody samples one in more; whoever says so would only spoil sums. */
export const MAX_ADJUSTED_COUNT = 2 ** 24;

/** 1 divided by the probability that `buf[start, end)` tells; 1 where it tells none or is not valid. */
export function adjustedCount(buf: Buffer, start: number, end: number): number {
  for (let p = start; p < end;) {
    let stop = p;
    while (stop < end && buf[stop] !== COMMA) stop++;
    while (p < stop && isBlank(buf[p])) p++;
    // ot=
    if (stop - p > 3 && buf[p] === 0x6f && buf[p + 1] === 0x74 && buf[p + 2] === 0x3d) {
      let last = stop;
      while (isBlank(buf[last - 1])) last--;
      return ofOpenTelemetry(buf, p + 3, last);
    }
    p = stop + 1;
  }
  return 1;
}

function ofOpenTelemetry(buf: Buffer, start: number, end: number): number {
  for (let p = start; p < end;) {
    let stop = p;
    while (stop < end && buf[stop] !== SEMICOLON) stop++;
    // th:
    if (stop - p > 3 && buf[p] === 0x74 && buf[p + 1] === 0x68 && buf[p + 2] === 0x3a)
      return ofThreshold(buf, p + 3, stop);
    p = stop + 1;
  }
  return 1;
}

function ofThreshold(buf: Buffer, start: number, end: number): number {
  if (end - start > MAX_DIGITS) return 1;
  // As a fraction: exact, for 56 bits are more than a number has only where the sampling is finer than its cap.
  let rejected = 0;
  for (let p = start, scale = 1 / 16; p < end; p++, scale /= 16) {
    const digit = hexDigit(buf[p]);
    if (digit < 0) return 1;
    rejected += digit * scale;
  }
  const count = 1 / (1 - rejected);
  return count < MAX_ADJUSTED_COUNT ? count : MAX_ADJUSTED_COUNT;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
}

const isBlank = (byte: number): boolean => byte === BLANK || byte === TAB;
