/** The arguments of one call, as its function takes them: by type, some of them before there is data. */
import type { Argument, CallExpr, Expr } from '../syntax/ast.ts';
import { fail, OttlError } from '../error.ts';
import { didYouMean } from '#config/diag/suggest.ts';
import type { Compiled } from '../compiled.ts';
import type { Getter, Telemetry } from '../telemetry.ts';
import type { Converter } from './function.ts';
import { textOf } from '../text.ts';
import { Duration, isList, isMap, Time, typeName, type Value, type ValueMap } from '../value.ts';

export interface Signature {
  readonly name: string;
  /** In order, snake_case. One that ends in `?` may be left out. */
  readonly parameters: readonly string[];
}

/** An argument that is compiled, and where it stands. */
export interface Operand extends Compiled {
  readonly start: number;
  readonly end: number;
  /** The name of a converter alone, which the function calls itself. */
  readonly converter?: Converter;
}

export class Arguments {
  readonly #call: CallExpr;
  readonly #text: string;
  readonly #operands: readonly (Operand | undefined)[];
  readonly #names: readonly string[];

  constructor(text: string, call: CallExpr, target: Signature, operand: (argument: Argument) => Operand) {
    this.#call = call;
    this.#text = text;
    this.#names = target.parameters.map((name) => name.replace('?', ''));
    const bound: (Operand | undefined)[] = target.parameters.map(() => undefined);
    call.args.forEach((argument, i) => {
      const at = argument.name === '' ? i : this.#names.findIndex((name) => bare(name) === bare(argument.name));
      if (argument.name === '' && i >= bound.length)
        throw this.#wrong(argument, `${call.name} takes ${counted(target)}`);
      if (at < 0)
        throw new OttlError(
          `${call.name} has no parameter \`${argument.name}\``,
          text,
          argument.start,
          argument.value.end,
          didYouMean(argument.name, this.#names),
        );
      if (bound[at] !== undefined) throw this.#wrong(argument, `${call.name} is given \`${this.#names[at]}\` twice`);
      bound[at] = operand(argument);
    });
    target.parameters.forEach((name, i) => {
      if (bound[i] === undefined && !name.endsWith('?'))
        throw new OttlError(
          `${call.name} lacks its argument \`${name}\``,
          text,
          call.end - 1,
          call.end,
          signature(target),
        );
    });
    this.#operands = bound;
  }

  has(i: number): boolean {
    return this.#operands[i] !== undefined;
  }

  value(i: number): Getter {
    return this.operand(i).get;
  }

  /** An argument that can be set. */
  target(i: number): Operand & Required<Pick<Operand, 'set'>> {
    const operand = this.operand(i);
    const { set } = operand;
    if (set !== undefined) return { ...operand, set };
    throw this.wrong(i, `${this.#call.name} takes a path that can be set as \`${this.#names[i]}\``);
  }

  /** A converter of one argument that is given by its name alone; null: the argument is left out. */
  converter(i: number): ((value: Value, t: Telemetry) => Value) | null {
    if (!this.has(i)) return null;
    const { converter, start, end } = this.operand(i);
    if (converter === undefined)
      throw this.wrong(
        i,
        `${this.#call.name} takes the name of a converter as \`${this.#names[i]}\``,
        'for example SHA256',
      );
    let given: Value = null;
    const nil: Expr = { kind: 'nil', start, end };
    const args = [{ name: '', value: nil, start }];
    const call: CallExpr = { kind: 'call', name: converter.name, nameEnd: end, args, keys: [], start, end };
    const operand: Operand = { get: () => given, type: 'any', constant: undefined, start, end };
    const get = converter.make(new Arguments(this.#text, call, converter, () => operand));
    return (value, t) => {
      given = value;
      return get(t);
    };
  }

  /** Fails on anything but a string, nil too. */
  string(i: number): Getter<string> {
    return this.#typed(i, 'string', (value): value is string => typeof value === 'string');
  }
  int(i: number): Getter<bigint> {
    return this.#typed(i, 'int', (value): value is bigint => typeof value === 'bigint');
  }
  bool(i: number): Getter<boolean> {
    return this.#typed(i, 'bool', (value): value is boolean => typeof value === 'boolean');
  }
  time(i: number): Getter<Time> {
    return this.#typed(i, 'time', (value): value is Time => value instanceof Time);
  }
  duration(i: number): Getter<Duration> {
    return this.#typed(i, 'duration', (value): value is Duration => value instanceof Duration);
  }
  map(i: number): Getter<ValueMap> {
    return this.#typed(i, 'map', isMap);
  }
  list(i: number): Getter<readonly Value[]> {
    return this.#typed(i, 'list', isList);
  }

  /** Anything as text; nil stays nil. */
  text(i: number): Getter<string | null> {
    const get = this.value(i);
    return (t) => textOf(get(t));
  }

  /** A string that must be known without data; `otherwise` where the argument is left out. */
  literal(i: number, otherwise?: string): string {
    if (otherwise !== undefined && !this.has(i)) return otherwise;
    const { constant } = this.operand(i);
    if (typeof constant === 'string') return constant;
    throw this.wrong(i, `${this.#call.name} takes a string literal as \`${this.#names[i]}\``);
  }
  /** Likewise a bool. */
  literalBool(i: number, otherwise: boolean): boolean {
    if (!this.has(i)) return otherwise;
    const { constant } = this.operand(i);
    if (typeof constant === 'boolean') return constant;
    throw this.wrong(i, `${this.#call.name} takes true or false as \`${this.#names[i]}\``);
  }
  /** Likewise a double; an int is none. */
  literalDouble(i: number): number {
    const { constant } = this.operand(i);
    if (typeof constant === 'number') return constant;
    const help = typeof constant === 'bigint' ? `write ${constant}.0` : undefined;
    throw this.wrong(i, `${this.#call.name} takes a double literal as \`${this.#names[i]}\``, help);
  }
  /** Likewise a list of strings. */
  literalStrings(i: number): readonly string[] {
    const { constant } = this.operand(i);
    if (Array.isArray(constant) && constant.every((item) => typeof item === 'string')) return constant;
    throw this.wrong(i, `${this.#call.name} takes a list of string literals as \`${this.#names[i]}\``);
  }
  /** The value that is known without data, if it is. */
  constant(i: number): Value | undefined {
    return this.#operands[i]?.constant;
  }

  /** The mistake that argument `i` is. */
  wrong(i: number, what: string, help?: string): OttlError {
    const { start, end } = this.operand(i);
    return new OttlError(what, this.#text, start, end, help);
  }

  /** All that is known of it. */
  operand(i: number): Operand {
    const operand = this.#operands[i];
    if (operand === undefined) throw new Error(`${this.#call.name} reads an argument that it has not declared`);
    return operand;
  }

  #typed<T extends Value>(i: number, wanted: string, is: (value: Value) => value is T): Getter<T> {
    const { get, constant } = this.operand(i);
    const { name } = this.#call;
    if (constant !== undefined) {
      if (!is(constant))
        throw this.wrong(i, `${name} takes a ${wanted} as \`${this.#names[i]}\`, got ${typeName(constant)}`);
      return () => constant;
    }
    return (t) => {
      const value = get(t);
      return is(value) ? value : fail(`${name} takes a ${wanted}, got ${typeName(value)}`);
    };
  }

  #wrong(argument: Argument, what: string): OttlError {
    return new OttlError(what, this.#text, argument.start, argument.value.end);
  }
}

/** `named_captures_only` may be written `namedCapturesOnly`, `source_ip` as `sourceIP`. */
const bare = (name: string): string => name.replaceAll('_', '').toLowerCase();

/** `Substring(target, start, length, [utf8_safe])`. */
export function signature({ name, parameters }: Signature): string {
  return `${name}(${parameters.map((p) => (p.endsWith('?') ? `[${p.slice(0, -1)}]` : p)).join(', ')})`;
}

function counted({ parameters }: Signature): string {
  const { length } = parameters;
  return length === 0 ? 'no arguments' : length === 1 ? 'one argument' : `at most ${length} arguments`;
}
