/**
 * The converter of CSV rows. Facts: Collector contrib `pkg/ottl/ottlfuncs/README.md`; Go's `encoding/csv`. The text is one row, so a
 * line break belongs to its field; quotes begin at the beginning of a field or line.
 */
import { fail } from '../error.ts';
import type { Getter } from '../telemetry.ts';
import type { Value } from '../value.ts';
import type { Arguments } from './arguments.ts';
import { converter, type Converter } from './function.ts';

const MODES = ['strict', 'lazyQuotes', 'ignoreQuotes'];

function fieldsOf(row: string, delimiter: string, lazy: boolean): string[] {
  const fields: string[] = [];
  let field = '';
  for (let at = 0; ;) {
    // Here a field or a line begins.
    if (row[at] === '"') {
      const end = quoteEnd(row, at + 1, delimiter, lazy);
      field += row.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    } else {
      const end = plainEnd(row, at, delimiter);
      const text = row.slice(at, end);
      if (!lazy && text.includes('"')) fail('ParseCSV finds a quote inside of a field without quotes');
      field += text;
      at = end;
    }
    if (at >= row.length) return [...fields, field];
    if (row[at] === '\n') {
      field += '\n';
      at++;
      continue;
    }
    fields.push(field);
    field = '';
    at += delimiter.length;
  }
}

/** Where the text without quotes ends that begins at `at`. */
function plainEnd(row: string, at: number, delimiter: string): number {
  while (at < row.length && row[at] !== '\n' && !row.startsWith(delimiter, at)) at++;
  return at;
}

/** Where the quote is that closes the text from `at` on; lazily, the end of the row closes it too. */
function quoteEnd(row: string, at: number, delimiter: string, lazy: boolean): number {
  for (let i = row.indexOf('"', at); i >= 0; i = row.indexOf('"', i + 1)) {
    const next = i + 1;
    if (row[next] === '"') i = next;
    else if (next === row.length || row[next] === '\n' || row.startsWith(delimiter, next)) return i;
    else if (!lazy) fail('ParseCSV finds a quote inside of a field with quotes');
  }
  return lazy ? row.length : fail('ParseCSV finds a quote that does not end');
}

function parseCsv(args: Arguments): Getter {
  const target = args.string(0);
  const header = args.string(1);
  const delimiter = oneCharacter(args, 2, ',');
  const headerDelimiter = oneCharacter(args, 3, delimiter);
  const mode = args.literal(4, 'strict');
  if (!MODES.includes(mode)) throw args.wrong(4, `there is no mode "${mode}"`, `one of ${MODES.join(', ')}`);
  return (t) => {
    const row = target(t);
    const names = header(t);
    if (names === '') fail('ParseCSV takes headers that are not empty');
    const headers = names.split(headerDelimiter);
    const fields = mode === 'ignoreQuotes' ? row.split(delimiter) : quoted(row, delimiter, mode === 'lazyQuotes');
    if (fields.length !== headers.length) fail(`ParseCSV finds ${fields.length} fields for ${headers.length} headers`);
    return new Map<string, Value>(headers.map((name, i) => [name, fields[i]]));
  };
}

function quoted(row: string, delimiter: string, lazy: boolean): string[] {
  const text = row.replaceAll('\r\n', '\n');
  let first = 0;
  let last = text.length;
  while (first < last && text[first] === '\n') first++;
  while (last > first && text[last - 1] === '\n') last--;
  return first === last
    ? fail('ParseCSV takes a row that is not empty')
    : fieldsOf(text.slice(first, last), delimiter, lazy);
}

function oneCharacter(args: Arguments, i: number, otherwise: string): string {
  const text = args.literal(i, otherwise);
  if ([...text].length !== 1) throw args.wrong(i, 'a delimiter is one character');
  if ('"\r\n'.includes(text)) throw args.wrong(i, 'a delimiter is no quote and no line break');
  return text;
}

export const CSV: readonly Converter[] = [
  converter(
    'ParseCSV',
    ['target', 'header', 'delimiter?', 'header_delimiter?', 'mode?'],
    'any',
    'The fields of one row of CSV by the names in the header; the mode is strict, lazyQuotes or ignoreQuotes.',
    parseCsv,
  ),
];
