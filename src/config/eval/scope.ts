/**
 * What names stand for while an expression is evaluated.
 */
import { isFunction, isObject, type Value } from './value.ts';

export interface Scope {
  /** undefined: there is no such name. */
  lookup(name: string): Value | undefined;
  /** All names, for "did you mean". */
  names(): Iterable<string>;
}

export function scopeOf(values: ReadonlyMap<string, Value>): Scope {
  return { lookup: (name) => values.get(name), names: () => values.keys() };
}

/** The first scope that knows a name decides. */
export function layered(...scopes: readonly Scope[]): Scope {
  return {
    lookup(name) {
      for (const scope of scopes) {
        const value = scope.lookup(name);
        if (value !== undefined) return value;
      }
      return undefined;
    },
    names: () => new Set(scopes.flatMap((scope) => [...scope.names()])),
  };
}

/** What a dotted name stands for; undefined: nothing. */
export function resolve(scope: Scope, path: readonly string[]): Value | undefined {
  let value = scope.lookup(path[0]);
  for (const name of path.slice(1)) value = value !== undefined && isObject(value) ? value.get(name) : undefined;
  return value;
}

/** Dotted names of all functions. Worked out once for each scope: what is entered into one later brings none. */
export function functionNames(scope: Scope): readonly string[] {
  const known = FUNCTIONS.get(scope);
  if (known !== undefined) return known;
  const found: string[] = [];
  const visit = (name: string, value: Value | undefined): void => {
    if (value === undefined) return;
    if (isFunction(value)) found.push(name);
    else if (isObject(value)) for (const [key, inner] of value) visit(`${name}.${key}`, inner);
  };
  for (const name of scope.names()) visit(name, scope.lookup(name));
  FUNCTIONS.set(scope, found);
  return found;
}
const FUNCTIONS = new WeakMap<Scope, readonly string[]>();
