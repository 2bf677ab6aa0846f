/** Runs a parsed template. */
import { compareFunctions } from './compare.ts';
import { TemplateError } from './lexer.ts';
import { MAX_TEXT, refuse, type Fn } from './function.ts';
import { listFunctions } from './lists.ts';
import { numberFunctions } from './numbers.ts';
import { parseTemplate, type Command, type Node, type Operand, type Pipe } from './parser.ts';
import { printFunctions } from './print.ts';
import { stringFunctions } from './strings.ts';
import { isMap, isTrue, kindOf, textOf, type Value } from './value.ts';

const FUNCTIONS: ReadonlyMap<string, Fn> = new Map([
  ...Object.entries(stringFunctions),
  ...Object.entries(numberFunctions),
  ...Object.entries(listFunctions),
  ...Object.entries(printFunctions),
  ...Object.entries(compareFunctions),
]);

export class Template {
  readonly #nodes: readonly Node[];

  /** Throws {@link TemplateError}. */
  constructor(source: string) {
    this.#nodes = parseTemplate(source, FUNCTIONS);
  }

  /** What it writes. `absent`: what a name that `data` does not have stands for. Throws {@link TemplateError}. */
  run(data: ReadonlyMap<string, Value>, absent?: Value): string {
    const run = new Run(data, absent);
    try {
      run.nodes(this.#nodes, data, null);
    } catch (error) {
      // A text that is longer than JavaScript's can be.
      if (error instanceof RangeError) throw new TemplateError(error.message);
      throw error;
    }
    return run.out;
  }
}

/** Variables in force; inner ones hide outer ones. */
interface Scope {
  readonly name: string;
  value: Value;
  readonly outer: Scope | null;
}

class Run {
  out = '';
  readonly #root: ReadonlyMap<string, Value>;
  readonly #absent: Value;

  constructor(root: ReadonlyMap<string, Value>, absent: Value) {
    this.#root = root;
    this.#absent = absent;
  }

  nodes(nodes: readonly Node[], dot: Value, outer: Scope | null): void {
    let scope = outer;
    for (const node of nodes) {
      if (node.kind === 'text') this.#write(node.text);
      else if (node.kind === 'print') {
        const value = this.#pipe(node.pipe, dot, scope);
        if (node.pipe.set === null) this.#write(printed(value));
        else scope = assigned(node.pipe.set, value, scope);
      } else {
        const value = this.#pipe(node.pipe, dot, scope);
        const inner = node.pipe.set === null ? scope : assigned(node.pipe.set, value, scope);
        if (!isTrue(value)) this.nodes(node.no, dot, inner);
        else this.nodes(node.yes, node.kind === 'with' ? value : dot, inner);
      }
    }
  }

  #write(text: string): void {
    if (this.out.length + text.length > MAX_TEXT) throw new TemplateError('the template writes too much');
    this.out += text;
  }

  #pipe({ commands }: Pipe, dot: Value, scope: Scope | null): Value {
    let value: Value;
    commands.forEach((command, i) => (value = this.#command(command, dot, scope, i === 0 ? [] : [value])));
    return value;
  }

  #command({ operands }: Command, dot: Value, scope: Scope | null, piped: readonly Value[]): Value {
    const [head, ...rest] = operands;
    if (head.kind !== 'function') return this.#operand(head, dot, scope);
    return this.#call(head.name, rest, dot, scope, piped);
  }

  #call(name: string, rest: readonly Operand[], dot: Value, scope: Scope | null, piped: readonly Value[]): Value {
    if (name === 'and' || name === 'or') {
      let value: Value;
      for (const operand of rest) {
        value = this.#operand(operand, dot, scope);
        if (isTrue(value) === (name === 'or')) return value;
      }
      return piped.length > 0 ? piped[0] : value;
    }
    const fn = FUNCTIONS.get(name) as Fn;
    const args = [...rest.map((operand) => this.#operand(operand, dot, scope)), ...piped];
    if (args.length < fn.min || args.length > fn.max)
      throw new TemplateError(`wrong number of args for ${name}: want ${fn.min} got ${args.length}`);
    const value = fn.call(args, name);
    if (typeof value === 'string' && value.length > MAX_TEXT) refuse(name, 'the result is too long');
    return value;
  }

  #operand(operand: Operand, dot: Value, scope: Scope | null): Value {
    switch (operand.kind) {
      case 'literal':
        return operand.isFloat === true && typeof operand.value === 'number'
          ? literalFloat(operand.value)
          : operand.value;
      case 'field':
        return this.#follow(dot, operand.path);
      case 'variable':
        return this.#follow(operand.name === '' ? this.#root : variable(scope, operand.name), operand.path);
      case 'pipe':
        return this.#follow(this.#pipe(operand.pipe, dot, scope), operand.path);
      case 'function':
        return this.#call(operand.name, [], dot, scope, []);
    }
  }

  #follow(from: Value, path: readonly string[]): Value {
    let value = from;
    for (const name of path) {
      if (!isMap(value)) throw new TemplateError(`can't evaluate field ${name} in type ${kindOf(value)}`);
      value = value.has(name) ? value.get(name) : value === this.#root ? this.#absent : undefined;
    }
    return value;
  }
}

/** Of a missing value an action says so in other words than fmt does. */
const printed = (value: Value): string => (value === undefined || value === null ? '<no value>' : textOf(value));

const literalFloat = (value: number): Value => numberFunctions['float64'].call([value], 'float64');

function variable(scope: Scope | null, name: string): Value {
  for (let at = scope; at !== null; at = at.outer) if (at.name === name) return at.value;
  return undefined;
}

function assigned(
  set: { readonly name: string; readonly isNew: boolean },
  value: Value,
  scope: Scope | null,
): Scope | null {
  if (set.isNew) return { name: set.name, value, outer: scope };
  for (let at = scope; at !== null; at = at.outer) {
    if (at.name !== set.name) continue;
    at.value = value;
    break;
  }
  return scope;
}
