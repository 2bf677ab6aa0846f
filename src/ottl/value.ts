/**
 * Values of OTTL at run time. Facts: Collector contrib `pkg/ottl` LANGUAGE.md.
 *
 * | OTTL                       | here                                                        |
 * | -------------------------- | ----------------------------------------------------------- |
 * | nil, bool, string          | null, boolean, string                                       |
 * | int64                      | bigint, always within -2^63 .. 2^63-1                       |
 * | float64                    | number                                                      |
 * | bytes                      | Uint8Array                                                  |
 * | list                       | array                                                       |
 * | map                        | Map, in order of the data; of equal keys the first counts   |
 * | time.Time, time.Duration   | {@link Time}, {@link Duration}                              |
 * | trace and span ids         | {@link Id}                                                  |
 *
 * Whole messages that paths lead to (a resource, the events of a span) are maps and lists too. Values are never changed.
 */
import { fail } from './error.ts';

export type Value =
  null | boolean | string | bigint | number | Uint8Array | Time | Duration | Id | readonly Value[] | ValueMap;
export interface ValueMap extends ReadonlyMap<string, Value> {}

/** What a calendar can tell: JavaScript's dates end in the years -271821 and 275760. */
const LAST_NS = 8_640_000_000_000_000_000_000n;

/** A moment, in nanoseconds since the epoch, UTC. One beyond the calendar fails. */
export class Time {
  readonly ns: bigint;
  constructor(ns: bigint) {
    if (ns > LAST_NS || ns < -LAST_NS) fail('a time beyond the year 275760');
    this.ns = ns;
  }
}

/** Nanoseconds, within an int64. */
export class Duration {
  readonly ns: bigint;
  constructor(ns: bigint) {
    this.ns = ns;
  }
}

/** A trace id (32 hex digits) or a span id (16), in lower case; an absent one is all zeros. */
export class Id {
  readonly hex: string;
  constructor(hex: string) {
    this.hex = hex;
  }
}

export const ZERO_TRACE_ID = new Id('0'.repeat(32));
export const ZERO_SPAN_ID = new Id('0'.repeat(16));

/** Wraps around like Go's int64. */
export const int64 = (value: bigint): bigint => BigInt.asIntN(64, value);

/** Type arguments keep Array.isArray from making a list of anything. */
export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isMap(value: Value): value is ValueMap {
  return value instanceof Map;
}

/** As messages name it. */
export function typeName(value: Value): string {
  if (value === null) return 'nil';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
    default:
  }
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Time) return 'time';
  if (value instanceof Duration) return 'duration';
  if (value instanceof Id) return value.hex.length === 32 ? 'trace id' : 'span id';
  return isList(value) ? 'list' : 'map';
}
