/** ParseELF: a block of the W3C Extended Log Format, directives and lines of data. */
import { fail } from '#ottl/error.ts';
import type { Value, ValueMap } from '#ottl/value.ts';

/** Directives of which the text is a member of the result. */
const TEXTS: Readonly<Record<string, string>> = {
  version: 'elf.version',
  software: 'elf.software',
  date: 'elf.date',
  'start-date': 'elf.start_date',
  'end-date': 'elf.end_date',
  remark: 'elf.remark',
};

/** Most values of all lines together: a line may have few, and name many fields that it lacks. */
const MOST_VALUES = 1_000_000;

/** Fails for what is no such block. */
export function parseElf(text: string): ValueMap {
  if (text === '') fail('ParseELF takes a text that is not empty');
  const map = new Map<string, Value>();
  const entries: ValueMap[] = [];
  let fields: readonly string[] = [];
  let values = 0;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const content = line.trim();
    if (content === '') continue;
    if (!content.startsWith('#')) {
      if (fields.length === 0) fail('the ELF has data before its #Fields');
      if ((values += fields.length) > MOST_VALUES) fail(`an ELF of more than ${MOST_VALUES} values`);
      const row = valuesIn(content);
      entries.push(new Map(fields.map((field, i) => [field, row[i] ?? '-'])));
      continue;
    }
    const colon = content.indexOf(':');
    const name = content
      .slice(1, colon < 0 ? undefined : colon)
      .trim()
      .toLowerCase();
    const value = content.slice(colon + 1).trim();
    if (colon < 0) {
      // Other directives without a colon mean nothing; this one would give all that follows another meaning.
      if (name.startsWith('fields')) fail('the ELF has #Fields without a colon');
    } else if (name === 'fields') fields = value.split(/\s+/).filter((field) => field !== '');
    else if (Object.hasOwn(TEXTS, name)) map.set(TEXTS[name], value);
  }
  if (!map.has('elf.version')) fail('the ELF has no #Version');
  return map.set('elf.fields', fields).set('elf.entries', entries);
}

/** Parted by spaces and tabs; in quotes, a quote is written twice. */
function valuesIn(line: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < line.length;) {
    if (line[i] === ' ' || line[i] === '\t') i++;
    else if (line[i] === '"') {
      const end = closing(line, i + 1);
      values.push(line.slice(i + 1, end).replaceAll('""', '"'));
      i = end + 1;
    } else {
      const from = i;
      while (i < line.length && line[i] !== ' ' && line[i] !== '\t') i++;
      values.push(line.slice(from, i));
    }
  }
  return values;
}

function closing(line: string, from: number): number {
  for (let at = line.indexOf('"', from); at >= 0; at = line.indexOf('"', at + 2)) if (line[at + 1] !== '"') return at;
  return fail('the ELF has a quote that does not end');
}
