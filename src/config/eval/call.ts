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
  type ParameterType,
  type Remark,
  type Value,
} from './value.ts';

export type CallResult = { readonly value: Value } | { readonly error: FunctionError };

export function call(callee: FunctionValue, args: readonly Value[], remark: Remark): CallResult {
  const { parameters, optional, rest } = callee;
  const least = parameters.length;
  const most = rest !== undefined ? Infinity : least + (optional === undefined ? 0 : 1);
  if (args.length < least || args.length > most) {
    const count = rest !== undefined ? `at least ${least}` : most > least ? `${least} or ${most}` : `${least}`;
    return { error: new FunctionError(`expected ${count} args, got ${args.length}`) };
  }
  try {
    const converted = args.map((arg, i) => convert(arg, (parameters[i] ?? rest ?? optional!).type, i));
    return { value: callee.call(converted, remark) };
  } catch (thrown) {
    if (thrown instanceof FunctionError) return { error: thrown };
    throw thrown;
  }
}

function convert(value: Value, type: ParameterType, argument: number): Value {
  switch (type) {
    case 'any':
      return value;
    case 'string':
      return textOf(value, argument, []);
    case 'number':
      return asNumber(value) ?? misfit(value, 'number', argument);
    case 'bool':
      return typeof value === 'boolean' ? value : misfit(value, 'bool', argument);
    case 'array':
      return isArray(value) ? value : misfit(value, 'array', argument);
    case 'list(string)':
      if (value === null) return [];
      if (!isArray(value)) return misfit(value, 'array', argument);
      return value.map((element, i) => textOf(element, argument, [i]));
    case 'list(object)':
      if (!isArray(value)) return misfit(value, 'array', argument);
      value.forEach((element, i) => isObject(element) || misfit(element, 'object', argument, [i]));
      return value;
    case 'secret':
      if (isSecret(value)) return value;
      if (typeof value === 'string' || value === null) return secretOf(value ?? '');
      return misfit(value, 'capsule', argument);
  }
}

function textOf(value: Value, argument: number, path: readonly number[]): string {
  const text = asString(value);
  if (text !== undefined) return text;
  if (isSecret(value))
    throw new FunctionError(
      'should be string, got a secret, which may not become one: convert.nonsensitive makes one of it',
      argument,
      path,
    );
  return misfit(value, 'string', argument, path);
}

function misfit(value: Value, type: string, argument: number, path: readonly number[] = []): never {
  throw new FunctionError(`should be ${type}, got ${typeName(value)}`, argument, path);
}
