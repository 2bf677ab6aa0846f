/**
 * OTTL's grammar. Facts: Collector contrib `pkg/ottl/grammar.go`.
 *
 *     statement   editor ( "where" condition )?            editor      a call whose name begins in lower case
 *     condition   term ( "or" term )*                      term        truth ( "and" truth )*
 *     truth       "not"? ( sum ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) sum | true | false | converter | "(" condition ")" )
 *     sum         product ( ( "+" | "-" ) product )*       product     signed ( ( "*" | "/" ) signed )*
 *     signed      ( "+" | "-" )? primary
 *     primary     nil | literal | enum | path | converter | list | map | "(" sum ")"
 *     converter   Name "(" ( argument ( "," argument )* )? ")" key*
 *     argument    ( name "=" )? ( sum | Name )
 *     path        field ( "." field )*                     field       name key*
 *     key         "[" sum "]"
 *
 * A parenthesis may hold a condition or arithmetic, which shows only at its end; so both are parsed by one rule, and what may
 * not stand where it stands is refused afterwards. Nothing is parsed twice.
 */
import { OttlError } from '../error.ts';
import type {
  Argument,
  CallExpr,
  CompareOperator,
  Expr,
  LiteralExpr,
  MathOperator,
  PathField,
  Place,
  Statement,
} from './ast.ts';
import { tokens } from './lexer.ts';
import type { Token } from './token.ts';

/** Longest text. */
export const MAX_LENGTH = 65_536;
/** Brackets of any kind within each other. */
export const MAX_DEPTH = 64;

const COMPARE = ['==', '!=', '<=', '>=', '<', '>'];
const MAX_INT = 2n ** 63n;

export function parseCondition(text: string): Expr {
  const parser = new Parser(text);
  return parser.truthful(parser.whole(parser.condition()));
}

export function parseValue(text: string): Expr {
  const parser = new Parser(text);
  return parser.valuable(parser.whole(parser.condition()));
}

export function parseStatement(text: string): Statement {
  const parser = new Parser(text);
  return parser.whole(parser.statement());
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text.length > MAX_LENGTH ? '' : text;
    if (text.length > MAX_LENGTH)
      throw this.#error(`a text of more than ${MAX_LENGTH} characters`, { start: 0, end: 0 });
    this.#tokens = tokens(text);
  }

  /** `parsed`, if the text ends here. */
  whole<T>(parsed: T): T {
    const rest = this.#peek();
    if (rest.kind === 'end') return parsed;
    throw this.#error(`unexpected ${shown(rest)}`, rest, helpFor(rest));
  }

  statement(): Statement {
    const name = this.#peek();
    const { first, last } = this.#bounds();
    const editor = this.#primary();
    if (editor.kind !== 'call')
      throw this.#error('a statement begins with an editor, for example set(...)', { start: first, end: last });
    if (/^[A-Z]/.test(editor.name))
      throw this.#error(`editor names begin in lower case, but \`${editor.name}\` does not`, name);
    if (editor.keys.length > 0) throw this.#error('the result of an editor cannot be indexed', editor.keys[0]);
    if (!this.#word('where')) return { editor, where: null };
    return { editor, where: this.truthful(this.whole(this.condition())) };
  }

  condition(): Expr {
    return this.#logic('or', () => this.#logic('and', () => this.#truth()));
  }

  /** `expr`, if it is a condition. */
  truthful(expr: Expr): Expr {
    if (isTruth(expr)) return expr;
    throw this.#error(
      'a condition is a comparison, true, false or a converter',
      expr,
      helpFor(this.#peek()) ?? 'compare it, for example x != nil',
    );
  }

  /** `expr`, if it is a value. */
  valuable(expr: Expr): Expr {
    if (isValue(expr)) return expr;
    throw this.#error('a condition cannot stand where a value is wanted', expr);
  }

  #logic(operator: 'and' | 'or', next: () => Expr): Expr {
    const first = next();
    if (!this.#isWord(operator)) return first;
    const terms = [this.truthful(first)];
    while (this.#word(operator)) terms.push(this.truthful(next()));
    return { kind: 'logic', operator, terms, start: first.start, end: terms[terms.length - 1].end };
  }

  #truth(): Expr {
    const { start } = this.#peek();
    if (!this.#word('not')) return this.#comparison();
    if (this.#isWord('not')) throw this.#error('not cannot follow not', this.#peek());
    const value = this.truthful(this.#comparison());
    return { kind: 'not', value, start, end: value.end };
  }

  #comparison(): Expr {
    const left = this.#sum();
    const operator = this.#peek();
    if (operator.kind !== 'mark' || !COMPARE.includes(operator.text)) return left;
    this.#at++;
    this.valuable(left);
    const right = this.valuable(this.#sum());
    const after = this.#peek();
    if (after.kind === 'mark' && COMPARE.includes(after.text))
      throw this.#error('comparisons cannot be chained', after);
    return {
      kind: 'compare',
      operator: operator.text as CompareOperator,
      left,
      right,
      start: left.start,
      end: right.end,
    };
  }

  #sum(): Expr {
    return this.#chain(['+', '-'], () => this.#chain(['*', '/'], () => this.#signed()));
  }

  #chain(operators: readonly string[], next: () => Expr): Expr {
    const first = next();
    const rest: { readonly operator: MathOperator; readonly value: Expr }[] = [];
    for (let mark = this.#peek(); mark.kind === 'mark' && operators.includes(mark.text); mark = this.#peek()) {
      this.#at++;
      rest.push({ operator: mark.text as MathOperator, value: this.#numeric(next()) });
    }
    if (rest.length === 0) return first;
    return {
      kind: 'math',
      first: this.#numeric(first),
      rest,
      start: first.start,
      end: rest[rest.length - 1].value.end,
    };
  }

  #signed(): Expr {
    const sign = this.#peek();
    if (sign.kind !== 'mark' || (sign.text !== '-' && sign.text !== '+')) return this.#primary();
    this.#at++;
    const negative = sign.text === '-';
    const number = this.#peek();
    if (number.kind === 'int' || number.kind === 'float') return { ...this.#number(negative), start: sign.start };
    const value = this.#numeric(this.#primary());
    return negative ? { kind: 'negate', value, start: sign.start, end: value.end } : value;
  }

  /** `expr`, if arithmetic may be done with it. */
  #numeric(expr: Expr): Expr {
    const inner = expr.kind === 'group' ? expr.inner : expr;
    const numeric =
      inner.kind === 'path' ||
      inner.kind === 'call' ||
      inner.kind === 'math' ||
      inner.kind === 'negate' ||
      (inner.kind === 'group' && isValue(inner)) ||
      (inner.kind === 'literal' && (typeof inner.value === 'bigint' || typeof inner.value === 'number'));
    if (numeric) return expr;
    throw this.#error('arithmetic takes numbers, paths and converters', expr);
  }

  #primary(): Expr {
    const token = this.#peek();
    switch (token.kind) {
      case 'int':
      case 'float':
        return this.#number(false);
      case 'string':
        this.#at++;
        return { kind: 'literal', value: token.text, start: token.start, end: token.end };
      case 'bytes':
        return this.#bytes();
      case 'name':
        return this.#named();
      case 'mark':
        if (token.text === '(') return this.#group();
        if (token.text === '[') return this.#list();
        if (token.text === '{') return this.#map();
        break;
      default:
    }
    throw this.#error(
      token.kind === 'end' ? 'expected a value, but the text ends' : `expected a value, got ${shown(token)}`,
      token,
    );
  }

  #number(negative: boolean): LiteralExpr {
    const token = this.#take();
    const place = { start: token.start, end: token.end };
    if (token.kind === 'float') {
      const value = Number(token.text);
      if (!Number.isFinite(value)) throw this.#error('a number beyond the range of a double', token);
      return { kind: 'literal', value: negative ? -value : value, ...place };
    }
    const digits = token.text.replace(/^0+(?=\d)/, '');
    const value = digits.length > 19 ? MAX_INT + 1n : BigInt(digits);
    if (negative ? value > MAX_INT : value >= MAX_INT)
      throw this.#error('a number beyond the range of an int64', token);
    return { kind: 'literal', value: negative ? -value : value, ...place };
  }

  #bytes(): Expr {
    const token = this.#take();
    const digits = token.text.slice(2);
    if (digits.length % 2 !== 0) throw this.#error('bytes have an even number of hex digits', token);
    return { kind: 'literal', value: Buffer.from(digits, 'hex'), start: token.start, end: token.end };
  }

  #named(): Expr {
    const token = this.#peek();
    if (this.#isMark('(', 1)) return this.#call();
    if (token.text === 'nil') return { kind: 'nil', ...placed(this.#take()) };
    if (token.text === 'true' || token.text === 'false')
      return { kind: 'literal', value: token.text === 'true', ...placed(this.#take()) };
    if (/^[A-Z]/.test(token.text)) return { kind: 'name', name: token.text, ...placed(this.#take()) };
    return this.#path();
  }

  #path(): Expr {
    const fields: PathField[] = [];
    do {
      const name = this.#take();
      if (name.kind !== 'name' || !/^[a-z][a-z0-9_]*$/.test(name.text))
        throw this.#error(
          name.kind === 'name'
            ? `\`${name.text}\` is no field: fields are in lower case`
            : `expected the name of a field, got ${shown(name)}`,
          name,
        );
      if (['and', 'or', 'not', 'where'].includes(name.text))
        throw this.#error(`expected a value, got ${shown(name)}`, name);
      const keys = this.#keys();
      fields.push({ name: name.text, keys, start: name.start, end: this.#last });
    } while (this.#mark('.'));
    return { kind: 'path', fields, start: fields[0].start, end: this.#last };
  }

  #call(): CallExpr {
    const name = this.#take();
    const args: Argument[] = [];
    this.#deeper(() => {
      this.#at++;
      if (this.#isMark(')')) return;
      do {
        const argument = this.#argument();
        if (argument.name === '' && args.at(-1)?.name)
          throw this.#error('arguments without a name come before those with one', argument.value);
        args.push(argument);
      } while (this.#mark(','));
    });
    this.#expect(')');
    const keys = this.#keys();
    return { kind: 'call', name: name.text, nameEnd: name.end, args, keys, start: name.start, end: this.#last };
  }

  #argument(): Argument {
    const token = this.#peek();
    let name = '';
    if (token.kind === 'name' && this.#isMark('=', 1)) {
      name = token.text;
      this.#at += 2;
    }
    return { name, value: this.valuable(this.#sum()), start: token.start };
  }

  #keys(): Expr[] {
    const keys: Expr[] = [];
    while (this.#isMark('[')) {
      this.#deeper(() => {
        this.#at++;
        keys.push(this.valuable(this.#sum()));
      });
      this.#expect(']');
    }
    return keys;
  }

  #group(): Expr {
    const { start } = this.#peek();
    const inner = this.#deeper(() => {
      this.#at++;
      return this.condition();
    });
    this.#expect(')');
    return { kind: 'group', inner, start, end: this.#last };
  }

  #list(): Expr {
    const { start } = this.#peek();
    const items: Expr[] = [];
    this.#deeper(() => {
      this.#at++;
      if (this.#isMark(']')) return;
      do items.push(this.valuable(this.#sum()));
      while (this.#mark(','));
    });
    this.#expect(']');
    return { kind: 'list', items, start, end: this.#last };
  }

  #map(): Expr {
    const { start } = this.#peek();
    const items: { readonly key: string; readonly value: Expr }[] = [];
    this.#deeper(() => {
      this.#at++;
      while (!this.#isMark('}')) {
        const key = this.#take();
        if (key.kind !== 'string') throw this.#error(`expected a key in quotes, got ${shown(key)}`, key);
        this.#expect(':');
        items.push({ key: key.text, value: this.valuable(this.#sum()) });
        if (!this.#mark(',')) break;
      }
    });
    this.#expect('}');
    return { kind: 'map', items, start, end: this.#last };
  }

  #deeper<T>(parse: () => T): T {
    if (++this.#depth > MAX_DEPTH)
      throw this.#error(`brackets within each other more than ${MAX_DEPTH} deep`, this.#peek());
    const parsed = parse();
    this.#depth--;
    return parsed;
  }

  /** End of the token before. */
  get #last(): number {
    return this.#tokens[this.#at - 1].end;
  }

  #bounds(): { readonly first: number; readonly last: number } {
    const { start, end } = this.#peek();
    return { first: start, last: end };
  }

  #peek(): Token {
    return this.#tokens[this.#at];
  }

  /** The end is never passed. */
  #take(): Token {
    const token = this.#tokens[this.#at];
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  #isMark(text: string, ahead = 0): boolean {
    const token = this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)];
    return token.kind === 'mark' && token.text === text;
  }

  #mark(text: string): boolean {
    const found = this.#isMark(text);
    if (found) this.#at++;
    return found;
  }

  #expect(text: string): void {
    if (this.#mark(text)) return;
    const token = this.#peek();
    throw this.#error(
      token.kind === 'end' ? `\`${text}\` is missing` : `expected \`${text}\`, got ${shown(token)}`,
      token,
      helpFor(token),
    );
  }

  #isWord(word: string): boolean {
    const token = this.#peek();
    return token.kind === 'name' && token.text === word;
  }

  #word(word: string): boolean {
    const found = this.#isWord(word);
    if (found) this.#at++;
    return found;
  }

  #error(what: string, at: Place, help?: string): OttlError {
    return new OttlError(what, this.#text, at.start, at.end, help);
  }
}

const placed = ({ start, end }: Place): Place => ({ start, end });

function shown(token: Token): string {
  if (token.kind === 'end') return 'the end';
  return token.kind === 'string' ? 'a string' : `\`${token.text}\``;
}

/** Of a token that may not be where it is. */
function helpFor({ text }: Token): string | undefined {
  const word = text.toLowerCase();
  if (text !== word && ['and', 'or', 'not', 'where'].includes(word)) return `write ${word} in lower case`;
  return text === '=' ? 'write == to compare' : undefined;
}

function isTruth(expr: Expr): boolean {
  switch (expr.kind) {
    case 'compare':
    case 'logic':
    case 'not':
    case 'call':
      return true;
    case 'group':
      return isTruth(expr.inner);
    default:
      return expr.kind === 'literal' && typeof expr.value === 'boolean';
  }
}

function isValue(expr: Expr): boolean {
  switch (expr.kind) {
    case 'compare':
    case 'logic':
    case 'not':
      return false;
    case 'group':
      return isValue(expr.inner);
    default:
      return true;
  }
}
