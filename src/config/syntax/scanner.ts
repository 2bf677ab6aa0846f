/**
 * Cuts a file's text into tokens. Facts: grafana/alloy `syntax/scanner`.
 *
 *     letter  = a Unicode letter (L) | "_"             digit = a Unicode decimal digit (Nd) | "0".."9"
 *     IDENT   = letter { letter | digit }              but null, true, false
 *     NUMBER  = "0".."9" { "0".."9" }                  a leading 0 means octal when the digits allow it
 *     FLOAT   = digits "." [ digits ] [ exponent ] | "." digits [ exponent ] | digits exponent
 *     STRING  = '"' { character | escape } '"' on one line | '`' { character } '`'
 *     escape  = \a \b \f \n \r \t \v \\ \" | \ooo (3 octal digits) | \xhh | \uhhhh | \Uhhhhhhhh
 *     comment = "//" to the end of the line | "/*" to "*" "/"
 *
 * There is no statement separator in the text. A TERMINATOR comes at a newline or the end of the file, if the token before
 * it can end a statement; block comments that reach over a line count as a newline.
 */
import type { Comment } from './ast.ts';
import type { SyntaxErrors } from './errors.ts';
import { endsStatement, type TokenKind } from './token.ts';

const BOM = 0xfeff;
const WORD = /[\p{L}_][\p{L}\p{Nd}_]*/uy;
const NUMBER = /(?:\d+(\.\d*)?|(\.\d+))([eE][-+]?\d*)?/y;
const OCTAL = /[0-7]{3}/y;
const HEX = /[\da-fA-F]*/y;
/** Not allowed anywhere, strings and comments included: NUL, byte order marks, halves of surrogate pairs. */
const ILLEGAL_ANYWHERE = /[\0\ufeff\ud800-\udfff]/u;

const UNTERMINATED = 'string literal not terminated';
/** What somebody who wrote an illegal character may have meant. */
const INSTEAD: readonly (readonly [characters: string, help: string])[] = [
  ['#', 'a comment begins with // or stands between /* and */'],
  [';', 'a statement ends with its line'],
  [':', 'a value is assigned with ='],
  ['$', 'an environment variable is read with sys.env("NAME")'],
  ['\u2018\u2019\u201c\u201d\u201e', 'strings stand between straight quotes: "'],
];

export class Scanner {
  /** The current token. `end` is exclusive. */
  kind: TokenKind = 'EOF';
  start = 0;
  end = 0;
  readonly comments: Comment[] = [];
  readonly #text: string;
  readonly #errors: SyntaxErrors;
  #at = 0;
  /** The next newline ends a statement. */
  #terminate = false;

  constructor(text: string, errors: SyntaxErrors) {
    this.#text = text;
    this.#errors = errors;
    if (text.charCodeAt(0) === BOM) this.#at = 1;
    this.#refuseIllegalCharacters();
  }

  /** Text of the current token. */
  get lexeme(): string {
    return this.#text.slice(this.start, this.end);
  }

  next(): void {
    if (this.#skip()) {
      this.kind = 'TERMINATOR';
      this.end = this.start;
      this.#terminate = false;
      return;
    }
    this.start = this.#at;
    const kind = this.#token();
    this.end = this.#at;
    // What is illegal ends a statement only where something before it could; an unfinished string counts as a string.
    this.#terminate = kind === 'ILLEGAL' && this.#text[this.start] !== "'" ? this.#terminate : endsStatement(kind);
    this.kind = kind;
  }

  /** Skips blanks and comments; true if a statement ends there, which is then the current `start`. */
  #skip(): boolean {
    const text = this.#text;
    let firstComment = -1;
    for (;;) {
      const character = text[this.#at];
      if (character === ' ' || character === '\t' || character === '\r') {
        this.#at++;
      } else if (character === undefined || character === '\n') {
        if (this.#terminate) return this.#ends(firstComment);
        if (character === undefined) return false;
        this.#at++;
      } else if (character === '/' && (text[this.#at + 1] === '/' || text[this.#at + 1] === '*')) {
        if (firstComment < 0) firstComment = this.#at;
        const reachesNewline = this.#comment();
        if (reachesNewline && this.#terminate) return this.#ends(firstComment);
      } else {
        return false;
      }
    }
  }

  #ends(firstComment: number): true {
    this.start = firstComment < 0 ? this.#at : firstComment;
    return true;
  }

  /** Whether the comment is one of a whole line or holds a newline. */
  #comment(): boolean {
    const start = this.#at;
    const block = this.#text[start + 1] === '*';
    const close = this.#text.indexOf(block ? '*/' : '\n', start + 2);
    this.#at = close < 0 ? this.#text.length : block ? close + 2 : close;
    if (block && close < 0) this.#errors.endless(start, start + 2, 'block comment not terminated', 'end it with */');
    let text = this.#text.slice(start, this.#at);
    if (!block && text.endsWith('\r')) text = text.slice(0, -1);
    this.comments.push({ start, end: start + text.length, text });
    return !block || text.includes('\n');
  }

  #token(): TokenKind {
    const text = this.#text;
    const character = text[this.#at];
    if (character === undefined) return 'EOF';
    const word = match(WORD, text, this.#at);
    if (word !== null) {
      this.#at += word[0].length;
      return word[0] === 'null' ? 'NULL' : word[0] === 'true' || word[0] === 'false' ? 'BOOL' : 'IDENT';
    }
    const number = match(NUMBER, text, this.#at);
    if (number !== null) return this.#number(number);
    this.#at++;
    switch (character) {
      case '"':
        return this.#string();
      case '`':
        return this.#rawString();
      case "'":
        return this.#singleQuoted();
      case '|':
      case '&':
        return this.#doubled(character);
      case '!':
        return this.#either('!', '!=');
      case '=':
        return this.#either('=', '==');
      case '<':
        return this.#either('<', '<=');
      case '>':
        return this.#either('>', '>=');
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
      case '^':
      case '{':
      case '}':
      case '(':
      case ')':
      case '[':
      case ']':
      case ',':
      case '.':
        return character;
      default:
        return this.#illegal();
    }
  }

  #either(single: TokenKind, withEquals: TokenKind): TokenKind {
    if (this.#text[this.#at] !== '=') return single;
    this.#at++;
    return withEquals;
  }

  #doubled(character: '|' | '&'): TokenKind {
    if (this.#text[this.#at] === character) this.#at++;
    else this.#errors.add(this.#at, this.#at, `missing second ${character} in ${character}${character}`);
    return character === '|' ? '||' : '&&';
  }

  #number(number: RegExpExecArray): TokenKind {
    const [all, fraction, onlyFraction, exponent] = number;
    this.#at += all.length;
    if (exponent !== undefined && !/\d$/.test(exponent))
      this.#errors.add(this.start, this.#at, 'exponent has no digits');
    return fraction === undefined && onlyFraction === undefined && exponent === undefined ? 'NUMBER' : 'FLOAT';
  }

  #rawString(): TokenKind {
    const close = this.#text.indexOf('`', this.#at);
    this.#at = close < 0 ? this.#text.length : close + 1;
    if (close < 0)
      this.#errors.endless(this.start, this.start + 1, UNTERMINATED, 'end it with a backtick, `, like its beginning');
    return 'STRING';
  }

  #singleQuoted(): TokenKind {
    this.#errors.illegal(this.start, this.#at, 'illegal single-quoted string; use double quotes');
    this.#quoted("'");
    return 'ILLEGAL';
  }

  #string(): TokenKind {
    if (!this.#quoted('"'))
      this.#errors.add(
        this.start,
        this.start + 1,
        UNTERMINATED,
        'end it with " on the same line; text over several lines goes between backticks: `...`',
      );
    return 'STRING';
  }

  /** The rest of a string of one line, up to and with its closing quote; false when there is none. */
  #quoted(quote: string): boolean {
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || character === '\n') return false;
      this.#at++;
      if (character === quote) return true;
      if (character === '\\') this.#escape();
    }
  }

  /** Checks what follows a backslash; stops before what does not belong to it. */
  #escape(): void {
    const start = this.#at;
    const kind = this.#text[start] ?? '';
    if (kind !== '' && 'abfnrtv\\"'.includes(kind)) {
      this.#at++;
      return;
    }
    if (/[0-7]/.test(kind)) {
      const octal = match(OCTAL, this.#text, start);
      if (octal === null) return this.#badEscape(start, 'an octal escape has three digits from 0 to 7');
      this.#at += 3;
      if (Number.parseInt(octal[0], 8) > 255) this.#badEscape(start, 'escape sequence is invalid Unicode code point');
      return;
    }
    const length = { x: 2, u: 4, U: 8 }[kind];
    if (length === undefined) return this.#badEscape(start, 'unknown escape sequence');
    const digits = match(HEX, this.#text, start + 1)![0].slice(0, length);
    this.#at = start + 1 + digits.length;
    if (digits.length < length)
      return this.#badEscape(
        start,
        `illegal character in escape sequence: \\${kind} takes ${length} hexadecimal digits`,
      );
    const point = Number.parseInt(digits, 16);
    if (point > 0x10ffff || (kind !== 'x' && point >= 0xd800 && point < 0xe000))
      this.#badEscape(start, 'escape sequence is invalid Unicode code point');
  }

  #badEscape(start: number, message: string): void {
    this.#errors.add(
      start - 1,
      Math.max(this.#at, start),
      message,
      'write a backslash as \\\\, or use a raw string: `...`',
    );
  }

  #illegal(): TokenKind {
    const point = this.#text.codePointAt(this.start)!;
    if (point > 0xffff) this.#at++;
    const character = String.fromCodePoint(point);
    if (!ILLEGAL_ANYWHERE.test(character)) {
      this.#errors.illegal(
        this.start,
        this.#at,
        `illegal character U+${point.toString(16).toUpperCase().padStart(4, '0')} '${character}'`,
        INSTEAD.find(([characters]) => characters.includes(character))?.[1],
      );
    }
    return 'ILLEGAL';
  }

  #refuseIllegalCharacters(): void {
    for (const found of this.#text.matchAll(new RegExp(ILLEGAL_ANYWHERE, 'gu'))) {
      const start = found.index;
      const code = found[0].charCodeAt(0);
      if (code === BOM && start === 0) continue;
      if (code === 0) this.#errors.illegal(start, start + 1, 'illegal character NUL', 'is the file a text file?');
      else if (code === BOM)
        this.#errors.illegal(
          start,
          start + 1,
          'illegal byte order mark',
          'it may only be the first character of a file',
        );
      else
        this.#errors.illegal(start, start + 1, 'illegal UTF-8 encoding', 'half of a surrogate pair stands for nothing');
    }
  }
}

function match(sticky: RegExp, text: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at;
  return sticky.exec(text);
}
