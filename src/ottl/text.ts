/** Values as text: what functions that take anything make of it, and JSON. Facts: Collector contrib `pkg/ottl/expression.go`. */
import { doubleText } from '#codec/otlp/value-text.ts';
import { compareText } from './compare.ts';
import { fail } from './error.ts';
import { Duration, Id, isList, isMap, Time, type Value } from './value.ts';

/** Go's StringLikeGetter: nil stays nil, bytes are hex, lists and maps JSON. */
export function textOf(value: Value): string | null {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return plainDouble(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof Id) return value.hex;
  if (value instanceof Time) return timeText(value);
  if (value instanceof Duration) return durationText(value);
  return bounded(jsonOf(value));
}

/** Most characters of a text that is made: an expression must not multiply what comes in. */
const MAX_TEXT = 1 << 24;

/** Fails if the text is too long to be the value of an expression. */
export function bounded(text: string): string {
  checkLength(text.length);
  return text;
}

/** Fails for a text that would be too long; to be asked before it is made. */
export function checkLength(length: number): void {
  if (length > MAX_TEXT) fail(`a text of more than ${MAX_TEXT} characters`);
}

/** The parts with what `between` says after the part `i`; no text is made that is too long. */
export function joined(parts: readonly string[], between: (i: number) => string): string {
  let length = 0;
  for (const [i, part] of parts.entries()) length += part.length + (i < parts.length - 1 ? between(i).length : 0);
  checkLength(length);
  let text = '';
  for (const [i, part] of parts.entries()) text += i < parts.length - 1 ? part + between(i) : part;
  return text;
}

/** Go's strconv.FormatFloat(v, 'f', -1, 64): never an exponent. */
export function plainDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const text = doubleText(value);
  const parts = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (parts === null) return text;
  const [, sign, first, fraction = '', exponent] = parts;
  const digits = first + fraction;
  const point = 1 + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}`;
}

/** Keys in order, as Go's encoding/json has them. */
export function jsonOf(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return Number.isFinite(value) ? doubleText(value) : JSON.stringify(String(value));
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'));
  if (isList(value)) return `[${value.map(jsonOf).join(',')}]`;
  if (isMap(value)) {
    const sorted = [...value].sort(([a], [b]) => compareText(a, b));
    return `{${sorted.map(([key, member]) => `${JSON.stringify(key)}:${jsonOf(member)}`).join(',')}}`;
  }
  return JSON.stringify(textOf(value));
}

const NS = 1_000_000_000n;

/** RFC 3339 with as many digits of the second as there are. */
export function timeText({ ns }: Time): string {
  const seconds = ns / NS - (ns % NS < 0n ? 1n : 0n);
  const rest = ns - seconds * NS;
  const head = new Date(Number(seconds) * 1000).toISOString().slice(0, -5);
  return `${head}${rest === 0n ? '' : `.${String(rest).padStart(9, '0').replace(/0+$/, '')}`}Z`;
}

/** Go's Duration.String: `1h2m3.5s`, `1.5ms`. */
export function durationText({ ns }: Duration): string {
  const sign = ns < 0n ? '-' : '';
  const size = ns < 0n ? -ns : ns;
  if (size === 0n) return '0s';
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 3)}\u00b5s`;
  if (size < NS) return `${sign}${decimal(size, 6)}ms`;
  const minutes = size / (60n * NS);
  const seconds = `${decimal(size % (60n * NS), 9)}s`;
  if (minutes === 0n) return sign + seconds;
  return minutes < 60n ? `${sign}${minutes}m${seconds}` : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, places: number): string {
  const digits = String(value).padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return digits.slice(0, -places) + (fraction === '' ? '' : `.${fraction}`);
}
