/**
 * Go's fmt.Sprintf for the values of OTTL: `%v %s %q %d %b %o %x %X %e %f %g %t %%` with flags `-+# 0`, width and precision. What does
 * not fit is written as Go writes it: `%!d(string=x)`, `%!d(MISSING)`, `%!(EXTRA int64=1)`.
 */
import { isList, isMap, type Value } from '../value.ts';
import { bounded, checkLength, jsonOf, plainDouble, textOf } from '../text.ts';
import { compareText } from '../compare.ts';

const MAX_WIDTH = 1000;

export function sprintf(format: string, values: readonly Value[]): string {
  let used = 0;
  let length = 0;
  const written = (text: string): string => {
    checkLength((length += text.length));
    return text;
  };
  const out = format.replace(
    /%([-+# 0]*)(\d*)(?:\.(\d*))?([\s\S])?/gu,
    (_whole, flags: string, width: string, precision: string | undefined, verb: string | undefined) => {
      if (verb === '%') return '%';
      if (verb === undefined) return '%!(NOVERB)';
      if (used >= values.length) return `%!${verb}(MISSING)`;
      const value = values[used++];
      const places = precision === undefined ? null : Math.min(Number(precision === '' ? '0' : precision), MAX_WIDTH);
      const text = verbatim(verb, value, flags, places);
      if (text === null) return written(`%!${verb}(${goType(value)}=${textOf(value) ?? '<nil>'})`);
      return written(
        padded(text, flags, Math.min(Number(width), MAX_WIDTH), typeof value === 'bigint' || typeof value === 'number'),
      );
    },
  );
  if (used >= values.length) return bounded(out);
  const extra = values.slice(used).map((value) => written(`${goType(value)}=${goText(value)}`));
  return bounded(`${out}%!(EXTRA ${extra.join(', ')})`);
}

function verbatim(verb: string, value: Value, flags: string, precision: number | null): string | null {
  if (verb === 'v') return signed(goText(value), value, flags);
  if (verb === 'T') return goType(value);
  if (typeof value === 'bigint') return integer(verb, value, flags);
  if (typeof value === 'number') return double(verb, value, flags, precision);
  if (verb === 't') return typeof value === 'boolean' ? String(value) : null;
  if (typeof value === 'string' || value instanceof Uint8Array) return characters(verb, value, precision);
  return verb === 's' && typeof value !== 'boolean' && value !== null ? goText(value) : null;
}

function integer(verb: string, value: bigint, flags: string): string | null {
  const base = { d: 10, b: 2, o: 8, x: 16, X: 16 }[verb];
  if (base === undefined) {
    const point = value >= 0n && value <= 0x10ffffn ? String.fromCodePoint(Number(value)) : '\ufffd';
    return verb === 'c' ? point : null;
  }
  const digits = (value < 0n ? -value : value).toString(base);
  const mark = flags.includes('#') ? { x: '0x', X: '0X', o: '0', b: '0b', d: '' }[verb] : '';
  return signed(`${value < 0n ? '-' : ''}${mark}${verb === 'X' ? digits.toUpperCase() : digits}`, value, flags);
}

function double(verb: string, value: number, flags: string, precision: number | null): string | null {
  if (!'eEfFgG'.includes(verb)) return null;
  if (!Number.isFinite(value)) return signed(plainDouble(value), value, flags);
  let text: string;
  if (verb === 'f' || verb === 'F') text = toFixed(value, precision ?? 6);
  else if (verb === 'e' || verb === 'E') text = exponent(value.toExponential(Math.min(precision ?? 6, 100)));
  else
    text =
      precision === null
        ? exponent(String(value))
        : exponent(Number(value.toPrecision(Math.max(1, Math.min(precision, 100)))).toString());
  return signed(verb === 'E' || verb === 'G' ? text.toUpperCase() : text, value, flags);
}

const toFixed = (value: number, places: number): string =>
  Math.abs(value) < 1e21
    ? value.toFixed(Math.min(places, 100))
    : `${BigInt(value)}${places > 0 ? `.${'0'.repeat(places)}` : ''}`;

/** Go writes at least two digits of an exponent. */
const exponent = (text: string): string => text.replace(/e([+-])(\d)$/, 'e$10$2');

function characters(verb: string, value: string | Uint8Array, precision: number | null): string | null {
  const text = typeof value === 'string' ? value : Buffer.from(value).toString('utf8');
  const cut = precision === null ? text : [...text].slice(0, precision).join('');
  if (verb === 's') return cut;
  if (verb === 'q') return JSON.stringify(cut);
  if (verb !== 'x' && verb !== 'X') return null;
  const hex = Buffer.from(typeof value === 'string' ? cut : value).toString('hex');
  return verb === 'X' ? hex.toUpperCase() : hex;
}

function signed(text: string, value: Value, flags: string): string {
  if ((typeof value !== 'bigint' && typeof value !== 'number') || /^[-+]/.test(text)) return text;
  return flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text;
}

function padded(text: string, flags: string, width: number, numeric: boolean): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  if (!flags.includes('0') || !numeric || /[A-Z]/.test(text.slice(-1))) return ' '.repeat(missing) + text;
  const [, sign, rest] = /^([-+ ]?)(.*)$/s.exec(text)!;
  return sign + '0'.repeat(missing) + rest;
}

/** `%v`. */
function goText(value: Value): string {
  if (value === null) return '<nil>';
  if (typeof value === 'number') return exponentFrom21(value);
  if (value instanceof Uint8Array) return `[${[...value].join(' ')}]`;
  if (isList(value)) return `[${value.map(goText).join(' ')}]`;
  if (isMap(value)) {
    const sorted = [...value].sort(([a], [b]) => compareText(a, b));
    return `map[${sorted.map(([key, member]) => `${key}:${goText(member)}`).join(' ')}]`;
  }
  return textOf(value) ?? jsonOf(value);
}

/** Go's %v of a double is %g, with an exponent from 1e21 on and below 1e-4. */
function exponentFrom21(value: number): string {
  if (!Number.isFinite(value)) return plainDouble(value);
  const size = Math.abs(value);
  const text = size !== 0 && size < 1e-4 ? value.toExponential() : String(value);
  return exponent(Object.is(value, -0) ? '-0' : text);
}

function goType(value: Value): string {
  if (value === null) return '<nil>';
  if (typeof value === 'bigint') return 'int64';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (value instanceof Uint8Array) return '[]uint8';
  return isList(value) ? '[]interface {}' : isMap(value) ? 'map[string]interface {}' : 'time.Time';
}
