/**
 * Times and durations of a test. A time is written as its distance from the beginning of the test (`0s`, `1m30s`, `-100ms`) or as a
 * date of RFC 3339. Compared is the first form, for dates far away the second: both sides are brought to it.
 */
import { durationText, parseDuration } from '#config/schema/duration.ts';

const NS_PER_MS = 1_000_000n;
/** Of the beginning; beyond it a date says more. */
const NEAR_MS = 366 * 24 * 3_600_000;
const RFC3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.(\d{1,9}))?(?:[Zz]|[-+]\d\d:\d\d)$/;

export class Times {
  readonly #startNs: bigint;

  constructor(startMs: number) {
    this.#startNs = BigInt(startMs) * NS_PER_MS;
  }

  /** Nanoseconds since the epoch; null: it is no time. */
  read(text: string): bigint | null {
    const date = dateNs(text);
    if (date !== null) return date;
    const offset = durationNs(text);
    return offset === null ? null : this.#startNs + offset;
  }

  text(ns: bigint): string {
    const offset = ns - this.#startNs;
    const ms = Number(offset) / 1e6;
    return Math.abs(ms) <= NEAR_MS ? nsText(offset) : dateText(ns);
  }
}

/** null: it is no duration. */
export function durationNs(text: string): bigint | null {
  const ms = parseDuration(text);
  return typeof ms === 'number' ? BigInt(Math.round(ms * 1e6)) : null;
}

/** `1.5s` */
export function nsText(ns: bigint): string {
  return durationText(Number(ns) / 1e6);
}

export function dateMs(text: string): number | null {
  const ns = dateNs(text);
  return ns === null ? null : Number(ns / NS_PER_MS);
}

function dateNs(text: string): bigint | null {
  const found = RFC3339.exec(text);
  if (found === null) return null;
  const [, fraction = ''] = found;
  const seconds = Date.parse(text.replace(/\.\d+/, '').replace(' ', 'T').toUpperCase());
  return Number.isNaN(seconds) ? null : BigInt(seconds) * NS_PER_MS + BigInt(fraction.padEnd(9, '0'));
}

function dateText(ns: bigint): string {
  const ms = Number(ns / NS_PER_MS);
  const seconds = new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19);
  const fraction = String(ns % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${seconds}${fraction === '' ? '' : `.${fraction}`}Z`;
}
