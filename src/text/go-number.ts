/** Numbers as Go prints them. */

/** fmt's %v of a float64: shortest digits, with an exponent below 1e-4 and from 1e6 on (`123456`, `1e+06`). */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [digits, exponent = ''] = value.toExponential().split('e');
  const power = Number(exponent);
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (power >= -4 && power < 6) return plainText(value);
  const size = String(Math.abs(power)).padStart(2, '0');
  return `${digits}e${power < 0 ? '-' : '+'}${size}`;
}

/** strconv.FormatFloat(value, 'f', -1, 64): shortest digits, never an exponent. */
export function plainText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const text = String(value);
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const [, sign, whole, fraction = '', exponent] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}`;
}
