/**
 * What a detector is: a function that asks one source and gives attributes. It sees its surroundings only through {@link Task}, so
 * that a test can give it others. Which attributes are enabled, and what a source that is not there means, is decided in
 * `../detection.ts` for all of them.
 */
import { MillraceError } from '#shared/errors.ts';
import type { Logger } from '#shared/log.ts';
import type { Http } from '../http.ts';
import type { Host } from '../host.ts';
import type { Args } from '../schema.ts';

/** A number is an int64. */
export type Value = string | number | readonly string[];

export interface Detected {
  readonly attributes: ReadonlyMap<string, Value>;
  /** '' = none. */
  readonly schemaUrl: string;
}

export interface Surroundings {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The text of a small file; null where there is none. Rejects with a MillraceError that names it when it cannot be read. */
  readonly file: (path: string) => Promise<string | null>;
  readonly http: Http;
  readonly host: Host;
  /** Resolves after so many milliseconds; rejects when the time for the detection is over. */
  readonly pause: (ms: number) => Promise<void>;
  readonly log: Logger;
}

export interface Task {
  readonly env: Surroundings;
  readonly args: Args;
  /** What is asked for a disabled attribute alone need not be asked. */
  readonly wants: (attribute: string) => boolean;
  /** `fail_on_missing_metadata`: what is missing in part is a failure, too. */
  readonly strict: boolean;
}

/**
 * Gives also what is disabled, where it costs nothing. Rejects with {@link noMetadata} where its source is not there, with any
 * other MillraceError when it is there and fails.
 */
export type Detector = (task: Task) => Promise<Detected>;

/** Of the semantic conventions that the detectors of the Collector 0.158 give. */
export const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.40.0';

/** The source says by itself that there is nothing to detect. */
export const NOTHING: Detected = { attributes: new Map(), schemaUrl: '' };

/** Leaves out what has no value: '', undefined, an empty list. `more` comes behind, whatever it holds. */
export function found(
  attributes: Readonly<Record<string, Value | undefined>>,
  more: Iterable<readonly [string, Value]> = [],
): Detected {
  const all = new Map<string, Value>();
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== '' && !(typeof value === 'object' && value.length === 0)) all.set(name, value);
  for (const [name, value] of more) all.set(name, value);
  return { attributes: all, schemaUrl: SCHEMA_URL };
}

const NO_METADATA = 'no_metadata';

/** The source of a detector is not there: the collector runs elsewhere, or the source is not up yet. */
export function noMetadata(why: string, cause?: unknown): MillraceError {
  return new MillraceError(NO_METADATA, why, { cause });
}

export const isNoMetadata = (thrown: unknown): boolean =>
  thrown instanceof MillraceError && thrown.code === NO_METADATA;

/** What fails in `answer` means that the source is not there. */
export async function orNoMetadata<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (thrown) {
    if (!(thrown instanceof MillraceError)) throw thrown;
    throw noMetadata(thrown.message, thrown);
  }
}

/** What lies at the path in a JSON document, as text: '' where there is nothing, or no text and no number. */
export function textAt(document: unknown, ...path: readonly string[]): string {
  const value = valueAt(document, ...path);
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

export function listAt(document: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = valueAt(document, ...path);
  return Array.isArray(value) ? value : [];
}

export function valueAt(document: unknown, ...path: readonly string[]): unknown {
  let value = document;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}
