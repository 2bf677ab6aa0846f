/** Go's functions that print: `print`, `println`, and `printf` with the verbs %s %v %q %d %x %X %o %b %f %e %g %t %c %%. */
import { floatText, plainText } from '#text/go-number.ts';
import { fn, refuse, type Fn } from './function.ts';
import { asText, Float, isList, isMap, kindOf, textOf, type Value } from './value.ts';

const MANY = 100;
/** Wider would only cost memory. */
const MAX_WIDTH = 10_000;

/** fmt.Sprint: a blank between two that are no strings. */
function sprint(args: readonly Value[]): string {
  let out = '';
  args.forEach((arg, i) => {
    if (i > 0 && typeof arg !== 'string' && typeof args[i - 1] !== 'string') out += ' ';
    out += textOf(arg);
  });
  return out;
}

function printf(format: string, args: readonly Value[]): string {
  let next = 0;
  const out = format.replaceAll(
    /%([-+# 0]*)(\d*)(?:\.(\d*))?(.)?/gsu,
    (all, flags: string, width: string, precision: string | undefined, verb: string | undefined) => {
      if (verb === '%') return '%';
      if (verb === undefined) return '%!(NOVERB)';
      if (next >= args.length) return `%!${verb}(MISSING)`;
      if (Number(width) > MAX_WIDTH || Number(precision ?? 0) > MAX_WIDTH) refuse('printf', `${all} is too wide`);
      return padded(
        one(verb, args[next++], flags, precision === undefined ? null : Number(precision)),
        flags,
        Number(width),
      );
    },
  );
  if (next >= args.length) return out;
  return `${out}%!(EXTRA ${args.slice(next).map(typed).join(', ')})`;
}

const BASES: Readonly<Record<string, number>> = { d: 10, x: 16, X: 16, o: 8, b: 2 };

function one(verb: string, value: Value, flags: string, precision: number | null): string {
  if (typeof value === 'string') return ofText(verb, value, precision);
  if (value instanceof Float) return ofFloat(verb, value.value, flags, precision);
  if (verb === 'v') return textOf(value);
  if (typeof value === 'number' && Object.hasOwn(BASES, verb)) {
    const digits = value.toString(BASES[verb]);
    return signed(verb === 'X' ? digits.toUpperCase() : digits, flags);
  }
  if (typeof value === 'number' && verb === 'c') return character(value);
  if (typeof value === 'boolean' && verb === 't') return String(value);
  if ((isList(value) || isMap(value)) && verb === 's') return textOf(value);
  return wrong(verb, value);
}

function ofText(verb: string, value: string, precision: number | null): string {
  const text = precision === null ? value : [...value].slice(0, precision).join('');
  switch (verb) {
    case 's':
    case 'v':
      return text;
    case 'q':
      return JSON.stringify(text);
    case 'x':
      return Buffer.from(text).toString('hex');
    case 'X':
      return Buffer.from(text).toString('hex').toUpperCase();
    default:
      return wrong(verb, value);
  }
}

function ofFloat(verb: string, value: number, flags: string, precision: number | null): string {
  if (!/[fegv]/.test(verb)) return wrong(verb, new Float(value));
  if (!Number.isFinite(value)) return floatText(value);
  const digits = Math.min(100, precision ?? 6);
  if (verb === 'f')
    return signed(
      Math.abs(value) < 1e21 ? value.toFixed(digits) : `${BigInt(value)}${digits > 0 ? `.${'0'.repeat(digits)}` : ''}`,
      flags,
    );
  if (verb === 'e') return signed(value.toExponential(digits).replace(/e([+-])(\d)$/, 'e$10$2'), flags);
  return signed(precision === null ? floatText(value) : significant(value, digits || 1), flags);
}

/** %g with a precision. */
function significant(value: number, digits: number): string {
  const [number, exponent] = value.toExponential(digits - 1).split('e');
  const power = Number(exponent);
  if (power >= -4 && power < digits) return plainText(Number(value.toPrecision(digits)));
  return `${Number(number)}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

const character = (code: number): string => {
  const isRune = code >= 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isRune ? String.fromCodePoint(code) : '\ufffd';
};

/** A value with its type, as fmt names it. */
function typed(value: Value): string {
  if (value === undefined || value === null) return '<nil>';
  const type = isList(value) ? '[]interface {}' : isMap(value) ? 'map[string]interface {}' : kindOf(value);
  return `${type}=${textOf(value)}`;
}

const wrong = (verb: string, value: Value): string => `%!${verb}(${typed(value)})`;

function signed(text: string, flags: string): string {
  if (text.startsWith('-')) return text;
  return flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text;
}

function padded(text: string, flags: string, width: number): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  if (!flags.includes('0')) return ' '.repeat(missing) + text;
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}

export const printFunctions: Readonly<Record<string, Fn>> = {
  print: fn(0, MANY, sprint),
  println: fn(0, MANY, (args) => `${args.map(textOf).join(' ')}\n`),
  printf: fn(1, MANY, ([format, ...args], name) => printf(asText(format, name), args)),
};
