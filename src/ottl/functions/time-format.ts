/**
 * ctime-like formats of times (Collector `internal/coreinternal/timeutils`), in English: `%Y-%m-%dT%H:%M:%S.%L%z`. A layout is a list
 * of literal texts and fields; each field knows how it is read and written. Times are written in UTC.
 */
import { abbreviated, DAYS, MONTHS } from '#text/calendar.ts';
import { Zone } from '#text/zone.ts';
import type { Words } from './time-locale.ts';

interface Parts {
  /** Null: not written. */
  year: number | null;
  /** Null: neither this nor a day is written. */
  month: number | null;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ns: number;
  /** 12 hours are added to an hour of 1 to 11 (pm). */
  pm: boolean | null;
  /** East of UTC; null: not written. */
  offsetSeconds: number | null;
  /** `EST`; '' if none is written. */
  zone: string;
}

interface Field {
  readonly pattern: string;
  read(text: string, into: Parts): void;
  write(date: Date, ns: number): string;
}
export type Layout = { readonly pattern: RegExp; readonly pieces: readonly (string | Field)[] };

const two = (value: number): string => String(value).padStart(2, '0');
const number = (pattern: string, set: (into: Parts, value: number) => void, write: Field['write']): Field => ({
  pattern,
  read: (text, into) => set(into, Number(text)),
  write,
});
type Set = (into: Parts, i: number) => void;
const word = (words: readonly string[], set: Set, write: Field['write']): Field => ({
  ...reader(
    words.map((name) => [name]),
    set,
  ),
  write,
});
/** Each word has spellings of its own. */
function reader(words: readonly (readonly string[])[], set: Set): Pick<Field, 'pattern' | 'read'> {
  // The longest first: one may begin another.
  const spellings = words.flat().toSorted((a, b) => b.length - a.length);
  return {
    pattern: spellings.map(escaped).join('|'),
    read: (text, into) => {
      const lower = text.toLowerCase();
      set(
        into,
        words.findIndex((names) => names.some((name) => name.toLowerCase() === lower)),
      );
    },
  };
}
const zone = (pattern: string, written: string): Field => ({
  pattern,
  read: (text, into) => {
    const found = /^([+-])(\d\d):?(\d\d)?:?(\d\d)?$/.exec(text);
    if (found === null) {
      into.offsetSeconds = 0;
      return;
    }
    const size = Number(found[2]) * 3600 + Number(found[3] ?? '0') * 60 + Number(found[4] ?? '0');
    into.offsetSeconds = found[1] === '-' ? -size : size;
  },
  write: () => written,
});
const twelve = (hour: number): number => (hour % 12 === 0 ? 12 : hour % 12);
const shortYear = (value: number): number => (value >= 69 ? 1900 + value : 2000 + value);
const month = (into: Parts, value: number): void => void (into.month = value);
const day = (into: Parts, value: number): void => {
  into.day = value;
  into.month ??= 1;
};
const hour = (into: Parts, value: number): void => void (into.hour = value);
const ignore = (): void => undefined;
const monthAt: Set = (into, i) => month(into, i + 1);
const half: Set = (into, i) => void (into.pm = i === 1);
/** Fields that are words. */
const WORDS: Readonly<Record<keyof Words, Set>> = { b: monthAt, B: monthAt, a: ignore, A: ignore, p: half, P: half };

const FIELDS: Readonly<Record<string, Field>> = {
  Y: number(
    '\\d{4}',
    (p, v) => void (p.year = v),
    (d) => String(d.getUTCFullYear()).padStart(4, '0'),
  ),
  y: number(
    '\\d{2}',
    (p, v) => void (p.year = shortYear(v)),
    (d) => two(d.getUTCFullYear() % 100),
  ),
  m: number('\\d{2}', month, (d) => two(d.getUTCMonth() + 1)),
  o: number(' ?\\d{1,2}', month, (d) => String(d.getUTCMonth() + 1).padStart(2, ' ')),
  q: number('\\d{1,2}', month, (d) => String(d.getUTCMonth() + 1)),
  b: word(abbreviated(MONTHS), monthAt, (d) => MONTHS[d.getUTCMonth()].slice(0, 3)),
  B: word(MONTHS, monthAt, (d) => MONTHS[d.getUTCMonth()]),
  d: number('\\d{2}', day, (d) => two(d.getUTCDate())),
  e: number(' ?\\d{1,2}', day, (d) => String(d.getUTCDate()).padStart(2, ' ')),
  g: number('\\d{1,2}', day, (d) => String(d.getUTCDate())),
  a: word(abbreviated(DAYS), ignore, (d) => DAYS[d.getUTCDay()].slice(0, 3)),
  A: word(DAYS, ignore, (d) => DAYS[d.getUTCDay()]),
  H: number('\\d{2}', hour, (d) => two(d.getUTCHours())),
  I: number('\\d{2}', hour, (d) => two(twelve(d.getUTCHours()))),
  l: number(' ?\\d{1,2}', hour, (d) => String(twelve(d.getUTCHours()))),
  p: word(['AM', 'PM'], half, (d) => (d.getUTCHours() < 12 ? 'AM' : 'PM')),
  P: word(['am', 'pm'], half, (d) => (d.getUTCHours() < 12 ? 'am' : 'pm')),
  M: number(
    '\\d{2}',
    (p, v) => void (p.minute = v),
    (d) => two(d.getUTCMinutes()),
  ),
  S: number(
    '\\d{2}',
    (p, v) => void (p.second = v),
    (d) => two(d.getUTCSeconds()),
  ),
  L: number(
    '\\d{3}',
    (p, v) => void (p.ns = v * 1e6),
    (_, ns) => String(Math.floor(ns / 1e6)).padStart(3, '0'),
  ),
  f: number(
    '\\d{6}',
    (p, v) => void (p.ns = v * 1e3),
    (_, ns) => String(Math.floor(ns / 1e3)).padStart(6, '0'),
  ),
  s: number(
    '\\d{9}',
    (p, v) => void (p.ns = v),
    (_, ns) => String(ns).padStart(9, '0'),
  ),
  z: zone('[+-]\\d{4}|[+-]\\d{2}:\\d{2}|Z', '+0000'),
  Z: {
    pattern: '[A-Z]{3,5}|Z',
    read: (text, into) => void (into.zone = text.toUpperCase()),
    write: () => 'UTC',
  },
  i: zone('[+-]\\d{2}', '+00'),
  j: zone('[+-]\\d{2}:\\d{2}|Z', '+00:00'),
  k: zone('[+-]\\d{2}:\\d{2}:\\d{2}', '+00:00:00'),
  w: zone('[+-]\\d{6}', '+000000'),
};
const COMPOSED: Readonly<Record<string, string>> = {
  h: '%b',
  D: '%m/%d/%y',
  x: '%m/%d/%y',
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  X: '%H:%M:%S',
  r: '%I:%M:%S %p',
  R: '%H:%M',
  c: '%a %b %d %H:%M:%S %Y',
  n: '\n',
  t: '\t',
};

/** The layout of a format, or what is wrong with it; it reads words of another language where these are given. */
export function timeLayout(format: string, words: Words | null = null): Layout | string {
  const spread = format.replace(/%([hDxFTXrRcnt])/g, (_, letter: string) => COMPOSED[letter]);
  const pieces: (string | Field)[] = [];
  for (const piece of spread.match(/%[\s\S]?|[^%]+/g) ?? []) {
    if (!piece.startsWith('%')) pieces.push(piece);
    else if (piece === '%%') pieces.push('%');
    else if (Object.hasOwn(FIELDS, piece.slice(1))) pieces.push(field(piece.slice(1), words));
    else return `the time format has no ${piece}`;
  }
  if (!pieces.some((piece) => typeof piece !== 'string')) return 'the time format has no field like %Y';
  const pattern = pieces.map((piece) => (typeof piece === 'string' ? escaped(piece) : `(${piece.pattern})`)).join('');
  return { pattern: new RegExp(`^${pattern}$`, 'i'), pieces };
}

function field(letter: string, words: Words | null): Field {
  const english = FIELDS[letter];
  if (words === null || !Object.hasOwn(WORDS, letter)) return english;
  return { ...english, ...reader(words[letter as keyof Words], WORDS[letter as keyof Words]) };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/**
 * Nanoseconds since the epoch, or null if the text is not of that layout or names no time. What the layout does not say: the time zone is
 * `zone`, a time without a date is today's, a date without a year is of this year, or of the last one if that is more than a week ahead.
 */
export function parseTime({ pattern, pieces }: Layout, text: string, zone: Zone, nowMs: number): bigint | null {
  const found = pattern.exec(text);
  if (found === null) return null;
  const parts: Parts = {
    year: null,
    month: null,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    ns: 0,
    pm: null,
    offsetSeconds: null,
    zone: '',
  };
  let group = 1;
  for (const piece of pieces) if (typeof piece !== 'string') piece.read(found[group++], parts);
  if (parts.pm !== null && (parts.hour < 1 || parts.hour > 12)) return null;
  const hours = parts.pm === null ? parts.hour : (parts.hour % 12) + (parts.pm ? 12 : 0);
  if (hours > 23 || parts.minute > 59 || parts.second > 59) return null;
  const there = parts.zone === '' ? zone : abbreviation(parts.zone);
  const days = dateOf(parts, nowMs);
  if (days === null || there === null) return null;
  const local = days / 1000 + hours * 3600 + parts.minute * 60 + parts.second;
  return BigInt(local - (parts.offsetSeconds ?? there.offsetOfLocal(local))) * 1_000_000_000n + BigInt(parts.ns);
}

const WEEK_MS = 7 * 86_400_000;

/** Midnight of the date, in milliseconds as if it were UTC; null if there is no such day. */
function dateOf({ year, month, day: dayOfMonth }: Parts, nowMs: number): number | null {
  const now = new Date(nowMs);
  if (year === null && month === null) return Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  const thisYear = now.getUTCFullYear();
  const date = new Date(0);
  const set = (to: number): number => date.setUTCFullYear(to, (month ?? 1) - 1, dayOfMonth);
  if (set(year ?? thisYear) > nowMs + WEEK_MS && year === null) set(thisYear - 1);
  return date.getUTCMonth() + 1 === (month ?? 1) && date.getUTCDate() === dayOfMonth ? date.getTime() : null;
}

/** Zones that data named, which may be many; null for a name without one. */
const abbreviations = new Map<string, Zone | null>();
const MAX_ABBREVIATIONS = 64;

function abbreviation(name: string): Zone | null {
  if (name === 'Z' || name === 'UTC') return Zone.UTC;
  const known = abbreviations.get(name);
  if (known !== undefined) return known;
  if (abbreviations.size >= MAX_ABBREVIATIONS) abbreviations.clear();
  const made = name === 'LOCAL' ? null : Zone.named(name);
  abbreviations.set(name, made);
  return made;
}

export function formatTime({ pieces }: Layout, ns: bigint): string {
  const rest = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const date = new Date(Number((ns - rest) / 1_000_000n));
  return pieces.map((piece) => (typeof piece === 'string' ? piece : piece.write(date, Number(rest)))).join('');
}
