/** Setting attributes of a {@link Message}: one that is there keeps its place, a new one comes last. Worker threads. */
import { Writer } from '../protobuf/writer.ts';
import { writeAnyValue, type PlainValue } from './any-value.ts';
import { ConstantField } from './constant-field.ts';
import { KEY_VALUE } from './fields.ts';
import type { Message } from './message.ts';

/** The attribute as a field of KeyValues, for {@link putPair}: made once, put often. */
export function pairBytes(field: number, key: Buffer, value: PlainValue): Buffer {
  const out = new Writer(64);
  writePair(out, field, key, value);
  return out.finish();
}

/** Sets an attribute to what {@link pairBytes} made of the same field and key. */
export function putPair(message: Message, field: number, key: Buffer, pair: Buffer): void {
  const row = message.find(field, key) ? message.row : 0;
  const mark = message.mark();
  message.scratch.raw(pair);
  place(message, row, mark);
}

/** The attribute as a field that many messages get, for {@link putConstant}. */
export const constantPair = (field: number, key: Buffer, value: PlainValue): ConstantField =>
  new ConstantField(pairBytes(field, key, value));

/** Sets an attribute to a constant of the same field and key. */
export function putConstant(message: Message, field: number, key: Buffer, constant: ConstantField): void {
  if (message.find(field, key)) message.replaceConstant(message.row, constant);
  else message.appendConstant(constant);
}

/** Adds it without looking for one of its key. */
export function appendPair(message: Message, pair: Buffer): void {
  const mark = message.mark();
  message.scratch.raw(pair);
  message.append(mark);
}

/** Sets an attribute to a value. */
export function putValue(message: Message, field: number, key: Buffer, value: PlainValue): void {
  const row = message.find(field, key) ? message.row : 0;
  const mark = message.mark();
  writePair(message.scratch, field, key, value);
  place(message, row, mark);
}

/** Sets an attribute to the AnyValue `buf[start, stop)`, which may lie in the scratch. */
export function copyValue(
  message: Message,
  field: number,
  key: Buffer,
  buf: Buffer,
  start: number,
  stop: number,
): void {
  const row = message.find(field, key) ? message.row : 0;
  const mark = message.mark();
  const { scratch } = message;
  const pair = scratch.begin(field);
  scratch.bytes(KEY_VALUE.key, key);
  scratch.bytes(KEY_VALUE.value, buf, start, stop);
  scratch.end(pair);
  place(message, row, mark);
}

/** Gives the attribute in a row, of the field `field` and with the key `buf[keyStart, keyStop)`, another value. */
export function replaceValue(
  message: Message,
  row: number,
  field: number,
  buf: Buffer,
  keyStart: number,
  keyStop: number,
  value: PlainValue,
): void {
  const mark = message.mark();
  const { scratch } = message;
  const pair = scratch.begin(field);
  scratch.bytes(KEY_VALUE.key, buf, keyStart, keyStop);
  const any = scratch.begin(KEY_VALUE.value);
  writeAnyValue(scratch, value);
  scratch.end(any);
  scratch.end(pair);
  message.replace(row, mark);
}

/** All attributes at once. */
export function putAll(message: Message, field: number, values: ReadonlyMap<string, PlainValue>): void {
  const mark = message.mark();
  for (const [key, value] of values) writePair(message.scratch, field, Buffer.from(key), value);
  message.put(field, mark);
}

function place(message: Message, row: number, mark: number): void {
  if (row === 0) message.append(mark);
  else message.replace(row, mark);
}

function writePair(out: Writer, field: number, key: Buffer, value: PlainValue): void {
  const pair = out.begin(field);
  out.bytes(KEY_VALUE.key, key);
  const any = out.begin(KEY_VALUE.value);
  writeAnyValue(out, value);
  out.end(any);
  out.end(pair);
}
