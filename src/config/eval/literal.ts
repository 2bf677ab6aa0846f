/**
 * What a literal's text means. Facts: grafana/alloy `syntax/internal/transform`; Go's `strconv.Unquote` and `ParseInt` with
 * base 0.
 */
import type { LiteralExpr } from '#config/syntax/ast.ts';
import type { Value } from './value.ts';

const MAX_UINT64 = 2n ** 64n - 1n;

/** undefined: a number out of the range of a float64, or text that the scanner has refused already. */
export function literalValue(literal: LiteralExpr): Value | undefined {
  const { text } = literal;
  switch (literal.token) {
    case 'NULL':
      return null;
    case 'BOOL':
      return text === 'true';
    case 'STRING':
      return unquote(text);
    case 'NUMBER':
      return integer(text) ?? float(text);
    case 'FLOAT':
      return float(text);
  }
}

/** A leading zero means octal, unless the digits are not octal: then it is a float, as in Alloy. */
function integer(text: string): bigint | undefined {
  if (text.length > 64) return undefined;
  if (text.length > 1 && text.startsWith('0')) {
    if (!/^[0-7]+$/.test(text)) return undefined;
    const octal = BigInt(`0o${text}`);
    return octal <= MAX_UINT64 ? octal : undefined;
  }
  const value = BigInt(text);
  return value <= MAX_UINT64 ? value : undefined;
}

function float(text: string): number | undefined {
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  '"': 34,
};

/** A string literal's value. Escapes for bytes (`\xe2\x82\xac`) come together as UTF-8. */
export function unquote(literal: string): string | undefined {
  const inside = literal.slice(1, -1);
  if (literal.startsWith('`')) return inside.replaceAll('\r', '');
  if (!inside.includes('\\')) return inside;
  const parts: Buffer[] = [];
  let from = 0;
  for (let i = inside.indexOf('\\'); i >= 0; i = inside.indexOf('\\', from)) {
    parts.push(Buffer.from(inside.slice(from, i)));
    const escape = /^(?:([abfnrtv\\"])|([0-7]{3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))/.exec(
      inside.slice(i + 1, i + 10),
    );
    if (escape === null) return undefined;
    const [all, simple, octal, hex, unicode4, unicode8] = escape;
    from = i + 1 + all.length;
    const point = unicode4 ?? unicode8;
    if (simple !== undefined) parts.push(Buffer.of(SIMPLE_ESCAPES[simple]));
    else if (octal !== undefined) parts.push(Buffer.of(Number.parseInt(octal, 8)));
    else if (hex !== undefined) parts.push(Buffer.of(Number.parseInt(hex, 16)));
    else if (Number.parseInt(point, 16) > 0x10ffff) return undefined;
    else parts.push(Buffer.from(String.fromCodePoint(Number.parseInt(point, 16))));
  }
  parts.push(Buffer.from(inside.slice(from)));
  return Buffer.concat(parts).toString('utf8');
}

/**
 * Where unit `offset` of a string literal's value is written in the literal; its length stands for the closing quote. undefined where
 * bytes are escaped, which come together to units of their own.
 */
export function writtenAt(literal: string, offset: number): number | undefined {
  if (literal.startsWith('`')) return literal.includes('\r') ? undefined : 1 + offset;
  const escape = /\\(?:[abfnrtv\\"]|u[\da-fA-F]{4}|U([\da-fA-F]{8}))/y;
  let at = 1;
  for (let units = 0; units < offset; units++) {
    if (literal[at] !== '\\') {
      at++;
      continue;
    }
    escape.lastIndex = at;
    const found = escape.exec(literal);
    if (found === null) return undefined;
    if (found[1] !== undefined && Number.parseInt(found[1], 16) > 0xffff) units++;
    at = escape.lastIndex;
  }
  return at;
}
