/**
 * A leaf type: how one Alloy value becomes one TypeScript value, and back.
 */
import { printValue } from '#config/eval/print.ts';
import type { Value } from '#config/eval/value.ts';
import type { Fault } from './fault.ts';

export interface Type<T> {
  /** As the reference prints it: `duration`, `list(string)`. */
  readonly name: string;
  /**
   * null gives the type's zero value, as in Alloy. Numbers and number-like strings stand for each other.
   * Problems of a whole list or object come together in one {@link Fault}.
   */
  decode(value: Value): T | Fault;
  /** The only texts that it takes; undefined: it takes more. */
  readonly words?: readonly string[];
  /** The Alloy value that decodes to `value`. */
  encode(value: T): Value;
  /** Alloy source text; secrets are hidden. */
  print(value: T): string;
}

export function type<T>(name: string, decode: (value: Value) => T | Fault, encode: (value: T) => Value): Type<T> {
  return { name, decode, encode, print: (value) => printValue(encode(value)) };
}
