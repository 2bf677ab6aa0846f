/** What a path of a context leads to, and the few shapes that most paths have. */
import { readAttributes } from '#codec/otlp/any-value.ts';
import type { MessageView } from '#codec/otlp/view.ts';
import type { Message, Telemetry } from '../telemetry.ts';
import { Id, int64, Time, ZERO_SPAN_ID, ZERO_TRACE_ID, type Value } from '../value.ts';

/** What is known of a value before there is data; `any`: nothing. */
export type StaticType = 'int' | 'double' | 'string' | 'bool' | 'time' | 'duration' | 'any';

export interface PathEntry {
  readonly type: StaticType;
  read(t: Telemetry): Value;
  /** It may be followed by keys. */
  readonly indexed?: true;
  /** Its value is the attributes of a message: one of them is found without making a map of all. Null: the message has none. */
  readonly attributes?: (t: Telemetry) => { readonly view: MessageView; readonly field: number } | null;
  /** Keys have a meaning of their own. */
  readonly key?: (t: Telemetry, key: Value) => Value;
}
/** Paths by their dotted names. */
export type Paths = Readonly<Record<string, PathEntry>>;

type Of = (t: Telemetry) => Message;

export const text = (of: Of, field: number): PathEntry => ({
  type: 'string',
  read: (t) => of(t).view.string(field),
});
export const uint32 = (of: Of, field: number): PathEntry => ({
  type: 'int',
  read: (t) => BigInt(of(t).view.uint32(field)),
});
export const fixed32 = (of: Of, field: number): PathEntry => ({
  type: 'int',
  read: (t) => BigInt(of(t).view.fixed32(field)),
});
export const unixNano = (of: Of, field: number): PathEntry => ({
  type: 'int',
  read: (t) => int64(of(t).view.uint64(field)),
});
export const time = (of: Of, field: number): PathEntry => ({
  type: 'time',
  read: (t) => new Time(of(t).view.uint64(field)),
});

const idOf = (view: MessageView, field: number, zero: Id): Id =>
  view.stop(field) - view.start(field) === zero.hex.length / 2 ? new Id(view.hex(field)) : zero;
const id = (of: Of, field: number, zero: Id): PathEntry => ({
  type: 'any',
  read: (t) => idOf(of(t).view, field, zero),
});
const idText = (of: Of, field: number, zero: Id): PathEntry => ({
  type: 'string',
  read: (t) => idOf(of(t).view, field, zero).hex,
});
/** `name` and `name.string`. */
export const traceId = (name: string, of: Of, field: number): Paths => ({
  [name]: id(of, field, ZERO_TRACE_ID),
  [`${name}.string`]: idText(of, field, ZERO_TRACE_ID),
});
export const spanId = (name: string, of: Of, field: number): Paths => ({
  [name]: id(of, field, ZERO_SPAN_ID),
  [`${name}.string`]: idText(of, field, ZERO_SPAN_ID),
});

export function attributes(of: Of, field: number): PathEntry {
  return {
    type: 'any',
    indexed: true,
    read: (t) => readAttributes(of(t).view, field),
    attributes: (t) => ({ view: of(t).view, field }),
  };
}

/** Nothing can be put there yet, so it is empty. */
export const cache: PathEntry = { type: 'any', indexed: true, read: () => new Map<string, Value>() };
