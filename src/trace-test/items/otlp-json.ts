/** Between the objects of OTLP/JSON and plain values. */
import { boundText, type Terms } from './canonical.ts';
import { filled, isList, isMap, present, textOr, type Value, type ValueMap } from './value.ts';

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [name: string]: Json;
}

export const objects = (value: Json | undefined): readonly JsonObject[] => (value ?? []) as JsonObject[];
export const object = (value: Json | undefined): JsonObject => (value ?? {}) as JsonObject;
export const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

/** A 64-bit integer, which is a text, or a double. */
export function numberOf(value: Json | undefined): bigint | number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  return /^-?\d+$/.test(value) && value !== '-0' ? BigInt(value) : Number(value);
}

export const nsOf = (value: Json | undefined): bigint => (typeof value === 'string' ? BigInt(value) : 0n);

/** undefined: not set. */
export function timeText(value: Json | undefined, { times }: Terms): string | undefined {
  const ns = nsOf(value);
  return ns === 0n ? undefined : times.text(ns);
}

/** Its name, where it has one. */
export function idText(id: Json | undefined, { names }: Terms): string | undefined {
  return typeof id === 'string' && id !== '' ? names.text(id) : undefined;
}

/** The word of an enum's number; undefined for its zero. */
export function word(words: readonly string[], value: Json | undefined): string | undefined {
  return typeof value === 'number' && value > 0 ? (words[value] ?? String(value)) : undefined;
}

/** The number of an enum's word; 0 for what is none. */
export function wordNumber(words: readonly string[], value: Value | undefined): number {
  return Math.max(0, words.indexOf(textOr(value)));
}

/** A time in nanoseconds, as OTLP/JSON has it. */
export function toTime(value: Value | undefined, fallbackNs: bigint, { times }: Terms): string {
  return String(typeof value === 'string' ? (times.read(value) ?? fallbackNs) : fallbackNs);
}

export function toTraceId(value: Value | undefined, { names }: Terms): string {
  return typeof value === 'string' ? names.trace(value) : '';
}

export function toSpanId(value: Value | undefined, { names }: Terms): string {
  return typeof value === 'string' ? names.span(value) : '';
}

export function attributesOf(list: Json | undefined): ValueMap | undefined {
  return filled(Object.fromEntries(objects(list).map(({ key, value }) => [textOf(key) ?? '', anyValueOf(value)])));
}

export function anyValueOf(value: Json | undefined): Value {
  const any = object(value);
  if ('stringValue' in any) return textOf(any['stringValue']) ?? '';
  if ('boolValue' in any) return any['boolValue'] === true;
  if ('intValue' in any) return numberOf(any['intValue']) ?? 0n;
  if ('doubleValue' in any) return Number(any['doubleValue']);
  if ('arrayValue' in any) return objects(object(any['arrayValue'])['values']).map(anyValueOf);
  if ('kvlistValue' in any) return attributesOf(object(any['kvlistValue'])['values']) ?? {};
  if ('bytesValue' in any) return { $bytes: textOf(any['bytesValue']) ?? '' };
  return null;
}

export function toAttributes(map: Value | undefined): JsonObject[] {
  return isMap(map) ? Object.entries(map).map(([key, value]) => ({ key, value: toAnyValue(value) })) : [];
}

export function toAnyValue(value: Value): JsonObject {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'bigint':
      return { intValue: String(value) };
    case 'number':
      return { doubleValue: toDouble(value) };
    default:
  }
  if (value === null) return {};
  if (isList(value)) return { arrayValue: { values: value.map(toAnyValue) } };
  if (typeof value['$bytes'] === 'string') return { bytesValue: value['$bytes'] };
  return { kvlistValue: { values: toAttributes(value) } };
}

/** JSON has no numbers for some. */
export function toDouble(value: number | bigint): Json {
  const double = Number(value);
  return Number.isFinite(double) ? double : Number.isNaN(double) ? 'NaN' : double > 0 ? 'Infinity' : '-Infinity';
}

export function scopeOf(scope: Json | undefined): ValueMap | undefined {
  const { name, version, attributes } = object(scope);
  return filled(present({ name: textOf(name), version: textOf(version), attributes: attributesOf(attributes) }));
}

export function toScope(scope: Value | undefined): JsonObject | null {
  if (!isMap(scope)) return null;
  const { name, version, attributes } = scope;
  return { name: textOr(name), version: textOr(version), attributes: toAttributes(attributes) };
}

/** A map of numbers by their bounds. */
export function numbersBy(keys: readonly Json[], values: readonly Json[]): ValueMap {
  return Object.fromEntries(
    values.map((value, i) => [i < keys.length ? boundText(boundOf(keys[i])) : '+Inf', numberOf(value) ?? 0]),
  );
}

/** Those that JSON has no numbers for are texts. */
const boundOf = (key: Json): string => (typeof key === 'number' ? String(key) : (textOf(key) ?? ''));

/** Items that were written one by one, as a request: neighbours with the same origin are together. */
export function grouped(
  items: readonly {
    readonly item: JsonObject;
    readonly resource: Value | undefined;
    readonly scope: Value | undefined;
  }[],
  names: { readonly entries: string; readonly scopes: string; readonly items: string },
): JsonObject {
  const entries: JsonObject[] = [];
  let lastResource: string | null = null;
  let lastScope: string | null = null;
  for (const { item, resource, scope } of items) {
    const resourceKey = keyOf(resource);
    const scopeKey = keyOf(scope);
    if (resourceKey !== lastResource) {
      entries.push({ resource: { attributes: toAttributes(resource) }, [names.scopes]: [] });
      lastScope = null;
    }
    const scopes = (entries.at(-1) as JsonObject)[names.scopes] as JsonObject[];
    if (scopeKey !== lastScope) {
      const written = toScope(scope);
      scopes.push({ ...(written === null ? {} : { scope: written }), [names.items]: [] });
    }
    ((scopes.at(-1) as JsonObject)[names.items] as Json[]).push(item);
    lastResource = resourceKey;
    lastScope = scopeKey;
  }
  return { [names.entries]: entries };
}

const keyOf = (value: Value | undefined): string =>
  JSON.stringify(value ?? null, (_key, member: unknown) => (typeof member === 'bigint' ? `${member}n` : member));

/** Each item of a request with its origin. */
export function* ungrouped(
  request: JsonObject,
  names: { readonly entries: string; readonly scopes: string; readonly items: string },
): Generator<{ readonly item: JsonObject; readonly origin: ValueMap }> {
  for (const entry of objects(request[names.entries]))
    for (const scope of objects(entry[names.scopes]))
      for (const item of objects(scope[names.items])) {
        const resource = attributesOf(object(entry['resource'])['attributes']);
        yield { item, origin: present({ resource, scope: scopeOf(scope['scope']) }) };
      }
}
