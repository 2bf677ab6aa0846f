/**
 * Floating-point numbers as decimal digits, rounded as Go's `strconv.FormatFloat` does: from the exact value, ties to the even
 * digit. JavaScript's `toFixed` rounds ties up and ends at 100 digits.
 */

/** 0.DIGITS x 10^point. No zeros at the ends; no digits: zero. */
export interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/** The fewest digits that stand for `value`, which is finite and not negative, and for no other float64. */
export function shortest(value: number): Decimal {
  const [mantissa, exponent] = value.toExponential().split('e');
  return trimmed(mantissa.replace('.', ''), Number(exponent) + 1);
}

/** All digits of `value`, which is finite and not negative: 767 at most. */
export function exact(value: number): Decimal {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const raw = Number(bits >> 52n) & 0x7ff;
  const mantissa = (bits & (2n ** 52n - 1n)) | (raw === 0 ? 0n : 2n ** 52n);
  const exponent = Math.max(raw, 1) - 1075;
  // m x 2^-e is m x 5^e / 10^e.
  const digits = (exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent)).toString();
  return trimmed(digits, digits.length + Math.min(exponent, 0));
}

/** Rounded to its first `count` digits. */
export function rounded({ digits, point }: Decimal, count: number): Decimal {
  if (count >= digits.length) return { digits, point };
  if (count < 0) return { digits: '', point: 0 };
  const kept = digits.slice(0, count);
  const tie = digits.length === count + 1 && digits[count] === '5';
  const up = tie ? count > 0 && Number(kept[count - 1]) % 2 === 1 : digits[count] >= '5';
  if (!up) return trimmed(kept, point);
  const next = (BigInt(kept === '' ? '0' : kept) + 1n).toString().padStart(count, '0');
  return trimmed(next, point + next.length - count);
}

/** `123.450` with `places` digits behind the point. The number is rounded already. */
export function fixedText({ digits, point }: Decimal, places: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  const fraction = `${'0'.repeat(Math.min(Math.max(-point, 0), places))}${digits.slice(Math.max(point, 0))}`;
  return places === 0 ? whole : `${whole}.${fraction.slice(0, places).padEnd(places, '0')}`;
}

/** `1.2345e+02` with `places` digits behind the point; the exponent has two digits at least. */
export function exponentText({ digits, point }: Decimal, places: number): string {
  const first = digits === '' ? '0' : digits[0];
  const exponent = digits === '' ? 0 : point - 1;
  const fraction = places === 0 ? '' : `.${digits.slice(1, places + 1).padEnd(places, '0')}`;
  return `${first}${fraction}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function trimmed(digits: string, point: number): Decimal {
  let start = 0;
  let end = digits.length;
  while (start < end && digits[start] === '0') start++;
  while (end > start && digits[end - 1] === '0') end--;
  return start === end ? { digits: '', point: 0 } : { digits: digits.slice(start, end), point: point - start };
}
