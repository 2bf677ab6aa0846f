/**
 * A Go template as a tree. What is understood: text, pipelines of fields, variables, functions and literals, `if`, `else if`,
 * `else`, `with`, `end`, comments and the marks that trim blanks. What repeats or names templates (`range`, `define`, `template`,
 * `block`) is refused, so that running one takes time linear in its length.
 */
import { lex, TemplateError, type Token } from './lexer.ts';

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipe: Pipe }
  | {
      readonly kind: 'if' | 'with';
      readonly pipe: Pipe;
      readonly yes: readonly Node[];
      readonly no: readonly Node[];
    };

export interface Pipe {
  /** Variable that takes the value; `isNew`: `:=`. Then nothing is printed. */
  readonly set: { readonly name: string; readonly isNew: boolean } | null;
  readonly commands: readonly Command[];
}

/** A value, or a function with its arguments. */
export interface Command {
  readonly operands: readonly [Operand, ...Operand[]];
}

export type Operand =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null; readonly isFloat?: boolean }
  /** `.a.b`; no names: `.` itself. */
  | { readonly kind: 'field'; readonly path: readonly string[] }
  /** `$x.a`; an empty name: `$`, what the template was given. */
  | { readonly kind: 'variable'; readonly name: string; readonly path: readonly string[] }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'pipe'; readonly pipe: Pipe; readonly path: readonly string[] };

const MAX_DEPTH = 100;
const REFUSED: ReadonlySet<string> = new Set(['range', 'define', 'template', 'block', 'break', 'continue']);

/** Throws {@link TemplateError}. `functions`: names that may be called. */
export function parseTemplate(source: string, functions: { has(name: string): boolean }): readonly Node[] {
  const parser = new Parser(source, functions);
  const { nodes, end } = parser.nodes(0);
  if (end !== null) throw new TemplateError(`unexpected {{${end}}}`);
  return nodes;
}

interface List {
  readonly nodes: readonly Node[];
  /** What ended it: `end` or `else`; null: the template. */
  readonly end: 'end' | 'else' | null;
  /** Behind `else`. */
  readonly rest: readonly Token[];
}

class Parser {
  readonly #pieces: ReturnType<typeof lex>;
  readonly #functions: { has(name: string): boolean };
  #at = 0;
  /** Names of variables in force, innermost last. */
  #variables: string[] = [];

  constructor(source: string, functions: { has(name: string): boolean }) {
    this.#pieces = lex(source);
    this.#functions = functions;
  }

  nodes(depth: number): List {
    if (depth > MAX_DEPTH) throw new TemplateError(`actions inside actions more than ${MAX_DEPTH} deep`);
    const nodes: Node[] = [];
    const outer = this.#variables;
    this.#variables = [...outer];
    try {
      for (;;) {
        const piece = this.#pieces[this.#at++];
        if (piece === undefined) return { nodes, end: null, rest: [] };
        if (piece.kind === 'text') {
          nodes.push(piece);
          continue;
        }
        const [first, ...rest] = piece.tokens;
        const word = first?.kind === 'word' ? first.text : '';
        if (REFUSED.has(word)) throw new TemplateError(`{{${word}}} is not supported`);
        if (word === 'end' || word === 'else') return { nodes, end: word, rest };
        if (word === 'if' || word === 'with') nodes.push(this.#branch(word, rest, depth));
        else nodes.push({ kind: 'print', pipe: this.#pipe(piece.tokens) });
      }
    } finally {
      this.#variables = outer;
    }
  }

  #branch(kind: 'if' | 'with', condition: readonly Token[], depth: number): Node {
    // A variable that the condition sets is known in both branches, not behind them.
    const outer = this.#variables;
    this.#variables = [...outer];
    const pipe = this.#pipe(condition);
    const yes = this.nodes(depth + 1);
    const no = yes.end === 'else' ? this.#otherwise(yes.rest, depth) : [];
    this.#variables = outer;
    if (yes.end === null) throw new TemplateError(`unexpected end of the template: {{${kind}}} without {{end}}`);
    return { kind, pipe, yes: yes.nodes, no };
  }

  #otherwise([first, ...rest]: readonly Token[], depth: number): readonly Node[] {
    if (first !== undefined) {
      const word = first.kind === 'word' ? first.text : '';
      if (word !== 'if' && word !== 'with') throw new TemplateError('unexpected words in {{else}}');
      if (depth + 1 > MAX_DEPTH) throw new TemplateError(`more than ${MAX_DEPTH} {{else}} in a row`);
      return [this.#branch(word, rest, depth + 1)];
    }
    const { nodes, end } = this.nodes(depth + 1);
    if (end !== 'end') throw new TemplateError('{{else}} without {{end}}');
    return nodes;
  }

  #pipe(tokens: readonly Token[]): Pipe {
    const [first, second] = tokens;
    if (first?.kind === 'variable' && second?.kind === 'sign' && (second.text === ':=' || second.text === '=')) {
      const isNew = second.text === ':=';
      const value = new Commands(tokens.slice(2), this.#functions, this.#variables).all();
      if (isNew) this.#variables.push(first.name);
      else if (!this.#variables.includes(first.name)) throw new TemplateError(`undefined variable "$${first.name}"`);
      return { set: { name: first.name, isNew }, commands: value };
    }
    return { set: null, commands: new Commands(tokens, this.#functions, this.#variables).all() };
  }
}

class Commands {
  readonly #tokens: readonly Token[];
  readonly #functions: { has(name: string): boolean };
  readonly #variables: readonly string[];
  #at = 0;

  constructor(tokens: readonly Token[], functions: { has(name: string): boolean }, variables: readonly string[]) {
    this.#tokens = tokens;
    this.#functions = functions;
    this.#variables = variables;
  }

  all(): readonly Command[] {
    const commands = this.#commands(0);
    if (this.#at < this.#tokens.length) throw new TemplateError('unexpected right paren');
    return commands;
  }

  #commands(depth: number): readonly Command[] {
    if (depth > MAX_DEPTH) throw new TemplateError(`parentheses more than ${MAX_DEPTH} deep`);
    const commands: Command[] = [];
    for (;;) {
      const operands: Operand[] = [];
      while (this.#at < this.#tokens.length && !this.#isSign('|') && !this.#isSign(')'))
        operands.push(this.#operand(depth));
      const [head, ...rest] = operands;
      if (head === undefined) throw new TemplateError('missing value for command');
      if (head.kind === 'literal' && commands.length > 0) throw new TemplateError('non executable command in pipeline');
      if (head.kind !== 'function' && (rest.length > 0 || commands.length > 0))
        throw new TemplateError('only a function can be given arguments');
      commands.push({ operands: [head, ...rest] });
      if (!this.#isSign('|')) return commands;
      this.#at++;
    }
  }

  #isSign(text: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.kind === 'sign' && token.text === text;
  }

  #operand(depth: number): Operand {
    const token = this.#tokens[this.#at++];
    switch (token.kind) {
      case 'string':
        return { kind: 'literal', value: token.value };
      case 'number':
        return { kind: 'literal', value: token.value, isFloat: token.isFloat };
      case 'field':
        return { kind: 'field', path: token.name === '' ? this.#path() : [token.name, ...this.#path()] };
      case 'variable':
        if (token.name !== '' && !this.#variables.includes(token.name))
          throw new TemplateError(`undefined variable "$${token.name}"`);
        return { kind: 'variable', name: token.name, path: this.#path() };
      case 'word':
        return this.#word(token.text);
      case 'sign': {
        if (token.text !== '(') throw new TemplateError(`unexpected "${token.text}" in operand`);
        const commands = this.#commands(depth + 1);
        if (!this.#isSign(')')) throw new TemplateError('unclosed left paren');
        this.#at++;
        return { kind: 'pipe', pipe: { set: null, commands }, path: this.#path() };
      }
    }
  }

  #word(text: string): Operand {
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true' };
    if (text === 'nil') return { kind: 'literal', value: null };
    if (!this.#functions.has(text)) throw new TemplateError(`function "${text}" not defined`);
    return { kind: 'function', name: text };
  }

  /** Fields that go on from what stands before. */
  #path(): readonly string[] {
    const path: string[] = [];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token?.kind !== 'field' || !token.attached) return path;
      path.push(token.name);
      this.#at++;
    }
  }
}
