/** Converters of times and durations, in UTC where nothing else is said. Facts: Collector contrib `pkg/ottl/ottlfuncs/README.md`. */
import { Zone } from '#text/zone.ts';
import { fail } from '../error.ts';
import type { Getter } from '../telemetry.ts';
import { Duration, int64, Time, type Value } from '../value.ts';
import type { Arguments } from './arguments.ts';
import { parseDuration } from './duration.ts';
import { converter, type Converter } from './function.ts';
import { formatTime, parseTime, timeLayout } from './time-format.ts';
import { wordsOf } from './time-locale.ts';

const SECOND = 1_000_000_000n;

const floorDiv = (a: bigint, b: bigint): bigint => a / b - (a % b < 0n ? 1n : 0n);

const whole = (name: string, unit: bigint, of: string): Converter =>
  converter(name, ['value'], 'int', `The duration in ${of}, cut.`, (args) => {
    const value = args.duration(0);
    return (t) => value(t).ns / unit;
  });
const fraction = (name: string, unit: number, of: string): Converter =>
  converter(name, ['value'], 'double', `The duration in ${of}, with fractions.`, (args) => {
    const value = args.duration(0);
    return (t) => Number(value(t).ns) / unit;
  });
const unix = (name: string, unit: bigint, of: string): Converter =>
  converter(name, ['value'], 'int', `The time in ${of} since 1970.`, (args) => {
    const value = args.time(0);
    return (t) => int64(floorDiv(value(t).ns, unit));
  });
const part = (name: string, of: (date: Date, ns: bigint) => number): Converter =>
  converter(name, ['value'], 'int', `The ${name.toLowerCase()} of the time, in UTC.`, (args) => {
    const value = args.time(0);
    return (t) => {
      const { ns } = value(t);
      return BigInt(of(new Date(Number(floorDiv(ns, 1_000_000n))), ns));
    };
  });

function duration(args: Arguments): Getter {
  const text = args.string(0);
  const known = args.constant(0);
  if (typeof known === 'string') {
    const ns = parseDuration(known);
    if (ns === null) throw args.wrong(0, `"${known}" is no duration`, 'a number with a unit: ns, us, ms, s, m, h');
    const made = new Duration(ns);
    return () => made;
  }
  return (t) => {
    const written = text(t);
    return new Duration(parseDuration(written) ?? fail(`"${written}" is no duration`));
  };
}

function time(args: Arguments): Getter {
  const target = args.string(0);
  const format = args.literal(1);
  const location = args.literal(2, 'UTC');
  const locale = args.literal(3, 'en');
  const isEnglish = locale === '' || /^en(-|$)/i.test(locale);
  const words = isEnglish ? null : wordsOf(locale);
  if (words === null && !isEnglish) throw args.wrong(3, `there is no locale "${locale}"`, 'write one like de or es-ES');
  const layout = timeLayout(format, words);
  if (typeof layout === 'string') throw args.wrong(1, layout);
  const zone = Zone.named(location);
  if (zone === null) throw args.wrong(2, `there is no time zone "${location}"`, 'write one like Europe/Berlin');
  return (t) => {
    const text = target(t);
    const ns = parseTime(layout, text, zone, t.nowMs);
    return ns === null ? fail(`"${text}" is no time of the format "${format}"`) : new Time(ns);
  };
}

function formatTimeOf(args: Arguments): Getter {
  const value = args.time(0);
  const format = args.literal(1);
  const layout = timeLayout(format);
  if (typeof layout === 'string') throw args.wrong(1, layout);
  return (t) => formatTime(layout, value(t).ns);
}

/** Go's Time.Truncate: multiples count from the year 1. */
const ZERO_YEAR_NS = 62_135_596_800n * SECOND;

function truncate(args: Arguments): Getter {
  const value = args.time(0);
  const by = args.duration(1);
  return (t) => {
    const { ns } = value(t);
    const step = by(t).ns;
    return step <= 0n ? new Time(ns) : new Time(ns - ((((ns + ZERO_YEAR_NS) % step) + step) % step));
  };
}

function unixTime(args: Arguments): Getter {
  const seconds = args.int(0);
  const rest = args.has(1) ? args.int(1) : () => 0n;
  return (t): Value => new Time(seconds(t) * SECOND + rest(t));
}

export const TIMES: readonly Converter[] = [
  converter('Duration', ['duration'], 'duration', 'The duration that a text like `1m30s` writes.', duration),
  converter(
    'Time',
    ['target', 'format', 'location?', 'locale?'],
    'time',
    'The time that the text writes, by a format of ctime (`%Y-%m-%d %H:%M:%S %z`); the location (UTC) is a time zone like `Europe/Berlin`, the locale (en) a language of names.',
    time,
  ),
  converter('FormatTime', ['time', 'format'], 'string', 'The time as text, by a format of ctime.', formatTimeOf),
  converter('TruncateTime', ['time', 'duration'], 'time', 'The time, down to a multiple of the duration.', truncate),
  converter(
    'Now',
    [],
    'time',
    'The time at which the batch is looked at.',
    () => (t) => new Time(BigInt(Math.floor(t.nowMs)) * 1_000_000n),
  ),
  converter('Unix', ['seconds', 'nanoseconds?'], 'time', 'The time so many seconds after 1970.', unixTime),
  whole('Nanoseconds', 1n, 'nanoseconds'),
  whole('Microseconds', 1_000n, 'microseconds'),
  whole('Milliseconds', 1_000_000n, 'milliseconds'),
  fraction('Seconds', 1e9, 'seconds'),
  fraction('Minutes', 60e9, 'minutes'),
  fraction('Hours', 3600e9, 'hours'),
  unix('UnixNano', 1n, 'nanoseconds'),
  unix('UnixMicro', 1_000n, 'microseconds'),
  unix('UnixMilli', 1_000_000n, 'milliseconds'),
  unix('UnixSeconds', SECOND, 'seconds'),
  part('Year', (date) => date.getUTCFullYear()),
  part('Month', (date) => date.getUTCMonth() + 1),
  part('Day', (date) => date.getUTCDate()),
  part('Hour', (date) => date.getUTCHours()),
  part('Minute', (date) => date.getUTCMinutes()),
  part('Second', (date) => date.getUTCSeconds()),
  part('Nanosecond', (_, ns) => Number(ns - floorDiv(ns, SECOND) * SECOND)),
  part('Weekday', (date) => date.getUTCDay()),
];
