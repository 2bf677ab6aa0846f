/** Values inside a template, and what Go makes of them. */
import { floatText } from '#text/go-number.ts';
import { TemplateError } from './lexer.ts';

/** Go's float64, to be told from an int. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A number alone is an int; undefined is a key that a map does not have. */
export type Value =
  string | number | boolean | null | undefined | Float | readonly Value[] | ReadonlyMap<string, Value>;

/** As fmt's %v prints it. */
export function textOf(value: Value): string {
  if (value === undefined || value === null) return '<nil>';
  if (value instanceof Float) return floatText(value.value);
  if (isList(value)) return `[${value.map(textOf).join(' ')}]`;
  if (isMap(value)) {
    const pairs = [...value].sort(([a], [b]) => (a < b ? -1 : 1));
    return `map[${pairs.map(([name, inner]) => `${name}:${textOf(inner)}`).join(' ')}]`;
  }
  return String(value);
}

/** False, 0, nil, and what is empty. */
export function isTrue(value: Value): boolean {
  if (value instanceof Float) return value.value !== 0;
  if (isList(value)) return value.length > 0;
  if (isMap(value)) return value.size > 0;
  return Boolean(value);
}

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);
export const isMap = (value: Value): value is ReadonlyMap<string, Value> => value instanceof Map;

/** What a function of strings takes. */
export function asText(value: Value, name: string): string {
  if (typeof value === 'string') return value;
  throw new TemplateError(`error calling ${name}: wrong type for value; expected string; got ${kindOf(value)}`);
}

/** What sprig's functions of numbers take: numbers, and texts that are one; anything else is 0. */
export function asNumber(value: Value): number {
  if (value instanceof Float) return value.value;
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const number = typeof value === 'string' && value.trim() === value && value !== '' ? Number(value) : NaN;
  return Number.isNaN(number) ? 0 : number;
}

export const asInt = (value: Value): number => Math.trunc(asNumber(value));

export function kindOf(value: Value): string {
  if (value === undefined || value === null) return 'nil';
  if (value instanceof Float) return 'float64';
  if (isList(value)) return 'list';
  if (isMap(value)) return 'map';
  return typeof value === 'number' ? 'int' : typeof value === 'boolean' ? 'bool' : 'string';
}
