/**
 * What plain YAML scalars stand for as Go's yaml.v3 reads them: YAML 1.2 with remains of 1.1. `yes` and `on` are texts,
 * `0644` and `0o644` are octal, underscores part digits, dates are times. Facts: go.yaml.in/yaml/v3 `resolve.go`.
 */
import type { Scalar } from './node.ts';

/** `tag`: `!!int` and so on, as `tag:yaml.org,2002:int`; undefined: none was written. */
export function scalarValue(
  text: string,
  plain: boolean,
  tag: string | undefined,
): Scalar | { readonly problem: string } {
  const type = tag?.startsWith(TAGS) === true ? tag.slice(TAGS.length) : undefined;
  if (type === undefined) return plain && tag === undefined ? resolved(text) : text;
  if (type === 'str') return text;
  if (type === 'binary') return Buffer.from(text, 'base64').toString();
  const value = resolved(text);
  if (type === 'float' && typeof value === 'bigint') return Number(value);
  return typeOf(value, text) === type ? value : { problem: `"!!${type}" does not fit this value` };
}

/** What a plain text stands for where dates stay texts. */
export function plainScalar(text: string): Scalar {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.\d]/.test(text)) return text;
  const digits = text.replaceAll('_', '');
  return integer(digits) ?? float(digits) ?? text;
}

const TAGS = 'tag:yaml.org,2002:';

const WORDS: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, Infinity] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, -Infinity] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, Number.NaN] as const),
]);

/** A longer one is no number of 64 bits, in whatever base. */
const MAX_DIGITS = 80;
const INTEGER = /^([-+]?)(0[bB][01]+|0[oO][0-7]+|0[xX][\da-fA-F]+|0[0-7]*|[1-9]\d*)$/;
const FLOAT = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/;
const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

const resolved = (text: string): Scalar => time(text) ?? plainScalar(text);

function integer(digits: string): bigint | undefined {
  const [, sign, number] = (digits.length <= MAX_DIGITS ? INTEGER.exec(digits) : null) ?? [];
  if (sign === undefined || number === undefined) return undefined;
  const size = BigInt(/^0\d/.test(number) ? `0o${number.slice(1)}` : number);
  const value = sign === '-' ? -size : size;
  return value >= MIN_INT64 && value <= (sign === '+' ? MAX_UINT64 >> 1n : MAX_UINT64) ? value : undefined;
}

function float(digits: string): number | undefined {
  const value = FLOAT.test(digits) ? Number(digits) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

const TIME =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d{1,9})\d*)?(Z|[-+]\d\d:\d\d))|(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d{1,9})\d*)?))?$/;

/** The text that Alloy makes of a time: RFC 3339. */
function time(text: string): string | undefined {
  const found = text.length <= 64 ? TIME.exec(text) : null;
  if (found === null) return undefined;
  const two = (part: string | undefined): string => (part ?? '0').padStart(2, '0');
  const [year, month, day] = [found[1], two(found[2]), two(found[3])];
  const [hour, minute, second] = [two(found[4] ?? found[9]), two(found[5] ?? found[10]), two(found[6] ?? found[11])];
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // Not the 31st of February, nor a minute of 60.
  if (
    Number.isNaN(date.getTime()) ||
    date.toISOString().slice(0, 19) !== `${year}-${month}-${day}T${hour}:${minute}:${second}`
  )
    return undefined;
  const fraction = (found[7] ?? found[12] ?? '').replace(/0+$/, '');
  const zone = found[8] === undefined || /^[-+]00:00$/.test(found[8]) ? 'Z' : found[8];
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction === '' ? '' : `.${fraction}`}${zone}`;
}

function typeOf(value: Scalar, text: string): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  return value === text && time(text) === undefined ? 'str' : 'timestamp';
}
