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
  const { parameters, rest } = callee;
  if (rest === undefined ? args.length !== parameters.length : args.length < parameters.length) {
    const count = `${rest === undefined ? '' : 'at least '}${parameters.length}`;
    return { argument: undefined, message: `expected ${count} args, got ${args.length}` };
  }
  const converted: Value[] = [];
  for (const [i, arg] of args.entries()) {
    const parameter = parameters[i] ?? rest!;
    const value = convert(arg, parameter);
    if (value === undefined)
      return {
        argument: i,
        message: `should be ${parameter === 'secret' ? 'capsule' : parameter}, got ${typeName(arg)}`,
      };
    converted.push(value);
  }
  try {
    return { value: callee.call(converted, remark) };
  } catch (thrown) {
    if (thrown instanceof FunctionError) return { argument: undefined, message: thrown.message };
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
    case 'secret':
      return isSecret(value) ? value : typeof value === 'string' ? secretOf(value) : undefined;
  }
}
