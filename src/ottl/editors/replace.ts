/** Editors that put text in the place of text that matches. Globs are gobwas's, regular expressions Go's. */
import { Glob, GlobError } from '#text/glob.ts';
import type { GoRegex } from '#text/regex.ts';
import { fail } from '../error.ts';
import type { Arguments } from '../functions/arguments.ts';
import { editor, type Editor } from '../functions/function.ts';
import { regex } from '../functions/texts.ts';
import { bounded, joined } from '../text.ts';
import type { Getter, Run, Telemetry } from '../telemetry.ts';
import { typeName, type Value } from '../value.ts';
import { eachEntry, KEPT, wholeMap } from './target-map.ts';

/** What stands for a replacement in the result: it, or what the function makes of it, within the format. */
type Finish = (replacement: string, t: Telemetry) => string;

function finish(args: Arguments, functionAt: number, formatAt: number): Finish {
  const convert = args.converter(functionAt);
  const format = args.has(formatAt) ? args.literal(formatAt) : '%s';
  const parts = format.split('%s');
  if (parts.length !== 2 || parts.some((part) => part.includes('%')))
    throw args.wrong(formatAt, 'the format of a replacement has exactly one %s, and nothing else with %');
  return (replacement, t) => {
    const value = convert === null ? replacement : convert(replacement, t);
    if (typeof value !== 'string') return fail(`the function has to give a string, got ${typeName(value)}`);
    return bounded(parts[0] + value + parts[1]);
  };
}

function globIn(args: Arguments, i: number): (t: Telemetry) => Glob {
  const make = (text: string): Glob => new Glob(text, '');
  const known = args.constant(i);
  if (typeof known === 'string')
    try {
      const glob = make(known);
      return () => glob;
    } catch (thrown) {
      if (thrown instanceof GlobError) throw args.wrong(i, thrown.message);
      throw thrown;
    }
  const pattern = args.string(i);
  let last: Glob | null = null;
  return (t) => {
    const text = pattern(t);
    if (last?.pattern === text) return last;
    try {
      return (last = make(text));
    } catch (thrown) {
      if (thrown instanceof GlobError) return fail(thrown.message);
      throw thrown;
    }
  };
}

/** A whole text that matches. */
function match(args: Arguments): Run {
  const target = args.target(0);
  const pattern = globIn(args, 1);
  const replacement = args.string(2);
  const finished = finish(args, 3, 4);
  return (t) => {
    const value = target.get(t);
    if (typeof value === 'string' && pattern(t).test(value)) target.set(t, finished(replacement(t), t));
  };
}

function allMatches(args: Arguments): Run {
  const pattern = globIn(args, 1);
  const replacement = args.string(2);
  const finished = finish(args, 3, 4);
  return eachEntry(args, (entry, t) => {
    const value = entry.value();
    return typeof value === 'string' && pattern(t).test(value) ? finished(replacement(t), t) : KEPT;
  });
}

/** Every match of an expression in a text; null: there is none. */
function replaced(text: string, pattern: GoRegex, template: string, finished: Finish, t: Telemetry): string | null {
  const parts: string[] = [];
  let from = 0;
  for (const found of pattern.findAll(text)) {
    parts.push(text.slice(from, found[0]), finished(pattern.expand(template, text, found), t));
    from = found[1];
  }
  if (parts.length === 0) return null;
  parts.push(text.slice(from));
  return joined(parts, () => '');
}

function pattern(args: Arguments): Run {
  const target = args.target(0);
  const expression = regex(args, 1);
  const template = args.string(2);
  const finished = finish(args, 3, 4);
  return (t) => {
    const value = target.get(t);
    if (value === null) return;
    if (typeof value !== 'string') fail(`replace_pattern takes a string, got ${typeName(value)}`);
    const changed = replaced(value, expression(t), template(t), finished, t);
    if (changed !== null) target.set(t, changed);
  };
}

function allPatterns(args: Arguments): Run {
  const mode = args.literal(1);
  const expression = regex(args, 2);
  const template = args.string(3);
  const finished = finish(args, 4, 5);
  if (mode === 'value')
    return eachEntry(args, (entry, t) => {
      const value = entry.value();
      if (typeof value !== 'string') return KEPT;
      return replaced(value, expression(t), template(t), finished, t) ?? KEPT;
    });
  if (mode !== 'key') throw args.wrong(1, 'the mode is "key" or "value"');
  return wholeMap(args, (map, t) => keysReplaced(map, expression, template, finished, t));
}

function keysReplaced(
  map: ReadonlyMap<string, Value>,
  expression: Getter<GoRegex>,
  template: Getter<string>,
  finished: Finish,
  t: Telemetry,
): ReadonlyMap<string, Value> {
  const changed = new Map<string, Value>();
  let same = true;
  for (const [key, value] of map) {
    const other = replaced(key, expression(t), template(t), finished, t);
    same &&= other === null;
    changed.set(other ?? key, value);
  }
  return same ? map : changed;
}

const MORE = ['replacement', 'function?', 'replacement_format?'];

export const REPLACE: readonly Editor[] = [
  editor('replace_match', ['target', 'pattern', ...MORE], 'Replaces the target if all of it matches the glob.', match),
  editor(
    'replace_all_matches',
    ['target', 'pattern', ...MORE],
    'Replaces every string value of a map that matches the glob.',
    allMatches,
  ),
  editor(
    'replace_pattern',
    ['target', 'regex', ...MORE],
    'Replaces every match of the regular expression in the target; `$1` is a group.',
    pattern,
  ),
  editor(
    'replace_all_patterns',
    ['target', 'mode', 'regex', ...MORE],
    'Replaces every match in the keys (mode `"key"`) or the string values (`"value"`) of a map.',
    allPatterns,
  ),
];
