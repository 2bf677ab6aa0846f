/** The converter of log levels. Facts: Collector contrib `pkg/ottl/ottlfuncs/README.md`. */
import { fail, type OttlError } from '../error.ts';
import type { Getter } from '../telemetry.ts';
import { isList, isMap, typeName, type Value } from '../value.ts';
import type { Arguments } from './arguments.ts';
import { converter, type Converter } from './function.ts';

interface Criterion {
  readonly level: string;
  readonly equals: readonly Value[];
  readonly range: readonly [min: bigint, max: bigint] | null;
}

/** Ranges that have a name. */
const CLASSES: Readonly<Record<string, bigint>> = { '2xx': 200n, '3xx': 300n, '4xx': 400n, '5xx': 500n };

function criteria(mapping: Value | undefined, wrong: (what: string) => OttlError): Criterion[] {
  if (mapping === undefined || !isMap(mapping)) throw wrong('ParseSeverity takes a map literal as `mapping`');
  return [...mapping].flatMap(([level, list]) => {
    if (!isList(list)) throw wrong(`the criteria of "${level}" are no list`);
    return list.map((item) => criterion(level, item, wrong));
  });
}

function criterion(level: string, item: Value, wrong: (what: string) => OttlError): Criterion {
  if (!isMap(item)) throw wrong(`a criterion of "${level}" is no map with \`equals\` or \`range\``);
  const equals = item.get('equals') ?? [];
  if (!isList(equals) || equals.some((value) => typeof value !== 'string'))
    throw wrong(`\`equals\` of "${level}" is no list of strings`);
  return { level, equals, range: rangeOf(level, item.get('range') ?? null, wrong) };
}

function rangeOf(level: string, range: Value, wrong: (what: string) => OttlError): Criterion['range'] {
  if (range === null) return null;
  if (typeof range === 'string' && Object.hasOwn(CLASSES, range)) return [CLASSES[range], CLASSES[range] + 99n];
  const min = isMap(range) ? range.get('min') : undefined;
  const max = isMap(range) ? range.get('max') : undefined;
  if (typeof min !== 'bigint' || typeof max !== 'bigint')
    throw wrong(`\`range\` of "${level}" is neither a map with the ints \`min\` and \`max\` nor 2xx, 3xx, 4xx or 5xx`);
  return [min, max];
}

function parseSeverity(args: Arguments): Getter {
  const target = args.value(0);
  const levels = criteria(args.constant(1), (what) => args.wrong(1, what));
  return (t) => {
    const value = target(t);
    if (typeof value !== 'string' && typeof value !== 'bigint')
      return fail(`ParseSeverity takes a string or an int, got ${typeName(value)}`);
    const found = levels.find(({ equals, range }) =>
      typeof value === 'string' ? equals.includes(value) : range !== null && value >= range[0] && value <= range[1],
    );
    return found?.level ?? fail(`ParseSeverity has no level for ${value}`);
  };
}

export const SEVERITY: readonly Converter[] = [
  converter(
    'ParseSeverity',
    ['target', 'mapping'],
    'string',
    'The level, by a literal map of levels to lists of `{"equals": [...]}` for strings and `{"range": {"min": ..., "max": ...}}` or `{"range": "2xx"}` for ints; the first that fits.',
    parseSeverity,
  ),
];
