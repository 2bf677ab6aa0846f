/**
 * What a function of OTTL is to the compiler. Functions stand in the table of `library.ts`; a new one is an entry there, in the
 * file of its kind.
 */
import type { ContextName } from '../context.ts';
import type { StaticType } from '../paths/entry.ts';
import type { Getter, Run } from '../telemetry.ts';
import type { Arguments, Signature } from './arguments.ts';

export interface Converter extends Signature {
  readonly returns: StaticType;
  readonly doc: string;
  /** Absent: all. */
  readonly contexts?: readonly ContextName[];
  /** Called once for each call in a text. Throws OttlError for what can be told to be wrong without data. */
  make(args: Arguments): Getter;
}

/** What changes data; its name begins in lower case. */
export interface Editor extends Signature {
  readonly doc: string;
  /** Absent: all. */
  readonly contexts?: readonly ContextName[];
  /** As of a {@link Converter}. */
  make(args: Arguments): Run;
}

export function editor(
  name: string,
  parameters: readonly string[],
  doc: string,
  make: (args: Arguments) => Run,
  contexts?: readonly ContextName[],
): Editor {
  return contexts === undefined ? { name, parameters, doc, make } : { name, parameters, doc, make, contexts };
}

export function converter(
  name: string,
  parameters: readonly string[],
  returns: StaticType,
  doc: string,
  make: (args: Arguments) => Getter,
  contexts?: readonly ContextName[],
): Converter {
  return contexts === undefined
    ? { name, parameters, returns, doc, make }
    : { name, parameters, returns, doc, make, contexts };
}
