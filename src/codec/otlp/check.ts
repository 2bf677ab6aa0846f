/**
 * Full validation of OTLP wire bytes, without building anything: exactly the structural errors for which the Collector's
 * generated decoder refuses a request, and a bound on nesting. Text is not checked for UTF-8, unknown fields pass.
 *
 * One step per field: the tag (below 256 when the field is known: numbers are below 32) selects an action in a flat table
 * compiled from `messages.ts`. Most of a span takes the shortcuts of `plain.ts`.
 *
 * Runs on the main thread for every request. Not re-entrant: see `walk.ts`, which also has the reason of the last failure.
 */
import { FIXED32, FIXED64, LENGTH, MAX_DEPTH, VARINT } from '../protobuf/limits.ts';
import { fail, readLength, readTag, refuse, skipGroup, skipVarint, varint } from '../protobuf/walk.ts';
import { SPAN, SPAN_ID_BYTES, TRACE_ID_BYTES } from './fields.ts';
import { ITEM_TYPES, KEY_VALUE_TYPE, MESSAGE_TYPES, type Field } from './messages.ts';
import { isLongAttribute, PLAIN_TRACE_ID_AT, skipPlainAttributes, skipPlainHead } from './plain.ts';
import { TRACES } from './signal.ts';

// Actions. The first entry has to be 0: tags that nothing claims are refused. From SKIP_BYTES on a length follows the tag.
const REFUSE = 0;
const SKIP_VARINT = 1;
const SKIP_FIXED64 = 2;
const SKIP_FIXED32 = 3;
const SKIP_GROUP = 4;
const SKIP_BYTES = 5;
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
const SPAN_TYPE = ITEM_TYPES[TRACES].id;

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

/** Checks the span `buf[p, end)`, which is at `depth`, and notes its trace id. Returns `end`, or -1 if it is malformed. */
export function checkSpan(buf: Buffer, p: number, end: number, depth: number): number {
  const after = skipPlainHead(buf, p, end);
  spanTraceIdAt = after === p ? -1 : p + PLAIN_TRACE_ID_AT;
  return checkMessage(SPAN_TYPE, buf, after, end, depth);
}

/**
 * Checks the message of type `type` (an id of `messages.ts`) in `buf[from, to)`, which is at `atDepth`, the request being 1.
 * Returns `to`, or -1 if it is malformed.
 */
export function checkMessage(type: number, buf: Buffer, from: number, to: number, atDepth: number): number {
  const depth = atDepth | 0;
  if (depth > MAX_DEPTH) return fail('nested too deeply', from);
  const actions = (type * TAGS) | 0;
  // `| 0` tells the engine that these stay 32-bit integers, whatever the functions called below return.
  const end = to | 0;
  let p = from | 0;
  while (p < end) {
    const tagAt = p;
    let tag = buf[p];
    p = (p + 1) | 0;
    if (tag > 0x7f) {
      p = readTag(buf, tagAt, end) | 0;
      if (p < 0) return -1;
      tag = varint;
    }
    const action = tag < TAGS ? ACTIONS[(actions + tag) | 0] : BY_WIRE_TYPE[tag & 7];
    if (action >= SKIP_BYTES) {
      if (action === ACTION_KEY_VALUE && depth <= MAX_PLAIN_DEPTH) {
        const after = skipPlainAttributes(buf, tagAt, end, tag) | 0;
        if (after > tagAt) {
          p = after;
          continue;
        }
      }
      let length = p < end ? buf[p] : 0x80;
      if (length < 0x80 && length < ((end - p) | 0)) p = (p + 1) | 0;
      else {
        p = readLength(buf, p, end) | 0;
        if (p < 0) return -1;
        length = varint | 0;
      }
      const stop = (p + length) | 0;
      if (action === ACTION_KEY_VALUE && depth <= MAX_PLAIN_DEPTH && isLongAttribute(buf, p, stop)) {
        p = stop;
        continue;
      }
      if (action >= CHECK_MESSAGE) {
        if (checkMessage(action - CHECK_MESSAGE, buf, p, stop, depth + 1) < 0) return -1;
      } else if (action !== SKIP_BYTES && checkBytes(action, buf, p, length) < 0) return -1;
      p = stop;
    } else if (action === SKIP_VARINT) {
      if (p < end && buf[p] < 0x80) p = (p + 1) | 0;
      else p = skipVarint(buf, p, end) | 0;
      if (p < 0) return -1;
    } else if (action === SKIP_FIXED64 || action === SKIP_FIXED32) {
      p = (p + (action === SKIP_FIXED64 ? 8 : 4)) | 0;
      if (p > end) return fail('truncated fixed-size value', tagAt);
    } else if (action === SKIP_GROUP) {
      p = skipGroup(buf, p, end, tag >>> 3, depth + 1) | 0;
      if (p < 0) return -1;
    } else return refuse(tag, tagAt);
  }
  return end;
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
