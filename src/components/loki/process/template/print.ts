/** Go's functions that print: `print`, `println`, and `printf` with the verbs %s %v %q %d %x %X %f %e %g %t %c %%. */
import { fn, refuse, type Fn } from './function.ts';
import { asNumber, asText, Float, isTrue, textOf, type Value } from './value.ts';

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
  return `${out}%!(EXTRA ${args.slice(next).map(textOf).join(', ')})`;
}

function one(verb: string, value: Value, flags: string, precision: number | null): string {
  switch (verb) {
    case 's':
    case 'v': {
      const text = textOf(value);
      return precision === null ? text : [...text].slice(0, precision).join('');
    }
    case 'q':
      return JSON.stringify(textOf(value));
    case 't':
      return String(isTrue(value));
    case 'c':
      return String.fromCodePoint(Math.min(0x10ffff, Math.max(0, Math.trunc(asNumber(value)))));
    case 'd':
      return typeof value === 'number' ? signed(String(value), flags) : wrong(verb, value);
    case 'x':
    case 'X': {
      if (typeof value !== 'number' && typeof value !== 'string') return wrong(verb, value);
      const hex = typeof value === 'number' ? value.toString(16) : Buffer.from(value).toString('hex');
      return verb === 'x' ? hex : hex.toUpperCase();
    }
    case 'f':
    case 'e':
    case 'g':
      return value instanceof Float ? signed(floating(verb, value, precision), flags) : wrong(verb, value);
    default:
      return wrong(verb, value);
  }
}

function floating(verb: 'f' | 'e' | 'g', value: Float, precision: number | null): string {
  const digits = Math.min(100, precision ?? 6);
  if (verb === 'f') return value.value.toFixed(digits);
  if (verb === 'g') return precision === null ? textOf(value) : String(Number(value.value.toPrecision(digits || 1)));
  return value.value.toExponential(digits).replace(/e([+-])(\d)$/, 'e$10$2');
}

const wrong = (verb: string, value: Value): string => `%!${verb}(${textOf(value)})`;

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
