/**
 * OTLP/JSON to protobuf bytes, in one pass and without objects in between: strings without escapes are copied, numbers are
 * converted exactly. Follows the protobuf JSON mapping with OTLP's own rules (specification, "JSON Protobuf Encoding"): ids are
 * hex, enums are integers. As lenient as the Collector beyond that: enum names, snake_case names, 64-bit integers as
 * numbers or strings, unknown members ignored, null means absent.
 */
import { Writer } from '#codec/protobuf/writer.ts';
import { zigzag32 } from '#codec/protobuf/varint.ts';
import { SPAN_ID_BYTES, TRACE_ID_BYTES } from '../fields.ts';
import { REQUEST_TYPES, type Field, type MessageType } from '../messages.ts';
import type { Signal } from '../signal.ts';
import { Decimal } from './decimal.ts';
import { findField } from './names.ts';
import { JsonScanner, type JsonKind } from './scanner.ts';

const scanner: JsonScanner = new JsonScanner();
const writer = new Writer();
const decimal = new Decimal();

/** The export request of `signal` that `text` describes. Throws {@link JsonError}. */
export function jsonToProto(signal: Signal, text: string | Buffer): Buffer {
  scanner.reset(typeof text === 'string' ? Buffer.from(text) : text);
  writer.reset();
  if (scanner.peek() !== 'object') scanner.fail('expected an object');
  readMessage(REQUEST_TYPES[signal], 1);
  scanner.finish();
  return writer.finish();
}

function readMessage(type: MessageType, depth: number): void {
  scanner.checkDepth(depth);
  scanner.open();
  for (let first = true; scanner.member(first); first = false) {
    const field = scanner.escaped
      ? type.byName.get(scanner.text())
      : findField(type, scanner.buf, scanner.start, scanner.stop);
    const kind = scanner.peek();
    if (field === undefined || field === null || kind === 'null') {
      scanner.skip(depth + 1);
      continue;
    }
    scanner.enter(field.name);
    if (!field.repeated) readValue(field, depth, field.presence);
    else if (kind !== 'array') scanner.fail('expected an array');
    else if (field.kind === 'message' || field.kind === 'string') readList(field, depth);
    else readPacked(field);
    scanner.leave();
  }
}

function readList(field: Field, depth: number): void {
  scanner.open();
  for (let i = 0; scanner.element(i === 0); i++) {
    scanner.enter(i);
    readValue(field, depth, true);
    scanner.leave();
  }
}

/** Numbers of a packed field: bucket counts and bounds. */
function readPacked(field: Field): void {
  const mark = writer.begin(field.number);
  scanner.open();
  for (let i = 0; scanner.element(i === 0); i++) {
    scanner.enter(i);
    if (field.kind === 'double') writer.packedDouble(readDouble());
    else {
      readInteger(field.kind);
      if (field.kind === 'fixed64') writer.packedFixed64(decimal.lo, decimal.hi);
      else writer.packedVarint64(decimal.lo, decimal.hi);
    }
    scanner.leave();
  }
  writer.end(mark);
}

/** Reads one value into one field. Defaults are left out unless `always`. */
function readValue(field: Field, depth: number, always: boolean): void {
  const { number, kind } = field;
  switch (kind) {
    case 'message':
      return readSubmessage(field, depth);
    case 'string':
      return readString(number, always);
    case 'traceId':
      return readId(number, TRACE_ID_BYTES);
    case 'spanId':
      return readId(number, SPAN_ID_BYTES);
    case 'bytes':
      return readBytes(number, always);
    case 'bool': {
      const value = readBool();
      if (value || always) writer.bool(number, value);
      return;
    }
    case 'double': {
      const value = readDouble();
      if (always || !Object.is(value, 0)) writer.double(number, value);
      return;
    }
    case 'enum':
      if (scanner.peek() === 'string') return readEnumName(field, always);
      break;
    default:
  }
  readInteger(kind);
  const { lo, hi } = decimal;
  if (lo === 0 && hi === 0 && !always) return;
  switch (kind) {
    case 'fixed32':
      return writer.fixed32(number, lo);
    case 'fixed64':
    case 'sfixed64':
      return writer.fixed64(number, lo, hi);
    case 'sint32':
      return writer.uint32(number, zigzag32(lo | 0));
    default:
      return writer.varint64(number, lo, hi);
  }
}

function readSubmessage(field: Field, depth: number): void {
  const kind = scanner.peek();
  const mark = writer.begin(field.number);
  // Only an element of a list gets here as null: an empty message in its place keeps the others where they are.
  if (kind === 'null') scanner.literal('null');
  else if (kind === 'object') readMessage(field.message as MessageType, depth + 1);
  else scanner.fail(`expected an object, got ${nameOf(kind)}`);
  writer.end(mark);
}

function readString(field: number, always: boolean): void {
  expectString('a string');
  if (scanner.escaped) writer.string(field, scanner.text());
  else if (always || scanner.stop > scanner.start) writer.bytes(field, scanner.buf, scanner.start, scanner.stop);
}

function readId(field: number, bytes: number): void {
  expectString(`a string of ${bytes * 2} hex digits`);
  const { buf, start, stop } = scanner;
  if (start === stop) return;
  if (stop - start !== bytes * 2 || !readHex(buf, start, bytes))
    scanner.fail(`expected ${bytes * 2} hex digits or an empty string`, start);
  writer.bytes(field, id, 0, bytes);
}

const id = Buffer.alloc(TRACE_ID_BYTES);

/** Reads `bytes` bytes in hex at `at` into {@link id}. */
function readHex(buf: Buffer, at: number, bytes: number): boolean {
  for (let i = 0; i < bytes; i++) {
    const value = (hexDigit(buf[at + 2 * i]) << 4) | hexDigit(buf[at + 2 * i + 1]);
    if (value < 0) return false;
    id[i] = value;
  }
  return true;
}

/** Value of an ASCII hex digit, or -1. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

function readBytes(field: number, always: boolean): void {
  expectString('a string in base64');
  const text = scanner.text();
  if (!BASE64.test(text) || text.replace(/=+$/, '').length % 4 === 1) scanner.fail('expected base64', scanner.start);
  if (always || text !== '') writer.bytes(field, Buffer.from(text, 'base64'));
}

function readBool(): boolean {
  const kind = scanner.peek();
  if (kind !== 'true' && kind !== 'false') scanner.fail(`expected true or false, got ${nameOf(kind)}`);
  scanner.literal(kind);
  return kind === 'true';
}

function readEnumName(field: Field, always: boolean): void {
  scanner.string();
  const text = scanner.text();
  const value = field.values?.get(text);
  if (value === undefined) scanner.fail(`unknown value ${JSON.stringify(text.slice(0, 64))}`, scanner.start);
  if (value !== 0 || always) writer.uint32(field.number, value);
}

function readDouble(): number {
  const kind = scanner.peek();
  if (kind === 'number') scanner.number();
  else if (kind === 'string') scanner.string();
  else scanner.fail(`expected a number, got ${nameOf(kind)}`);
  const text = scanner.text();
  if (kind === 'string') {
    if (text === 'NaN') return NaN;
    if (text === 'Infinity') return Infinity;
    if (text === '-Infinity') return -Infinity;
    if (!/^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$/.test(text)) scanner.fail('expected a number', scanner.start);
  }
  const value = Number(text);
  if (!Number.isFinite(value)) scanner.fail('number out of range', scanner.start);
  return value;
}

/** Reads an integer of `kind` into {@link decimal}. */
function readInteger(kind: Field['kind']): void {
  const token = scanner.peek();
  if (token === 'number') scanner.number();
  else if (token === 'string') scanner.string();
  else scanner.fail(`expected an integer, got ${nameOf(token)}`);
  const problem = decimal.read(scanner.buf, scanner.start, scanner.stop, kind);
  if (problem !== '') scanner.fail(problem, scanner.start);
}

function expectString(what: string): void {
  const kind = scanner.peek();
  if (kind !== 'string') scanner.fail(`expected ${what}, got ${nameOf(kind)}`);
  scanner.string();
}

const NAMES: Readonly<Record<JsonKind, string>> = {
  object: 'an object',
  array: 'an array',
  string: 'a string',
  number: 'a number',
  true: 'a bool',
  false: 'a bool',
  null: 'null',
};
const nameOf = (kind: JsonKind): string => NAMES[kind];
