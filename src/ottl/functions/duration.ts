/** Go's time.ParseDuration: `1m30s`, `1.5h`, `-200ms`. */
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  '\u00b5s': 1_000n,
  '\u03bcs': 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const LIMIT = 2n ** 63n;
const MAX_LENGTH = 256;

/** Nanoseconds; null if the text is no duration or beyond an int64. */
export function parseDuration(text: string): bigint | null {
  const [, sign, rest] = /^([-+]?)(.*)$/s.exec(text)!;
  if (rest === '0') return 0n;
  if (rest === '' || text.length > MAX_LENGTH) return null;
  let ns = 0n;
  const part = /(\d*)(?:\.(\d*))?(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/y;
  for (let at = 0; at < rest.length; at = part.lastIndex) {
    part.lastIndex = at;
    const found = part.exec(rest);
    if (found === null) return null;
    const [, digits, fraction = '', unit] = found;
    if (digits === '' && fraction === '') return null;
    const places = fraction.slice(0, 20);
    ns += BigInt(digits === '' ? '0' : digits) * UNITS[unit];
    if (places !== '') ns += (BigInt(places) * UNITS[unit]) / 10n ** BigInt(places.length);
    if (ns >= LIMIT) return null;
  }
  return sign === '-' ? -ns : ns;
}
