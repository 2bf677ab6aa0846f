/**
 * Times by Go's layouts (`time.Parse`): a layout is the reference time Mon Jan 2 15:04:05 MST 2006 written as times are written.
 */
import { abbreviated, DAYS, MONTHS } from '#text/calendar.ts';
import type { Zone } from '#text/zone.ts';

/** Go's names of layouts, as Alloy takes them. */
const NAMED: Readonly<Record<string, string>> = {
  ANSIC: 'Mon Jan _2 15:04:05 2006',
  UnixDate: 'Mon Jan _2 15:04:05 MST 2006',
  RubyDate: 'Mon Jan 02 15:04:05 -0700 2006',
  RFC822: '02 Jan 06 15:04 MST',
  RFC822Z: '02 Jan 06 15:04 -0700',
  RFC850: 'Monday, 02-Jan-06 15:04:05 MST',
  RFC1123: 'Mon, 02 Jan 2006 15:04:05 MST',
  RFC1123Z: 'Mon, 02 Jan 2006 15:04:05 -0700',
  RFC3339: '2006-01-02T15:04:05Z07:00',
  RFC3339Nano: '2006-01-02T15:04:05.999999999Z07:00',
};

export const layoutOf = (nameOrLayout: string): string =>
  Object.hasOwn(NAMED, nameOrLayout) ? NAMED[nameOrLayout] : nameOrLayout;

export const isNamedLayout = (name: string): boolean => Object.hasOwn(NAMED, name);

export interface ParsedTime {
  /** Nanoseconds since the epoch. */
  readonly timeNs: bigint;
  /** 0 where the layout has none. */
  readonly year: number;
}

const SHORT_MONTHS = abbreviated(MONTHS);
const SHORT_DAYS = abbreviated(DAYS);

/** What the parts of a layout stand for, longest first. `Jan` and `Mon` are no part where a small letter follows. */
const PART =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|2006|15|-07:00:00|-070000|-07:00|-0700|-07|Z07:00:00|Z070000|Z07:00|Z0700|Z07|002|__2|_2(?!006)|0[1-6]|PM|pm|[.,](?:0+|9+)(?!\d)|[1-5]/g;

type Piece = { readonly text: string } | { readonly part: string };

interface Fields {
  year: number;
  month: number;
  day: number;
  yearDay: number;
  hour: number;
  minute: number;
  second: number;
  nanos: bigint;
  isPm: boolean | null;
  /** Seconds east; null: not said. */
  offset: number | null;
  /** `CET`, `GMT+3`, `+03`; null: not said. */
  abbreviation: string | null;
}

export class GoLayout {
  readonly #pieces: readonly Piece[];

  constructor(layout: string) {
    const pieces: Piece[] = [];
    let from = 0;
    for (const match of layout.matchAll(PART)) {
      if (match.index > from) pieces.push({ text: layout.slice(from, match.index) });
      pieces.push({ part: match[0] });
      from = match.index + match[0].length;
    }
    if (from < layout.length) pieces.push({ text: layout.slice(from) });
    this.#pieces = pieces;
  }

  /** null: the text is no such time. `zone`: of times that do not say theirs. */
  parse(text: string, zone: Zone): ParsedTime | null {
    const cursor = new Cursor(text);
    const fields: Fields = {
      year: 0,
      month: 1,
      day: 1,
      yearDay: 0,
      hour: 0,
      minute: 0,
      second: 0,
      nanos: 0n,
      isPm: null,
      offset: null,
      abbreviation: null,
    };
    for (let i = 0; i < this.#pieces.length; i++) {
      const piece = this.#pieces[i];
      if ('text' in piece) {
        if (!cursor.skip(piece.text)) return null;
        continue;
      }
      if (!read(piece.part, cursor, fields)) return null;
      const isSecond = piece.part === '05' || piece.part === '5';
      // A fraction behind the seconds is taken though no layout says so.
      if (isSecond && !this.#isFraction(i + 1) && /^[.,]\d/.test(cursor.rest)) readFraction(cursor, fields);
    }
    return cursor.rest === '' ? timeOf(fields, zone) : null;
  }

  #isFraction(i: number): boolean {
    const piece = this.#pieces[i];
    return piece !== undefined && 'part' in piece && /^[.,]/.test(piece.part);
  }
}

class Cursor {
  rest: string;
  constructor(text: string) {
    this.rest = text;
  }

  /** Blanks in a layout stand for any number of blanks. */
  skip(literal: string): boolean {
    for (const piece of literal.match(/ +|[^ ]+/g) ?? []) {
      if (piece.startsWith(' ')) {
        if (this.rest !== '' && !this.rest.startsWith(' ')) return false;
        this.rest = this.rest.replace(/^ +/, '');
      } else if (!this.take(piece.length, piece)) return false;
    }
    return true;
  }

  take(length: number, wanted: string): boolean {
    if (!this.rest.startsWith(wanted)) return false;
    this.rest = this.rest.slice(length);
    return true;
  }

  /** What matches at the front, taken. */
  match(pattern: RegExp): string | null {
    const found = pattern.exec(this.rest);
    if (found === null || found.index !== 0) return null;
    this.rest = this.rest.slice(found[0].length);
    return found[0];
  }

  /** A number within bounds; NaN is none. */
  number(pattern: RegExp, min: number, max: number): number {
    const text = this.match(pattern);
    const value = text === null ? NaN : Number(text.trim());
    return value >= min && value <= max ? value : NaN;
  }

  /** Index of the name at the front, in any case; -1. */
  name(names: readonly string[]): number {
    const at = names.findIndex((name) => this.rest.slice(0, name.length).toLowerCase() === name.toLowerCase());
    if (at >= 0) this.rest = this.rest.slice(names[at].length);
    return at;
  }
}

const TWO = /\d\d/;
const ONE_OR_TWO = /\d\d?/;

function read(part: string, cursor: Cursor, fields: Fields): boolean {
  switch (part) {
    case '2006':
      fields.year = cursor.number(/\d{4}/, 0, 9999);
      return !Number.isNaN(fields.year);
    case '06': {
      const year = cursor.number(TWO, 0, 99);
      fields.year = year >= 69 ? 1900 + year : 2000 + year;
      return !Number.isNaN(year);
    }
    case 'January':
      return (fields.month = cursor.name(MONTHS) + 1) > 0;
    case 'Jan':
      return (fields.month = cursor.name(SHORT_MONTHS) + 1) > 0;
    case 'Monday':
      return cursor.name(DAYS) >= 0;
    case 'Mon':
      return cursor.name(SHORT_DAYS) >= 0;
    case '01':
    case '1':
      return !Number.isNaN((fields.month = cursor.number(part === '01' ? TWO : ONE_OR_TWO, 1, 12)));
    case '02':
      return !Number.isNaN((fields.day = cursor.number(TWO, 1, 31)));
    case '2':
    case '_2':
      return !Number.isNaN((fields.day = cursor.number(part === '2' ? ONE_OR_TWO : / ?\d\d?/, 1, 31)));
    case '002':
    case '__2':
      return !Number.isNaN((fields.yearDay = cursor.number(part === '002' ? /\d{3}/ : /[ \d]{2}\d/, 1, 366)));
    case '15':
      return !Number.isNaN((fields.hour = cursor.number(ONE_OR_TWO, 0, 23)));
    case '03':
    case '3':
      return !Number.isNaN((fields.hour = cursor.number(part === '03' ? TWO : ONE_OR_TWO, 0, 12)));
    case '04':
    case '4':
      return !Number.isNaN((fields.minute = cursor.number(part === '04' ? TWO : ONE_OR_TWO, 0, 59)));
    case '05':
    case '5':
      return !Number.isNaN((fields.second = cursor.number(part === '05' ? TWO : ONE_OR_TWO, 0, 59)));
    case 'PM':
    case 'pm': {
      const word = cursor.match(part === 'PM' ? /[AP]M/ : /[ap]m/);
      fields.isPm = word?.toLowerCase() === 'pm';
      return word !== null;
    }
    case 'MST':
      return readZoneName(cursor, fields);
    default:
      return /^[.,]/.test(part) ? readFractionOf(part, cursor, fields) : readOffset(part, cursor, fields);
  }
}

function readFractionOf(part: string, cursor: Cursor, fields: Fields): boolean {
  if (part[1] === '9') {
    if (/^[.,]\d/.test(cursor.rest)) readFraction(cursor, fields);
    return true;
  }
  const digits = cursor.match(new RegExp(`[.,]\\d{${part.length - 1}}`));
  if (digits !== null) fields.nanos = nanosOf(digits);
  return digits !== null;
}

function readFraction(cursor: Cursor, fields: Fields): void {
  fields.nanos = nanosOf(cursor.match(/[.,]\d+/) ?? '.0');
}

const nanosOf = (fraction: string): bigint => BigInt(fraction.slice(1, 10).padEnd(9, '0'));

function readOffset(part: string, cursor: Cursor, fields: Fields): boolean {
  if (part.startsWith('Z') && cursor.take(1, 'Z')) {
    fields.offset = 0;
    return true;
  }
  const shape = part.slice(1).replaceAll(/\d\d/g, '\\d\\d');
  const text = cursor.match(new RegExp(`[+-]${shape}`));
  if (text === null) return false;
  const [hours = 0, minutes = 0, seconds = 0] = (text.slice(1).match(/\d\d/g) ?? []).map(Number);
  if (hours > 24 || minutes > 60 || seconds > 60) return false;
  fields.offset = (text.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
  return true;
}

/** Three letters; four or five that end in T, and a few others; hours that some zones have instead of a name. */
const ABBREVIATION = /ChST|MeST|WITA|GMT(?:[+-]\d+)?|[A-Z]{2,4}T(?![A-Z])|[A-Z]{3}(?![A-Z])|[+-]\d+/;

function readZoneName(cursor: Cursor, fields: Fields): boolean {
  const name = cursor.match(ABBREVIATION);
  if (name === null || Number(/\d*$/.exec(name)?.[0]) > 23) return false;
  fields.abbreviation = name;
  return true;
}

/**
 * Seconds east. An offset in numbers counts more than an abbreviation. That is taken for one of the zone's own, which says no
 * more than the zone; UTC is UTC everywhere, and GMT with any hours behind it, as in Go.
 */
function offsetOf({ offset, abbreviation }: Fields, zone: Zone, localSeconds: number): number {
  if (abbreviation === 'UTC') return 0;
  if (offset !== null) return offset;
  return abbreviation?.startsWith('GMT') === true ? 0 : zone.offsetOfLocal(localSeconds);
}

function timeOf(fields: Fields, zone: Zone): ParsedTime | null {
  const { year, isPm, nanos } = fields;
  let { month, day, hour } = fields;
  if (isPm === true && hour < 12) hour += 12;
  else if (isPm === false && hour === 12) hour = 0;
  if (fields.yearDay > 0) {
    if (fields.yearDay > daysBefore(year, 13)) return null;
    month = 1;
    while (fields.yearDay > daysBefore(year, month + 1)) month++;
    day = fields.yearDay - daysBefore(year, month);
  }
  if (day > daysBefore(year, month + 1) - daysBefore(year, month)) return null;
  const seconds = utcSeconds(year, month, day, hour, fields.minute, fields.second);
  return { timeNs: BigInt(seconds - offsetOf(fields, zone, seconds)) * 1_000_000_000n + nanos, year };
}

/** Days of a year before the first of a month; month 13: of the whole year. */
function daysBefore(year: number, month: number): number {
  return (utcSeconds(year, month, 1, 0, 0, 0) - utcSeconds(year, 1, 1, 0, 0, 0)) / 86_400;
}

/** Seconds since the epoch of a date and time in UTC; what is too large runs over into the next. */
export function utcSeconds(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number {
  const date = new Date(0);
  // Date.UTC takes a year below 100 for one of the last century.
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime() / 1000 + hour * 3600 + minute * 60 + second;
}

/**
 * The time of a layout without a year, in the year that makes it nearest to now: in January a December is last year's, and the
 * other way round (grafana/alloy `util.SetYearForLimitedTimeFormat`).
 */
export function withYear({ timeNs }: ParsedTime, nowMs: number): bigint {
  const now = new Date(nowMs);
  const date = new Date(Number(timeNs / 1_000_000n));
  const nowMonth = now.getUTCMonth();
  const month = date.getUTCMonth();
  const year = now.getUTCFullYear() + (month === 11 && nowMonth === 0 ? -1 : month === 0 && nowMonth === 11 ? 1 : 0);
  const moved = new Date(date);
  moved.setUTCFullYear(date.getUTCFullYear() + year);
  return timeNs + BigInt(moved.getTime() - date.getTime()) * 1_000_000n;
}
