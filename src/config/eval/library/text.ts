/** `string.*`. Facts: grafana/alloy v1.18 docs; Go's strings package. */
import type { Value } from '../value.ts';
import { format } from './format.ts';
import { boundElements, boundText, type LibraryFunction } from './function.ts';

type Names = readonly [functionName: string, alias: string];

const texts = (
  [functionName, alias]: Names,
  parameters: 1 | 2 | 3,
  summary: string,
  example: string,
  call: (...args: string[]) => Value,
): LibraryFunction => ({
  functionName,
  alias,
  summary,
  example,
  parameters: Array.from({ length: parameters }, () => 'string' as const),
  call: (args) => call(...(args as string[])),
});

export const TEXT: readonly LibraryFunction[] = [
  {
    functionName: 'string.format',
    alias: 'format',
    summary: "A text with values in the places of `%s`, `%d`, `%v`, ..., as Go's `fmt.Sprintf` makes it.",
    example: 'string.format("%s:%d", "host", 4317)',
    parameters: ['string'],
    rest: 'any',
    call: ([spec, ...values]) => format(spec as string, values),
  },
  {
    functionName: 'string.join',
    alias: 'join',
    summary: 'The texts of a list, with a separator between them.',
    example: 'string.join(["a", "b"], ",")',
    parameters: ['list(string)', 'string'],
    call: ([list, separator]) => {
      const parts = list as readonly string[];
      boundText(parts.reduce((sum, part) => sum + part.length + (separator as string).length, 0));
      return parts.join(separator as string);
    },
  },
  texts(
    ['string.replace', 'replace'],
    3,
    'A text with all occurrences of a part replaced.',
    'string.replace("a-b", "-", "_")',
    (text, old, by) => {
      const count = text.split(old).length + 1;
      boundText(text.length + count * by.length);
      return old === '' ? between(text, by) : text.replaceAll(old, () => by);
    },
  ),
  texts(
    ['string.split', 'split'],
    2,
    'The parts of a text between separators.',
    'string.split("a,b", ",")',
    (text, separator) => {
      const parts = separator === '' ? [...text] : text.split(separator);
      boundElements(parts.length);
      return parts;
    },
  ),
  texts(['string.to_lower', 'to_lower'], 1, 'A text in lower case.', 'string.to_lower("Abc")', (text) =>
    text.toLowerCase(),
  ),
  texts(['string.to_upper', 'to_upper'], 1, 'A text in upper case.', 'string.to_upper("Abc")', (text) =>
    text.toUpperCase(),
  ),
  texts(
    ['string.trim', 'trim'],
    2,
    'A text without the given characters at both ends.',
    'string.trim("--a-", "-")',
    trim,
  ),
  texts(
    ['string.trim_prefix', 'trim_prefix'],
    2,
    'A text without the given beginning.',
    'string.trim_prefix("https://a", "https://")',
    (text, prefix) => (text.startsWith(prefix) ? text.slice(prefix.length) : text),
  ),
  texts(
    ['string.trim_suffix', 'trim_suffix'],
    2,
    'A text without the given end.',
    'string.trim_suffix("a.yaml", ".yaml")',
    (text, suffix) => (text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text),
  ),
  texts(
    ['string.trim_space', 'trim_space'],
    1,
    'A text without white space at both ends.',
    'string.trim_space("  a ")',
    (text) => trim(text, WHITE_SPACE),
  ),
];

/** Unicode's White_Space: what Go's strings.TrimSpace takes away. */
const WHITE_SPACE =
  '\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000';

/** Before every character and at the end: what replacing nothing means in Go. */
function between(text: string, by: string): string {
  return by + [...text].map((character) => character + by).join('');
}

function trim(text: string, cutset: string): string {
  const cut = new Set(cutset);
  const characters = [...text];
  let start = 0;
  let end = characters.length;
  while (start < end && cut.has(characters[start])) start++;
  while (end > start && cut.has(characters[end - 1])) end--;
  return characters.slice(start, end).join('');
}
