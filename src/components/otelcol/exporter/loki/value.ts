/** Attributes and bodies as plain values, since the hints in them choose what becomes of each. */
import { ANY_VALUE, ARRAY_VALUE, KEY_VALUE, KEY_VALUE_LIST } from '#codec/otlp/fields.ts';
import { Occurrences, type MessageView } from '#codec/otlp/view.ts';
import { MAX_DEPTH, ProtobufError } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';

/** null is a value that is not set; a bigint an int, a number a double. Of equal keys the last one counts. */
export type Value = null | string | boolean | bigint | number | Buffer | readonly Value[] | Attributes;
export type Attributes = Map<string, Value>;

/** The AnyValue in `buf[start, stop)`. Throws ProtobufError. */
export function readValue(buf: Buffer, start: number, stop: number, depth = 1): Value {
  if (depth > MAX_DEPTH) throw new ProtobufError('nested too deeply', start);
  const reader = new Reader().reset(buf, start, stop);
  let value: Value = null;
  // Of a oneof, the last member counts.
  while (reader.next()) {
    switch (reader.field) {
      case ANY_VALUE.stringValue:
        value = reader.string();
        break;
      case ANY_VALUE.boolValue:
        value = reader.bool();
        break;
      case ANY_VALUE.intValue:
        value = reader.int64();
        break;
      case ANY_VALUE.doubleValue:
        value = reader.double();
        break;
      case ANY_VALUE.bytesValue:
        value = reader.bytes();
        break;
      case ANY_VALUE.arrayValue:
        value = readList(buf, reader.start, reader.stop, depth);
        break;
      case ANY_VALUE.kvlistValue:
        value = readPairs(buf, reader.start, reader.stop, KEY_VALUE_LIST.values, depth);
        break;
    }
  }
  return value;
}

function readList(buf: Buffer, start: number, stop: number, depth: number): readonly Value[] {
  const values: Value[] = [];
  const reader = new Reader().reset(buf, start, stop);
  while (reader.next())
    if (reader.field === ARRAY_VALUE.values) values.push(readValue(buf, reader.start, reader.stop, depth + 1));
  return values;
}

function readPairs(buf: Buffer, start: number, stop: number, field: number, depth: number): Attributes {
  const pairs: Attributes = new Map();
  const reader = new Reader().reset(buf, start, stop);
  while (reader.next()) if (reader.field === field) readPair(buf, reader.start, reader.stop, pairs, depth);
  return pairs;
}

function readPair(buf: Buffer, start: number, stop: number, into: Attributes, depth: number): void {
  const pair = new Reader().reset(buf, start, stop);
  let key = '';
  let value: Value = null;
  while (pair.next()) {
    if (pair.field === KEY_VALUE.key) key = pair.string();
    else if (pair.field === KEY_VALUE.value) value = readValue(buf, pair.start, pair.stop, depth + 1);
  }
  into.set(key, value);
}

/** The attributes of a record, resource or scope. */
export function readAttributes(view: MessageView, field: number): Attributes {
  const attributes: Attributes = new Map();
  for (const each = new Occurrences().over(view, field); each.next();)
    readPair(view.buf, each.start, each.stop, attributes, 1);
  return attributes;
}

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);
export const isPairs = (value: Value): value is Attributes => value instanceof Map;

/** As `codec/otlp/value-text.ts` has it for bytes. */
export function textOf(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (isList(value) || isPairs(value)) return jsonOf(value, false) ?? '';
  return Object.is(value, -0) ? '-0' : String(value);
}

/**
 * Compact JSON as Go's encoding/json writes it, keys sorted; null where there is none, for NaN and the infinities. `html`: with
 * `<`, `>` and `&` as escapes, as Go does unless told otherwise.
 */
export function jsonOf(value: Value, html: boolean): string | null {
  if (value === null) return 'null';
  if (typeof value === 'string') return quoted(value, html);
  if (typeof value === 'number')
    return Number.isFinite(value) ? textOf(value) : html ? null : quoted(String(value), false);
  if (Buffer.isBuffer(value)) return `"${value.toString('base64')}"`;
  if (isList(value))
    return listed(
      '[',
      value.map((one) => jsonOf(one, html)),
      ']',
    );
  if (isPairs(value)) {
    const sorted = [...value].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return listed(
      '{',
      sorted.map(([key, one]) => member(key, jsonOf(one, html), html)),
      '}',
    );
  }
  return String(value);
}

const member = (key: string, text: string | null, html: boolean): string | null =>
  text === null ? null : `${quoted(key, html)}:${text}`;

function listed(open: string, texts: readonly (string | null)[], close: string): string | null {
  return texts.includes(null) ? null : `${open}${texts.join(',')}${close}`;
}

export function quoted(text: string, html: boolean): string {
  return JSON.stringify(text.toWellFormed()).replaceAll(html ? /[<>&\u2028\u2029]/g : /[\u2028\u2029]/g, escaped);
}
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
