/**
 * The standard library. A function is one entry of {@link functions}; its dotted name is how it is called.
 */
import { didYouMean } from '#config/diag/suggest.ts';
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
    call: ([name], remark) => {
      const value = environment.variable(name as string);
      if (value === undefined) remark(`the environment variable ${name as string} is not set`);
      return value ?? '';
    },
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

/** Functions of Alloy's standard library that are not here yet. Facts: grafana/alloy v1.18 `syntax/internal/stdlib`. */
const LATER: ReadonlySet<string> = new Set(
  `
    array.combine_maps array.concat array.group_by coalesce concat convert.nonsensitive nonsensitive
    base64_decode encoding.from_URLbase64 encoding.from_base64 encoding.from_json encoding.from_yaml
    encoding.to_URLbase64 encoding.to_base64 encoding.to_json encoding.url_decode encoding.url_encode json_decode
    yaml_decode file.path_join json_path
    format join replace split string.format string.join string.replace string.split string.to_lower string.to_upper
    string.trim string.trim_prefix string.trim_space string.trim_suffix to_lower to_upper trim trim_prefix trim_space
    trim_suffix
  `
    .trim()
    .split(/\s+/),
);

/** What to say of a call of something that is not in scope. `known` are the functions that are. */
export function unknownFunction(
  name: string,
  known: Iterable<string>,
): { readonly code: string; readonly message: string; readonly help: string | undefined } {
  return LATER.has(name)
    ? {
        code: 'not_available',
        message: `function "${name}" is not available yet in this version of millrace`,
        help: undefined,
      }
    : {
        code: 'unknown_name',
        message: `there is no function "${name}"`,
        help: didYouMean(name, [...known, ...LATER]),
      };
}

/** The scope of last resort of every evaluation. */
export function library(environment: Environment): Scope {
  return scopeOf(
    nested([...constants(environment), ...functions(environment).map((f) => [f.functionName, f] as const)]),
  );
}
