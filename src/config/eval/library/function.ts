/** How a function of the standard library is written down, and the bounds that they all keep. */
import { FunctionError, type FunctionValue, type Value } from '../value.ts';

/** `summary` is one sentence for the reference. */
export interface LibraryFunction extends FunctionValue {
  readonly summary: string;
  readonly example: string;
  /** The name that it had before and still has. */
  readonly alias?: string;
  readonly experimental?: true;
}

/** Longest text, and longest list, that a function makes: beyond that is a mistake, or an attack. */
const MAX_TEXT = 16 * 1024 * 1024;
const MAX_ELEMENTS = 1_000_000;

/** Throws before a text of `length` characters is made. */
export function boundText(length: number): void {
  if (length > MAX_TEXT) throw new FunctionError(`the result is longer than ${MAX_TEXT} characters`);
}

export function boundElements(count: number): void {
  if (count > MAX_ELEMENTS) throw new FunctionError(`the result has more than ${MAX_ELEMENTS} elements`);
}

/** Maps a plain value as JSON and YAML have it. */
export function fromPlain(plain: unknown): Value {
  if (plain === null || plain === undefined) return null;
  if (typeof plain === 'string' || typeof plain === 'boolean' || typeof plain === 'bigint') return plain;
  if (typeof plain === 'number') return Number.isSafeInteger(plain) ? BigInt(plain) : plain;
  if (Array.isArray(plain)) return plain.map(fromPlain);
  if (plain instanceof Map) return new Map(Array.from(plain, ([key, value]) => [String(key), fromPlain(value)]));
  return new Map(Object.entries(plain).map(([key, value]) => [key, fromPlain(value)]));
}
