/**
 * Whether two equal attribute values are equal byte for byte: what series are told apart by. Encoders write one member, in the fewest
 * bytes; what does not look like that is written anew.
 */
import { isUtf8 } from 'node:buffer';
import { anyValueBytes, readAnyValue } from '#codec/otlp/any-value.ts';
import { ANY_VALUE } from '#codec/otlp/fields.ts';
import { FIXED64, LENGTH, VARINT } from '#codec/protobuf/limits.ts';

export const STRING_TAG = (ANY_VALUE.stringValue << 3) | LENGTH;
export const BOOL_TAG = (ANY_VALUE.boolValue << 3) | VARINT;
export const INT_TAG = (ANY_VALUE.intValue << 3) | VARINT;
export const DOUBLE_TAG = (ANY_VALUE.doubleValue << 3) | FIXED64;

/** Whether the content of an AnyValue in `buf[start, stop)` is a scalar as encoders write it, text being UTF-8. */
export function isCanonical(buf: Buffer, start: number, stop: number): boolean {
  if (start === stop) return true;
  const tag = buf[start];
  if (tag === DOUBLE_TAG) return stop - start === 9;
  if (tag === BOOL_TAG) return stop - start === 2 && buf[start + 1] < 2;
  // The last byte of a varint is 0 only if the varint is one byte.
  if (tag === INT_TAG) return isOneVarint(buf, start + 1, stop) && (buf[stop - 1] !== 0 || stop - start === 2);
  return tag === STRING_TAG && isText(buf, start + 1, stop);
}

function isOneVarint(buf: Buffer, start: number, stop: number): boolean {
  let at = start;
  while (at < stop && buf[at] > 0x7f) at++;
  return at === stop - 1;
}

/** One length and so many bytes of UTF-8. */
function isText(buf: Buffer, start: number, stop: number): boolean {
  let length = 0;
  let at = start;
  for (let scale = 1; ; scale *= 0x80) {
    if (at >= stop) return false;
    const byte = buf[at++];
    length += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  if (at + length !== stop || (at - start > 1 && buf[at - 1] === 0)) return false;
  for (let i = at; i < stop; i++) if (buf[i] > 0x7f) return isUtf8(buf.subarray(at, stop));
  return true;
}

/** The content of the AnyValue anew. */
export function rewritten(buf: Buffer, start: number, stop: number): Buffer {
  return anyValueBytes(readAnyValue(buf, start, stop));
}
