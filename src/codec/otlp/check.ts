/**
 * Full validation of OTLP wire bytes, without building anything: exactly the structural errors for which the Collector's
 * generated decoder refuses a request, and a bound on nesting. Text is not checked for UTF-8, unknown fields pass.
 *
 * One step per field: the tag (below 256 when the field is known: numbers are below 32) selects an action in a flat table
 * compiled from `messages.ts`. Attributes, most of a span, have a shortcut for their usual form.
 *
 * Runs on the main thread for every request. Not re-entrant: the last failure is module state ({@link checkError}).
 */
import {
  FIXED32,
  FIXED64,
  LENGTH,
  MAX_DEPTH,
  MAX_TAG_BYTES,
  MAX_VARINT_BYTES,
  START_GROUP,
  VARINT,
  END_GROUP,
} from '../protobuf/limits.ts';
import { SPAN, SPAN_ID_BYTES, TRACE_ID_BYTES } from './fields.ts';
import { ITEM_TYPES, KEY_VALUE_TYPE, MESSAGE_TYPES, type Field } from './messages.ts';
import { TRACES } from './signal.ts';

// Actions. The first entry has to be 0: tags that nothing claims are refused.
const REFUSE = 0;
const SKIP_VARINT = 1;
const SKIP_FIXED64 = 2;
const SKIP_FIXED32 = 3;
const SKIP_BYTES = 4;
const SKIP_GROUP = 5;
const CHECK_TRACE_ID = 6;
const CHECK_SPAN_ID = 7;
const CHECK_PACKED_FIXED64 = 8;
const CHECK_PACKED_VARINT = 9;
/** The trace id of a span: checked and remembered. */
const NOTE_TRACE_ID = 10;
/** A message of type `action - CHECK_MESSAGE`. */
const CHECK_MESSAGE = 11;

/** Deepest message whose attributes may take the shortcut: it does not look at the depth of key-value and value below it. */
const MAX_PLAIN_DEPTH = MAX_DEPTH - 2;

const TAGS = 256;
const BY_WIRE_TYPE: readonly number[] = [
  SKIP_VARINT,
  SKIP_FIXED64,
  SKIP_BYTES,
  SKIP_GROUP,
  REFUSE,
  SKIP_FIXED32,
  REFUSE,
  REFUSE,
];

const KEY_VALUE = KEY_VALUE_TYPE.id;
const ACTION_KEY_VALUE = CHECK_MESSAGE + KEY_VALUE;
const ACTIONS = compile();

function compile(): Uint8Array {
  const table = new Uint8Array(MESSAGE_TYPES.length * TAGS);
  for (const type of MESSAGE_TYPES) {
    for (let number = 1; number < TAGS >> 3; number++) {
      const field = type.byNumber[number];
      const row = type.id * TAGS + (number << 3);
      if (field === undefined) for (let wire = 0; wire < 8; wire++) table[row + wire] = BY_WIRE_TYPE[wire];
      else for (const [wire, action] of actionsOf(field)) table[row + wire] = action;
    }
  }
  table[ITEM_TYPES[TRACES].id * TAGS + ((SPAN.traceId << 3) | LENGTH)] = NOTE_TRACE_ID;
  return table;
}

/** Wire types under which a known field may come. Packed numbers may come one by one too. */
function actionsOf(field: Field): [wire: number, action: number][] {
  switch (field.kind) {
    case 'message':
      return [[LENGTH, CHECK_MESSAGE + (field.message as { readonly id: number }).id]];
    case 'traceId':
      return [[LENGTH, CHECK_TRACE_ID]];
    case 'spanId':
      return [[LENGTH, CHECK_SPAN_ID]];
    case 'string':
    case 'bytes':
      return [[LENGTH, SKIP_BYTES]];
    case 'fixed32':
      return [[FIXED32, SKIP_FIXED32]];
    case 'double':
    case 'fixed64':
    case 'sfixed64':
      return field.repeated
        ? [
            [FIXED64, SKIP_FIXED64],
            [LENGTH, CHECK_PACKED_FIXED64],
          ]
        : [[FIXED64, SKIP_FIXED64]];
    default:
      return field.repeated
        ? [
            [VARINT, SKIP_VARINT],
            [LENGTH, CHECK_PACKED_VARINT],
          ]
        : [[VARINT, SKIP_VARINT]];
  }
}

/** Offset of the trace id of the span checked last, -1 if it had none or an empty one. Repeated: the last one counts. */
export let spanTraceIdAt = -1;

let failure = '';
let failureAt = 0;

/** What the last failed check found. For the sender of the request. */
export function checkError(): string {
  return failure === '' ? '' : `${failure} at byte ${failureAt}`;
}

/** Records a failure; returns -1, so that `return fail(...)` says "malformed" everywhere here. */
export function fail(what: string, at: number): -1 {
  failure = what;
  failureAt = at;
  return -1;
}

/** Position after the varint at `p`, or -1. */
export function skipVarint(buf: Buffer, p: number, end: number): number {
  const stop = Math.min(end, p + MAX_VARINT_BYTES);
  for (let at = p; at < stop; at++) if (buf[at] < 0x80) return at + 1;
  return fail(stop === end ? 'truncated varint' : 'overlong varint', p);
}

/** Value of the varint that {@link readLength} or {@link readTag} read last. */
export let varint = 0;

/** Reads the length of a field into {@link varint}; position after it, or -1. A length beyond `end` is refused here. */
export function readLength(buf: Buffer, p: number, end: number): number {
  if (p >= end) return fail('truncated length', p);
  let value = buf[p];
  let at = p + 1;
  if (value > 0x7f) {
    const stop = skipVarint(buf, p, end);
    if (stop < 0) return -1;
    value &= 0x7f;
    // Past 2^31 a length is beyond any buffer here: later groups count as numbers, not bits, so nothing wraps.
    for (let scale = 0x80; at < stop; at++, scale *= 0x80) value += (buf[at] & 0x7f) * scale;
  }
  if (value > end - at) return fail('length beyond the end of its message', p);
  varint = value;
  return at;
}

/** Reads a tag into {@link varint}; position after it, or -1. */
export function readTag(buf: Buffer, p: number, end: number): number {
  let value = buf[p];
  let at = p + 1;
  if (value > 0x7f) {
    const stop = skipVarint(buf, p, end);
    if (stop < 0) return -1;
    value &= 0x7f;
    for (let scale = 0x80; at < stop; at++, scale *= 0x80) value += (buf[at] & 0x7f) * scale;
    if (at - p > MAX_TAG_BYTES || value > 0xffff_ffff) return fail('tag of more than 32 bits', p);
  }
  if (value < 8) return fail('field number 0', p);
  varint = value;
  return at;
}

/** Checks the message of type `type` (an id of `messages.ts`) in `buf[p, end)`. Returns `end`, or -1 if it is malformed. */
export function checkMessage(type: number, buf: Buffer, p: number, end: number, depth: number): number {
  if (depth > MAX_DEPTH) return fail('nested too deeply', p);
  const actions = type * TAGS;
  while (p < end) {
    const tagAt = p;
    let tag = buf[p++];
    if (tag > 0x7f) {
      p = readTag(buf, tagAt, end);
      if (p < 0) return -1;
      tag = varint;
    }
    const action = tag < TAGS ? ACTIONS[actions + tag] : BY_WIRE_TYPE[tag & 7];
    if (action === SKIP_VARINT) {
      if (p < end && buf[p] < 0x80) p++;
      else p = skipVarint(buf, p, end);
      if (p < 0) return -1;
      continue;
    }
    if (action === SKIP_FIXED64 || action === SKIP_FIXED32) {
      p += action === SKIP_FIXED64 ? 8 : 4;
      if (p > end) return fail('truncated fixed-size value', tagAt);
      continue;
    }
    if (action === REFUSE) return fail(refusal(tag), tagAt);
    if (action === SKIP_GROUP) {
      p = skipGroup(buf, p, end, tag >>> 3, depth + 1);
      if (p < 0) return -1;
      continue;
    }

    let length = p < end ? buf[p] : 0x80;
    if (length < 0x80 && length < end - p) p++;
    else {
      p = readLength(buf, p, end);
      if (p < 0) return -1;
      length = varint;
    }
    const stop = p + length;
    if (action === ACTION_KEY_VALUE) {
      if (
        (depth > MAX_PLAIN_DEPTH || !isPlainAttribute(buf, p, stop)) &&
        checkMessage(KEY_VALUE, buf, p, stop, depth + 1) < 0
      )
        return -1;
    } else if (action >= CHECK_MESSAGE) {
      if (checkMessage(action - CHECK_MESSAGE, buf, p, stop, depth + 1) < 0) return -1;
    } else if (action !== SKIP_BYTES && checkBytes(action, buf, p, length) < 0) return -1;
    p = stop;
  }
  return end;
}

/**
 * The form nearly every attribute has: key, then a value that is one string, bool, small int or double, all lengths in one
 * byte. False only means that the long way must decide.
 */
function isPlainAttribute(buf: Buffer, p: number, stop: number): boolean {
  // 0a <key length> key 12 <value length> value; the shortest value that passes here is a bool: 10 01
  if (stop - p < 6 || buf[p] !== 0x0a) return false;
  const valueAt = p + 2 + buf[p + 1];
  if (valueAt + 4 > stop || buf[p + 1] > 0x7f || buf[valueAt] !== 0x12) return false;
  const valueLength = buf[valueAt + 1];
  if (valueAt + 2 + valueLength !== stop || valueLength > 0x7f) return false;
  const tag = buf[valueAt + 2];
  if (tag === 0x0a) return buf[valueAt + 3] === valueLength - 2;
  if (tag === 0x18 || tag === 0x10) {
    return (
      (valueLength === 2 && buf[valueAt + 3] < 0x80) ||
      (valueLength === 3 && buf[valueAt + 3] > 0x7f && buf[valueAt + 4] < 0x80)
    );
  }
  return tag === 0x21 && valueLength === 9;
}

/** Values with a rule of their own. */
function checkBytes(action: number, buf: Buffer, p: number, length: number): number {
  switch (action) {
    case NOTE_TRACE_ID:
      spanTraceIdAt = length === 0 ? -1 : p;
      return length === 0 || length === TRACE_ID_BYTES ? p : fail('trace id that is not 16 bytes', p);
    case CHECK_TRACE_ID:
      return length === 0 || length === TRACE_ID_BYTES ? p : fail('trace id that is not 16 bytes', p);
    case CHECK_SPAN_ID:
      return length === 0 || length === SPAN_ID_BYTES ? p : fail('span id that is not 8 bytes', p);
    case CHECK_PACKED_FIXED64:
      return length % 8 === 0 ? p : fail('packed values cut short', p);
    default:
      for (const end = p + length; p < end;) {
        p = skipVarint(buf, p, end);
        if (p < 0) return -1;
      }
      return p;
  }
}

/** Position after the end tag of the group `field`, or -1. `p` is after its start tag. Groups occur only as unknown fields. */
export function skipGroup(buf: Buffer, p: number, end: number, field: number, depth: number): number {
  if (depth > MAX_DEPTH) return fail('nested too deeply', p);
  const start = p;
  while (p < end) {
    const tagAt = p;
    p = readTag(buf, p, end);
    if (p < 0) return -1;
    const tag = varint;
    if ((tag & 7) === END_GROUP) return tag >>> 3 === field ? p : fail('end of another group', tagAt);
    p = skipUnknown(buf, p, end, tag, tagAt, depth);
    if (p < 0) return -1;
  }
  return fail('group without an end', start);
}

/** Position after the value of the field with `tag`, whatever it is, or -1. `p` is after the tag. */
export function skipUnknown(buf: Buffer, p: number, end: number, tag: number, tagAt: number, depth: number): number {
  switch (tag & 7) {
    case VARINT:
      return skipVarint(buf, p, end);
    case FIXED64:
      return p + 8 <= end ? p + 8 : fail('truncated fixed-size value', tagAt);
    case FIXED32:
      return p + 4 <= end ? p + 4 : fail('truncated fixed-size value', tagAt);
    case LENGTH:
      p = readLength(buf, p, end);
      return p < 0 ? -1 : p + varint;
    case START_GROUP:
      return skipGroup(buf, p, end, tag >>> 3, depth + 1);
    default:
      return fail(refusal(tag), tagAt);
  }
}

function refusal(tag: number): string {
  if (tag >>> 3 === 0) return 'field number 0';
  if ((tag & 7) > FIXED32) return `wire type ${tag & 7}`;
  return (tag & 7) === END_GROUP
    ? 'end of a group that was not started'
    : `wrong wire type ${tag & 7} for field ${tag >>> 3}`;
}

/** Forgets the trace id of the span before. Call before checking a span. */
export function forgetTraceId(): void {
  spanTraceIdAt = -1;
}
