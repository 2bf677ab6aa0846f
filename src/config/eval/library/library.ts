/**
 * The standard library. A function is one entry of a table; its dotted name is how it is called.
 * Facts: grafana/alloy v1.18 `syntax/internal/stdlib` and its reference.
 */
import { join } from 'node:path/posix';
import { didYouMean } from '#config/diag/suggest.ts';
import { Names } from '../names.ts';
import type { Scope } from '../scope.ts';
import type { FunctionValue, Value } from '../value.ts';
import { ARRAY } from './array.ts';
import { ENCODING } from './encoding.ts';
import { parameter, type LibraryFunction } from './function.ts';
import { TEXT } from './text.ts';

/** What the library knows of the machine. */
export interface Environment {
  /** An environment variable; undefined when it is not set. */
  readonly variable: (name: string) => string | undefined;
  readonly hostname: string;
  /** As Go names them: `linux`, `amd64`. */
  readonly os: string;
  readonly arch: string;
  /** With its `v`. */
  readonly version: string;
}

/** Everything that can be called, in the order of the reference. */
export function libraryFunctions(environment: Environment): readonly LibraryFunction[] {
  return [
    ...ARRAY,
    ...ENCODING,
    {
      functionName: 'file.path_join',
      summary: 'Parts of a path joined to one, cleaned of `.`, `..` and doubled slashes.',
      example: 'file.path_join("/etc", "millrace", "../tls")',
      parameters: [],
      rest: parameter('parts', 'string'),
      returns: 'string',
      call: (args) => {
        const parts = (args as string[]).filter((part) => part !== '');
        const path = parts.length === 0 ? '' : join(...parts);
        return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
      },
    },
    ...TEXT,
    {
      functionName: 'sys.env',
      alias: 'env',
      summary: 'An environment variable; empty when it is not set.',
      example: 'sys.env("HOME")',
      parameters: [parameter('name', 'string')],
      returns: 'string',
      call: ([name], remark) => {
        const value = environment.variable(name as string);
        if (value === undefined) remark(`the environment variable ${name as string} is not set`);
        return value ?? '';
      },
    },
  ];
}

export function libraryConstants(environment: Environment): readonly (readonly [string, Value])[] {
  return [
    ['constants.hostname', environment.hostname],
    ['constants.os', environment.os],
    ['constants.arch', environment.arch],
    ['constants.version', environment.version],
  ];
}

/** What to say of a call of something that is not in scope. `known` are the functions that are. */
export function unknownFunction(
  name: string,
  known: Iterable<string>,
): { readonly code: string; readonly message: string; readonly help: string | undefined } {
  return { code: 'unknown_name', message: `there is no function "${name}"`, help: didYouMean(name, [...known]) };
}

/** As `--stability.level` names them. */
export type Stability = 'generally-available' | 'public-preview' | 'experimental';

/** The scope of last resort of every evaluation. `stability`: the least stable level that may be used. */
export function library(environment: Environment, stability: Stability = 'generally-available'): Scope {
  const names = new Names(libraryConstants(environment));
  for (const made of libraryFunctions(environment)) {
    const callable: FunctionValue =
      made.experimental === true && stability !== 'experimental' ? withheld(made, stability) : made;
    for (const name of [made.functionName, made.alias]) if (name !== undefined) names.set(name, callable);
  }
  return names;
}

function withheld(made: LibraryFunction, stability: Stability): FunctionValue {
  return {
    ...made,
    withheld: {
      code: 'stability',
      message: `function "${made.functionName}" is at stability level "experimental", which is below the minimum allowed level "${stability}"`,
      help: 'run with --stability.level=experimental to allow it',
    },
  };
}
