/** What became of the tests, for people. */
import { at } from '#config/diag/diagnostic.ts';
import type { ExpectedItem } from '../file/test-file.ts';
import { KINDS, textOr, valueText, type Value, type ValueMap } from '../items/value.ts';
import type { Difference } from '../match/difference.ts';
import type { Missing } from '../match/match.ts';
import type { CaseResult, Failure, Output } from '../run/run-case.ts';
import { itemLines, listedLines } from './item-text.ts';
import type { Paint } from './paint.ts';

/** Of each kind: whoever has more of them looks at the first ones. */
const MAX_ITEMS = 10;

export function headline(file: string, name: string, passed: boolean, paint: Paint): string {
  return `${passed ? paint.good('ok  ') : paint.bad('FAIL')}  ${file}: ${name}\n`;
}

/** Lines below the headline of a case that has failed. */
export function failureText({ failures, log }: Pick<CaseResult, 'failures' | 'log'>, paint: Paint): string {
  const lines = failures.flatMap((failure) => failureLines(failure, paint));
  if (log.length > 0) {
    lines.push('the pipeline logged:');
    for (const { level, message, fields } of log) {
      const facts = Object.entries(fields).flatMap(([key, value]) =>
        value === undefined || key === 'component_path' ? [] : [`${key}=${JSON.stringify(value)}`],
      );
      lines.push(`  ${[level, message, ...facts].join(' ')}`);
    }
  }
  return lines.map((line) => `  ${line}\n`).join('');
}

function failureLines({ span, message, verdict, came }: Failure, paint: Paint): string[] {
  const lines = [`${at(span)}: ${message}`];
  lines.push(...listLines('came out:', came, paint));
  if (verdict === null) return lines;
  const { missing, unexpected } = verdict;
  for (const one of missing.slice(0, MAX_ITEMS)) lines.push(...missingLines(one, paint).map((line) => `  ${line}`));
  if (missing.length > MAX_ITEMS) lines.push(`  and ${missing.length - MAX_ITEMS} more did not come out`);
  lines.push(...listLines('not expected:', unexpected, paint));
  return lines;
}

function listLines(heading: string, items: readonly ValueMap[], paint: Paint): string[] {
  if (items.length === 0) return [];
  const lines = [`  ${heading}`];
  for (const item of items.slice(0, MAX_ITEMS)) lines.push(...signed('+', named(item), paint.good));
  if (items.length > MAX_ITEMS) lines.push(`    and ${items.length - MAX_ITEMS} more`);
  return lines;
}

function missingLines({ expected, nearest }: Missing<ExpectedItem>, paint: Paint): string[] {
  const place = at(expected.span);
  if (nearest === null)
    return [`${place}: did not come out:`, ...signed('-', expected.item, paint.bad).map((line) => line.slice(2))];
  return [
    `${place}: did not come out; the nearest differs:`,
    ...context(nearest.actual, nearest.differences).map((line) => `    ${paint.dim(line)}`),
    ...nearest.differences.flatMap((difference) => differenceLines(difference, paint)),
  ];
}

/** What tells which item it is, where that is not what differs. */
function context(item: ValueMap, differing: readonly Difference[]): string[] {
  return ['name', 'line', 'body']
    .filter((key) => key in item && differing.every(({ path }) => path !== key))
    .map((key) => `${key}: ${valueText(item[key])}`);
}

function differenceLines({ path, expected, actual }: Difference, paint: Paint): string[] {
  return [paint.bad(`  - ${path}: ${shown(expected)}`), paint.good(`  + ${path}: ${shown(actual)}`)];
}

const shown = (value: Value | undefined): string =>
  value === undefined || value === null ? '(not there)' : valueText(value);

function signed(sign: string, item: ValueMap, paint: (text: string) => string): string[] {
  return itemLines(item).map((line, i) => `    ${i === 0 ? paint(`${sign} ${line}`) : `  ${line}`}`);
}

const ID = /^([\da-f]{16}|[\da-f]{32})$/;

/** Without ids that have no names: nobody has chosen them. */
export function named(item: ValueMap): ValueMap {
  return Object.fromEntries(
    Object.entries(item).filter(
      ([key, value]) => !['trace', 'span', 'parent'].includes(key) || !ID.test(textOr(value)),
    ),
  );
}

/** Everything that came out, as a test could expect it. */
export function outputText(output: Output): string {
  const lines = ['expect:'];
  for (const exporter of [...output.keys()].toSorted()) {
    lines.push(`  ${exporter}:`);
    for (const kind of KINDS) {
      const items = output.get(exporter)?.get(kind);
      if (items === undefined) continue;
      lines.push(`    ${kind}:`);
      for (const item of items) lines.push(...listedLines(named(item)).map((line) => `      ${line}`));
    }
  }
  if (output.size === 0) lines.push('  none: true');
  return lines.map((line) => `  ${line}\n`).join('');
}

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  /** Files that are no tests. */
  readonly broken: number;
}

export function summaryText({ passed, failed, broken }: Summary, paint: Paint): string {
  const parts = [`${passed} passed`, failed === 0 ? '0 failed' : paint.bad(`${failed} failed`)];
  if (broken > 0) parts.push(paint.bad(`${broken} ${broken === 1 ? 'file is' : 'files are'} no test`));
  return `${parts.join(', ')}\n`;
}
