/**
 * JSON texts as values and values as JSON text. Facts: Go's encoding/json, which Alloy uses. Whole numbers stay whole, to the
 * last digit, where Alloy makes floats of them.
 */
import { numberText } from '../convert.ts';
import { FunctionError, isArray, isObject, typeName, type Value } from '../value.ts';
import { MAX_DEPTH, refuseSecrets } from './function.ts';
import { sortedKeys } from './verbs.ts';

/** Characters. */
const MAX_JSON = 16 * 1024 * 1024;
const INTEGER = /^-?\d{1,20}$/;
const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

/** The third argument that JSON.parse gives: the number's own text. */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** `argument` is the one that `text` came in. Of fields with the same name the last counts. */
export function parseJson(text: string, argument: number): Value {
  return parseWith(text, argument, reviveValue) as Value;
}

/** With a reviver, or as plain JavaScript values. */
export function parseWith(text: string, argument: number, revive: Reviver): unknown {
  if (text.length > MAX_JSON) throw new FunctionError(`is longer than ${MAX_JSON} characters`, argument);
  boundDepth(text, argument);
  try {
    return JSON.parse(text, revive as Parameters<typeof JSON.parse>[1]) as unknown;
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    throw new FunctionError(`is not valid JSON${place(text, thrown.message)}`, argument);
  }
}

const reviveValue: Reviver = (_, value, { source }) => {
  if (typeof value === 'number') return numberOf(value, source ?? '');
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return new Map(Object.entries(value).map(([key, field]) => [key.toWellFormed(), field as Value]));
};

function numberOf(value: number, source: string): Value {
  if (INTEGER.test(source)) {
    const whole = BigInt(source);
    if (whole >= MIN_INT64 && whole <= MAX_UINT64 && source !== '-0') return whole;
  }
  if (!Number.isFinite(value)) throw new FunctionError('holds a number that is out of range', 0);
  return value;
}

/** The parser's own message quotes the text: only the position is taken from it. */
function place(text: string, message: string): string {
  const position = /position (\d+)/.exec(message)?.[1];
  if (position === undefined) return text.trim() === '' ? ': it is empty' : '';
  const before = text.slice(0, Number(position));
  return `: line ${before.split('\n').length}, column ${before.length - before.lastIndexOf('\n')}`;
}

/** The reviver takes a stack frame for each level. Brackets inside strings do not count. */
function boundDepth(text: string, argument: number): void {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (quoted) {
      if (character === '\\') i++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '[' || character === '{') {
      if (++depth > MAX_DEPTH) throw new FunctionError(`is nested more than ${MAX_DEPTH} levels deep`, argument);
    } else if (character === ']' || character === '}') depth--;
  }
}

/** As Go's json.Marshal: keys sorted, `<`, `>` and `&` escaped. */
export function jsonText(value: Value, argument: number): string {
  refuseSecrets(value, argument);
  return written(value, argument, []);
}

function written(value: Value, argument: number, path: readonly (string | number)[]): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
    throw new FunctionError(`cannot be written as JSON: it is ${numberText(value)}`, argument, path);
  }
  if (isArray(value)) return `[${value.map((element, i) => written(element, argument, [...path, i])).join(',')}]`;
  if (isObject(value)) {
    const fields = sortedKeys(value).map(
      (key) => `${quoted(key)}:${written(value.get(key)!, argument, [...path, key])}`,
    );
    return `{${fields.join(',')}}`;
  }
  throw new FunctionError(`cannot be written as JSON: it is a ${typeName(value)}`, argument, path);
}

function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
