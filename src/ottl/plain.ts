/** Values as attributes hold them. */
import type { PlainMap, PlainValue } from '#codec/otlp/any-value.ts';
import { MAX_DEPTH } from '#codec/protobuf/limits.ts';
import { fail } from './error.ts';
import { isList, isMap, typeName, type Value } from './value.ts';

/**
 * Messages within each other, down to the values of a data point's attributes, the deepest that there are; a list adds two more, a map
 * three. What is deeper than MAX_DEPTH nobody could read.
 */
const OUTERMOST = 8;
const IN_LIST = 2;
const IN_MAP = 3;

/** Fails for what no attribute can hold: times, durations, ids, and what is nested too deeply. */
export function plainIn(value: Value, depth = OUTERMOST): PlainValue {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (depth + IN_MAP > MAX_DEPTH) fail('lists and maps are nested too deeply for an attribute');
  if (isList(value)) {
    for (const item of value) plainIn(item, depth + IN_LIST);
    return value as PlainValue;
  }
  if (isMap(value)) return plainMapIn(value, depth);
  return fail(`an attribute cannot hold a ${typeName(value)}: make a string or an int of it`);
}

export function plainMapIn(value: Value, depth = OUTERMOST): PlainMap {
  if (!isMap(value)) return fail(`a map is wanted here, got ${typeName(value)}`);
  for (const member of value.values()) plainIn(member, depth + IN_MAP);
  return value as PlainMap;
}
