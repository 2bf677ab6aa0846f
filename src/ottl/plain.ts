/** Values as attributes hold them. */
import type { PlainMap, PlainValue } from '#codec/otlp/any-value.ts';
import { fail } from './error.ts';
import { isList, isMap, typeName, type Value } from './value.ts';

/** Fails for what no attribute can hold: times, durations, ids. */
export function plainIn(value: Value): PlainValue {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (isList(value)) {
    for (const item of value) plainIn(item);
    return value as PlainValue;
  }
  if (isMap(value)) return plainMapIn(value);
  return fail(`an attribute cannot hold a ${typeName(value)}: make a string or an int of it`);
}

export function plainMapIn(value: Value): PlainMap {
  if (!isMap(value)) return fail(`a map is wanted here, got ${typeName(value)}`);
  for (const member of value.values()) plainIn(member);
  return value as PlainMap;
}
