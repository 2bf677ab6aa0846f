/**
 * How the fields of messages are set from values. A field that would hold its default is left out, as encoders do; a value of a type
 * that the field cannot hold fails. Facts: Collector contrib `pkg/ottl/contexts/internal`, `ctxutil.ExpectType`.
 */
import type { Message } from '#codec/otlp/message.ts';
import { fail } from '../error.ts';
import { Id, isList, Time, typeName, type Value } from '../value.ts';

export function textIn(value: Value): string {
  return typeof value === 'string' ? value : fail(`a string is wanted here, got ${typeName(value)}`);
}
export function intIn(value: Value): bigint {
  return typeof value === 'bigint' ? value : fail(`an int is wanted here, got ${typeName(value)}`);
}
export function doubleIn(value: Value): number {
  return typeof value === 'number' ? value : fail(`a double is wanted here, got ${typeName(value)}`);
}
export function boolIn(value: Value): boolean {
  return typeof value === 'boolean' ? value : fail(`a bool is wanted here, got ${typeName(value)}`);
}
export function listIn(value: Value): readonly Value[] {
  return isList(value) ? value : fail(`a list is wanted here, got ${typeName(value)}`);
}
export function timeIn(value: Value): bigint {
  return value instanceof Time ? value.ns : fail(`a time is wanted here, got ${typeName(value)}`);
}

const low = (bits: bigint): number => Number(bits & 0xffff_ffffn);
const high = (bits: bigint): number => Number((bits >> 32n) & 0xffff_ffffn);

export function putText(message: Message, field: number, value: Value): void {
  const text = textIn(value);
  const mark = message.mark();
  if (text !== '') message.scratch.string(field, text);
  message.put(field, mark);
}

/** uint32 and enums: the low 32 bits of the int. */
export function putUint32(message: Message, field: number, value: Value): void {
  const number = Number(BigInt.asUintN(32, intIn(value)));
  const mark = message.mark();
  if (number !== 0) message.scratch.uint32(field, number);
  message.put(field, mark);
}
export function putFixed32(message: Message, field: number, value: Value): void {
  const number = Number(BigInt.asUintN(32, intIn(value)));
  const mark = message.mark();
  if (number !== 0) message.scratch.fixed32(field, number);
  message.put(field, mark);
}
export function putFixed64(message: Message, field: number, bits: bigint): void {
  const mark = message.mark();
  if (bits !== 0n) message.scratch.fixed64(field, low(bits), high(bits));
  message.put(field, mark);
}
/** sint32, as ZigZag. */
export function putSint32(message: Message, field: number, value: Value): void {
  const number = Number(BigInt.asIntN(32, intIn(value)));
  const mark = message.mark();
  if (number !== 0) message.scratch.uint32(field, ((number << 1) ^ (number >> 31)) >>> 0);
  message.put(field, mark);
}
export function putBool(message: Message, field: number, value: Value): void {
  const mark = message.mark();
  if (boolIn(value)) message.scratch.bool(field, true);
  message.put(field, mark);
}
/** `present`: also 0 is written, as of fields that may be absent. */
export function putDouble(message: Message, field: number, value: Value, present: boolean): void {
  const number = doubleIn(value);
  const mark = message.mark();
  if (present || number !== 0) message.scratch.double(field, number);
  message.put(field, mark);
}

/** An id of `size` bytes, as an {@link Id} or as hex digits; one of zeros is absent. */
export function putId(message: Message, field: number, size: number, value: Value, asText: boolean): void {
  const hex = asText ? textIn(value) : value instanceof Id ? value.hex : null;
  if (hex === null || hex.length !== size * 2 || !/^[0-9a-fA-F]*$/.test(hex))
    return fail(`an id of ${size} bytes is wanted here, got ${hex === null ? typeName(value) : `"${hex}"`}`);
  const mark = message.mark();
  if (/[^0]/.test(hex)) message.scratch.bytes(field, Buffer.from(hex, 'hex'));
  message.put(field, mark);
}

/** Packed doubles and fixed64s. */
export function putDoubles(message: Message, field: number, value: Value): void {
  const numbers = listIn(value).map(doubleIn);
  putPacked(message, field, numbers, (number) => message.scratch.packedDouble(number));
}
export function putFixed64s(message: Message, field: number, value: Value): void {
  const numbers = listIn(value).map(intIn);
  putPacked(message, field, numbers, (number) => message.scratch.packedFixed64(low(number), high(number)));
}
/** Packed uint64s. */
export function putVarints(message: Message, field: number, value: Value): void {
  const numbers = listIn(value).map(intIn);
  putPacked(message, field, numbers, (number) => message.scratch.packedVarint64(low(number), high(number)));
}

function putPacked<T>(message: Message, field: number, numbers: readonly T[], write: (number: T) => void): void {
  const mark = message.mark();
  if (numbers.length > 0) {
    const begun = message.scratch.begin(field);
    for (const number of numbers) write(number);
    message.scratch.end(begun);
  }
  message.put(field, mark);
}
