/**
 * `string.format`: Go's `fmt.Sprintf` for the values of the language. A verb that does not fit its value is no error but shows
 * in the text (`%!d(string=hi)`), as in Go. Facts: pkg.go.dev/fmt.
 */
import { numberText } from '../convert.ts';
import { FunctionError, isArray, isObject, isSecret, typeName, type Value } from '../value.ts';
import { boundText } from './function.ts';

/** Go's own bound on width and precision. */
const MAX_WIDTH = 1_000_000;
const VERB = /%([-+# 0]*)(\d+|\*)?(?:\.(\d+|\*)?)?(?:\[(\d+)\])?([\s\S])?/gu;

interface Verb {
  readonly flags: string;
  readonly width: number;
  /** undefined: not given. */
  readonly precision: number | undefined;
  readonly letter: string;
}

export function format(spec: string, values: readonly Value[]): string {
  const secret = values.findIndex((value) => isSecret(value));
  if (secret >= 0) throw new FunctionError('is a secret, which may not become part of a text', secret + 1);
  let next = 0;
  let reordered = false;
  let length = 0;
  const take = (): Value | undefined => (next < values.length ? values[next++] : undefined);
  const number = (written: string | undefined): number => {
    if (written === undefined) return 0;
    const width = written === '*' ? Number(take() ?? 0) : Number(written);
    return Number.isFinite(width) && Math.abs(width) <= MAX_WIDTH ? width : 0;
  };
  const text = spec.replaceAll(
    VERB,
    (match, flags: string, width?: string, precision?: string, index?: string, letter?: string) => {
      if (letter === undefined) return '%!(NOVERB)';
      if (letter === '%') return '%';
      const hasPrecision = /\.\d*\*?(?:\[|.$)/su.test(match) && match.includes('.');
      const verb: Verb = {
        flags,
        width: number(width),
        precision: hasPrecision ? number(precision) : undefined,
        letter,
      };
      if (index !== undefined) {
        reordered = true;
        next = Number(index) - 1;
        if (next < 0 || next >= values.length) return `%!${letter}(BADINDEX)`;
      }
      const value = take();
      const shown = value === undefined ? `%!${letter}(MISSING)` : pad(verb, one(verb, value));
      boundText((length += shown.length));
      return shown;
    },
  );
  if (reordered || next >= values.length) return text;
  const extra = values.slice(next).map((value) => `${goType(value)}${value === null ? '' : `=${plain(value)}`}`);
  return `${text}%!(EXTRA ${extra.join(', ')})`;
}

function one(verb: Verb, value: Value): string {
  const { letter } = verb;
  if (letter === 'v') return plain(value, verb);
  if (letter === 'T') return goType(value);
  if (isArray(value)) return `[${value.map((element) => one(verb, element)).join(' ')}]`;
  const shown = scalar(verb, value);
  return shown ?? `%!${letter}(${goType(value)}${value === null ? '' : `=${plain(value)}`})`;
}

/** undefined: the verb does not fit. */
function scalar(verb: Verb, value: Value): string | undefined {
  const { letter } = verb;
  if (typeof value === 'string') return ofText(verb, value);
  if (typeof value === 'bigint') return ofWhole(verb, value);
  if (typeof value === 'number') return ofFloat(verb, value);
  return typeof value === 'boolean' && letter === 't' ? String(value) : undefined;
}

function ofText({ letter, precision, flags }: Verb, text: string): string | undefined {
  const cut = precision === undefined ? text : [...text].slice(0, precision).join('');
  if (letter === 's') return cut;
  if (letter === 'q') return flags.includes('#') && !/[`\n\r]/.test(cut) ? `\`${cut}\`` : JSON.stringify(cut);
  if (letter === 'x' || letter === 'X') {
    const hex = Buffer.from(cut).toString('hex');
    return letter === 'x' ? hex : hex.toUpperCase();
  }
  return undefined;
}

const RADIX: Readonly<Record<string, number>> = { d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };
const PREFIX: Readonly<Record<string, string>> = { b: '0b', o: '0', O: '0o', x: '0x', X: '0X' };

function ofWhole({ letter, flags, precision }: Verb, value: bigint): string | undefined {
  if (letter === 'c' || letter === 'q' || letter === 'U') {
    const valid = value >= 0n && value <= 0x10ffffn;
    if (letter === 'U') return `U+${value.toString(16).toUpperCase().padStart(4, '0')}`;
    const character = valid ? String.fromCodePoint(Number(value)) : '\ufffd';
    return letter === 'c' ? character : `'${character}'`;
  }
  const radix = RADIX[letter];
  if (radix === undefined) return undefined;
  let digits = (value < 0n ? -value : value).toString(radix).padStart(precision ?? 0, '0');
  if (letter === 'X') digits = digits.toUpperCase();
  if (flags.includes('#') || letter === 'O') digits = (PREFIX[letter] ?? '') + digits;
  return signed(value < 0n, digits, flags);
}

function ofFloat({ letter, flags, precision }: Verb, value: number): string | undefined {
  if (!'eEfFgG'.includes(letter)) return undefined;
  if (!Number.isFinite(value)) return numberText(value);
  const size = Math.abs(value);
  const places = Math.min(precision ?? 6, 100);
  let text: string;
  if (letter === 'f' || letter === 'F')
    text = size < 1e21 ? size.toFixed(places) : `${BigInt(size)}${places > 0 ? `.${'0'.repeat(places)}` : ''}`;
  else if (letter === 'e' || letter === 'E') text = exponent(size.toExponential(places));
  else text = general(size, precision);
  return signed(value < 0 || Object.is(value, -0), letter === 'E' || letter === 'G' ? text.toUpperCase() : text, flags);
}

/** `%g`: exponent form below 1e-4 and from 1e21 (or the precision) on. */
function general(size: number, precision: number | undefined): string {
  if (size === 0) return '0';
  const digits = precision === undefined ? undefined : Math.max(1, Math.min(precision, 100));
  const scientific = digits === undefined ? size.toExponential() : size.toExponential(digits - 1);
  const power = Number(scientific.slice(scientific.indexOf('e') + 1));
  if (power < -4 || power >= (digits ?? 21)) return exponent(scientific.replace(/\.?0+e/, 'e'));
  return numberText(Number(scientific));
}

/** At least two digits. */
function exponent(text: string): string {
  return text.replace(/e([-+])(\d)$/, 'e$10$2');
}

function signed(negative: boolean, digits: string, flags: string): string {
  return (negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '') + digits;
}

function pad({ flags, width }: Verb, text: string): string {
  const missing = Math.abs(width) - [...text].length;
  if (missing <= 0) return text;
  boundText(missing);
  if (flags.includes('-') || width < 0) return text + ' '.repeat(missing);
  if (!flags.includes('0')) return ' '.repeat(missing) + text;
  const sign = /^[-+ ]/.exec(text)?.[0] ?? '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}

/** `%v`. */
function plain(value: Value, verb?: Verb): string {
  if (value === null) return '<nil>';
  if (typeof value === 'string') return verb?.flags.includes('#') === true ? JSON.stringify(value) : value;
  if (typeof value === 'bigint') return signed(value < 0n, (value < 0n ? -value : value).toString(), verb?.flags ?? '');
  if (typeof value === 'number')
    return ofFloat({ flags: verb?.flags ?? '', width: 0, precision: verb?.precision, letter: 'g' }, value) ?? '';
  if (typeof value === 'boolean') return String(value);
  if (isArray(value)) return `[${value.map((element) => plain(element, verb)).join(' ')}]`;
  if (isObject(value)) {
    const keys = [...value.keys()].sort();
    return `map[${keys.map((key) => `${key}:${plain(value.get(key)!, verb)}`).join(' ')}]`;
  }
  return isSecret(value) ? '(secret)' : typeName(value);
}

function goType(value: Value): string {
  if (value === null) return '<nil>';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (isArray(value)) return '[]interface {}';
  return isObject(value) ? 'map[string]interface {}' : typeName(value);
}
