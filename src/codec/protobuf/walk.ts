/**
 * Steps over wire bytes without building anything: every function takes a position and returns the position after what it
 * stepped over, or -1 when that is malformed. The last failure is module state ({@link walkError}): not re-entrant.
 *
 * For validation and counting on the hot path; {@link Reader} is the comfortable way. `[p, end)` must lie within the buffer:
 * bytes outside are never read, because a read beyond a typed array would make all later reads slower.
 */
import {
  END_GROUP,
  FIXED32,
  FIXED64,
  LENGTH,
  MAX_DEPTH,
  MAX_TAG_BYTES,
  MAX_VARINT_BYTES,
  START_GROUP,
  VARINT,
} from './limits.ts';

let failure = '';
let failureAt = 0;

/** What the last failed step found. For the sender of the bytes. */
export function walkError(): string {
  return failure === '' ? '' : `${failure} at byte ${failureAt}`;
}

/** Records a failure; returns -1, so that `return fail(...)` says "malformed". */
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
    if (at < end && buf[at] < 0x80) value = (value & 0x7f) | (buf[at++] << 7);
    else {
      at = skipVarint(buf, p, end);
      if (at < 0) return -1;
      value = groupsOf(buf, p, at);
    }
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
    if (at < end && buf[at] < 0x80) value = (value & 0x7f) | (buf[at++] << 7);
    else {
      at = skipVarint(buf, p, end);
      if (at < 0) return -1;
      value = groupsOf(buf, p, at);
      if (at - p > MAX_TAG_BYTES || value > 0xffff_ffff) return fail('tag of more than 32 bits', p);
    }
  }
  if (value < 8) return fail('field number 0', p);
  varint = value;
  return at;
}

/** Value of the varint `buf[p, stop)` as a number: past 2^31 groups count as numbers, not bits, so nothing wraps. */
function groupsOf(buf: Buffer, p: number, stop: number): number {
  let value = 0;
  for (let scale = 1; p < stop; p++, scale *= 0x80) value += (buf[p] & 0x7f) * scale;
  return value;
}

/** Position after the end tag of the group `field`, or -1. `p` is after its start tag, `depth` that of the group. */
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

/**
 * Position after the value of the field with `tag`, whatever it is, or -1. `p` is after the tag, which is at `tagAt`; `depth`
 * that of the message it is in.
 */
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
      return refuse(tag, tagAt);
  }
}

/** Fails: a field with this tag, at `tagAt`, may not be here. */
export function refuse(tag: number, tagAt: number): -1 {
  if (tag >>> 3 === 0) return fail('field number 0', tagAt);
  if ((tag & 7) > FIXED32) return fail(`wire type ${tag & 7}`, tagAt);
  if ((tag & 7) === END_GROUP) return fail('end of a group that was not started', tagAt);
  return fail(`wrong wire type ${tag & 7} for field ${tag >>> 3}`, tagAt);
}

/** Offset of the value of the field at `p`, of validated bytes. */
export function valueOffset(buf: Buffer, p: number): number {
  const delimited = (buf[p] & 7) === LENGTH;
  while (buf[p++] > 0x7f);
  if (delimited) while (buf[p++] > 0x7f);
  return p;
}
