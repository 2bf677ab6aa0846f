/**
 * An attribute value as text, the one form used for metric keys, label values, comparisons and "convert to string"
 * (Collector pdata `Value.AsString`):
 *
 *     string  itself                     bytes        standard base64 with padding
 *     bool    true, false                array, map   compact JSON of the content, map keys sorted by their bytes
 *     int     decimal                    double       shortest text that reads back the same, 1 for 1.0; NaN, Infinity, -Infinity
 *     none    empty
 */
import { isPlainList, isPlainMap, readAnyValue, type PlainValue } from './any-value.ts';

/** Text of the AnyValue in `buf[start, end)`. For validated bytes. */
export const valueText = (buf: Buffer, start: number, end: number): string => textOf(readAnyValue(buf, start, end));

export function textOf(value: PlainValue): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return doubleText(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return typeof value === 'object' ? (jsonOf(value) as string) : String(value);
}

/** As Go's encoding/json and JavaScript both print it; -0 keeps its sign, as in Go. */
export function doubleText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/**
 * Compact JSON as Go's encoding/json writes it, keys sorted. Without `html` NaN and the infinities are text. With it, `<`, `>` and `&`
 * are escapes, as Go writes unless told otherwise, and there is none (null) for NaN and the infinities.
 */
export function jsonOf(value: PlainValue, html = false): string | null {
  if (value === null) return 'null';
  if (typeof value === 'string') return quoted(value, html);
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return doubleText(value);
    return html ? null : quoted(String(value), false);
  }
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('base64')}"`;
  if (isPlainList(value))
    return listed(
      '[',
      value.map((one) => jsonOf(one, html)),
      ']',
    );
  if (!isPlainMap(value)) return String(value);
  const sorted = [...value].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return listed(
    '{',
    sorted.map(([key, one]) => member(key, jsonOf(one, html), html)),
    '}',
  );
}

const member = (key: string, text: string | null, html: boolean): string | null =>
  text === null ? null : `${quoted(key, html)}:${text}`;

function listed(open: string, texts: readonly (string | null)[], close: string): string | null {
  return texts.includes(null) ? null : `${open}${texts.join(',')}${close}`;
}

/** Go writes some characters as escapes that JavaScript writes as they are. */
export function quoted(text: string, html: boolean): string {
  return JSON.stringify(text.toWellFormed()).replaceAll(html ? /[<>&\u2028\u2029]/g : /[\u2028\u2029]/g, escaped);
}
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
