/** The stage `drop`: all conditions that are set must hold. */
import { GoRegex } from '#text/regex.ts';
import type { DropArgs } from '../schema.ts';
import { textOf, type Entry, type Stage, type StageContext } from './entry.ts';

export function dropStage(args: DropArgs, { clock, dropped }: StageContext): Stage {
  const { older_than: olderMs, longer_than: longerBytes, separator, value } = args;
  const count = dropped(args.drop_counter_reason === '' ? 'drop_stage' : args.drop_counter_reason);
  const regex = args.expression === '' ? null : new GoRegex(args.expression);
  const hasTest = regex !== null || value !== '';
  const test = (text: string): boolean => (regex === null ? text === value : regex.test(text));
  const sources = args.source === '' ? null : args.source.split(',');
  const between = separator === '' ? ';' : separator;

  const isDropped = (entry: Entry): boolean => {
    // Before bytes are counted: characters are at most as many.
    if (longerBytes !== 0 && entry.line.length * 3 <= longerBytes) return false;
    if (longerBytes !== 0 && Buffer.byteLength(entry.line) <= longerBytes) return false;
    if (olderMs !== 0 && Number(entry.timeNs / 1_000_000n) >= clock.now() - olderMs) return false;
    if (sources === null) return !hasTest || test(entry.line);
    if (!hasTest) return sources.every((source) => entry.extracted.has(source));
    const found: string[] = [];
    for (const source of sources) {
      if (!entry.extracted.has(source)) continue;
      const text = textOf(entry.extracted.get(source));
      if (text === null) return false;
      found.push(text);
    }
    return test(found.join(between));
  };

  return (entry) => {
    if (!isDropped(entry)) return true;
    count.add(1);
    return false;
  };
}
