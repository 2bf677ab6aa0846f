/** `array.*` and `coalesce`. Facts: grafana/alloy v1.18, docs and `syntax/internal/stdlib`. */
import { equal } from '../operators.ts';
import { FunctionError, isArray, isObject, typeName, type ArrayValue, type ObjectValue, type Value } from '../value.ts';
import { boundElements, type LibraryFunction } from './function.ts';

export const ARRAY: readonly LibraryFunction[] = [
  {
    functionName: 'array.concat',
    alias: 'concat',
    summary: 'Joins lists to one.',
    example: 'array.concat([1, 2], [3])',
    parameters: [],
    rest: 'array',
    call: (args) => {
      boundElements(args.reduce((sum: number, list) => sum + (list as ArrayValue).length, 0));
      return (args as ArrayValue[]).flat(1);
    },
  },
  {
    functionName: 'array.combine_maps',
    experimental: true,
    summary:
      'Joins each object of the first list with each of the second that has the same values under the given keys. With a fourth argument `true`, objects of the first list without a partner stay.',
    example: 'array.combine_maps([{ a = "1", b = "2" }], [{ a = "1", c = "3" }], ["a"])',
    parameters: ['array', 'array', 'list(string)'],
    optional: 'bool',
    call: ([left, right, keys, keepAll]) =>
      combine(objects(left, 0), objects(right, 1), keys as readonly string[], keepAll === true),
  },
  {
    functionName: 'array.group_by',
    experimental: true,
    summary:
      'Groups objects by the value under a key: a list of objects with that key and `items`. The third argument says whether objects without the key are left out.',
    example: 'array.group_by([{ kind = "a", n = 1 }, { kind = "a", n = 2 }], "kind", true)',
    parameters: ['array', 'string', 'bool'],
    call: ([list, key, dropMissing]) => groupBy(objects(list, 0), key as string, dropMissing === true),
  },
  {
    functionName: 'coalesce',
    summary: 'The first argument that is not null, empty, zero or false; the last one if there is none.',
    example: 'coalesce(sys.env("REGION"), "eu")',
    parameters: [],
    rest: 'any',
    call: (args) => args.find((value) => !isZero(value)) ?? args.at(-1) ?? null,
  },
];

function objects(value: Value, argument: number): readonly ObjectValue[] {
  return (value as ArrayValue).map((element, i) => {
    if (!isObject(element))
      throw new FunctionError(`should be a list of objects, got ${typeName(element)} at index ${i}`, argument);
    return element;
  });
}

function combine(
  left: readonly ObjectValue[],
  right: readonly ObjectValue[],
  keys: readonly string[],
  keepAll: boolean,
): Value {
  if (keys.length === 0) throw new FunctionError('must name at least one key', 2);
  // What has the same values under the keys lies under the same text; whether it is really equal is looked at then.
  const byKey = Map.groupBy(
    right.filter((object) => keys.every((key) => object.has(key))),
    (object) => textOf(object, keys),
  );
  const joined: Value[] = [];
  for (const object of left) {
    const partners = keys.every((key) => object.has(key)) ? (byKey.get(textOf(object, keys)) ?? []) : [];
    const equals = partners.filter((other) => keys.every((key) => equal(object.get(key)!, other.get(key)!)));
    boundElements(joined.length + equals.length);
    for (const other of equals) joined.push(new Map([...object, ...other]));
    if (equals.length === 0 && keepAll) joined.push(object);
  }
  return joined;
}

function textOf(object: ObjectValue, keys: readonly string[]): string {
  return keys.map((key) => bucket(object.get(key)!)).join('\0');
}

function bucket(value: Value): string {
  return typeof value === 'bigint' || typeof value === 'number' || typeof value === 'string'
    ? String(value)
    : typeName(value);
}

function groupBy(list: readonly ObjectValue[], key: string, dropMissing: boolean): Value {
  const groups = new Map<string, { readonly value: Value; readonly items: ObjectValue[] }[]>();
  for (const object of list) {
    const value = object.get(key);
    if (value === undefined && dropMissing) continue;
    const named = value ?? '';
    const text = bucket(named);
    const same = groups.get(text) ?? [];
    groups.set(text, same);
    const group = same.find((one) => equal(one.value, named));
    if (group === undefined) same.push({ value: named, items: [object] });
    else group.items.push(object);
  }
  return [...groups.values()].flat().map(
    ({ value, items }) =>
      new Map<string, Value>([
        [key, value],
        ['items', items],
      ]),
  );
}

function isZero(value: Value): boolean {
  if (value === null || value === '' || value === false) return true;
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value) === 0;
  if (isArray(value)) return value.length === 0;
  return isObject(value) && value.size === 0;
}
