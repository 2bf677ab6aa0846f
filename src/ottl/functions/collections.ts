/** Converters of lists and maps, and what makes one of text. Facts: Collector contrib `pkg/ottl/ottlfuncs/README.md`. */
import { MAX_DEPTH } from '#codec/protobuf/limits.ts';
import { compareText, equal, orderOf } from '../compare.ts';
import { fail } from '../error.ts';
import type { Getter } from '../telemetry.ts';
import { joined, jsonOf, textOf } from '../text.ts';
import { isList, isMap, typeName, type Value } from '../value.ts';
import type { Arguments } from './arguments.ts';
import { converter, type Converter } from './function.ts';
import { fixedRegex, regex } from './texts.ts';
import { toDouble } from './types.ts';

function len(args: Arguments): Getter {
  const target = args.value(0);
  return (t) => {
    const value = target(t);
    if (typeof value === 'string') return BigInt(Buffer.byteLength(value));
    if (isList(value) || value instanceof Uint8Array) return BigInt(value.length);
    return isMap(value) ? BigInt(value.size) : fail(`Len takes a string, list or map, got ${typeName(value)}`);
  };
}

function sort(args: Arguments): Getter {
  const target = args.list(0);
  const order = args.literal(1, 'asc');
  if (order !== 'asc' && order !== 'desc') throw args.wrong(1, `there is no order "${order}"`, 'asc or desc');
  const sign = order === 'asc' ? 1 : -1;
  return (t) => {
    const list = target(t);
    for (const item of list)
      if (item === null || typeof item === 'object')
        fail(`Sort takes numbers, strings and bools, got ${typeName(item)}`);
    const numeric = list.every((item) => typeof item === 'bigint' || typeof item === 'number');
    const by = numeric
      ? (a: Value, b: Value) => orderOf(a, b) || 0
      : (a: Value, b: Value) => compareText(textOf(a)!, textOf(b)!);
    return list.toSorted((a, b) => sign * by(a, b));
  };
}

/** JSON numbers are doubles. */
export function parseJson(text: string): Value {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return fail('the text is no JSON');
  }
  return fromJson(parsed, 1);
}

function fromJson(value: unknown, depth: number): Value {
  if (typeof value !== 'object' || value === null) return value as string | number | boolean | null;
  if (depth > MAX_DEPTH) return fail('the JSON is nested too deeply');
  if (Array.isArray(value)) return value.map((item) => fromJson(item, depth + 1));
  return new Map(Object.entries(value).map(([key, member]) => [key, fromJson(member, depth + 1)]));
}

function parseJsonOf(args: Arguments): Getter {
  const target = args.string(0);
  return (t) => {
    const parsed = parseJson(target(t));
    return isMap(parsed) || isList(parsed)
      ? parsed
      : fail(`ParseJSON takes an object or array, got ${typeName(parsed)}`);
  };
}

function parseKeyValue(args: Arguments): Getter {
  const target = args.string(0);
  const delimiter = args.has(1) ? args.string(1) : () => '=';
  const pairs = args.has(2) ? args.string(2) : () => ' ';
  return (t) => {
    const text = target(t);
    const between = delimiter(t);
    const by = pairs(t);
    if (text === '') fail('ParseKeyValue takes a text that is not empty');
    if (between === '' || by === '' || between === by) fail('ParseKeyValue takes two delimiters that differ');
    const map = new Map<string, Value>();
    for (const pair of splitOutsideQuotes(text, by)) {
      if (pair.trim() === '') continue;
      const at = pair.indexOf(between);
      if (at < 0) fail(`ParseKeyValue finds no "${between}" in "${pair}"`);
      map.set(unquoted(pair.slice(0, at)), unquoted(pair.slice(at + between.length)));
    }
    return map;
  };
}

function splitOutsideQuotes(text: string, by: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (quote !== '') {
      if (character === '\\') i++;
      else if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (text.startsWith(by, i)) {
      parts.push(text.slice(from, i));
      from = i + by.length;
      i = from - 1;
    }
  }
  if (quote !== '') fail('ParseKeyValue finds a quote that does not end');
  return [...parts, text.slice(from)];
}

function unquoted(text: string): string {
  const bare = text.trim();
  const quote = bare[0];
  return bare.length > 1 && (quote === '"' || quote === "'") && bare.endsWith(quote) ? bare.slice(1, -1) : bare;
}

function extractPatterns(args: Arguments): Getter {
  const target = args.string(0);
  const pattern = regex(args, 1);
  if (fixedRegex(args, 1)?.names.size === 0)
    throw args.wrong(1, 'the regular expression has no named group', 'name one: (?P<name>...)');
  return (t) => {
    const text = target(t);
    const compiled = pattern(t);
    const match = compiled.find(text);
    const map = new Map<string, Value>();
    if (match === null) return map;
    for (const [name, group] of compiled.names)
      map.set(name, match[2 * group] < 0 ? '' : text.slice(match[2 * group], match[2 * group + 1]));
    return map;
  };
}

function toKeyValueString(args: Arguments): Getter {
  const target = args.map(0);
  const delimiter = args.has(1) ? args.string(1) : () => '=';
  const pairs = args.has(2) ? args.string(2) : () => ' ';
  const sorted = args.literalBool(3, false);
  return (t) => {
    const between = delimiter(t);
    const by = pairs(t);
    if (between === by) fail('ToKeyValueString takes two delimiters that differ');
    const quoted = (text: string): string =>
      text === '' || text.includes(between) || text.includes(by) || text.includes('"')
        ? `"${text.replaceAll('"', '\\"')}"`
        : text;
    const entries = [...target(t)];
    if (sorted) entries.sort(([a], [b]) => compareText(a, b));
    return joined(
      entries.flatMap(([key, value]) => [
        quoted(key),
        isMap(value) || isList(value) ? jsonOf(value) : quoted(textOf(value) ?? ''),
      ]),
      (i) => (i % 2 === 0 ? between : by),
    );
  };
}

function sliceToMap(args: Arguments): Getter {
  const target = args.list(0);
  const keyPath = literalPath(args, 1);
  const valuePath = literalPath(args, 2);
  return (t) => {
    const map = new Map<string, Value>();
    for (const [i, item] of target(t).entries()) {
      const key = keyPath === null ? String(i) : itemAtPath(item, keyPath);
      if (typeof key !== 'string') return fail(`SliceToMap takes strings as keys, got ${typeName(key)}`);
      map.set(key, valuePath === null ? item : itemAtPath(item, valuePath));
    }
    return map;
  };
}

/** A literal list of keys; null where it is left out or empty. */
function literalPath(args: Arguments, i: number): readonly string[] | null {
  if (!args.has(i)) return null;
  const path = args.constant(i);
  if (path === undefined || !isList(path) || !path.every((key) => typeof key === 'string'))
    throw args.wrong(i, 'a path into a map is a literal list of strings');
  return path.length === 0 ? null : path;
}

function itemAtPath(item: Value, path: readonly string[]): Value {
  return path.reduce<Value>((value, key) => {
    const found = isMap(value) ? value.get(key) : undefined;
    return found === undefined ? fail(`SliceToMap finds no ${path.join('.')} in an element`) : found;
  }, item);
}

function log(args: Arguments): Getter {
  const value = args.value(0);
  return (t) => {
    const of = value(t);
    const number = toDouble(of);
    if (number === null || Number.isNaN(number)) return fail(`Log takes a number, got ${typeName(of)}`);
    return number > 0 ? Math.log(number) : fail(`Log takes a number above 0, got ${number}`);
  };
}

export const COLLECTIONS: readonly Converter[] = [
  converter('Len', ['target'], 'int', 'Bytes of a string, elements of a list, entries of a map.', len),
  converter('Keys', ['target'], 'any', 'The keys of a map.', (args) => {
    const target = args.map(0);
    return (t) => [...target(t).keys()];
  }),
  converter('Values', ['target'], 'any', 'The values of a map.', (args) => {
    const target = args.map(0);
    return (t) => [...target(t).values()];
  }),
  converter('ContainsValue', ['target', 'item'], 'bool', 'Whether the list holds the item.', (args) => {
    const target = args.list(0);
    const item = args.value(1);
    return (t) => {
      const wanted = item(t);
      return target(t).some((element) => equal(element, wanted));
    };
  }),
  converter('Coalesce', ['values'], 'any', 'The first of the values that is not nil.', (args) => {
    const values = args.list(0);
    return (t) => values(t).find((value) => value !== null) ?? null;
  }),
  converter('Sort', ['target', 'order?'], 'any', 'The list in order: numbers by value, anything else as text.', sort),
  converter(
    'ParseJSON',
    ['target'],
    'any',
    'The map or list that the JSON text writes; numbers are doubles.',
    parseJsonOf,
  ),
  converter(
    'ParseKeyValue',
    ['target', 'delimiter?', 'pair_delimiter?'],
    'any',
    'The map that `key=value` pairs write.',
    parseKeyValue,
  ),
  converter(
    'ExtractPatterns',
    ['target', 'pattern'],
    'any',
    'The named groups of the first match, as a map.',
    extractPatterns,
  ),
  converter(
    'ToKeyValueString',
    ['target', 'delimiter?', 'pair_delimiter?', 'sort_output?'],
    'string',
    'The map as `key=value` pairs.',
    toKeyValueString,
  ),
  converter(
    'SliceToMap',
    ['target', 'key_path?', 'value_path?'],
    'any',
    'The list as a map: keys, and maybe values, lie in its elements at paths; without one the position is the key.',
    sliceToMap,
  ),
  converter('Log', ['value'], 'double', 'The natural logarithm.', log),
];
