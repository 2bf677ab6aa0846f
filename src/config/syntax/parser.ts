/**
 * The grammar, by recursive descent. Facts: grafana/alloy `syntax/parser`; messages follow Alloy's.
 *
 *     File       = Body
 *     Body       = [ Statement { TERMINATOR Statement } ]
 *     Statement  = Name ( "=" Expression | [ STRING ] "{" Body "}" )      Name = IDENT { "." IDENT }
 *     Expression = operators of {@link binaryPrecedence}, left to right, over Power
 *     Power      = Unary [ "^" Power ]
 *     Unary      = ( "!" | "-" ) Unary | Primary { "." IDENT | "[" Expression "]" | "(" [ List ] ")" }
 *     Primary    = IDENT | literal | "(" Expression ")" | "[" [ List ] "]" | "{" [ Fields ] "}"
 *     List       = Expression { "," Expression } [ "," ]
 *     Fields     = Field { "," Field } [ "," ]                            Field = ( IDENT | STRING ) "=" Expression
 *
 * A newline in front of a closing bracket ends the last element, so a list over several lines needs the last comma.
 *
 * Recovery: after a mistake the parser goes on at the end of the statement or of the block around it; a second mistake on
 * the same line is taken for an echo of the first and left out, and so is what follows from an illegal character. A list in
 * which a statement begins was not closed: it is given up with all that is open in its statement.
 */
import { MAX_NESTING, type Body, type Comment, type Expr, type Name, type ObjectField, type Statement } from './ast.ts';
import type { SyntaxErrors } from './errors.ts';
import { isIdentifier, quote } from './quote.ts';
import { Scanner } from './scanner.ts';
import type { Source } from './source.ts';
import { binaryPrecedence, type BinaryOperator, type TokenKind } from './token.ts';

/** A statement's name before it is known whether a block or an attribute follows. */
interface Head {
  readonly parts: string[];
  readonly name: Name;
  /** Present also when it is empty. */
  readonly label: Name | null;
}

const OPENING = { ')': '(', ']': '[', '}': '{' } as const;
const WORDS_OF_OTHER_LANGUAGES: ReadonlyMap<string, string> = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['not', '!'],
]);

export class Parser {
  readonly #source: Source;
  readonly #errors: SyntaxErrors;
  readonly #scanner: Scanner;
  #nesting = 0;
  /** Nested too deeply: nothing more is read. */
  #halted = false;
  /** The statement is given up: nothing more is read until it is left. */
  #lost = false;
  #lastErrorLine = 0;
  /** Blocks around the current token. */
  #openBlocks = 0;
  /** End of the token before the current one. */
  #previousEnd = 0;

  constructor(source: Source, errors: SyntaxErrors) {
    this.#source = source;
    this.#errors = errors;
    this.#scanner = new Scanner(source.text, errors);
    this.#scanner.next();
  }

  get comments(): readonly Comment[] {
    return this.#scanner.comments;
  }

  file(): Body {
    return this.#body('EOF');
  }

  onlyExpression(): Expr {
    const expr = this.#expression();
    if (this.#is('TERMINATOR')) this.#next();
    if (!this.#is('EOF')) this.#error(`expected EOF, got ${this.#kind}`);
    return expr;
  }

  // Tokens

  get #kind(): TokenKind {
    return this.#halted || this.#lost ? 'EOF' : this.#scanner.kind;
  }

  #is(kind: TokenKind): boolean {
    return this.#kind === kind;
  }

  #next(): void {
    if (this.#halted || this.#lost) return;
    this.#previousEnd = this.#scanner.end;
    this.#scanner.next();
  }

  #expect(kind: TokenKind, help?: string): boolean {
    const found = this.#is(kind);
    if (!found) this.#error(`expected ${kind}, got ${this.#kind}`, help);
    this.#next();
    return found;
  }

  /** The bracket that closes the one at `opened`. */
  #close(kind: ')' | ']' | '}', opened: number): void {
    if (this.#is(kind)) return this.#next();
    const { line, col } = this.#source.span(opened, opened);
    this.#expect(kind, `it closes the ${this.#source.text[opened]} of line ${line}, column ${col}`);
  }

  #error(message: string, help?: string): void {
    const line = this.#source.line(this.#scanner.start);
    if (this.#halted || this.#lost || line === this.#lastErrorLine) return;
    this.#lastErrorLine = line;
    this.#errors.add(this.#scanner.start, this.#scanner.end, message, help);
  }

  #skipTo(...kinds: readonly TokenKind[]): void {
    while (!this.#is('EOF') && !kinds.includes(this.#kind)) this.#next();
  }

  /** Skips to the end of the statement or of the block it is in, over whole pairs of brackets. */
  #skipStatement(): void {
    let curly = 0;
    let square = 0;
    let round = 0;
    while (!this.#is('EOF')) {
      switch (this.#kind) {
        case '{':
          curly++;
          break;
        case '}':
          if (curly === 0 && this.#openBlocks > 0) return;
          curly--;
          break;
        case '[':
          square++;
          break;
        case ']':
          square--;
          break;
        case '(':
          round++;
          break;
        case ')':
          round--;
          break;
        case 'TERMINATOR':
          if (curly <= 0 && square <= 0 && round <= 0) return;
          break;
        default:
      }
      this.#next();
    }
  }

  /** Runs `parse` one level deeper; past the limit it stops reading the file and gives `otherwise`. */
  #nested<T>(parse: () => T, otherwise: () => T): T {
    if (this.#nesting === MAX_NESTING) {
      this.#error(`nested too deeply: at most ${MAX_NESTING} levels are allowed`);
      this.#halted = true;
      return otherwise();
    }
    this.#nesting++;
    const parsed = parse();
    this.#nesting--;
    return parsed;
  }

  // Statements

  #body(until: TokenKind): Body {
    return this.#nested<Body>(
      () => this.#statements(until),
      () => [],
    );
  }

  #block(): Body {
    this.#openBlocks++;
    const body = this.#body('}');
    this.#openBlocks--;
    return body;
  }

  #statements(until: TokenKind): Body {
    const body: Statement[] = [];
    while (!this.#is(until) && !this.#is('EOF')) {
      const statement = this.#statement();
      if (statement !== null) body.push(statement);
      if (this.#lost) {
        this.#lost = false;
        this.#skipStatement();
      }
      if (this.#is(until)) break;
      if (!this.#is('TERMINATOR')) {
        this.#error(`expected TERMINATOR, got ${this.#kind}`, this.#whyNoTerminator(statement));
        this.#skipStatement();
        if (this.#is(until)) break;
      }
      this.#next();
    }
    return body;
  }

  #whyNoTerminator(statement: Statement | null): string {
    const kind = this.#kind;
    if (kind === 'IDENT') {
      const { lexeme, start } = this.#scanner;
      const operator = WORDS_OF_OTHER_LANGUAGES.get(lexeme);
      if (operator !== undefined) return `the operator is ${operator}`;
      const before = statement?.kind === 'attr' ? this.#numberBefore(statement.value, start) : undefined;
      if (before !== undefined) return notANumber(before, lexeme);
    }
    if (kind === '}' || kind === ')' || kind === ']') return `no ${OPENING[kind]} is open here`;
    if (kind === '=' && statement?.kind === 'attr') {
      const line = this.#source.line(statement.start);
      if (this.#source.line(statement.value.start) > line)
        return `"${statement.name.text}" on line ${line} has no value`;
    }
    return 'each statement goes on a line of its own';
  }

  /** The number that ends at offset `end`, if the expression does. */
  #numberBefore(expr: Expr, end: number): string | undefined {
    const last = expr.kind === 'binary' ? expr.right : expr;
    return last.end === end && last.kind === 'literal' && (last.token === 'NUMBER' || last.token === 'FLOAT')
      ? last.text
      : undefined;
  }

  #statement(): Statement | null {
    const head = this.#head();
    if (head === null) {
      this.#skipStatement();
      return null;
    }
    const { name, parts, label } = head;
    if (this.#is('=')) {
      this.#next();
      if (parts.length > 1)
        this.#errors.add(name.start, name.end, 'attribute names may only consist of a single identifier with no "."');
      else if (label !== null) this.#errors.add(label.start, label.end, 'attribute names may not have labels');
      const value = this.#expression();
      return {
        kind: 'attr',
        start: name.start,
        end: value.end,
        name: parts.length > 1 ? { ...name, text: parts[0] } : name,
        value,
      };
    }
    if (this.#is('{')) {
      const opened = this.#scanner.start;
      this.#next();
      const body = this.#block();
      this.#close('}', opened);
      return {
        kind: 'block',
        start: name.start,
        end: this.#previousEnd,
        parts,
        name,
        label: label?.text === '' ? null : label,
        body,
      };
    }
    const either = parts.length === 1 && (label === null || label.text === '');
    this.#error(`expected ${either ? 'attribute assignment or ' : ''}block body, got ${this.#kind}`);
    this.#skipStatement();
    return null;
  }

  #head(): Head | null {
    if (!this.#is('IDENT')) {
      this.#error(`expected identifier, got ${this.#kind}`);
      return null;
    }
    const first = this.#name();
    const parts = [first.text];
    while (this.#is('.')) {
      this.#next();
      if (!this.#is('IDENT')) this.#error(`expected identifier, got ${this.#kind}`);
      parts.push(this.#name().text);
    }
    const name = { start: first.start, end: this.#previousEnd, text: parts.join('.') };
    return { parts, name, label: this.#is('=') || this.#is('{') ? null : this.#label() };
  }

  #label(): Name | null {
    if (!this.#is('STRING')) {
      this.#error(`expected block label, got ${this.#kind}`, this.#whyNoLabel());
      this.#next();
      return null;
    }
    const { lexeme, start, end } = this.#scanner;
    if (!lexeme.startsWith('"'))
      this.#error(`expected block label to be a double quoted string, but got ${quote(lexeme)}`);
    const text = lexeme.slice(1, -1);
    if (text !== '' && !isIdentifier(text)) {
      this.#error(
        `expected block label to be a valid identifier, but got ${quote(text)}`,
        'a label has letters, digits and underscores, and does not begin with a digit',
      );
    }
    this.#next();
    return { start, end, text };
  }

  #whyNoLabel(): string | undefined {
    if (this.#is('IDENT')) return `put the label between double quotes: "${this.#scanner.lexeme}"`;
    if (this.#is('TERMINATOR')) return 'a name is followed by = and a value, or by { on the same line';
    return undefined;
  }

  /** The current token as a name. */
  #name(): Name {
    const { start, end, lexeme } = this.#scanner;
    this.#next();
    return { start, end, text: lexeme };
  }

  // Expressions

  #expression(): Expr {
    return this.#nested(
      () => this.#binary(1),
      () => this.#nothing(),
    );
  }

  #binary(minimum: number): Expr {
    let left = this.#power();
    for (;;) {
      const operator = this.#kind;
      const precedence = binaryPrecedence(operator);
      if (precedence === 0 || precedence < minimum) return left;
      this.#next();
      const right = this.#binary(precedence + 1);
      left = { kind: 'binary', start: left.start, end: right.end, operator: operator as BinaryOperator, left, right };
    }
  }

  #power(): Expr {
    const left = this.#unary();
    if (!this.#is('^')) return left;
    this.#next();
    const right = this.#nested(
      () => this.#power(),
      () => this.#nothing(),
    );
    return { kind: 'binary', start: left.start, end: right.end, operator: '^', left, right };
  }

  #unary(): Expr {
    const operator = this.#kind;
    if (operator !== '!' && operator !== '-') return this.#operand();
    const { start } = this.#scanner;
    this.#next();
    const operand = this.#nested(
      () => this.#unary(),
      () => this.#nothing(),
    );
    return { kind: 'unary', start, end: operand.end, operator, operand };
  }

  #operand(): Expr {
    let left = this.#primary();
    for (;;) {
      switch (this.#kind) {
        case '.': {
          this.#next();
          const { start, end, lexeme } = this.#scanner;
          this.#expect('IDENT');
          left = { kind: 'access', start: left.start, end, left, name: { start, end, text: lexeme } };
          break;
        }
        case '[': {
          const opened = this.#scanner.start;
          this.#next();
          const index = this.#expression();
          this.#close(']', opened);
          left = { kind: 'index', start: left.start, end: this.#previousEnd, left, index };
          break;
        }
        case '(': {
          const opened = this.#scanner.start;
          this.#next();
          const args = this.#is(')') ? [] : this.#list(')', opened);
          this.#close(')', opened);
          left = { kind: 'call', start: left.start, end: this.#previousEnd, left, args };
          break;
        }
        case 'STRING':
        case '{':
          if (!this.#blockInstead(left)) return left;
          break;
        default:
          return left;
      }
    }
  }

  /** Somebody assigns a block: `x = a.b "c" { ... }`. False when it was not even a block. */
  #blockInstead(left: Expr): boolean {
    if (this.#is('STRING')) this.#next();
    if (!this.#expect('{')) {
      this.#skipStatement();
      return false;
    }
    this.#block();
    if (!this.#expect('}')) {
      this.#skipStatement();
      return false;
    }
    this.#errors.add(
      left.start,
      this.#previousEnd,
      'cannot use a block as an expression',
      'write the block by itself and use its exports here',
    );
    this.#lost = true;
    return true;
  }

  #primary(): Expr {
    const kind = this.#kind;
    const { start, end } = this.#scanner;
    switch (kind) {
      case 'IDENT':
        return { kind: 'identifier', start, end, name: this.#name().text };
      case 'STRING':
      case 'NUMBER':
      case 'FLOAT':
      case 'BOOL':
      case 'NULL':
        return { kind: 'literal', start, end, token: kind, text: this.#name().text };
      case '(': {
        this.#next();
        const inner = this.#expression();
        this.#close(')', start);
        return { kind: 'paren', start, end: this.#previousEnd, inner };
      }
      case '[': {
        this.#next();
        const elements = this.#is(']') ? [] : this.#list(']', start);
        this.#close(']', start);
        return { kind: 'array', start, end: this.#previousEnd, elements };
      }
      case '{': {
        this.#next();
        const fields = this.#fields(start);
        this.#close('}', start);
        return { kind: 'object', start, end: this.#previousEnd, fields };
      }
      default:
        this.#error(`expected expression, got ${kind}`);
        this.#skipTo('TERMINATOR', ')', '}', ']', ',');
        return this.#nothing();
    }
  }

  /** Stands for an expression that is not there. */
  #nothing(): Expr {
    const { start } = this.#scanner;
    return { kind: 'literal', start, end: start, token: 'NULL', text: 'null' };
  }

  #list(until: TokenKind, opened: number): readonly Expr[] {
    const elements: Expr[] = [];
    while (!this.#is(until) && !this.#is('EOF')) {
      elements.push(this.#expression());
      if (this.#is(until)) break;
      this.#comma('expression list', opened);
    }
    return elements;
  }

  #fields(opened: number): readonly ObjectField[] {
    const fields: ObjectField[] = [];
    while (!this.#is('}') && !this.#is('EOF')) {
      fields.push(this.#field(opened));
      if (this.#is('}')) break;
      this.#comma('field list', opened);
    }
    return fields;
  }

  #comma(where: string, opened: number): void {
    if (this.#is(',')) return this.#next();
    if (this.#is('=')) return this.#giveUp(`missing ',' in ${where}`, opened);
    this.#error(
      `missing ',' in ${where}`,
      this.#is('TERMINATOR')
        ? 'a list over several lines needs a comma after its last element, too'
        : 'elements are separated by commas',
    );
    this.#next();
  }

  /** Something that can only stand in a statement follows: the next one has begun. */
  #giveUp(message: string, opened: number): void {
    const { line, col } = this.#source.span(opened, opened);
    this.#error(message, `is the ${this.#source.text[opened]} of line ${line}, column ${col} closed?`);
    this.#lost = true;
  }

  #field(opened: number): ObjectField {
    const { start, end, lexeme } = this.#scanner;
    const quoted = this.#is('STRING');
    if (quoted || this.#is('IDENT')) {
      this.#next();
    } else {
      this.#error(`expected field name (string or identifier), got ${this.#kind}`);
      this.#skipTo('=', ',', '}');
      if (!this.#is('=')) return { name: { start, end: start, text: '' }, quoted, value: this.#nothing() };
    }
    if (this.#is('=')) this.#next();
    else this.#giveUp(`expected =, got ${this.#kind}`, opened);
    const name = { start, end, text: quoted ? lexeme.slice(1, -1) : lexeme };
    return { name, quoted, value: this.#expression() };
  }
}

/** A number and a name without a blank between them. */
function notANumber(digits: string, rest: string): string {
  if (rest.startsWith('_')) return 'the digits of a number are written without separators';
  if (digits === '0') return 'numbers are decimal, or octal with a leading 0';
  return `a number with a unit is a string: "${digits}${rest}"`;
}
