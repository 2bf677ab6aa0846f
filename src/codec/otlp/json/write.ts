/**
 * Protobuf bytes to OTLP/JSON as OTLP wants it written: lowerCamelCase, ids in hex, enums as integers, 64-bit integers as
 * strings, defaults and unknown fields left out. Builds one object per message and lets JSON.stringify do the text: for
 * exporters that were configured for JSON, which is not the fast path.
 */
import { FIXED32, FIXED64, LENGTH, MAX_DEPTH, ProtobufError, VARINT } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import { REQUEST_TYPES, type Field, type MessageType } from '../messages.ts';
import type { Signal } from '../signal.ts';
import { decimalText } from './decimal.ts';

type Json = boolean | number | string | Json[] | JsonObject;
interface JsonObject {
  [name: string]: Json;
}

/** The export request `bytes` of `signal` as JSON text. Throws {@link ProtobufError} for malformed bytes. */
export function protoToJson(signal: Signal, bytes: Buffer): string {
  const out: JsonObject = {};
  readInto(out, REQUEST_TYPES[signal], bytes, 0, bytes.length, 1);
  return JSON.stringify(out);
}

function readInto(out: JsonObject, type: MessageType, buf: Buffer, start: number, end: number, depth: number): void {
  if (depth > MAX_DEPTH) throw new ProtobufError('nested too deeply', start);
  const reader = new Reader().reset(buf, start, end);
  // A message that comes twice is merged: `out` then holds what the first one set.
  let oneof = type.fields.find((field) => field.oneof && field.name in out)?.name ?? '';
  while (reader.next()) {
    const field = type.byNumber[reader.field];
    if (field === undefined) continue;
    const { name } = field;
    if (field.oneof) {
      // Of a oneof the last member on the wire counts.
      if (oneof !== '' && oneof !== name) delete out[oneof];
      oneof = name;
    }
    if (field.repeated) {
      const list = (out[name] ?? []) as Json[];
      readRepeated(field, reader, list, depth);
      if (list.length > 0) out[name] = list;
    } else if (field.message !== null) {
      expectWire(reader, LENGTH);
      readInto((out[name] ??= {}) as JsonObject, field.message, buf, reader.start, reader.stop, depth + 1);
    } else {
      const value = readScalar(field, reader);
      if (field.presence || !isDefault(value)) out[name] = value;
      else delete out[name];
    }
  }
}

function readRepeated(field: Field, reader: Reader, list: Json[], depth: number): void {
  if (field.message !== null) {
    expectWire(reader, LENGTH);
    const element: JsonObject = {};
    readInto(element, field.message, reader.buf, reader.start, reader.stop, depth + 1);
    list.push(element);
  } else if (field.kind === 'string' || reader.wire !== LENGTH) list.push(readScalar(field, reader));
  else for (let at = reader.start; at < reader.stop;) at = readPacked(field, reader, at, list);
}

/** One value of a packed field at `at`; the position after it. */
function readPacked(field: Field, reader: Reader, at: number, list: Json[]): number {
  const { buf, stop } = reader;
  if (field.kind === 'uint64') {
    let lo = 0;
    let hi = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= stop || shift > 63) throw new ProtobufError('packed values cut short', at);
      const byte = buf[at++];
      if (shift < 32) lo |= (byte & 0x7f) << shift;
      if (shift > 24) hi |= shift < 32 ? (byte & 0x7f) >>> (32 - shift) : (byte & 0x7f) << (shift - 32);
      if (byte < 0x80) break;
    }
    list.push(decimalText(lo >>> 0, hi >>> 0, false));
    return at;
  }
  if (at + 8 > stop) throw new ProtobufError('packed values cut short', at);
  list.push(
    field.kind === 'double'
      ? doubleJson(buf.readDoubleLE(at))
      : decimalText(buf.readUInt32LE(at), buf.readUInt32LE(at + 4), false),
  );
  return at + 8;
}

function readScalar(field: Field, reader: Reader): Json {
  switch (field.kind) {
    case 'string':
      expectWire(reader, LENGTH);
      return reader.string();
    case 'bytes':
      expectWire(reader, LENGTH);
      return reader.bytes().toString('base64');
    case 'traceId':
    case 'spanId':
      expectWire(reader, LENGTH);
      return reader.bytes().toString('hex');
    case 'double':
      expectWire(reader, FIXED64);
      return doubleJson(reader.double());
    case 'fixed32':
      expectWire(reader, FIXED32);
      return reader.fixed32();
    case 'fixed64':
    case 'sfixed64':
      expectWire(reader, FIXED64);
      return decimalText(
        reader.buf.readUInt32LE(reader.start),
        reader.buf.readUInt32LE(reader.start + 4),
        field.kind === 'sfixed64',
      );
    default:
      expectWire(reader, VARINT);
  }
  switch (field.kind) {
    case 'bool':
      return reader.bool();
    case 'sint32':
      return reader.sint32();
    case 'uint32':
      return reader.uint32();
    case 'int64':
    case 'uint64':
      return decimalText(reader.lo, reader.hi, field.kind === 'int64');
    default:
      return reader.int32();
  }
}

function expectWire(reader: Reader, wire: number): void {
  if (reader.wire !== wire)
    throw new ProtobufError(`wrong wire type ${reader.wire} for field ${reader.field}`, reader.fieldStart);
}

/** JSON has no numbers for these. -0 is a string too: JSON.stringify would write 0. */
function doubleJson(value: number): Json {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : String(value);
}

const isDefault = (value: Json): boolean => value === 0 || value === '' || value === '0' || value === false;
