/**
 * Values as text: Alloy source for messages and reference docs, and the JSON form that Alloy's UI reads. Sensitive strings
 * are hidden in both.
 */
import { isIdentifier, quote } from '#config/syntax/quote.ts';
import { numberText } from './convert.ts';
import { isArray, isFunction, isObject, isSecret, typeName, type Value } from './value.ts';

const SECRET = '(secret)';

/** One line of Alloy source. Capsules and functions have no source form; they print as `capsule("otelcol.Consumer")`, `function`. */
export function printValue(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint' || typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return quote(value);
  if (isArray(value)) return `[${value.map(printValue).join(', ')}]`;
  if (isObject(value)) {
    const fields = Array.from(value, ([key, field]) => `${printKey(key)} = ${printValue(field)}`);
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
  }
  return describe(value);
}

function printKey(key: string): string {
  return isIdentifier(key) ? key : quote(key);
}

function describe(value: Exclude<Value, null>): string {
  if (isSecret(value)) return SECRET;
  if (typeof value === 'object' && 'capsule' in value) return `capsule(${quote(value.capsule)})`;
  return isFunction(value) ? 'function' : typeName(value);
}

/** A value in the JSON of Alloy's `/api/v0/web/components` (grafana/alloy `syntax/encoding/alloyjson`). */
export type JsonValue =
  | { readonly type: 'null'; readonly value: null }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'string' | 'function' | 'capsule'; readonly value: string }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'array'; readonly value: readonly JsonValue[] }
  | { readonly type: 'object'; readonly value: readonly { readonly key: string; readonly value: JsonValue }[] };

export function jsonValue(value: Value): JsonValue {
  if (value === null) return { type: 'null', value: null };
  if (typeof value === 'boolean') return { type: 'bool', value };
  if (typeof value === 'bigint' || typeof value === 'number') return { type: 'number', value: Number(value) };
  if (typeof value === 'string') return { type: 'string', value };
  if (isArray(value)) return { type: 'array', value: value.map(jsonValue) };
  if (isObject(value))
    return { type: 'object', value: Array.from(value, ([key, field]) => ({ key, value: jsonValue(field) })) };
  return { type: isFunction(value) ? 'function' : 'capsule', value: describe(value) };
}
