/**
 * The standard library. A function is one entry of {@link functions}; its dotted name is how it is called.
 */
import { nested, scopeOf, type Scope } from './scope.ts';
import type { FunctionValue, Value } from './value.ts';

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

function functions(environment: Environment): readonly FunctionValue[] {
  /** A variable that is not set is an empty string. */
  const env = (functionName: string): FunctionValue => ({
    functionName,
    parameters: ['string'],
    call: ([name]) => environment.variable(name as string) ?? '',
  });
  // `env` is the name that `sys.env` had before.
  return [env('sys.env'), env('env')];
}

function constants(environment: Environment): readonly (readonly [string, Value])[] {
  return [
    ['constants.hostname', environment.hostname],
    ['constants.os', environment.os],
    ['constants.arch', environment.arch],
    ['constants.version', environment.version],
  ];
}

/** The scope of last resort of every evaluation. */
export function library(environment: Environment): Scope {
  return scopeOf(
    nested([...constants(environment), ...functions(environment).map((f) => [f.functionName, f] as const)]),
  );
}
