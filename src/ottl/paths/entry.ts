/** What a path of a context leads to, and the few shapes that most paths have. */
import { putAll } from '#codec/otlp/attribute-edit.ts';
import type { Message } from '#codec/otlp/message.ts';
import { attributesOf } from '../message-value.ts';
import type { Telemetry } from '../telemetry.ts';
import { Id, int64, Time, ZERO_SPAN_ID, ZERO_TRACE_ID, type Value } from '../value.ts';
import { plainMapIn } from '../plain.ts';
import { intIn, putFixed32, putFixed64, putId, putText, putUint32, timeIn } from './write.ts';

/** What is known of a value before there is data; `any`: nothing. */
export type StaticType = 'int' | 'double' | 'string' | 'bool' | 'time' | 'duration' | 'any';

/** A message, and its field of KeyValues. Both null and 0 where there is none. */
export interface Attributes {
  of(t: Telemetry): Message | null;
  field(t: Telemetry): number;
}

export interface PathEntry {
  readonly type: StaticType;
  read(t: Telemetry): Value;
  /** Absent: it cannot be set. Fails on a value that does not fit. */
  write?(t: Telemetry, value: Value): void;
  /** It may be followed by keys. */
  readonly indexed?: true;
  /** Its value is the attributes of a message: one of them is found, and set, without making a map of all. */
  readonly attributes?: Attributes;
  /** Keys have a meaning of their own. */
  readonly key?: {
    read(t: Telemetry, key: Value): Value;
    write(t: Telemetry, key: Value, value: Value): void;
  };
  /** Of an int that fits: without a bigint. */
  readonly number?: (t: Telemetry) => number;
  /** Of a string: the field that holds it, as bytes. */
  readonly text?: { of(t: Telemetry): Message; readonly field: number };
}
/** Paths by their dotted names. */
export type Paths = Readonly<Record<string, PathEntry>>;

type Of = (t: Telemetry) => Message;

export const text = (of: Of, field: number): PathEntry => ({
  type: 'string',
  read: (t) => of(t).string(field),
  write: (t, value) => putText(of(t), field, value),
  text: { of, field },
});
export const uint32 = (of: Of, field: number): PathEntry => ({
  type: 'int',
  read: (t) => BigInt(of(t).uint32(field)),
  write: (t, value) => putUint32(of(t), field, value),
  number: (t) => of(t).uint32(field),
});
export const fixed32 = (of: Of, field: number): PathEntry => ({
  type: 'int',
  read: (t) => BigInt(of(t).fixed32(field)),
  write: (t, value) => putFixed32(of(t), field, value),
  number: (t) => of(t).fixed32(field),
});
export const unixNano = (of: Of, field: number): PathEntry => ({
  type: 'int',
  read: (t) => int64(of(t).uint64(field)),
  write: (t, value) => putFixed64(of(t), field, intIn(value)),
});
export const time = (of: Of, field: number): PathEntry => ({
  type: 'time',
  read: (t) => new Time(of(t).uint64(field)),
  write: (t, value) => putFixed64(of(t), field, timeIn(value)),
});

const idOf = (message: Message, field: number, zero: Id): Id =>
  message.locate(field) && message.stop - message.start === zero.hex.length / 2 ? new Id(message.hex(field)) : zero;

/** `name` and `name.string`. */
function id(name: string, of: Of, field: number, zero: Id): Paths {
  const size = zero.hex.length / 2;
  return {
    [name]: {
      type: 'any',
      read: (t) => idOf(of(t), field, zero),
      write: (t, value) => putId(of(t), field, size, value, false),
    },
    [`${name}.string`]: {
      type: 'string',
      read: (t) => idOf(of(t), field, zero).hex,
      write: (t, value) => putId(of(t), field, size, value, true),
    },
  };
}
export const traceId = (name: string, of: Of, field: number): Paths => id(name, of, field, ZERO_TRACE_ID);
export const spanId = (name: string, of: Of, field: number): Paths => id(name, of, field, ZERO_SPAN_ID);

export function attributes(of: Of, field: number): PathEntry {
  return {
    type: 'any',
    indexed: true,
    read: (t) => attributesOf(of(t), field),
    write: (t, value) => putAll(of(t), field, plainMapIn(value)),
    attributes: { of, field: () => field },
  };
}

/** What statements keep for the next one on the same item. */
export const cache: PathEntry = {
  type: 'any',
  indexed: true,
  read: (t) => t.cache,
  write: (t, value) => {
    t.cache = plainMapIn(value);
  },
};
