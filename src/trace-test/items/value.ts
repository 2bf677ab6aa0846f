/**
 * Items as tests write and read them: spans, points, log records, series and lines as maps of plain values. An item is flat: it holds
 * its resource and scope, and a metric is one item for each point. Fields that are not set are not there.
 */
import type { YamlNode } from '#config/yaml/node.ts';

export type Value = null | boolean | number | bigint | string | readonly Value[] | ValueMap;
export interface ValueMap {
  readonly [key: string]: Value;
}

/** In the order in which they are reported. */
export const KINDS = ['spans', 'metrics', 'logs', 'series', 'lines'] as const;
/** What items are called. In the order of the flows (`#shared/signal.ts`). */
export type Kind = (typeof KINDS)[number];

export function isMap(value: Value | undefined): value is ValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** The value that was written, without its places. */
export function valueOf(node: YamlNode): Value {
  if (node.kind === 'list') return node.items.map(valueOf);
  if (node.kind === 'map')
    return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, valueOf(value)]));
  return node.value;
}

const IDS: ReadonlySet<string> = new Set(['trace', 'span', 'parent']);
const WITH_IDS: ReadonlySet<string> = new Set(['links', 'exemplars']);

/** An item that was written. Ids are texts, also where they look like numbers. */
export function itemOf(node: YamlNode): Value {
  if (node.kind !== 'map') return valueOf(node);
  return Object.fromEntries(
    [...node.entries].map(([key, { value }]) => {
      if (IDS.has(key) && value.kind === 'scalar' && value.value !== null) return [key, value.text];
      if (WITH_IDS.has(key) && value.kind === 'list') return [key, value.items.map(itemOf)];
      return [key, valueOf(value)];
    }),
  );
}

/** Without what is undefined. */
export function present(fields: Readonly<Record<string, Value | undefined>>): ValueMap {
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, Value] => entry[1] !== undefined));
}

/** undefined when there is nothing in it. */
export function filled<T extends ValueMap | readonly Value[]>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

/** A value in one line, as YAML reads it. */
export function valueText(value: Value): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return numberText(value);
  if (isList(value)) return `[${value.map(valueText).join(', ')}]`;
  if (isMap(value)) {
    const entries = Object.entries(value).map(([key, member]) => `${keyText(key)}: ${valueText(member)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value);
}

/** Quotes where a reader of YAML needs them; single ones where that saves escapes. */
function quoted(text: string): string {
  if (isPlain(text)) return text;
  return /["\\]/.test(text) && /^[ -&(-~]*$/.test(text) ? `'${text}'` : JSON.stringify(text);
}

export function keyText(key: string): string {
  return /^[A-Za-z_$+-][\w.$/+-]*$|^-?[\d.]+$/.test(key) ? key : JSON.stringify(key);
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  if (Object.is(value, -0)) return '-0';
  // Beyond what a double holds digits would be taken for an integer, and for another one.
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value);
}

/** Durations begin with a digit and are no numbers. */
const DURATION = /^-?(\d+(\.\d+)?(ns|us|\u00b5s|ms|s|m|h))+$/;
const PLAIN = /^[A-Za-z/_][\w ./@%+=()<>;-]*$/;
const WORDS = /^(true|false|null|y|n|yes|no|on|off)$/i;

/** Texts that mean the same without quotes, inside brackets too. */
function isPlain(text: string): boolean {
  return DURATION.test(text) || (PLAIN.test(text) && !text.endsWith(' ') && !WORDS.test(text));
}

export const isText = (value: Value | undefined): value is string => typeof value === 'string';

/** The maps of a list; none of anything else. */
export const maps = (value: Value | undefined): readonly ValueMap[] => (isList(value) ? value.filter(isMap) : []);

/** '' for what is not there. */
export const textOr = (value: Value | undefined): string =>
  value === undefined || value === null ? '' : scalarText(value);

/** A text as it is; anything else as it is written. */
export const scalarText = (value: Value): string => (typeof value === 'object' ? valueText(value) : String(value));
