/** Values of XPath and what they are to each other. Facts: XPath 1.0, sections 3.4 and 4. */
import { checkLength } from '../text.ts';
import { contentOf, localName, type XmlNode } from './node.ts';

export type XValue = readonly XmlNode[] | string | number | boolean;

/** Type arguments keep Array.isArray from making a list of anything. */
export const isNodes = (value: XValue): value is readonly XmlNode[] => Array.isArray(value);

export function textOf(value: XValue): string {
  if (isNodes(value)) return value.length === 0 ? '' : contentOf(value[0]);
  return String(value);
}

export function numberOf(value: XValue): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const text = textOf(value).trim();
  return /^-?(?:\d+(?:\.\d*)?|\.\d+)$/.test(text) ? Number(text) : NaN;
}

export function truth(value: XValue): boolean {
  if (isNodes(value) || typeof value === 'string') return value.length > 0;
  return typeof value === 'number' ? value !== 0 && !Number.isNaN(value) : value;
}

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** Nodes compare if any of them does. */
export function compared(a: XValue, operator: Comparison, b: XValue): boolean {
  if (typeof a === 'boolean' || typeof b === 'boolean') return ordered(truth(a), operator, truth(b));
  if (isNodes(a) && isNodes(b)) return anyPair(a.map(contentOf), operator, b.map(contentOf));
  if (isNodes(a)) return a.some((node) => compared(contentOf(node), operator, b));
  if (isNodes(b)) return b.some((node) => compared(a, operator, contentOf(node)));
  const asText = (operator === '=' || operator === '!=') && typeof a === 'string' && typeof b === 'string';
  return asText ? ordered(a, operator, b) : ordered(numberOf(a), operator, numberOf(b));
}

/** Whether any of the one and any of the other compare, without trying all pairs: those may be the square of a document. */
function anyPair(a: readonly string[], operator: Comparison, b: readonly string[]): boolean {
  if (a.length === 0 || b.length === 0) return false;
  if (operator === '=') {
    const others = new Set(b);
    return a.some((text) => others.has(text));
  }
  if (operator === '!=') return new Set([...a, ...b]).size > 1;
  const isBelow = operator === '<' || operator === '<=';
  return ordered(extreme(a, isBelow), operator, extreme(b, !isBelow));
}

/** The least or greatest of the numbers; NaN without one, which compares with nothing. */
function extreme(texts: readonly string[], isLeast: boolean): number {
  const pick = isLeast ? Math.min : Math.max;
  return texts
    .map(numberOf)
    .filter((number) => !Number.isNaN(number))
    .reduce((found, number) => (Number.isNaN(found) ? number : pick(found, number)), NaN);
}

function ordered<T extends string | number | boolean>(a: T, operator: Comparison, b: T): boolean {
  switch (operator) {
    case '=':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return Number(a) < Number(b);
    case '<=':
      return Number(a) <= Number(b);
    case '>':
      return Number(a) > Number(b);
    default:
      return Number(a) >= Number(b);
  }
}

/** What an expression is held against. */
export interface Focus {
  readonly node: XmlNode;
  /** From 1 on. */
  readonly position: number;
  readonly size: number;
}

interface XFunction {
  readonly least: number;
  readonly most: number;
  readonly of: (args: readonly XValue[], focus: Focus) => XValue;
}

const define = (least: number, most: number, of: XFunction['of']): XFunction => ({ least, most, of });
const first = (args: readonly XValue[], { node }: Focus): XValue => args[0] ?? [node];
const nameOf = (args: readonly XValue[], focus: Focus, of: (node: XmlNode) => string): string => {
  const nodes = first(args, focus);
  return isNodes(nodes) && nodes.length > 0 ? of(nodes[0]) : '';
};

export const FUNCTIONS: Readonly<Record<string, XFunction>> = {
  last: define(0, 0, (_, { size }) => size),
  position: define(0, 0, (_, { position }) => position),
  count: define(1, 1, ([nodes]) => (isNodes(nodes) ? nodes.length : NaN)),
  name: define(0, 1, (args, focus) => nameOf(args, focus, ({ name }) => name)),
  'local-name': define(0, 1, (args, focus) => nameOf(args, focus, localName)),
  string: define(0, 1, (args, focus) => textOf(first(args, focus))),
  number: define(0, 1, (args, focus) => numberOf(first(args, focus))),
  boolean: define(1, 1, ([value]) => truth(value)),
  not: define(1, 1, ([value]) => !truth(value)),
  true: define(0, 0, () => true),
  false: define(0, 0, () => false),
  concat: define(2, 100, (args) => {
    const parts = args.map(textOf);
    checkLength(parts.reduce((length, part) => length + part.length, 0));
    return parts.join('');
  }),
  contains: define(2, 2, ([a, b]) => textOf(a).includes(textOf(b))),
  'starts-with': define(2, 2, ([a, b]) => textOf(a).startsWith(textOf(b))),
  'ends-with': define(2, 2, ([a, b]) => textOf(a).endsWith(textOf(b))),
  'substring-before': define(2, 2, ([a, b]) => textOf(a).slice(0, Math.max(0, textOf(a).indexOf(textOf(b))))),
  'substring-after': define(2, 2, ([a, b]) => {
    const at = textOf(a).indexOf(textOf(b));
    return at < 0 ? '' : textOf(a).slice(at + textOf(b).length);
  }),
  'string-length': define(0, 1, (args, focus) => [...textOf(first(args, focus))].length),
  'normalize-space': define(0, 1, (args, focus) => textOf(first(args, focus)).trim().split(/\s+/).join(' ')),
  'lower-case': define(1, 1, ([value]) => textOf(value).toLowerCase()),
  sum: define(1, 1, ([nodes]) => (isNodes(nodes) ? nodes.reduce((sum, node) => sum + numberOf([node]), 0) : NaN)),
  floor: define(1, 1, ([value]) => Math.floor(numberOf(value))),
  ceiling: define(1, 1, ([value]) => Math.ceil(numberOf(value))),
  round: define(1, 1, ([value]) => Math.round(numberOf(value))),
};
