/**
 * Calls of functions: the arguments are counted, checked and converted before the function sees them.
 */
import { asNumber, asString } from './convert.ts';
import {
  FunctionError,
  isArray,
  isObject,
  isSecret,
  secretOf,
  typeName,
  type FunctionValue,
  type Parameter,
  type Remark,
  type Value,
} from './value.ts';

export type CallResult =
  | { readonly value: Value }
  /** `argument`: position of the argument that is wrong, undefined for the call itself. */
  | { readonly argument: number | undefined; readonly message: string };

export function call(callee: FunctionValue, args: readonly Value[], remark: Remark): CallResult {
  const { parameters, optional, rest } = callee;
  const least = parameters.length;
  const most = rest !== undefined ? Infinity : least + (optional === undefined ? 0 : 1);
  if (args.length < least || args.length > most) {
    const count = rest !== undefined ? `at least ${least}` : most > least ? `${least} or ${most}` : `${least}`;
    return { argument: undefined, message: `expected ${count} args, got ${args.length}` };
  }
  const converted: Value[] = [];
  for (const [i, arg] of args.entries()) {
    const parameter = parameters[i] ?? rest ?? optional;
    const value = convert(arg, parameter);
    if (value === undefined) return { argument: i, message: misfit(arg, parameter) };
    converted.push(value);
  }
  try {
    return { value: callee.call(converted, remark) };
  } catch (thrown) {
    if (thrown instanceof FunctionError) return { argument: thrown.argument, message: thrown.message };
    throw thrown;
  }
}

function convert(value: Value, parameter: Parameter): Value | undefined {
  switch (parameter) {
    case 'any':
      return value;
    case 'string':
      return asString(value);
    case 'number':
      return asNumber(value);
    case 'bool':
      return value === null ? false : typeof value === 'boolean' ? value : undefined;
    case 'array':
      return value === null ? [] : isArray(value) ? value : undefined;
    case 'object':
      return value === null ? new Map() : isObject(value) ? value : undefined;
    case 'list(string)': {
      if (value === null) return [];
      if (!isArray(value)) return undefined;
      const texts = value.map(asString);
      return texts.includes(undefined) ? undefined : (texts as string[]);
    }
    case 'secret':
      return isSecret(value) ? value : typeof value === 'string' ? secretOf(value) : undefined;
  }
}

function misfit(value: Value, parameter: Parameter): string {
  if (isSecret(value) && parameter === 'string')
    return 'should be string, got a secret: convert.nonsensitive makes one of it';
  if (parameter === 'list(string)' && isArray(value)) {
    const at = value.findIndex((element) => asString(element) === undefined);
    return `should be list(string), got ${typeName(value[at])} at index ${at}`;
  }
  return `should be ${parameter === 'secret' ? 'capsule' : parameter}, got ${typeName(value)}`;
}
