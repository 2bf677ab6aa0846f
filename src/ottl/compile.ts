/**
 * From syntax trees to functions: names are looked up, literals and regular expressions made, mistakes told, all once. What comes
 * out takes the place of an item and gives a value; it keeps nothing between two calls.
 */
import { didYouMean } from '#config/diag/suggest.ts';
import { compare } from './compare.ts';
import { compareBytes } from './compare-bytes.ts';
import { constant, itemAt, type Compiled, type Inner } from './compiled.ts';
import type { Context } from './context.ts';
import { fail, OttlError } from './error.ts';
import { Arguments, signature, type Operand, type Signature } from './functions/arguments.ts';
import type { Converter, Editor } from './functions/function.ts';
import { calculate, negate } from './math.ts';
import type { StaticType } from './paths/entry.ts';
import { compilePath } from './path.ts';
import type { CallExpr, Expr, ListExpr, MapExpr, MathExpr, Statement } from './syntax/ast.ts';
import type { Getter, Run } from './telemetry.ts';
import { isList, isMap, typeName, type Value } from './value.ts';

export class Compiler implements Inner {
  readonly text: string;
  readonly context: Context;
  readonly #functions: ReadonlyMap<string, Converter>;

  constructor(text: string, context: Context, functions: ReadonlyMap<string, Converter>) {
    this.text = text;
    this.context = context;
    this.#functions = functions;
  }

  condition(expr: Expr): Getter<boolean> {
    switch (expr.kind) {
      case 'group':
        return this.condition(expr.inner);
      case 'not': {
        const inner = this.condition(expr.value);
        return (t) => !inner(t);
      }
      case 'logic': {
        const terms = expr.terms.map((term) => this.condition(term));
        const settles = expr.operator === 'or';
        return (t) => {
          for (const term of terms) if (term(t) === settles) return settles;
          return !settles;
        };
      }
      case 'compare': {
        const { operator } = expr;
        const left = this.value(expr.left);
        const right = this.value(expr.right);
        return compareBytes(left, operator, right) ?? ((t) => compare(left.get(t), operator, right.get(t)));
      }
      default: {
        const { get } = this.value(expr);
        return (t) => {
          const value = get(t);
          return typeof value === 'boolean' ? value : fail(`a condition is a bool, got ${typeName(value)}`);
        };
      }
    }
  }

  /** What an editor does, where its condition holds. */
  statement({ editor: call, where }: Statement, editors: ReadonlyMap<string, Editor>): Run {
    const editor = editors.get(call.name);
    if (editor === undefined) throw this.#unknownEditor(call, editors);
    this.#checkContext(editor, call);
    const run = editor.make(this.#arguments(call, editor));
    if (where === null) return run;
    const condition = this.condition(where);
    return (t) => {
      if (condition(t)) run(t);
    };
  }

  value(expr: Expr): Compiled {
    switch (expr.kind) {
      case 'nil':
        return constant(null);
      case 'literal':
        return constant(expr.value);
      case 'name':
        return this.#enum(expr.name, expr.start, expr.end);
      case 'path':
        return compilePath(this, expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'math':
        return this.#math(expr);
      case 'group':
        return this.value(expr.inner);
      case 'negate': {
        const { get, type, constant: known } = this.value(expr.value);
        if (typeof known === 'bigint' || typeof known === 'number') return constant(negate(known));
        return { get: (t) => negate(get(t)), type, constant: undefined };
      }
      default:
        throw this.error('a condition cannot stand where a value is wanted', expr.start, expr.end);
    }
  }

  error(what: string, start: number, end: number, help?: string): OttlError {
    return new OttlError(what, this.text, start, end, help);
  }

  #enum(name: string, start: number, end: number): Compiled {
    const { enums } = this.context;
    if (Object.hasOwn(enums, name)) return constant(BigInt(enums[name]));
    const help = this.#functions.has(name)
      ? `${name} is a converter: write ${name}(...)`
      : didYouMean(name, Object.keys(enums));
    throw this.error(`the context ${this.context.name} has no enum \`${name}\``, start, end, help);
  }

  #call(expr: CallExpr): Compiled {
    const target = this.#functions.get(expr.name);
    if (target === undefined) throw this.#unknown(expr);
    this.#checkContext(target, expr);
    const get = target.make(this.#arguments(expr, target));
    if (expr.keys.length === 0) return { get, type: target.returns, constant: undefined };
    const keys = expr.keys.map((key) => this.value(key).get);
    return {
      get: (t) => keys.reduce<Value>((value, key) => resultAt(value, key(t)), get(t)),
      type: 'any',
      constant: undefined,
    };
  }

  #arguments(expr: CallExpr, target: Signature): Arguments {
    return new Arguments(this.text, expr, target, ({ value }): Operand => {
      const { start, end } = value;
      const converter = value.kind === 'name' ? this.#functions.get(value.name) : undefined;
      if (converter === undefined) return { ...this.value(value), start, end };
      const get = (): never => fail(`${converter.name} is a converter, not a value`);
      return { get, type: 'any', constant: undefined, converter, start, end };
    });
  }

  #checkContext({ contexts }: Pick<Converter, 'contexts'>, { name, start, nameEnd }: CallExpr): void {
    if (contexts?.includes(this.context.name) === false)
      throw this.error(
        `${name} is not for the context ${this.context.name}, only for ${contexts.join(', ')}`,
        start,
        nameEnd,
      );
  }

  #unknownEditor({ name, start, nameEnd }: CallExpr, editors: ReadonlyMap<string, Editor>): OttlError {
    const here = [...editors.values()].filter((f) => f.contexts?.includes(this.context.name) !== false);
    const near = didYouMean(
      name,
      Array.from(here, (f) => f.name),
    );
    return this.error(
      `there is no editor \`${name}\``,
      start,
      nameEnd,
      near ?? `there are ${here.map(signature).join(', ')}`,
    );
  }

  #unknown({ name, start, nameEnd }: CallExpr): OttlError {
    const here = [...this.#functions.values()].filter((f) => f.contexts?.includes(this.context.name) !== false);
    const near = didYouMean(
      name,
      here.map((f) => f.name),
    );
    if (/^[a-z]/.test(name))
      return this.error(`converter names begin in upper case, but \`${name}\` does not`, start, nameEnd, near);
    return this.error(
      `there is no converter \`${name}\``,
      start,
      nameEnd,
      near ?? `there are ${here.map(signature).join(', ')}`,
    );
  }

  #list({ items }: ListExpr): Compiled {
    const compiled = items.map((item) => this.value(item));
    const constants = compiled.map((item) => item.constant);
    if (!constants.includes(undefined)) return constant(constants as Value[]);
    return { get: (t) => compiled.map((item) => item.get(t)), type: 'any', constant: undefined };
  }

  #map({ items }: MapExpr): Compiled {
    const compiled = items.map(({ key, value }) => [key, this.value(value)] as const);
    if (compiled.every(([, { constant: known }]) => known !== undefined))
      return constant(new Map(compiled.map(([key, { constant: known }]) => [key, known!])));
    return {
      get: (t) => new Map(compiled.map(([key, { get }]) => [key, get(t)])),
      type: 'any',
      constant: undefined,
    };
  }

  #math({ first, rest }: MathExpr): Compiled {
    const { get, type } = this.value(first);
    const steps = rest.map(({ operator, value }) => ({ operator, ...this.value(value) }));
    return {
      get: (t) => {
        let result = get(t);
        for (const step of steps) result = calculate(result, step.operator, step.get(t));
        return result;
      },
      type: steps.reduce<StaticType>((left, step) => resultType(left, step.operator, step.type), type),
      constant: undefined,
    };
  }
}

function resultType(a: StaticType, operator: string, b: StaticType): StaticType {
  if (a === 'int' && b === 'int') return 'int';
  if ((a === 'double' && (b === 'int' || b === 'double')) || (a === 'int' && b === 'double')) return 'double';
  if (a === 'time' && b === 'time' && operator === '-') return 'duration';
  return 'any';
}

/** What a converter gave, indexed: what is not there fails. */
function resultAt(value: Value, key: Value): Value {
  if (isMap(value)) {
    if (typeof key !== 'string') fail(`a map is indexed with a string, got ${typeName(key)}`);
    const found = value.get(key);
    return found === undefined ? fail(`the map has no key ${JSON.stringify(key)}`) : found;
  }
  if (isList(value)) return itemAt(value, key);
  return fail(`a ${typeName(value)} cannot be indexed`);
}
