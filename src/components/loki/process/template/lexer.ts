/** Pieces of a Go template: text, and the words between `{{` and `}}`. */

/** What is wrong with a template, or with running it. */
export class TemplateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TemplateError';
  }
}

export type Token =
  /** `if`, `trim`, `true`. */
  | { readonly kind: 'word'; readonly text: string }
  /** `.name`, or `.` alone with an empty name. `attached`: nothing stands before it, so it goes on from there. */
  | { readonly kind: 'field'; readonly name: string; readonly attached: boolean }
  /** `$name`; `$` alone has an empty name. */
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number; readonly isFloat: boolean }
  | { readonly kind: 'sign'; readonly text: '|' | '(' | ')' | ':=' | '=' | ',' };

export type Piece =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'action'; readonly tokens: readonly Token[] };

/** Throws {@link TemplateError}. */
export function lex(source: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimNext = false;
  const addText = (text: string): void => {
    const trimmed = trimNext ? text.replace(/^[ \t\r\n]+/, '') : text;
    if (trimmed !== '') pieces.push({ kind: 'text', text: trimmed });
  };
  for (;;) {
    const open = source.indexOf('{{', at);
    if (open < 0) {
      addText(source.slice(at));
      return pieces;
    }
    const trimsLeft = /^\{\{- ?(?=[ \t\r\n])/.test(source.slice(open, open + 4));
    const text = source.slice(at, open);
    addText(trimsLeft ? text.replace(/[ \t\r\n]+$/, '') : text);
    const action = new Action(source, open + (trimsLeft ? 3 : 2));
    const tokens = action.read();
    if (tokens.length > 0) pieces.push({ kind: 'action', tokens });
    else if (!action.isComment) throw new TemplateError('missing value for command');
    trimNext = action.trimsRight;
    at = action.at;
  }
}

const TOKENS: readonly (readonly [RegExp, (text: string, isAttached: boolean) => Token])[] = [
  [/[\p{L}_][\p{L}\p{Nd}_]*/uy, (text) => ({ kind: 'word', text })],
  [
    /[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)/y,
    (text) => ({ kind: 'number', value: numberOf(text), isFloat: /[.eE]/.test(text) && !/^[+-]?0[xX]/.test(text) }),
  ],
  [/\.(?:[\p{L}_][\p{L}\p{Nd}_]*)?/uy, (text, attached) => ({ kind: 'field', name: text.slice(1), attached })],
  [/\$(?:[\p{L}_][\p{L}\p{Nd}_]*)?/uy, (text) => ({ kind: 'variable', name: text.slice(1) })],
  [/"(?:[^"\\\n]|\\.)*"/y, (text) => ({ kind: 'string', value: unquote(text.slice(1, -1)) })],
  [/`[^`]*`/y, (text) => ({ kind: 'string', value: text.slice(1, -1) })],
  [/'(?:[^'\\\n]|\\.[^']*)'/uy, (text) => ({ kind: 'number', value: character(text), isFloat: false })],
  [/:=|[|()=,]/y, (text) => ({ kind: 'sign', text: text as '|' })],
];

class Action {
  readonly #source: string;
  at: number;
  trimsRight = false;
  isComment = false;

  constructor(source: string, at: number) {
    this.#source = source;
    this.at = at;
  }

  read(): readonly Token[] {
    const comment = /\s*\/\*[^]*?\*\/\s*?( -)?\}\}/y;
    comment.lastIndex = this.at;
    const found = comment.exec(this.#source);
    if (found !== null) {
      this.isComment = true;
      this.trimsRight = found[1] !== undefined;
      this.at = comment.lastIndex;
      return [];
    }
    const tokens: Token[] = [];
    for (let isAttached = false; ;) {
      const start = this.at;
      this.at += /^\s*/.exec(this.#source.slice(this.at))![0].length;
      if (this.at > start) isAttached = false;
      if (this.#source.startsWith('}}', this.at)) {
        this.at += 2;
        return tokens;
      }
      if (this.at > start && this.#source.startsWith('-}}', this.at)) {
        this.at += 3;
        this.trimsRight = true;
        return tokens;
      }
      tokens.push(this.#token(isAttached));
      isAttached = true;
    }
  }

  #token(isAttached: boolean): Token {
    if (this.at >= this.#source.length) throw new TemplateError('unclosed action');
    for (const [pattern, make] of TOKENS) {
      pattern.lastIndex = this.at;
      const found = pattern.exec(this.#source);
      if (found === null) continue;
      this.at = pattern.lastIndex;
      return make(found[0], isAttached);
    }
    if (/["'`]/.test(this.#source[this.at])) throw new TemplateError('unterminated quoted string');
    throw new TemplateError(`unexpected ${JSON.stringify(this.#source[this.at])} in action`);
  }
}

function numberOf(text: string): number {
  // A zero in front is octal, as in Go.
  const digits = text.replaceAll('_', '').replace(/^[+-]/, '');
  const value = Number(digits.replace(/^0(?=[0-7]+$)/, '0o'));
  if (Number.isNaN(value)) throw new TemplateError(`bad number syntax: ${JSON.stringify(text)}`);
  return text.startsWith('-') ? -value : value;
}

const character = (text: string): number => unquote(text.slice(1, -1)).codePointAt(0) ?? 0;

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/** Go's escapes in quotes. */
function unquote(text: string): string {
  return text.replaceAll(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gs,
    (all, ...[hex, four, eight, octal, letter]: (string | undefined)[]) => {
      if (letter !== undefined && Object.hasOwn(ESCAPES, letter)) return ESCAPES[letter];
      const code =
        letter !== undefined
          ? NaN
          : octal !== undefined
            ? parseInt(octal, 8)
            : parseInt(hex ?? four ?? eight ?? '', 16);
      if (Number.isNaN(code) || code > 0x10ffff) throw new TemplateError(`invalid syntax: ${all}`);
      return String.fromCodePoint(code);
    },
  );
}
