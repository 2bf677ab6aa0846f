/**
 * Attribute values and whole messages as OTTL sees them, read from OTLP bytes on demand. For validated bytes; of a message that
 * is nested deeper than the wire allows, reading fails.
 */
import { ANY_VALUE, ARRAY_VALUE, KEY_VALUE, KEY_VALUE_LIST } from '#codec/otlp/fields.ts';
import type { MessageView } from '#codec/otlp/view.ts';
import { LENGTH, MAX_DEPTH } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import { fail } from './error.ts';
import type { Value, ValueMap } from './value.ts';

/** The AnyValue in `buf[start, end)`; of several members the last one counts, without any it is nil. */
export function anyValue(buf: Buffer, start: number, end: number, depth = 1): Value {
  if (depth > MAX_DEPTH) fail('a value is nested too deeply');
  const reader = new Reader().reset(buf, start, end);
  let value: Value = null;
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
        value = list(buf, reader.start, reader.stop, depth + 1);
        break;
      case ANY_VALUE.kvlistValue:
        value = keyValues(new Reader().reset(buf, reader.start, reader.stop), KEY_VALUE_LIST.values, depth + 1);
        break;
      default:
    }
  }
  return value;
}

function list(buf: Buffer, start: number, end: number, depth: number): Value {
  const values: Value[] = [];
  for (const reader = new Reader().reset(buf, start, end); reader.next();)
    if (reader.field === ARRAY_VALUE.values) values.push(anyValue(buf, reader.start, reader.stop, depth));
  return values;
}

/** The KeyValue fields `field` of a message as a map. */
export function keyValues(message: Reader, field: number, depth = 1): ValueMap {
  const map = new Map<string, Value>();
  const pair = new Reader();
  while (message.next()) {
    if (message.field !== field || message.wire !== LENGTH) continue;
    let key = '';
    let value: Value = null;
    pair.reset(message.buf, message.start, message.stop);
    while (pair.next()) {
      if (pair.field === KEY_VALUE.key) key = pair.string();
      else if (pair.field === KEY_VALUE.value) value = anyValue(pair.buf, pair.start, pair.stop, depth);
    }
    if (!map.has(key)) map.set(key, value);
  }
  return map;
}

/** All attributes of a message, in its field `field`. */
export function attributeMap(message: MessageView, field: number): ValueMap {
  const reader = new Reader().reset(message.buf, message.firstTag(field), message.end);
  return message.has(field) ? keyValues(reader, field) : new Map<string, Value>();
}

/** Finds attributes by their keys. Reused: what it found is valid until the next search. */
export class AttributeFinder {
  readonly #fields = new Reader();
  readonly #pair = new Reader();
  /** The AnyValue of the attribute found; an empty range if the attribute has no value. */
  start = 0;
  stop = 0;

  /** The first attribute with this key (UTF-8) in the KeyValue fields `field` of a message. */
  find(message: MessageView, field: number, key: Buffer): boolean {
    if (!message.has(field)) return false;
    const fields = this.#fields.reset(message.buf, message.firstTag(field), message.end);
    while (fields.next()) if (fields.field === field && this.#isPair(fields, key)) return true;
    return false;
  }

  #isPair(fields: Reader, key: Buffer): boolean {
    const { buf, start, stop } = fields;
    const length = key.length;
    // Encoders write the key first: most attributes are told apart by its length alone.
    if (buf[start] === KEY_TAG && stop - start > 1 && buf[start + 1] < 0x80 && buf[start + 1] !== length) {
      const after = start + 2 + buf[start + 1];
      if (after === stop || buf[after] === VALUE_TAG) return false;
    }
    const pair = this.#pair.reset(buf, start, stop);
    let same = length === 0;
    this.start = stop;
    this.stop = stop;
    while (pair.next()) {
      if (pair.field === KEY_VALUE.key) same = pair.stop - pair.start === length && sameBytes(buf, pair.start, key);
      else if (pair.field === KEY_VALUE.value) {
        this.start = pair.start;
        this.stop = pair.stop;
      }
    }
    return same;
  }
}

const KEY_TAG = (KEY_VALUE.key << 3) | LENGTH;
const VALUE_TAG = (KEY_VALUE.value << 3) | LENGTH;

function sameBytes(buf: Buffer, start: number, key: Buffer): boolean {
  for (let i = 0; i < key.length; i++) if (buf[start + i] !== key[i]) return false;
  return true;
}
