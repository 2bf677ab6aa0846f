/**
 * Byte sizes as text (github.com/alecthomas/units, Base2Bytes): numbers with units of 1024, written `512KiB`, `1GiB512MiB`
 * or in the old way `512KB`; all prefixes are capitals and count 1024, whichever way they are written.
 */

const PREFIXES = ['', 'K', 'M', 'G', 'T', 'P', 'E'];

/** Bytes, or what is wrong with the text. A bare number but `0` needs a unit. */
export function parseSize(text: string): number | { readonly problem: string } {
  if (text.length > 256) return { problem: 'it is not a number with a unit' };
  const sign = /^[-+]/.exec(text)?.[0] ?? '';
  let rest = text.slice(sign.length);
  if (rest === '0') return 0;
  if (rest === '') return { problem: 'it is not a number with a unit' };
  let bytes = 0;
  while (rest !== '') {
    const part = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest);
    if (part === null) return { problem: 'it is not a number with a unit' };
    const [all, digits = '', unit = ''] = part;
    if (unit === '') return { problem: 'the unit is missing' };
    const power = PREFIXES.findIndex((prefix) => unit === `${prefix}B` || unit === `${prefix}iB`);
    if (power < 0 || unit === 'iB') return { problem: `unknown unit "${unit}"` };
    bytes += Number(digits) * 1024 ** power;
    rest = rest.slice(all.length);
  }
  bytes = Math.trunc(bytes);
  if (!Number.isSafeInteger(bytes)) return { problem: 'it is out of range' };
  return sign === '-' ? -bytes : bytes;
}

/** `512KiB`, `1MiB512KiB`, `0B`: what Base2Bytes prints. */
export function sizeText(bytes: number): string {
  if (bytes === 0) return '0B';
  const parts: string[] = [];
  let rest = Math.abs(bytes);
  for (let power = PREFIXES.length - 1; power >= 0; power--) {
    const unit = 1024 ** power;
    const count = Math.floor(rest / unit);
    if (count === 0) continue;
    parts.push(`${count}${PREFIXES[power]}${power === 0 ? 'B' : 'iB'}`);
    rest -= count * unit;
  }
  return (bytes < 0 ? '-' : '') + parts.join('');
}
