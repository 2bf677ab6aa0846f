/** `array.*` and `coalesce`. Facts: grafana/alloy v1.18, docs and `syntax/internal/stdlib`. */
import { equal } from '../operators.ts';
import {
  FunctionError,
  isArray,
  isObject,
  isSecret,
  typeName,
  type ArrayValue,
  type ObjectValue,
  type Value,
} from '../value.ts';
import { boundElements, parameter, type LibraryFunction } from './function.ts';

/** Comparisons of values that are no texts or numbers: a second or so. */
const MAX_COMPARISONS = 1_000_000;

export const ARRAY: readonly LibraryFunction[] = [
  {
    functionName: 'array.concat',
    alias: 'concat',
    summary: 'Joins lists to one.',
    example: 'array.concat([1, 2], [3])',
    parameters: [],
    rest: parameter('lists', 'array'),
    returns: 'list(any)',
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
    parameters: [
      parameter('left', 'list(object)'),
      parameter('right', 'list(object)'),
      parameter('keys', 'list(string)'),
    ],
    optional: parameter('keep_unmatched', 'bool'),
    returns: 'list(object)',
    call: ([left, right, keys, keepAll]) =>
      combine(left as ObjectValue[], right as ObjectValue[], keys as readonly string[], keepAll === true),
  },
  {
    functionName: 'array.group_by',
    experimental: true,
    summary:
      'Groups objects by the text under a key: a list of objects with that key and `items`. Objects without the key are left out if the third argument is `true`, else they are in the group of the empty text.',
    example: 'array.group_by([{ kind = "a", n = 1 }, { kind = "a", n = 2 }], "kind", true)',
    parameters: [parameter('list', 'list(object)'), parameter('key', 'string'), parameter('drop_missing', 'bool')],
    returns: 'list(object)',
    call: ([list, key, dropMissing]) => groupBy(list as ObjectValue[], key as string, dropMissing === true),
  },
  {
    functionName: 'coalesce',
    summary: 'The first argument that is not null, empty, zero or false; the last one if there is none.',
    example: 'coalesce(sys.env("REGION"), "eu")',
    parameters: [],
    rest: parameter('values', 'any'),
    returns: 'any',
    call: (args) => args.find((value) => !isZero(value)) ?? args.at(-1) ?? null,
  },
];

function combine(
  left: readonly ObjectValue[],
  right: readonly ObjectValue[],
  keys: readonly string[],
  keepAll: boolean,
): Value {
  if (keys.length === 0) throw new FunctionError('must name at least one key', 2);
  // What has the same values under the keys lies under the same text; whether it is really equal is looked at then.
  const complete = right.filter((object) => keys.every((key) => object.has(key)));
  const byKey = Map.groupBy(complete, (object) => textOf(object, keys));
  const joined: Value[] = [];
  let comparisons = 0;
  let fields = 0;
  for (const object of left) {
    const partners = keys.every((key) => object.has(key)) ? (byKey.get(textOf(object, keys)) ?? []) : [];
    let alone = true;
    for (const other of partners) {
      if (!keys.every((key) => equal(object.get(key)!, other.get(key)!))) {
        if (++comparisons > MAX_COMPARISONS)
          throw new FunctionError('has too many values that are neither texts nor numbers to compare under these keys');
        continue;
      }
      alone = false;
      boundElements((fields += 1 + object.size + other.size));
      joined.push(new Map([...object, ...other]));
    }
    if (alone && keepAll) joined.push(object);
  }
  return joined;
}

function textOf(object: ObjectValue, keys: readonly string[]): string {
  return keys.map((key) => bucket(object.get(key)!)).join('\0');
}

/** Equal values have equal texts. */
function bucket(value: Value): string {
  if (typeof value === 'bigint' || typeof value === 'number') return `#${Number(value)}`;
  if (typeof value === 'string') return `"${value}`;
  return isSecret(value) ? `(${value.secret}` : typeName(value);
}

function groupBy(list: readonly ObjectValue[], key: string, dropMissing: boolean): Value {
  const groups = new Map<string, ObjectValue[]>();
  list.forEach((object, i) => {
    const value = object.get(key);
    if (value === undefined && dropMissing) return;
    const name = value ?? '';
    if (typeof name !== 'string' || value === null)
      throw new FunctionError(`should be string, got ${typeName(value!)}`, 0, [i, key]);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [object]);
    else group.push(object);
  });
  return Array.from(
    groups,
    ([name, items]) =>
      new Map<string, Value>([
        [key, name],
        ['items', items],
      ]),
  );
}

function isZero(value: Value): boolean {
  if (value === null || value === '' || value === false) return true;
  if (typeof value === 'bigint' || typeof value === 'number') return Object.is(Number(value), 0);
  if (isArray(value)) return value.length === 0;
  return isSecret(value) ? value.secret === '' : isObject(value) && value.size === 0;
}
