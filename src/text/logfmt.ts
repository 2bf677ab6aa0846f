/**
 * logfmt as go-logfmt reads and writes it: `level=info msg="hello \"you\"" flag`.
 *
 * A line is pairs between blanks; a key ends at `=`; a value in quotes has JSON's escapes. Offsets of messages count UTF-16 units.
 */

export type Pair = readonly [key: string, value: string];

export interface LogfmtRead {
  /** Those before the problem, too. */
  readonly pairs: readonly Pair[];
  readonly problem: string | null;
}

/** Go's bufio.Scanner takes no longer line. */
const MAX_LINE_BYTES = 64 * 1024;

/** The pairs of all lines of a text, or of the first one only. A key without `=` has an empty value. */
export function readLogfmt(text: string, lines: 'all' | 'first'): LogfmtRead {
  const pairs: Pair[] = [];
  let from = 0;
  do {
    let end = text.indexOf('\n', from);
    if (end < 0) end = text.length;
    const line = text.slice(from, text[end - 1] === '\r' && end > from ? end - 1 : end);
    if (line.length * 3 >= MAX_LINE_BYTES && Buffer.byteLength(line) >= MAX_LINE_BYTES)
      return { pairs, problem: `a line is longer than ${MAX_LINE_BYTES} bytes` };
    const problem = readLine(line, pairs);
    if (problem !== null) return { pairs, problem };
    from = end + 1;
  } while (lines === 'all' && from < text.length);
  return { pairs, problem: null };
}

/** Adds the pairs of one line; what is wrong with it, or null. */
function readLine(line: string, pairs: Pair[]): string | null {
  const isBlank = (i: number): boolean => line.charCodeAt(i) <= 0x20;
  for (let at = 0; ;) {
    while (at < line.length && isBlank(at)) at++;
    if (at >= line.length) return null;
    const keyAt = at;
    while (at < line.length && !isBlank(at) && line[at] !== '=' && line[at] !== '"') at++;
    const key = line.slice(keyAt, at);
    if (line[at] === '"' || key === '') return `unexpected '${line[at]}' at ${at}`;
    if (key.includes('\ufffd')) return `invalid key at ${keyAt}`;
    if (line[at] !== '=') {
      pairs.push([key, '']);
      continue;
    }
    at++;
    if (line[at] === '"') {
      const end = quoteEnd(line, at);
      if (end < 0) return `unterminated quoted value at ${at}`;
      const value = unquoted(line.slice(at, end));
      if (value === null) return `invalid quoted value at ${at}`;
      pairs.push([key, value]);
      at = end;
      continue;
    }
    const valueAt = at;
    while (at < line.length && !isBlank(at) && line[at] !== '=' && line[at] !== '"') at++;
    if (line[at] === '=' || line[at] === '"') return `unexpected '${line[at]}' at ${at}`;
    pairs.push([key, line.slice(valueAt, at)]);
  }
}

/** Behind the quote that ends the one at `at`; -1 without one. */
function quoteEnd(line: string, at: number): number {
  for (let i = at + 1; i < line.length; i++) {
    if (line[i] === '\\') i++;
    else if (line[i] === '"') return i + 1;
  }
  return -1;
}

function unquoted(text: string): string | null {
  if (!text.includes('\\')) return text.slice(1, -1);
  try {
    // go-logfmt took these rules over from Go's encoding/json, which has one escape more.
    return JSON.parse(text.replaceAll(/\\./gs, (escape) => (escape === "\\'" ? "'" : escape))) as string;
  } catch {
    return null;
  }
}

export interface LogfmtValue {
  readonly key: string;
  readonly value: string;
  /** A text `null` is quoted, to be told from a missing value. */
  readonly isText: boolean;
}

/** One line; null when a key has no character that a key may have. */
export function writeLogfmt(values: readonly LogfmtValue[]): string | null {
  const out: string[] = [];
  for (const { key, value, isText } of values) {
    // eslint-disable-next-line no-control-regex -- control characters are what goes
    const name = key.replaceAll(/[\u0000- ="\u007f\ufffd]/g, '');
    if (name === '') return null;
    out.push(`${name}=${isText && value === 'null' ? '"null"' : quotedIfNeeded(value)}`);
  }
  return out.join(' ');
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"', '\\': '\\\\' };

function quotedIfNeeded(value: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what needs quotes
  if (!/[\u0000- ="\u007f\ufffd]/.test(value)) return value;
  // eslint-disable-next-line no-control-regex -- as above
  const inner = value.replaceAll(/[\u0000-\u001f"\\\u007f\ufffd]/g, (character) =>
    Object.hasOwn(SHORT, character) ? SHORT[character] : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${inner}"`;
}
