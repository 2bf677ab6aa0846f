/** How functions of templates are declared. */
import { GoRegex, RegexError } from '#text/regex.ts';
import { TemplateError } from './lexer.ts';
import { asText, type Value } from './value.ts';

export interface Fn {
  /** Arguments that it takes, at least and at most. */
  readonly min: number;
  readonly max: number;
  /** Throws {@link TemplateError}. */
  readonly call: (args: readonly Value[], name: string) => Value;
}

export const fn = (min: number, max: number, call: Fn['call']): Fn => ({ min, max, call });

/** All arguments are strings. */
export function ofTexts(count: number, call: (...texts: string[]) => Value): Fn {
  return fn(count, count, (args, name) => call(...args.map((arg) => asText(arg, name))));
}

export function refuse(name: string, why: string): never {
  throw new TemplateError(`error calling ${name}: ${why}`);
}

/** Patterns may come out of data: only so many are kept, and none that is longer. */
const MAX_PATTERNS = 100;
const MAX_PATTERN = 4096;
const patterns = new Map<string, GoRegex>();

export function regexOf(pattern: string, name: string): GoRegex {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  if (pattern.length > MAX_PATTERN) refuse(name, 'the regular expression is too long');
  try {
    const made = new GoRegex(pattern);
    if (patterns.size >= MAX_PATTERNS) patterns.delete(patterns.keys().next().value as string);
    patterns.set(pattern, made);
    return made;
  } catch (error) {
    if (error instanceof RegexError) return refuse(name, error.message);
    throw error;
  }
}

/** Longest text that a function may make, or a template write, in UTF-16 units. */
export const MAX_TEXT = 16 * 1024 * 1024;
