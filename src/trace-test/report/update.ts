/**
 * Brings a test to what came out: an item that differs keeps the fields that it mentions, with their present values; one that did not
 * come out goes; one that was not expected is added in full. What is as it should be stays as it was written, comments too.
 */
import { isCondition } from '../items/canonical.ts';
import { isMap, valueText, type Value, type ValueMap } from '../items/value.ts';
import type { ExpectedItem } from '../file/test-file.ts';
import { fits } from '../match/difference.ts';
import type { Missing, Verdict } from '../match/match.ts';
import type { Failure } from '../run/run-case.ts';
import { listedLines } from './item-text.ts';
import { named } from './text.ts';

/** Offsets into the text of the file; `end` is exclusive. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What stands in several places at once cannot change in one. */
const SHARED = /(^|[\s[{,])([&*][\w-]+|<<:)/;

/** null: there is no list or number that could be changed. */
export function editOf({ list, came, verdict }: Failure, text: string): Edit | null {
  if (list === null) return null;
  const { start, end } = list.at;
  if (list.count !== null) return { start, end, text: String(came.length) };
  const isInPlace = list.items.length === 0 || list.items.every(({ source }) => source !== null);
  if (verdict === null || verdict.isMisordered || list.otlp.length > 0 || !isInPlace) return null;
  if (SHARED.test(text.slice(start, end))) return null;
  const isFlow = text[start] === '[';
  return isFlow ? flowEdit(list.items, verdict, text, list.at) : blockEdit(list.items, verdict, text, start);
}

/** Those at the end of the file first, so that the others stay where they are. */
export function applied(edits: readonly Edit[], text: string): string {
  const byPlace = edits.toSorted((a, b) => b.start - a.start);
  return byPlace.reduce((whole, edit) => whole.slice(0, edit.start) + edit.text + whole.slice(edit.end), text);
}

type Changes = Verdict<ExpectedItem>;

function flowEdit(
  items: readonly ExpectedItem[],
  verdict: Changes,
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
): Edit {
  const kept = items.flatMap((item) => {
    const missing = missingOf(item, verdict);
    if (missing === undefined) return sourceOf(item, text);
    const changed = changedItem(missing);
    return changed === null ? [] : itemText(changed, true, '');
  });
  const added = verdict.unexpected.map((item) => itemText(named(item), true, ''));
  return { start, end, text: `[${[...kept, ...added].join(', ')}]` };
}

/** Each item goes with what stands before it: its dash, and comments. */
function blockEdit(items: readonly ExpectedItem[], verdict: Changes, text: string, start: number): Edit {
  const indent = ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1));
  const parts: string[] = [];
  let from = start;
  for (const item of items) {
    const { at } = item.source as NonNullable<ExpectedItem['source']>;
    const before = text.slice(from, at.start);
    const source = sourceOf(item, text);
    from = at.start + source.length;
    const missing = missingOf(item, verdict);
    const changed = missing === undefined ? null : changedItem(missing);
    if (missing === undefined) parts.push(before + source);
    else if (changed !== null) parts.push(before + itemText(changed, source.startsWith('{'), `${indent}  `));
  }
  for (const item of verdict.unexpected) parts.push(`\n${indent}- ${itemText(named(item), false, `${indent}  `)}`);
  const whole = parts.join('').trimStart();
  return { start, end: from, text: whole === '' ? '[]' : whole };
}

const missingOf = (item: ExpectedItem, { missing }: Changes): Missing<ExpectedItem> | undefined =>
  missing.find(({ expected: { source } }) => source !== null && source.at.start === item.source?.at.start);

/** A block ends where the next thing begins: blanks are none of it. */
const sourceOf = ({ source }: ExpectedItem, text: string): string =>
  source === null ? '' : text.slice(source.at.start, source.at.end).trimEnd();

/** Behind a dash, or between brackets. */
function itemText(item: ValueMap, isFlow: boolean, indent: string): string {
  const lines = listedLines(item).map((line) => line.slice(2));
  const isShort = lines.length === 1 && lines[0].startsWith("'");
  return isFlow && !isShort ? valueText(item) : lines.join(`\n${indent}`);
}

/** null: nothing like it came out. */
function changedItem({ expected: { item, source }, nearest }: Missing<ExpectedItem>): ValueMap | null {
  if (nearest === null || source === null) return null;
  const isExact = nearest.differences.some(({ expected }) => expected === undefined);
  return changedMap(source.written, item, nearest.actual, isExact);
}

/** `written` is `expected` before it was made canonical. */
function changedMap(written: ValueMap, expected: ValueMap, actual: ValueMap, isExact: boolean): ValueMap {
  const changed = Object.entries(written).map(([key, value]): [string, Value] => {
    const [wanted, came] = [expected[key], Object.hasOwn(actual, key) ? actual[key] : null];
    if (wanted === undefined || fits({ [key]: wanted }, { [key]: came }, isExact)) return [key, value];
    const isInside = isMap(value) && isMap(wanted) && isMap(came) && !isCondition(wanted);
    return [key, isInside ? changedMap(value, wanted, came, isExact) : came];
  });
  const more = isExact ? Object.entries(actual).filter(([key]) => !Object.hasOwn(written, key)) : [];
  return Object.fromEntries([...changed, ...more]);
}
