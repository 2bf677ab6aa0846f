/** Numbers as Prometheus writes them. */

/**
 * Shortest decimal text without an exponent that reads back the same: values of `le` and `quantile` (Go
 * `strconv.FormatFloat(x, 'f', -1, 64)`): 5, 0.005, 1000000000000000000000, +Inf.
 */
export function plainDecimal(value: number): string {
  const text = special(value) ?? String(value);
  const e = text.indexOf('e');
  if (e < 0) return text;
  const sign = text.startsWith('-') ? '-' : '';
  const [whole, fraction = ''] = text.slice(sign.length, e).split('.');
  const exponent = Number(text.slice(e + 1));
  const digits = whole + fraction;
  const point = whole.length + exponent;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}`;
}

/** A sample's value in an exposition (Go `strconv.FormatFloat(x, 'g', -1, 64)`): 0.25, 123456, 1.234567e+06, 1e-05, NaN, -Inf. */
export function sampleText(value: number): string {
  const found = special(value);
  if (found !== null || value === 0) return found ?? '0';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4 && magnitude < 1e6) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

function special(value: number): string | null {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return Object.is(value, -0) ? '-0' : null;
}
