/** Stages that extract: json, logfmt, regex. */
import { compareBytes } from '#codec/loki/labels.ts';
import { readLogfmt } from '#text/logfmt.ts';
import { GoRegex } from '#text/regex.ts';
import { jmesPath, type Json } from '../jmespath.ts';
import type { JsonArgs, LogfmtArgs, RegexArgs } from '../schema.ts';
import { inputOf, sourcesOf, type Extracted, type Stage, type StageContext } from './entry.ts';

const regexOrNone = (pattern: string): GoRegex | null => (pattern === '' ? null : new GoRegex(pattern));

export function jsonStage(args: JsonArgs, { dropped }: StageContext): Stage {
  const { expressions, regex, source } = args;
  // Alloy drops them uncounted.
  const malformed = args.drop_malformed ? dropped('malformed_json') : null;
  const searches = sourcesOf(expressions).map(([name, expression]) => [name, jmesPath(expression)] as const);
  const names = regexOrNone(regex);
  return (entry) => {
    const input = inputOf(entry, source);
    if (input === null) return true;
    const data = objectOf(input);
    if (data === undefined) {
      malformed?.add(1);
      return malformed === null;
    }
    for (const [name, search] of searches) entry.extracted.set(name, simple(search(data)));
    if (names !== null && data !== null)
      for (const [name, value] of Object.entries(data)) if (names.test(name)) entry.extracted.set(name, simple(value));
    return true;
  };
}

/** undefined: it is no JSON object. */
function objectOf(text: string): { readonly [key: string]: Json } | null | undefined {
  try {
    const data = JSON.parse(text) as Json;
    return data === null || (typeof data === 'object' && !Array.isArray(data))
      ? (data as { readonly [key: string]: Json } | null)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Lists and objects are extracted as JSON, as Go writes it. */
function simple(value: Json): Extracted {
  if (typeof value !== 'object' || value === null) return value;
  try {
    return jsonOf(value).replaceAll(/[<>&\u2028\u2029]/g, escapedForHtml);
  } catch {
    return null; // nested more deeply than the stack is: it is no value then
  }
}

function jsonOf(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(jsonOf).join(',')}]`;
  const members = Object.entries(value).sort(([a], [b]) => compareBytes(a, b));
  return `{${members.map(([name, inner]) => `${JSON.stringify(name)}:${jsonOf(inner)}`).join(',')}}`;
}

const escapedForHtml = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

export function logfmtStage({ mapping, regex, source }: LogfmtArgs): Stage {
  const names = new Map(sourcesOf(mapping).map(([name, key]) => [key, name]));
  const keys = regexOrNone(regex);
  return (entry) => {
    const input = inputOf(entry, source);
    if (input === null) return true;
    for (const [key, value] of readLogfmt(input, 'all').pairs) {
      const name = names.get(key);
      if (name !== undefined) entry.extracted.set(name, value);
      if (keys?.test(key) === true) entry.extracted.set(key, value);
    }
    return true;
  };
}

export function regexStage({ expression, source, labels_from_groups: toLabels }: RegexArgs): Stage {
  const regex = new GoRegex(expression);
  return (entry) => {
    const input = inputOf(entry, source);
    const match = input === null ? null : regex.find(input);
    if (input === null || match === null) return true;
    for (const [name, group] of regex.names) {
      const start = match[2 * group];
      const value = start < 0 ? '' : input.slice(start, match[2 * group + 1]);
      entry.extracted.set(name, value);
      if (toLabels && /^[A-Za-z_]\w*$/.test(name)) entry.labels.set(name, value);
    }
    return true;
  };
}
