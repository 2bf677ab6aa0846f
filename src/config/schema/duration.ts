/**
 * Go's duration text (`time.ParseDuration`, `Duration.String`): a sign, then numbers with units, e.g. `1m30s`, `1.5h`,
 * `-200ms`. Resolution is one nanosecond; the range is that of an int64 of nanoseconds, about 292 years.
 */

const UNIT_NS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  '\u00b5s': 1_000n,
  '\u03bcs': 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const MAX_NS = 2n ** 63n - 1n;
/** Fraction digits beyond these are below a nanosecond in every unit. */
const FRACTION_DIGITS = 20;

/** Milliseconds, or what is wrong with the text. */
export function parseDuration(text: string): number | { readonly problem: string } {
  const sign = /^[-+]/.exec(text)?.[0] ?? '';
  let rest = text.slice(sign.length);
  if (rest === '0') return 0;
  if (rest === '' || text.length > 256) return { problem: 'it is not a number with a unit' };
  let ns = 0n;
  while (rest !== '') {
    const part = /^(\d*)(?:\.(\d*))?/.exec(rest);
    const whole = part?.[1] ?? '';
    const fraction = (part?.[2] ?? '').slice(0, FRACTION_DIGITS);
    if (whole === '' && fraction === '') return { problem: 'it is not a number with a unit' };
    rest = rest.slice(part![0].length);
    const unit = /^[^\d.]*/.exec(rest)![0];
    if (unit === '') return { problem: 'the unit is missing' };
    const unitNs = Object.hasOwn(UNIT_NS, unit) ? UNIT_NS[unit] : undefined;
    if (unitNs === undefined) return { problem: `unknown unit "${unit}"` };
    rest = rest.slice(unit.length);
    ns += BigInt(whole === '' ? '0' : whole) * unitNs;
    if (fraction !== '') ns += (BigInt(fraction) * unitNs) / 10n ** BigInt(fraction.length);
    if (ns > MAX_NS) return { problem: 'it is out of range' };
  }
  return milliseconds(sign === '-' ? -ns : ns);
}

function milliseconds(ns: bigint): number {
  return Number(ns) / 1e6;
}

/** `1m30s`, `1.5s`, `200ms`, `0s`: what Go prints for so many milliseconds. */
export function durationText(ms: number): string {
  const ns = BigInt(Math.round(Math.abs(ms) * 1e6));
  const sign = ms < 0 ? '-' : '';
  if (ns === 0n) return '0s';
  if (ns < 1_000n) return `${sign}${ns}ns`;
  if (ns < 1_000_000n) return `${sign}${decimal(ns, 3)}\u00b5s`;
  if (ns < 1_000_000_000n) return `${sign}${decimal(ns, 6)}ms`;
  const minutes = ns / 60_000_000_000n;
  const seconds = decimal(ns % 60_000_000_000n, 9);
  if (minutes === 0n) return `${sign}${seconds}s`;
  return minutes < 60n ? `${sign}${minutes}m${seconds}s` : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}s`;
}

/** value / 10^places without trailing zeros. */
function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return digits.slice(0, -places) + (fraction === '' ? '' : `.${fraction}`);
}
