/** Words of XPath 1.0. */
export interface Token {
  /** `end` behind the last. */
  readonly kind: 'name' | 'number' | 'string' | 'symbol' | 'end';
  /** Of a string without its quotes. */
  readonly text: string;
}

const WORDS =
  /\s*(?:([\p{L}_][\p{L}\p{M}\p{N}_.-]*(?::(?!:)(?:[\p{L}_][\p{L}\p{M}\p{N}_.-]*|\*))?)|(\d+(?:\.\d*)?|\.\d+)|"([^"]*)"|'([^']*)'|(::|\/\/|\.\.|!=|<=|>=|[/@*.[\]()|=<>+,-]))/uy;

/** Null where the text has what is no word of XPath. */
export function tokens(text: string): Token[] | null {
  const found: Token[] = [];
  const written = text.trimEnd();
  for (WORDS.lastIndex = 0; WORDS.lastIndex < written.length;) {
    const word = WORDS.exec(written);
    if (word === null) return null;
    const [, name, number, double, single, symbol] = word;
    if (name !== undefined) found.push({ kind: 'name', text: name });
    else if (number !== undefined) found.push({ kind: 'number', text: number });
    else if (symbol !== undefined) found.push({ kind: 'symbol', text: symbol });
    else found.push({ kind: 'string', text: double ?? single });
  }
  return [...found, { kind: 'end', text: '' }];
}
