/**
 * Values of the Alloy language at evaluation time.
 *
 * | Alloy            | here                                                                                   |
 * | ---------------- | -------------------------------------------------------------------------------------- |
 * | null, bool       | null, boolean                                                                          |
 * | number, integer  | bigint, always within -2^63 .. 2^64-1 (Alloy: int64, and uint64 beyond its range)      |
 * | number, float    | number (float64)                                                                       |
 * | string           | string                                                                                 |
 * | array, object    | readonly array, ReadonlyMap in the order of writing                                    |
 * | function         | {@link FunctionValue}                                                                  |
 * | capsule          | {@link Capsule}; sensitive strings are {@link Secret}, which Alloy counts as a capsule |
 * | (not Alloy)      | {@link UNKNOWN}: what is there only when the configuration runs                        |
 *
 * Values are immutable. Facts: grafana/alloy `syntax/internal/value`.
 */
export type Value =
  null | boolean | bigint | number | string | ArrayValue | ObjectValue | FunctionValue | Secret | Capsule | Unknown;

export type ArrayValue = readonly Value[];
export interface ObjectValue extends ReadonlyMap<string, Value> {}

/**
 * A value that expressions can pass on but not look into, e.g. a component's input. Plain data, so that it survives a
 * structured clone; the kind of capsule may carry more properties.
 */
export interface Capsule {
  /** The kind of capsule, as printed: `otelcol.Consumer`. */
  readonly capsule: string;
}

declare const secretBrand: unique symbol;
/** A sensitive string. Plain data; whatever prints it prints `(secret)`. Made by {@link secretOf} only. */
export interface Secret {
  readonly secret: string;
  readonly [secretBrand]: true;
}
export function secretOf(text: string): Secret {
  return { secret: text } as Secret;
}

export interface Unknown {
  readonly unknown: true;
}
/**
 * Stands for a value that nobody knows before the configuration runs (the content of a file, an argument of a module that
 * nobody uses). What is made of it cannot be evaluated, which is no mistake: the evaluator gives no value and says nothing.
 */
export const UNKNOWN: Unknown = Object.freeze({ unknown: true });

/** Whether the value holds no {@link UNKNOWN}, however deep. */
export function isKnown(value: Value): boolean {
  if (value === UNKNOWN) return false;
  if (isArray(value)) return value.every(isKnown);
  if (isObject(value)) for (const field of value.values()) if (!isKnown(field)) return false;
  return true;
}

/**
 * What a function's parameter takes. `any` takes every value as it is; `array` and `bool` take no null; the others convert as
 * attributes do.
 */
export type ParameterType = 'any' | 'string' | 'number' | 'bool' | 'array' | 'secret' | 'list(string)' | 'list(object)';

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
}

export interface FunctionValue {
  /** As the reference calls it: `sys.env`. */
  readonly functionName: string;
  /** By position. The evaluator checks count and types, and converts, before it calls. */
  readonly parameters: readonly Parameter[];
  /** May be left out, after the others. */
  readonly optional?: Parameter;
  /** Takes any number of further arguments of this type. */
  readonly rest?: Parameter;
  /** Why it may not be called; told instead of the call. */
  readonly withheld?: { readonly code: string; readonly message: string; readonly help: string };
  /** Throws {@link FunctionError} for arguments that it cannot use. */
  readonly call: (args: readonly Value[], remark: Remark) => Value;
}

/** Says what may be the reason if the result turns out to be wrong. Shown only then, as a diagnostic's help. */
export type Remark = (text: string) => void;

/**
 * What a function of the standard library throws; the evaluator turns it into a diagnostic. The message follows the text of
 * the expression to blame, and never quotes an argument.
 */
export class FunctionError extends Error {
  /** Position of the argument that is to blame; undefined: the call. */
  readonly argument: number | undefined;
  /** List positions and object keys that lead into that argument. */
  readonly path: readonly (string | number)[];
  constructor(message: string, argument?: number, path: readonly (string | number)[] = []) {
    super(message);
    this.argument = argument;
    this.path = path;
  }
}

export type TypeName = 'null' | 'bool' | 'number' | 'string' | 'array' | 'object' | 'function' | 'capsule';

/** The type's name in Alloy's messages. */
export function typeName(value: Value): TypeName {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
    case 'number':
      return 'number';
    case 'string':
      return 'string';
    default:
      if (value === null) return 'null';
      if (isArray(value)) return 'array';
      if (isObject(value)) return 'object';
      return isFunction(value) ? 'function' : 'capsule';
  }
}

export function isArray(value: Value): value is ArrayValue {
  return Array.isArray(value);
}
export function isObject(value: Value): value is ObjectValue {
  return value instanceof Map;
}
export function isFunction(value: Value): value is FunctionValue {
  return typeof value === 'object' && value !== null && 'functionName' in value;
}
export function isSecret(value: Value): value is Secret {
  return typeof value === 'object' && value !== null && 'secret' in value;
}
export function isCapsule(value: Value): value is Capsule {
  return typeof value === 'object' && value !== null && 'capsule' in value;
}
