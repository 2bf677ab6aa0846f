/**
 * Whole messages as OTTL maps, for paths that end in one (`resource`, `events`, `exemplars`): field names in snake_case, ids as
 * hex text, times and counts as ints, enums as their numbers, absent scalars left out. Upstream these are opaque structures;
 * here they can be printed, compared and measured.
 */
import { readAnyValue, readKeyValues, type PlainMap, type PlainValue } from '#codec/otlp/any-value.ts';
import { MESSAGE_TYPES, type Field, type MessageType } from '#codec/otlp/messages.ts';
import { FIXED64, LENGTH, MAX_DEPTH, VARINT } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import type { Message } from '#codec/otlp/message.ts';
import { fail } from './error.ts';
import { int64, type Value, type ValueMap } from './value.ts';

const TYPES = new Map(MESSAGE_TYPES.map((type) => [type.name, type]));

/** The message type of OTLP with this name. */
export function typeNamed(name: string): MessageType {
  const type = TYPES.get(name);
  if (type === undefined) throw new Error(`OTLP has no message ${name}`);
  return type;
}

export function messageValue(type: MessageType, buf: Buffer, start: number, end: number, depth = 1): ValueMap {
  if (depth > MAX_DEPTH) fail('a message is nested too deeply');
  const map = new Map<string, Value>();
  for (const reader = new Reader().reset(buf, start, end); reader.next();) {
    const field = type.byNumber[reader.field];
    if (field === undefined) continue;
    const name = snakeCase(field.name);
    if (field.message?.name === 'KeyValue') {
      if (!map.has(name)) map.set(name, readKeyValues(buf, start, end, field.number, depth + 1));
    } else if (field.repeated) {
      const list = (map.get(name) ?? []) as Value[];
      for (const value of repeated(field, reader, depth)) list.push(value);
      map.set(name, list);
    } else map.set(name, single(field, reader, depth));
  }
  return map;
}

/** Every occurrence of a repeated message field. */
export function messageList(type: MessageType, message: Message, field: number): Value {
  const list: Value[] = [];
  for (let row = message.first(field); row !== 0; row = message.next(row)) {
    message.content(row);
    list.push(messageValue(type, message.buf, message.start, message.stop));
  }
  return list;
}

/** The message in a field. */
export function messageIn(type: MessageType, message: Message, field: number): ValueMap {
  if (!message.locate(field)) return NOTHING;
  return messageValue(type, message.buf, message.start, message.stop);
}

const NOTHING: ValueMap & PlainMap = new Map();

/** The attributes in a field of KeyValues. */
export function attributesOf(message: Message, field: number): PlainMap {
  let row = message.first(field);
  if (row === 0) return NOTHING;
  const map = new Map<string, PlainValue>();
  for (; row !== 0; row = message.next(row)) {
    message.pair(row);
    const key = message.buf.toString('utf8', message.keyStart, message.keyStop);
    if (!map.has(key)) map.set(key, readAnyValue(message.buf, message.start, message.stop));
  }
  return map;
}

function single(field: Field, reader: Reader, depth: number): Value {
  const { buf, start, stop } = reader;
  switch (field.kind) {
    case 'message':
      if (field.message!.name === 'AnyValue') return readAnyValue(buf, start, stop, depth + 1);
      return messageValue(field.message!, buf, start, stop, depth + 1);
    case 'string':
      return reader.string();
    case 'traceId':
    case 'spanId':
      return buf.toString('hex', start, stop);
    case 'bytes':
      return reader.bytes();
    case 'bool':
      return reader.bool();
    case 'double':
      return reader.wire === FIXED64 ? reader.double() : 0;
    case 'sint32':
      return BigInt(reader.sint32());
    case 'int32':
    case 'enum':
      return BigInt(reader.int32());
    default:
      return reader.wire === VARINT || reader.wire === FIXED64 ? reader.int64() : BigInt(reader.fixed32());
  }
}

/** The numbers of a repeated field of a message of that type. */
export function numbersIn(type: MessageType, message: Message, number: number): Value {
  const field = type.byNumber[number];
  if (field === undefined) throw new Error(`${type.name} has no field ${number}`);
  const list: Value[] = [];
  const reader = new Reader();
  message.whole();
  const { buf, start, stop } = message;
  for (reader.reset(buf, start, stop); reader.next();)
    if (reader.field === number) for (const value of repeated(field, reader, 1)) list.push(value);
  return list;
}

/** One occurrence of a repeated field: a message or text, or numbers, maybe packed. */
function repeated(field: Field, reader: Reader, depth: number): Value[] {
  const packed =
    reader.wire === LENGTH && field.kind !== 'message' && field.kind !== 'string' && field.kind !== 'bytes';
  if (!packed) return [single(field, reader, depth)];
  const { buf, start, stop } = reader;
  const values: Value[] = [];
  if (field.kind === 'double') for (let at = start; at + 8 <= stop; at += 8) values.push(buf.readDoubleLE(at));
  else if (field.kind === 'fixed64') for (let at = start; at + 8 <= stop; at += 8) values.push(buf.readBigInt64LE(at));
  else return varints(buf, start, stop);
  return values;
}

function varints(buf: Buffer, start: number, stop: number): bigint[] {
  const values: bigint[] = [];
  let value = 0n;
  let shift = 0n;
  for (let at = start; at < stop; at++) {
    value |= BigInt(buf[at] & 0x7f) << shift;
    shift += 7n;
    if (buf[at] > 0x7f) continue;
    values.push(int64(value));
    value = 0n;
    shift = 0n;
  }
  return values;
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
