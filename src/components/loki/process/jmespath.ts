/**
 * JMESPath (jmespath.org specification): names, `a.b`, `a[0]`, slices, projections (`[*]`, `*`, `[]`, `[?...]`), `||`, `&&`, `!`,
 * comparisons, literals, `[a, b]`, `{x: a}`, pipes. Functions are not supported and refused when an expression is read.
 */

export class JmesError extends Error {
  constructor(expression: string, why: string) {
    super(`invalid JMESPath expression \`${expression}\`: ${why}`);
    this.name = 'JmesError';
  }
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What an expression finds in a value; null is nothing. */
export type Search = (value: Json) => Json;

/** Throws {@link JmesError}. What it gives never throws: values that are nested more deeply than the stack give null. */
export function jmesPath(expression: string): Search {
  try {
    return unlessTooDeep(new Parser(lex(expression)).whole());
  } catch (error) {
    if (error instanceof Problem) throw new JmesError(expression, error.message);
    throw error;
  }
}

class Problem extends Error {}

const unlessTooDeep =
  (search: Search): Search =>
  (value) => {
    try {
      return search(value);
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  };

interface Token {
  /** `name`, `number`, `literal`, `end`, or the sign itself. */
  readonly kind: string;
  readonly value?: Json;
}

const PATTERN =
  /\s+|([A-Za-z_]\w*)|("(?:[^"\\]|\\.)*")|'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`|(-?\d+)|(\[\?|\[\]|\|\||&&|[!=<>]=|[-!<>.*@&()[\]{},:|])/sy;

/** Each is a call inside another when it runs. */
const MAX_TOKENS = 1000;

function lex(expression: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < expression.length) {
    PATTERN.lastIndex = at;
    const match = PATTERN.exec(expression);
    if (match === null) throw new Problem(`unexpected ${JSON.stringify(expression[at])}`);
    at = PATTERN.lastIndex;
    const [, name, quoted, raw, literal, number, sign] = match as (string | undefined)[];
    if (name !== undefined) tokens.push({ kind: 'name', value: name });
    else if (quoted !== undefined) tokens.push({ kind: 'name', value: json(quoted) });
    else if (raw !== undefined) tokens.push({ kind: 'literal', value: raw.replaceAll("\\'", "'") });
    else if (literal !== undefined) tokens.push({ kind: 'literal', value: literalOf(literal) });
    else if (number !== undefined) tokens.push({ kind: 'number', value: Number(number) });
    else if (sign !== undefined) tokens.push({ kind: sign });
    if (tokens.length > MAX_TOKENS) throw new Problem('it is too long');
  }
  return [...tokens, { kind: 'end' }];
}

function json(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new Problem(`${text} is not JSON`);
  }
}

function literalOf(text: string): Json {
  const plain = text.replaceAll('\\`', '`').trim();
  // An old form: text without quotes.
  return /^(?:["[{]|true$|false$|null$|-?\d)/.test(plain) ? json(plain) : plain;
}

/** How tightly what stands behind a value is bound to it. */
const POWER: Readonly<Record<string, number>> = {
  '|': 1,
  '||': 2,
  '&&': 3,
  '==': 5,
  '!=': 5,
  '<': 5,
  '<=': 5,
  '>': 5,
  '>=': 5,
  '[]': 9,
  '*': 20,
  '[?': 21,
  '.': 40,
  '!': 45,
  '{': 50,
  '[': 55,
  '(': 60,
};
const PROJECTION_STOP = 10;
const MAX_DEPTH = 100;

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Search {
    const search = this.#expression(0);
    if (this.#peek() !== 'end') throw new Problem(`unexpected ${this.#peek()}`);
    return search;
  }

  #peek(ahead = 0): string {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)].kind;
  }

  #next(): Token {
    const token = this.#tokens[Math.min(this.#at, this.#tokens.length - 1)];
    this.#at++;
    return token;
  }

  #expect(kind: string): Token {
    const token = this.#next();
    if (token.kind !== kind) throw new Problem(token.kind === 'end' ? 'it ends too early' : `unexpected ${token.kind}`);
    return token;
  }

  #expression(power: number): Search {
    if (++this.#depth > MAX_DEPTH) throw new Problem('it is nested too deeply');
    let left = this.#first(this.#next());
    while (power < (POWER[this.#peek()] ?? 0)) left = this.#more(left, this.#next());
    this.#depth--;
    return left;
  }

  #first(token: Token): Search {
    switch (token.kind) {
      case 'literal':
        return () => token.value ?? null;
      case 'name':
        return this.#peek() === '(' ? refuseFunction(token) : member(token.value as string);
      case '@':
        return itself;
      case '!': {
        const inner = this.#expression(POWER['!']);
        return (value) => !isTrue(inner(value));
      }
      case '(': {
        const inner = this.#expression(0);
        this.#expect(')');
        return inner;
      }
      case '*':
        return projected(itself, valuesOf, this.#rest(POWER['*']));
      case '[]':
        return projected(itself, flat, this.#rest(POWER['[]']));
      case '[?':
        return this.#filter(itself);
      case '{':
        return this.#hash();
      case '[':
        return this.#bracket(itself) ?? this.#list();
      default:
        throw new Problem(token.kind === 'end' ? 'it ends too early' : `unexpected ${token.kind}`);
    }
  }

  #more(left: Search, { kind }: Token): Search {
    switch (kind) {
      case '.':
        if (this.#peek() !== '*') return piped(left, this.#behindDot(POWER['.']));
        this.#next();
        return projected(left, valuesOf, this.#rest(POWER['*']));
      case '|':
        return piped(left, this.#expression(POWER['|']));
      case '||': {
        const right = this.#expression(POWER['||']);
        return (value) => {
          const found = left(value);
          return isTrue(found) ? found : right(value);
        };
      }
      case '&&': {
        const right = this.#expression(POWER['&&']);
        return (value) => {
          const found = left(value);
          return isTrue(found) ? right(value) : found;
        };
      }
      case '[]':
        return projected(left, flat, this.#rest(POWER['[]']));
      case '[?':
        return this.#filter(left);
      case '[': {
        const search = this.#bracket(left);
        if (search === null) throw new Problem('a number, a slice or * must stand between [ and ]');
        return search;
      }
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=': {
        const right = this.#expression(POWER[kind]);
        return (value) => compare(kind, left(value), right(value));
      }
      default:
        throw new Problem(`unexpected ${kind}`);
    }
  }

  /** `0]`, `1:5:2]` or `*]` of what `left` finds; null: something else stands there. */
  #bracket(left: Search): Search | null {
    if (this.#peek() === '*' && this.#peek(1) === ']') {
      this.#at += 2;
      return projected(
        left,
        (found) => (Array.isArray(found) ? (found as readonly Json[]) : null),
        this.#rest(POWER['*']),
      );
    }
    if (this.#peek() !== 'number' && this.#peek() !== ':') return null;
    const parts: (number | null)[] = [null];
    while (this.#peek() !== ']') {
      const token = this.#next();
      if (token.kind === ':' && parts.length < 3) parts.push(null);
      else if (token.kind === 'number' && parts.at(-1) === null) parts[parts.length - 1] = token.value as number;
      else throw new Problem(`unexpected ${token.kind} between [ and ]`);
    }
    this.#next();
    if (parts.length === 1) return element(left, parts[0] as number);
    const [from, to, step] = [parts[0], parts[1] ?? null, parts[2] ?? null];
    if (step === 0) throw new Problem('the step of a slice must not be 0');
    return projected(left, (found) => slice(found, from, to, step ?? 1), this.#rest(POWER['*']));
  }

  #list(): Search {
    const searches = this.#separated(']', () => this.#expression(0));
    return (value) => (value === null ? null : searches.map((search) => search(value)));
  }

  #hash(): Search {
    const members = this.#separated('}', () => {
      const name = this.#expect('name').value as string;
      this.#expect(':');
      return [name, this.#expression(0)] as const;
    });
    return (value) =>
      value === null ? null : Object.fromEntries(members.map(([name, search]) => [name, search(value)]));
  }

  #separated<T>(end: string, read: () => T): T[] {
    const items = [read()];
    while (this.#peek() === ',') {
      this.#next();
      items.push(read());
    }
    this.#expect(end);
    return items;
  }

  #filter(left: Search): Search {
    const condition = this.#expression(0);
    this.#expect(']');
    const rest = this.#peek() === '[]' ? itself : this.#rest(POWER['[?']);
    const filtered = (found: Json): readonly Json[] | null =>
      Array.isArray(found) ? (found as readonly Json[]).filter((one) => isTrue(condition(one))) : null;
    return projected(left, filtered, rest);
  }

  /** What is done with each element of a projection. */
  #rest(power: number): Search {
    const kind = this.#peek();
    if ((POWER[kind] ?? 0) < PROJECTION_STOP) return itself;
    if (kind === '[' || kind === '[?') return this.#expression0(power);
    if (kind !== '.') throw new Problem(`unexpected ${kind}`);
    this.#next();
    return this.#behindDot(power);
  }

  /** An expression that begins with a bracket is one of the element itself. */
  #expression0(power: number): Search {
    let left: Search = itself;
    while (power < (POWER[this.#peek()] ?? 0)) left = this.#more(left, this.#next());
    return left;
  }

  #behindDot(power: number): Search {
    const kind = this.#peek();
    if (kind === 'name' || kind === '*') return this.#expression(power);
    this.#next();
    if (kind === '[') return this.#list();
    if (kind === '{') return this.#hash();
    throw new Problem(kind === 'end' ? 'it ends too early' : `unexpected ${kind} behind .`);
  }
}

function refuseFunction({ value }: Token): never {
  throw new Problem(`functions are not supported, ${value as string}() is one`);
}

const itself: Search = (value) => value;
const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const member =
  (name: string): Search =>
  (value) =>
    isObject(value) && Object.hasOwn(value, name) ? value[name] : null;
const element =
  (left: Search, i: number): Search =>
  (value) => {
    const found = left(value);
    return Array.isArray(found) ? ((found as readonly Json[]).at(i) ?? null) : null;
  };
const piped =
  (left: Search, right: Search): Search =>
  (value) =>
    right(left(value));

/** `each` of what `left` finds; elements for which `rest` finds nothing are left out. */
const projected =
  (left: Search, each: (found: Json) => readonly Json[] | null, rest: Search): Search =>
  (value) =>
    each(left(value))
      ?.map(rest)
      .filter((found) => found !== null) ?? null;

const valuesOf = (value: Json): readonly Json[] | null => (isObject(value) ? Object.values(value) : null);
const flat = (value: Json): readonly Json[] | null => (Array.isArray(value) ? value.flat<Json[], 1>(1) : null);

function slice(value: Json, from: number | null, to: number | null, step: number): readonly Json[] | null {
  if (!Array.isArray(value)) return null;
  const list = value as readonly Json[];
  const bound = (at: number, low: number, high: number): number =>
    Math.min(high, Math.max(low, at < 0 ? at + list.length : at));
  const [low, high] = step > 0 ? [0, list.length] : [-1, list.length - 1];
  const start = from === null ? (step > 0 ? 0 : list.length - 1) : bound(from, low, high);
  const stop = to === null ? (step > 0 ? list.length : -1) : bound(to, low, high);
  const out: Json[] = [];
  for (let at = start; step > 0 ? at < stop : at > stop; at += step) out.push(list[at]);
  return out;
}

/** False, null and what is empty are not; 0 is. */
function isTrue(value: Json): boolean {
  if (value === null || value === false || value === '') return false;
  if (Array.isArray(value)) return value.length > 0;
  return !isObject(value) || Object.keys(value).length > 0;
}

function compare(sign: string, a: Json, b: Json): Json {
  if (sign === '==' || sign === '!=') return isSame(a, b) === (sign === '==');
  if (typeof a !== 'number' || typeof b !== 'number') return null;
  return sign === '<' ? a < b : sign === '<=' ? a <= b : sign === '>' ? a > b : a >= b;
}

function isSame(a: Json, b: Json): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, i) => isSame(one as Json, b[i] as Json));
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]));
}
