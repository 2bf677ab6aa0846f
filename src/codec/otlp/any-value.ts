/**
 * Attribute values as plain data, and back into bytes: for what needs a value as a whole. The hot path reads bytes.
 *
 *     AnyValue     0a string  10 bool  18 int (int64)  21 double  2a ArrayValue  32 KeyValueList  3a bytes
 *     ArrayValue   0a AnyValue*     KeyValueList   0a KeyValue*     KeyValue   0a key  12 AnyValue
 *
 * For validated bytes; deeper nesting than the wire allows throws {@link ProtobufError}. Any thread; allocates.
 */
import { LENGTH, MAX_DEPTH, ProtobufError } from '../protobuf/limits.ts';
import { Reader } from '../protobuf/reader.ts';
import { Writer } from '../protobuf/writer.ts';
import { ANY_VALUE, ARRAY_VALUE, KEY_VALUE, KEY_VALUE_LIST } from './fields.ts';
import type { MessageView } from './view.ts';

/** null: a value that is not set. A bigint is an int, a number a double; bytes share the memory that they were read from. */
export type PlainValue = null | boolean | bigint | number | string | Uint8Array | readonly PlainValue[] | PlainMap;
/** In order of the data; of equal keys the first counts. */
export interface PlainMap extends ReadonlyMap<string, PlainValue> {}

const NO_ATTRIBUTES: PlainMap = new Map();

/** Type arguments keep Array.isArray from making a list of anything. */
export const isPlainList = (value: PlainValue): value is readonly PlainValue[] => Array.isArray(value);
export const isPlainMap = (value: PlainValue): value is PlainMap => value instanceof Map;

/** The AnyValue in `buf[start, end)`; of several members the last one counts. Text that is not UTF-8 has U+FFFD in it. */
export function readAnyValue(buf: Buffer, start: number, end: number, depth = 1): PlainValue {
  if (depth > MAX_DEPTH) throw new ProtobufError('nested too deeply', start);
  const reader = new Reader().reset(buf, start, end);
  let value: PlainValue = null;
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
        value = readList(buf, reader.start, reader.stop, depth + 1);
        break;
      case ANY_VALUE.kvlistValue:
        value = readKeyValues(buf, reader.start, reader.stop, KEY_VALUE_LIST.values, depth + 1);
        break;
    }
  }
  return value;
}

function readList(buf: Buffer, start: number, end: number, depth: number): readonly PlainValue[] {
  const values: PlainValue[] = [];
  for (const reader = new Reader().reset(buf, start, end); reader.next();)
    if (reader.field === ARRAY_VALUE.values) values.push(readAnyValue(buf, reader.start, reader.stop, depth));
  return values;
}

/** The KeyValue fields `field` of the message `buf[start, end)`. */
export function readKeyValues(buf: Buffer, start: number, end: number, field: number, depth = 1): PlainMap {
  const map = new Map<string, PlainValue>();
  const pair = new Reader();
  for (const message = new Reader().reset(buf, start, end); message.next();) {
    if (message.field !== field || message.wire !== LENGTH) continue;
    let key = '';
    let value: PlainValue = null;
    pair.reset(buf, message.start, message.stop);
    while (pair.next()) {
      if (pair.field === KEY_VALUE.key) key = pair.string();
      else if (pair.field === KEY_VALUE.value) value = readAnyValue(buf, pair.start, pair.stop, depth);
    }
    if (!map.has(key)) map.set(key, value);
  }
  return map;
}

/** The attributes of a message, in its field `field`. */
export function readAttributes(view: MessageView, field: number): PlainMap {
  if (!view.has(field)) return NO_ATTRIBUTES;
  return readKeyValues(view.buf, view.firstTag(field), view.end, field);
}

/** The content of an AnyValue message, in memory of its own. */
export function anyValueBytes(value: PlainValue): Buffer {
  const out = new Writer(64);
  writeAnyValue(out, value);
  return out.finish();
}

/** Writes the content of an AnyValue message. */
export function writeAnyValue(out: Writer, value: PlainValue): void {
  if (value === null) return;
  switch (typeof value) {
    case 'string':
      return out.string(ANY_VALUE.stringValue, value);
    case 'boolean':
      return out.bool(ANY_VALUE.boolValue, value);
    case 'bigint': {
      const bits = BigInt.asUintN(64, value);
      return out.varint64(ANY_VALUE.intValue, Number(bits & 0xffff_ffffn), Number(bits >> 32n));
    }
    case 'number':
      return out.double(ANY_VALUE.doubleValue, value);
    default:
  }
  if (value instanceof Uint8Array) return out.bytes(ANY_VALUE.bytesValue, Buffer.from(value));
  const mark = out.begin(isPlainList(value) ? ANY_VALUE.arrayValue : ANY_VALUE.kvlistValue);
  if (isPlainList(value)) for (const item of value) writeNested(out, ARRAY_VALUE.values, item);
  else
    for (const [key, member] of value) {
      const pair = out.begin(KEY_VALUE_LIST.values);
      out.string(KEY_VALUE.key, key);
      writeNested(out, KEY_VALUE.value, member);
      out.end(pair);
    }
  out.end(mark);
}

function writeNested(out: Writer, field: number, value: PlainValue): void {
  const mark = out.begin(field);
  writeAnyValue(out, value);
  out.end(mark);
}
