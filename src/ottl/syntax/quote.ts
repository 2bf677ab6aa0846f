/** String literals of OTTL: Go's interpreted string literals (`strconv.Unquote`). */
import { OttlError } from '../error.ts';

const SIMPLE: Readonly<Record<string, number>> = {
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
const ESCAPE = /(?:([abfnrtv\\"])|([0-3][0-7]{2})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))/y;

/** What the literal `written`, quotes included, means; it stands at `at` of `text`. Bytes (`\xe2\x82\xac`) come together as UTF-8. */
export function unquote(written: string, text: string, at: number): string {
  const newline = written.indexOf('\n');
  if (newline >= 0) throw new OttlError('a line break in a string', text, at + newline, at + newline + 1, 'write \\n');
  if (!written.includes('\\')) return written.slice(1, -1);
  const parts: Buffer[] = [];
  let from = 1;
  for (let i = written.indexOf('\\'); i >= 0; i = written.indexOf('\\', from)) {
    parts.push(Buffer.from(written.slice(from, i)));
    ESCAPE.lastIndex = i + 1;
    const escape = ESCAPE.exec(written);
    const bytes = escape === null ? null : escaped(escape);
    if (bytes === null)
      throw new OttlError(
        `the escape \`${written.slice(i, i + 2)}\` does not exist`,
        text,
        at + i,
        at + i + 2,
        'write \\\\ for a backslash',
      );
    parts.push(bytes);
    from = ESCAPE.lastIndex;
  }
  parts.push(Buffer.from(written.slice(from, -1)));
  return Buffer.concat(parts).toString('utf8');
}

function escaped([, simple, octal, hex, unicode4, unicode8]: RegExpExecArray): Buffer | null {
  if (simple !== undefined) return Buffer.of(SIMPLE[simple]);
  if (octal !== undefined) return Buffer.of(Number.parseInt(octal, 8));
  if (hex !== undefined) return Buffer.of(Number.parseInt(hex, 16));
  const point = Number.parseInt(unicode4 ?? unicode8, 16);
  const surrogate = point >= 0xd800 && point <= 0xdfff;
  return point > 0x10ffff || surrogate ? null : Buffer.from(String.fromCodePoint(point));
}
