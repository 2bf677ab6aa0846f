/**
 * An attribute value as text, the one form used for metric keys, label values, comparisons and "convert to string"
 * (Collector pdata `Value.AsString`):
 *
 *     string  itself                     bytes        standard base64 with padding
 *     bool    true, false                array, map   compact JSON of the content, map keys sorted by their bytes
 *     int     decimal                    double       shortest text that reads back the same, 1 for 1.0; NaN, Infinity, -Infinity
 *     none    empty
 */
import { MAX_DEPTH, ProtobufError } from '../protobuf/limits.ts';
import { Reader } from '../protobuf/reader.ts';
import { ANY_VALUE, ARRAY_VALUE, KEY_VALUE, KEY_VALUE_LIST } from './fields.ts';

/** Text of the AnyValue in `buf[start, end)`. For validated bytes. */
export function valueText(buf: Buffer, start: number, end: number): string {
  const value = lastField(buf, start, end);
  switch (value.field) {
    case ANY_VALUE.stringValue:
      return value.string();
    case ANY_VALUE.bytesValue:
      return value.bytes().toString('base64');
    case ANY_VALUE.doubleValue:
      return doubleText(value.double());
    default:
      return value.field === 0 ? '' : jsonText(buf, start, end, 1);
  }
}

/** As Go's encoding/json and JavaScript both print it; -0 keeps its sign, as in Go. */
export function doubleText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function jsonText(buf: Buffer, start: number, end: number, depth: number): string {
  if (depth > MAX_DEPTH) throw new ProtobufError('nested too deeply', start);
  const value = lastField(buf, start, end);
  switch (value.field) {
    case ANY_VALUE.stringValue:
      return quote(value.string());
    case ANY_VALUE.boolValue:
      return value.bool() ? 'true' : 'false';
    case ANY_VALUE.intValue:
      return String(value.int64());
    case ANY_VALUE.doubleValue: {
      const double = value.double();
      return Number.isFinite(double) ? doubleText(double) : quote(String(double));
    }
    case ANY_VALUE.bytesValue:
      return quote(value.bytes().toString('base64'));
    case ANY_VALUE.arrayValue:
      return arrayText(value.reset(buf, value.start, value.stop), depth);
    case ANY_VALUE.kvlistValue:
      return mapText(value.reset(buf, value.start, value.stop), depth);
    default:
      return 'null';
  }
}

function arrayText(values: Reader, depth: number): string {
  const out: string[] = [];
  while (values.next())
    if (values.field === ARRAY_VALUE.values) out.push(jsonText(values.buf, values.start, values.stop, depth + 1));
  return `[${out.join(',')}]`;
}

function mapText(pairs: Reader, depth: number): string {
  const members = new Map<string, string>();
  const pair = new Reader();
  while (pairs.next()) {
    if (pairs.field !== KEY_VALUE_LIST.values) continue;
    let key = '';
    let value = 'null';
    pair.reset(pairs.buf, pairs.start, pairs.stop);
    while (pair.next()) {
      if (pair.field === KEY_VALUE.key) key = pair.string();
      else if (pair.field === KEY_VALUE.value) value = jsonText(pair.buf, pair.start, pair.stop, depth + 1);
    }
    members.set(key, value);
  }
  const sorted = [...members].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${sorted.map(([key, value]) => `${quote(key)}:${value}`).join(',')}}`;
}

/** Go writes these two separators as escapes, JavaScript as they are. */
const quote = (text: string): string =>
  JSON.stringify(text).replace(/[\u2028\u2029]/g, (c) => (c === '\u2028' ? '\\u2028' : '\\u2029'));

/** A reader standing on the last known field of an AnyValue: of a oneof, the last member counts. Its `field` is 0 if there is none. */
function lastField(buf: Buffer, start: number, end: number): Reader {
  const reader = new Reader().reset(buf, start, end);
  let at = -1;
  while (reader.next()) if (reader.field <= ANY_VALUE.bytesValue) at = reader.fieldStart;
  if (at < 0) {
    reader.field = 0;
    return reader;
  }
  reader.reset(buf, at, end).next();
  return reader;
}
