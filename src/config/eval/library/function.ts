/** How a function of the standard library is written down, and the rules that they all keep. */
import {
  FunctionError,
  isArray,
  isObject,
  isSecret,
  type FunctionValue,
  type Parameter,
  type ParameterType,
  type Value,
} from '../value.ts';

/** `summary` is one sentence for the reference. */
export interface LibraryFunction extends FunctionValue {
  readonly summary: string;
  readonly example: string;
  /** Type of the result, as the sheet of the reference writes it: `string`, `list(any)`. */
  readonly returns: string;
  /** The name that it had before and still has. */
  readonly alias?: string;
  readonly experimental?: true;
}

export function parameter(name: string, type: ParameterType): Parameter {
  return { name, type };
}

/** Longest text, and longest list, that a function makes: beyond that is a mistake, or an attack. */
const MAX_TEXT = 16 * 1024 * 1024;
const MAX_ELEMENTS = 1_000_000;
/** Levels of lists and objects inside each other. */
export const MAX_DEPTH = 500;

/** Throws before a text of `length` characters is made. */
export function boundText(length: number): void {
  if (length > MAX_TEXT) throw new FunctionError(`the result is longer than ${MAX_TEXT} characters`);
}

export function boundElements(count: number): void {
  if (count > MAX_ELEMENTS) throw new FunctionError(`the result has more than ${MAX_ELEMENTS} elements`);
}

/** What becomes part of a text must hold no secret, however deep. */
export function refuseSecrets(value: Value, argument: number, path: readonly (string | number)[] = []): void {
  if (isSecret(value))
    throw new FunctionError(
      'is a secret, which may not become part of a text: convert.nonsensitive makes one of it',
      argument,
      path,
    );
  if (isArray(value)) value.forEach((element, i) => refuseSecrets(element, argument, [...path, i]));
  else if (isObject(value)) for (const [key, field] of value) refuseSecrets(field, argument, [...path, key]);
}
