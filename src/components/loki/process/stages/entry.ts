/** One line on its way through the stages, and what a stage is. */
import type { Label } from '#codec/loki/labels.ts';
import type { Clock } from '#shared/clock.ts';
import type { Counter } from '#shared/meter.ts';
import { plainText } from '#text/go-number.ts';

/** What stages extract. Numbers are float64, as Go's JSON has them. */
export type Extracted = string | number | boolean | null;

export interface Entry {
  readonly labels: Map<string, string>;
  /** Begins as a copy of the labels. */
  readonly extracted: Map<string, Extracted>;
  /** Nanoseconds since the epoch. */
  timeNs: bigint;
  line: string;
  metadata: Label[];
}

/** Changes an entry; false: it is dropped. Says so itself where that counts. */
export type Stage = (entry: Entry) => boolean;

export interface StageContext {
  readonly clock: Clock;
  /** The counter of lines dropped for a reason. */
  readonly dropped: (reason: string) => Counter;
}

/** An extracted value as text; null: it has none. */
export function textOf(value: Extracted | undefined): string | null {
  if (typeof value === 'number') return plainText(value);
  if (value === undefined || value === null) return null;
  return String(value);
}

/** What a stage reads: an extracted value, or the line without a source; null: there is no such value. */
export function inputOf(entry: Entry, source: string | undefined): string | null {
  return source === undefined || source === '' ? entry.line : textOf(entry.extracted.get(source));
}

/** Names with the names that their values come from: an empty one is the name itself. */
export function sourcesOf(
  values: Readonly<Record<string, string>>,
): readonly (readonly [name: string, source: string])[] {
  return Object.entries(values).map(([name, source]) => [name, source === '' ? name : source]);
}
