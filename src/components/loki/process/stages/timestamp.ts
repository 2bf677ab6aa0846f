/** The stage `timestamp`: the time of a line out of the extracted data. */
import { allLabelsText, sortedLabels } from '#codec/loki/labels.ts';
import { GoLayout, isNamedLayout, layoutOf, withYear } from '../go-time.ts';
import { Zone } from '#text/zone.ts';
import type { TimestampArgs } from '../schema.ts';
import { textOf, type Entry, type Stage, type StageContext } from './entry.ts';

/** Streams whose last time is remembered. */
const MAX_STREAMS = 10_000;

/** Nanoseconds since the epoch; null: the text is no such time. */
type Parse = (text: string) => bigint | null;

export function timestampStage(args: TimestampArgs, { clock }: StageContext): Stage {
  const zone = Zone.named(args.location) ?? Zone.UTC;
  const formats = [args.format, ...args.fallback_formats].map((format) => parserOf(format, zone, () => clock.now()));
  const fudgesFailures = args.action_on_failure === 'fudge';
  const fudgesDuplicates = args.action_on_duplicate_timestamp === 'fudge';
  const last = new LastTimes();

  return (entry) => {
    const text = textOf(entry.extracted.get(args.source));
    let parsed: bigint | null = null;
    for (let i = 0; text !== null && parsed === null && i < formats.length; i++) parsed = formats[i](text);
    if (parsed !== null) entry.timeNs = parsed;
    else if (!fudgesFailures) return true;
    if (!fudgesFailures && !fudgesDuplicates) return true;
    const stream = streamOf(entry);
    const known = last.get(stream);
    if (parsed === null) {
      if (known === undefined) return true;
      entry.timeNs = known.given + 1n;
      last.set(stream, { parsed: known.parsed, given: entry.timeNs });
      return true;
    }
    if (fudgesDuplicates && known?.parsed === parsed) entry.timeNs = known.given + 1n;
    last.set(stream, { parsed, given: entry.timeNs });
    return true;
  };
}

const streamOf = ({ labels }: Entry): string => allLabelsText(sortedLabels(labels));

interface LastTime {
  readonly parsed: bigint;
  /** What the line was given: later than what was parsed where lines had the same time. */
  readonly given: bigint;
}

/** The streams that were used least recently are forgotten. */
class LastTimes {
  readonly #times = new Map<string, LastTime>();

  get(stream: string): LastTime | undefined {
    return this.#times.get(stream);
  }

  set(stream: string, time: LastTime): void {
    this.#times.delete(stream);
    if (this.#times.size >= MAX_STREAMS) this.#times.delete(this.#times.keys().next().value as string);
    this.#times.set(stream, time);
  }
}

/** int64 of nanoseconds: what Go's arithmetic would wrap is refused. */
const MAX_NS = 2n ** 63n - 1n;
const UNITS: Readonly<Record<string, bigint>> = { UnixMs: 1_000_000n, UnixUs: 1000n, UnixNs: 1n };

function parserOf(format: string, zone: Zone, now: () => number): Parse {
  if (format === 'Unix') return unixSeconds;
  if (Object.hasOwn(UNITS, format)) return (text) => wholeNumber(text, UNITS[format]);
  const layout = new GoLayout(layoutOf(format));
  if (isNamedLayout(format)) return (text) => layout.parse(text, Zone.UTC)?.timeNs ?? null;
  const hasYear = format.includes('06');
  return (text) => {
    const time = layout.parse(text, zone);
    if (time === null || hasYear) return time?.timeNs ?? null;
    return time.year === 0 ? withYear(time, now()) : null;
  };
}

function wholeNumber(text: string, unit: bigint): bigint | null {
  if (!/^[+-]?\d{1,19}$/.test(text)) return null;
  const ns = BigInt(text) * unit;
  return ns > MAX_NS || ns < -MAX_NS ? null : ns;
}

/** With a fraction, of which nine digits count. */
function unixSeconds(text: string): bigint | null {
  const [whole, fraction, more] = text.split('.');
  const seconds = wholeNumber(whole, 1_000_000_000n);
  if (seconds === null || fraction === undefined || more !== undefined) return more === undefined ? seconds : null;
  return /^\d+$/.test(fraction) ? seconds + BigInt(fraction.slice(0, 9).padEnd(9, '0')) : null;
}
