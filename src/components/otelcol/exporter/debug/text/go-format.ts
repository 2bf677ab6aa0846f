/**
 * How Go prints what the Collector's texts contain (fmt %f of float64, time.Time, pdata's names of enums).
 */
import { floatText } from '#text/go-number.ts';

/** %f: six decimals. */
export function sixDecimals(value: number): string {
  if (!Number.isFinite(value)) return floatText(value);
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}

/** Unix nanoseconds as `2020-02-11 20:26:12.000000321 +0000 UTC`; the fraction without trailing zeros. */
export function timestamp(unixNano: bigint): string {
  const signed = BigInt.asIntN(64, unixNano);
  const nanos = ((signed % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = (signed - nanos) / 1_000_000_000n;
  const date = new Date(Number(seconds) * 1000).toISOString();
  const fraction = nanos === 0n ? '' : `.${nanos.toString().padStart(9, '0').replace(/0+$/, '')}`;
  return `${date.slice(0, 10)} ${date.slice(11, 19)}${fraction} +0000 UTC`;
}

/** An id that is all zeros prints as nothing. */
export const idText = (hex: string): string => (/[^0]/.test(hex) ? hex : '');

export const SPAN_KINDS = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'] as const;
export const STATUS_CODES = ['Unset', 'Ok', 'Error'] as const;
export const TEMPORALITIES = ['Unspecified', 'Delta', 'Cumulative'] as const;
const SEVERITIES = ['Trace', 'Debug', 'Info', 'Warn', 'Error', 'Fatal'] as const;

export function severityName(number: number): string {
  if (number === 0) return 'Unspecified';
  const level = SEVERITIES[Math.floor((number - 1) / 4)];
  const step = ((number - 1) % 4) + 1;
  return level === undefined ? '' : step === 1 ? level : `${level}${step}`;
}
