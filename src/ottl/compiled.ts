/** What the parts of the compiler hand to each other. */
import type { Context } from './context.ts';
import { fail, type OttlError } from './error.ts';
import type { Message } from '#codec/otlp/message.ts';
import type { Attributes, StaticType } from './paths/entry.ts';
import type { Expr } from './syntax/ast.ts';
import type { Getter, Telemetry } from './telemetry.ts';
import { typeName, type Value } from './value.ts';

/** `constant` is the value where it does not depend on data. */
export interface Compiled {
  readonly get: Getter;
  readonly type: StaticType;
  readonly constant: Value | undefined;
  /** Of a path that can be set. Fails on a value that does not fit. */
  readonly set?: Setter;
  /** Of a path that is the attributes of a message. */
  readonly attributes?: Attributes;
  /** Of a path that is one attribute: which, and of what. */
  readonly attribute?: { readonly attributes: Attributes; readonly key: Buffer };
  /** What can be looked at without making a value of it. */
  readonly located?: Located;
  /** Of an int that fits into one: its value as a number. */
  readonly number?: (t: Telemetry) => number;
}

export type Setter = (t: Telemetry, value: Value) => void;

/** Goes to the bytes of a value: the message that it gives has turned to them (`buf`, `start`, `stop`). Null: it is not there. */
export interface Located {
  /** The content of an AnyValue, or UTF-8. */
  readonly kind: 'any' | 'text';
  locate(t: Telemetry): Message | null;
}

/** Compiles what is inside of an expression, for the one in which it stands. */
export interface Inner {
  readonly context: Context;
  value(expr: Expr): Compiled;
  error(what: string, start: number, end: number, help?: string): OttlError;
}

export function constant(value: Value): Compiled {
  return { get: () => value, type: typeOf(value), constant: value };
}

function typeOf(value: Value): StaticType {
  switch (typeof value) {
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    default:
      return 'any';
  }
}

/** An element of a list; fails outside of it. */
export function itemAt(list: readonly Value[], key: Value): Value {
  if (typeof key !== 'bigint') fail(`a list is indexed with an int, got ${typeName(key)}`);
  if (key < 0n || key >= BigInt(list.length)) fail(`index ${key} is out of bounds`);
  return list[Number(key)];
}
