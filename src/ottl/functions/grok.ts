/**
 * Grok: regular expressions with named pieces, `%{SYNTAX}`, `%{SYNTAX:name}`, `%{SYNTAX:name:type}`. A pattern is spread into one
 * regular expression of RE2; groups have made-up names there, since names of attributes may have dots and come twice. Facts: Collector
 * contrib `pkg/ottl/ottlfuncs/README.md`; the README of elastic/go-grok.
 */
import { GoRegex, RegexError } from '#text/regex.ts';
import { fail } from '../error.ts';
import type { Getter } from '../telemetry.ts';
import { textOf } from '../text.ts';
import { isList, type Value } from '../value.ts';
import type { Arguments } from './arguments.ts';
import { converter, type Converter } from './function.ts';
import { GROK_PATTERNS } from './grok-patterns.ts';
import { parseInt64, toBool, toDouble } from './types.ts';

const PIECE = /%\{(\w+)(?::([\w.@-]+)(?::(\w+))?)?\}/g;
/** Characters of the regular expression; each piece may have many more of them. */
const MAX_LENGTH = 1 << 17;
const MAX_DEPTH = 32;

type Convert = (text: string) => Value;
const number: Convert = (text) => toDouble(text) ?? fail(`"${text}" is no double`);
const int: Convert = (text) => parseInt64(text, 10) ?? fail(`"${text}" is no int`);
const TYPES: Readonly<Record<string, Convert>> = {
  string: (text) => text,
  int,
  long: int,
  float: number,
  double: number,
  bool: toBool,
  boolean: toBool,
};

/** Why a pattern cannot be used, for whoever wrote it. */
export class GrokError extends Error {}

interface Capture {
  readonly name: string;
  readonly convert: Convert;
}

export class Grok {
  readonly pattern: string;
  readonly #regex: GoRegex;
  readonly #captures: ReadonlyMap<number, Capture>;

  /** Pieces without a name count under that of their syntax, but for `namedOnly`. Throws {@link GrokError}. */
  constructor(pattern: string, definitions: ReadonlyMap<string, string>, namedOnly: boolean) {
    this.pattern = pattern;
    const captures: Capture[] = [];
    let length = 0;
    const spread = (text: string, depth: number): string => {
      if (depth > MAX_DEPTH) throw new GrokError('the grok pattern leads to itself');
      length += text.length;
      if (length > MAX_LENGTH) throw new GrokError('the grok pattern is too long');
      return text.replace(PIECE, (_, syntax: string, name: string | undefined, type = 'string') => {
        const piece = definitions.get(syntax) ?? GROK_PATTERNS.get(syntax);
        if (piece === undefined) throw new GrokError(`there is no grok pattern \`${syntax}\``);
        if (!Object.hasOwn(TYPES, type)) throw new GrokError(`there is no grok type \`${type}\``);
        const inner = (): string => spread(piece, depth + 1);
        if (name === undefined && namedOnly) return `(?:${inner()})`;
        const group = captures.push({ name: name ?? syntax, convert: TYPES[type] }) - 1;
        return `(?P<grok${group}>${inner()})`;
      });
    };
    const regex = spread(pattern, 0);
    try {
      this.#regex = new GoRegex(regex);
    } catch (thrown) {
      if (thrown instanceof RegexError) throw new GrokError(thrown.message);
      throw thrown;
    }
    const named = [...this.#regex.names].map(([name, group]): [number, Capture] => {
      const made = /^grok(\d+)$/.exec(name);
      // Three underlines are upstream's way to write a dot in a group of a regular expression.
      return [
        group,
        made === null ? { name: name.replaceAll('___', '.'), convert: TYPES['string'] } : captures[Number(made[1])],
      ];
    });
    this.#captures = new Map(named.sort(([a], [b]) => a - b));
  }

  get hasCaptures(): boolean {
    return this.#captures.size > 0;
  }

  /** The named pieces of the first match that are not empty; of those with one name the first. Empty without a match. */
  extract(text: string): Map<string, Value> {
    const match = this.#regex.find(text);
    const found = new Map<string, Value>();
    if (match === null) return found;
    for (const [group, { name, convert }] of this.#captures) {
      const start = match[2 * group];
      const end = match[2 * group + 1];
      if (start >= 0 && end > start && !found.has(name)) found.set(name, convert(text.slice(start, end)));
    }
    return found;
  }
}

function definitionsOf(args: Arguments, i: number): Map<string, string> {
  const definitions = new Map<string, string>();
  if (!args.has(i)) return definitions;
  const list = args.constant(i);
  if (list === undefined || !isList(list)) throw args.wrong(i, 'the definitions of grok patterns are a literal list');
  for (const item of list) {
    const [, name, pattern] = typeof item === 'string' ? (/^(\w+)=(.*)$/s.exec(item) ?? []) : [];
    if (name === undefined) throw args.wrong(i, `\`${textOf(item)}\` defines no grok pattern`, 'write NAME=pattern');
    definitions.set(name, pattern);
  }
  return definitions;
}

const NO_CAPTURE = 'the grok pattern names nothing';

function extractGrokPatterns(args: Arguments): Getter {
  const target = args.string(0);
  const pattern = args.string(1);
  const namedOnly = args.literalBool(2, false);
  const definitions = definitionsOf(args, 3);
  const known = args.constant(1);
  if (typeof known === 'string') {
    const grok = made(known, definitions, namedOnly, (what) => {
      throw args.wrong(1, what);
    });
    if (namedOnly && !grok.hasCaptures) throw args.wrong(1, NO_CAPTURE, 'name a piece: %{WORD:name}');
    return (t) => grok.extract(target(t));
  }
  let last: Grok | null = null;
  return (t) => {
    const text = pattern(t);
    if (last?.pattern !== text) last = made(text, definitions, namedOnly, fail);
    return namedOnly && !last.hasCaptures ? fail(NO_CAPTURE) : last.extract(target(t));
  };
}

function made(
  text: string,
  definitions: ReadonlyMap<string, string>,
  namedOnly: boolean,
  wrong: (what: string) => never,
): Grok {
  try {
    return new Grok(text, definitions, namedOnly);
  } catch (thrown) {
    if (thrown instanceof GrokError) return wrong(thrown.message);
    throw thrown;
  }
}

export const GROK: readonly Converter[] = [
  converter(
    'ExtractGrokPatterns',
    ['target', 'pattern', 'named_captures_only?', 'pattern_definitions?'],
    'any',
    'The pieces that a grok pattern (`%{WORD:name}`) finds, as a map; definitions are `NAME=pattern`.',
    extractGrokPatterns,
  ),
];
