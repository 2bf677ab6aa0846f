/** Functions of lists, and those that choose a value: Go's `index`, `slice`, `len`, and the common ones of sprig. */
import { compareBytes } from '#codec/loki/labels.ts';
import { fn, ofTexts, refuse, type Fn } from './function.ts';
import { TemplateError } from './lexer.ts';
import { asInt, asText, isList, isMap, isTrue, kindOf, textOf, type Value } from './value.ts';

const MANY = 100;

const isThere = (value: Value): boolean => value !== undefined && value !== null;

function listOf(value: Value, name: string): readonly Value[] {
  return isList(value) ? value : refuse(name, `cannot use ${kindOf(value)} as a list`);
}

function at(value: Value, key: Value): Value {
  if (isMap(value)) return value.get(asText(key, 'index'));
  const list = typeof value === 'string' ? [...Buffer.from(value)] : listOf(value, 'index');
  const i = asInt(key);
  if (i < 0 || i >= list.length) throw new TemplateError(`error calling index: index out of range: ${i}`);
  return list[i];
}

function length(value: Value): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (isMap(value)) return value.size;
  return listOf(value, 'len').length;
}

function sliced(value: Value, from: number, to: number | undefined): Value {
  const size = length(value);
  const end = to ?? size;
  if (from < 0 || end > size || from > end) throw new TemplateError('error calling slice: index out of range');
  if (typeof value === 'string') return Buffer.from(value).toString('utf8', from, end);
  return listOf(value, 'slice').slice(from, end);
}

export const listFunctions: Readonly<Record<string, Fn>> = {
  index: fn(1, MANY, ([value, ...keys]) => keys.reduce(at, value)),
  len: fn(1, 1, ([value]) => length(value)),
  slice: fn(1, 3, ([value, from, to]) =>
    sliced(value, from === undefined ? 0 : asInt(from), to === undefined ? undefined : asInt(to)),
  ),
  list: fn(0, MANY, (args) => args),
  first: fn(1, 1, ([list], name) => listOf(list, name)[0]),
  last: fn(1, 1, ([list], name) => listOf(list, name).at(-1)),
  rest: fn(1, 1, ([list], name) => listOf(list, name).slice(1)),
  initial: fn(1, 1, ([list], name) => listOf(list, name).slice(0, -1)),
  join: fn(2, 2, ([separator, list], name) =>
    (isList(list) ? list : [list]).filter(isThere).map(textOf).join(asText(separator, name)),
  ),
  splitList: ofTexts(2, (separator, s) => (separator === '' ? [...s] : s.split(separator))),
  sortAlpha: fn(1, 1, ([list], name) => listOf(list, name).map(textOf).sort(compareBytes)),
  has: fn(2, 2, ([needle, list], name) => listOf(list, name).includes(needle)),
  default: fn(1, 2, (args) => {
    const [otherwise, given] = args;
    return args.length === 2 && isTrue(given) ? given : otherwise;
  }),
  empty: fn(1, 1, ([value]) => !isTrue(value)),
  coalesce: fn(0, MANY, (args) => args.find(isTrue)),
  ternary: fn(3, 3, ([yes, no, condition]) => (condition === true ? yes : no)),
};
