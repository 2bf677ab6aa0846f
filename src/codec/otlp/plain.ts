/**
 * Shortcuts for the form in which nearly every encoder writes spans and attributes. A run of plain bytes is stepped over whole;
 * whatever is not plain, valid or not, stays for `check.ts`, which decides field by field.
 *
 *     attribute   TT LL  0a KK key  12 VV  (0a SS text | 10 bool | 18 int | 21 double)      lengths of one byte
 *     span        0a 10 trace_id  12 08 span_id  [22 08 parent_span_id]  2a NN name  30 kind  39 start  41 end
 *
 * Both are loops or straight lines that call nothing, so that the engine proves once that the buffer is a buffer and keeps its
 * address and length in registers: most of what a byte costs otherwise. `| 0` keeps positions 32-bit without overflow checks.
 * Positions are below 2^30.
 */
import { FIXED64, LENGTH, MAX_VARINT_BYTES, VARINT } from '../protobuf/limits.ts';
import { ANY_VALUE, KEY_VALUE, SPAN, SPAN_ID_BYTES, TRACE_ID_BYTES } from './fields.ts';

// Constants of other modules are looked up at each use; these are compiled in.
const KEY_TAG = (KEY_VALUE.key << 3) | LENGTH;
const VALUE_TAG = (KEY_VALUE.value << 3) | LENGTH;
const STRING_TAG = (ANY_VALUE.stringValue << 3) | LENGTH;
const BOOL_TAG = (ANY_VALUE.boolValue << 3) | VARINT;
const INT_TAG = (ANY_VALUE.intValue << 3) | VARINT;
const DOUBLE_TAG = (ANY_VALUE.doubleValue << 3) | FIXED64;

const TRACE_ID_TAG = (SPAN.traceId << 3) | LENGTH;
const SPAN_ID_TAG = (SPAN.spanId << 3) | LENGTH;
const PARENT_TAG = (SPAN.parentSpanId << 3) | LENGTH;
const NAME_TAG = (SPAN.name << 3) | LENGTH;
const KIND_TAG = (SPAN.kind << 3) | VARINT;
const START_TAG = (SPAN.startTimeUnixNano << 3) | FIXED64;
const END_TAG = (SPAN.endTimeUnixNano << 3) | FIXED64;
const TRACE_ID = TRACE_ID_BYTES;
const SPAN_ID = SPAN_ID_BYTES;

/** Offset of a span's trace id when its head is plain. */
export const PLAIN_TRACE_ID_AT = 2;
/** Head with both ids, and the three fields behind the name. */
const IDS_BYTES = 2 + TRACE_ID_BYTES + 2 + SPAN_ID_BYTES;
const PARENT_BYTES = 2 + SPAN_ID_BYTES;
const TIMES_BYTES = 2 + 9 + 9;

/**
 * Position after the plain attributes at `from`: fields of the message `[.., to)` with the one-byte tag `tag`, one after the
 * other. Returns `from` if the first is not plain.
 */
export function skipPlainAttributes(buf: Buffer, from: number, to: number, tag: number): number {
  const end = to | 0;
  let p = from | 0;
  // The shortest: an empty key and a bool.
  while (((p + 8) | 0) <= end && buf[p] === tag) {
    const length = buf[(p + 1) | 0];
    const stop = (p + 2 + length) | 0;
    const valueAt = (p + 4 + buf[(p + 3) | 0]) | 0;
    if (length > 0x7f || stop > end || buf[(p + 2) | 0] !== KEY_TAG) break;
    if (((valueAt + 4) | 0) > stop || buf[valueAt] !== VALUE_TAG) break;
    // From here on all lengths are known to be of one byte: they fit into `length`.
    const valueLength = buf[(valueAt + 1) | 0];
    if (((valueAt + 2 + valueLength) | 0) !== stop) break;
    const kind = buf[(valueAt + 2) | 0];
    const next = buf[(valueAt + 3) | 0];
    if (kind === STRING_TAG) {
      if (next !== valueLength - 2) break;
    } else if (kind === INT_TAG || kind === BOOL_TAG) {
      if (next < 0x80 ? valueLength !== 2 : valueLength !== 3 || buf[(valueAt + 4) | 0] > 0x7f) break;
    } else if (kind !== DOUBLE_TAG || valueLength !== 9) break;
    p = stop;
  }
  return p;
}

/**
 * Whether the attribute with content `buf[from, to)` is a text with lengths of one or two bytes (statements, stack traces) or
 * an int of whatever size (times, sizes, negative numbers). False only means that the long way must decide.
 */
export function isLongAttribute(buf: Buffer, from: number, to: number): boolean {
  const stop = to | 0;
  let at = from | 0;
  if (((at + 8) | 0) > stop || buf[at] !== KEY_TAG || buf[(at + 1) | 0] > 0x7f) return false;
  at = (at + 2 + buf[(at + 1) | 0]) | 0;
  // Room for tags and lengths, of two bytes at most, of value and text: 12 VV VV 0a SS SS
  if (((at + 6) | 0) > stop || buf[at] !== VALUE_TAG) return false;
  let length = buf[(at + 1) | 0];
  at = (at + 2) | 0;
  if (length > 0x7f) {
    if (buf[at] > 0x7f) return false;
    length = (length & 0x7f) | (buf[at] << 7);
    at = (at + 1) | 0;
  }
  if (((at + length) | 0) !== stop) return false;
  const kind = buf[at];
  at = (at + 1) | 0;
  if (kind === INT_TAG) return isVarint(buf, at, stop);
  if (kind !== STRING_TAG) return false;
  length = buf[at];
  at = (at + 1) | 0;
  if (length > 0x7f) {
    if (buf[at] > 0x7f) return false;
    length = (length & 0x7f) | (buf[at] << 7);
    at = (at + 1) | 0;
  }
  return ((at + length) | 0) === stop;
}

/** Whether `buf[at, stop)`, not empty, is one varint. */
function isVarint(buf: Buffer, at: number, stop: number): boolean {
  const last = stop - 1;
  if (stop - at > MAX_VARINT_BYTES || buf[last] > 0x7f) return false;
  while (at < last && buf[at] > 0x7f) at++;
  return at === last;
}

/**
 * Position after the plain fields with which the span `[from, to)` begins. Returns `from` if it does not begin with both ids;
 * otherwise its trace id is at `from +` {@link PLAIN_TRACE_ID_AT}.
 */
export function skipPlainHead(buf: Buffer, from: number, to: number): number {
  const end = to | 0;
  let p = from | 0;
  if (((p + IDS_BYTES) | 0) > end || buf[p] !== TRACE_ID_TAG || buf[(p + 1) | 0] !== TRACE_ID) return p;
  const spanIdAt = (p + 2 + TRACE_ID) | 0;
  if (buf[spanIdAt] !== SPAN_ID_TAG || buf[(spanIdAt + 1) | 0] !== SPAN_ID) return p;
  p = (p + IDS_BYTES) | 0;
  if (((p + PARENT_BYTES) | 0) <= end && buf[p] === PARENT_TAG && buf[(p + 1) | 0] === SPAN_ID)
    p = (p + PARENT_BYTES) | 0;
  if (((p + 2) | 0) > end || buf[p] !== NAME_TAG) return p;
  const nameLength = buf[(p + 1) | 0];
  const after = (p + 2 + nameLength) | 0;
  if (nameLength > 0x7f || after > end) return p;
  p = after;
  if (((p + TIMES_BYTES) | 0) > end || buf[p] !== KIND_TAG || buf[(p + 1) | 0] > 0x7f) return p;
  if (buf[(p + 2) | 0] !== START_TAG || buf[(p + 11) | 0] !== END_TAG) return p;
  return (p + TIMES_BYTES) | 0;
}
