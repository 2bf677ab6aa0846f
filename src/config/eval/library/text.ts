/** `string.*`. Facts: grafana/alloy v1.18 docs; Go's strings package. */
import type { Value } from '../value.ts';
import { format } from './format.ts';
import { boundElements, boundText, parameter, type LibraryFunction } from './function.ts';

type Names = readonly [functionName: string, alias: string];

const texts = (
  [functionName, alias]: Names,
  parameters: readonly string[],
  summary: string,
  example: string,
  call: (...args: string[]) => Value,
): LibraryFunction => ({
  functionName,
  alias,
  summary,
  example,
  parameters: parameters.map((name) => parameter(name, 'string')),
  returns: functionName === 'string.split' ? 'list(string)' : 'string',
  call: (args) => call(...(args as string[])),
});

export const TEXT: readonly LibraryFunction[] = [
  {
    functionName: 'string.format',
    alias: 'format',
    summary: "A text with values in the places of `%s`, `%d`, `%v`, ..., as Go's `fmt.Sprintf` makes it.",
    example: 'string.format("%s:%d", "host", 4317)',
    parameters: [parameter('spec', 'string')],
    rest: parameter('values', 'any'),
    returns: 'string',
    call: ([spec, ...values]) => format(spec as string, values),
  },
  {
    functionName: 'string.join',
    alias: 'join',
    summary: 'The texts of a list, with a separator between them.',
    example: 'string.join(["a", "b"], ",")',
    parameters: [parameter('list', 'list(string)'), parameter('separator', 'string')],
    returns: 'string',
    call: ([list, separator]) => {
      const parts = list as readonly string[];
      boundText(parts.reduce((sum, part) => sum + part.length + (separator as string).length, 0));
      return parts.join(separator as string);
    },
  },
  texts(
    ['string.replace', 'replace'],
    ['text', 'old', 'new'],
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
    ['text', 'separator'],
    'The parts of a text between separators.',
    'string.split("a,b", ",")',
    (text, separator) => {
      const parts = separator === '' ? [...text] : text.split(separator);
      boundElements(parts.length);
      return parts;
    },
  ),
  texts(['string.to_lower', 'to_lower'], ['text'], 'A text in lower case.', 'string.to_lower("Abc")', (text) =>
    lowerCase(text),
  ),
  texts(['string.to_upper', 'to_upper'], ['text'], 'A text in upper case.', 'string.to_upper("Abc")', (text) =>
    upperCase(text),
  ),
  texts(
    ['string.trim', 'trim'],
    ['text', 'characters'],
    'A text without the given characters at both ends.',
    'string.trim("--a-", "-")',
    trim,
  ),
  texts(
    ['string.trim_prefix', 'trim_prefix'],
    ['text', 'prefix'],
    'A text without the given beginning.',
    'string.trim_prefix("https://a", "https://")',
    (text, prefix) => (text.startsWith(prefix) ? text.slice(prefix.length) : text),
  ),
  texts(
    ['string.trim_suffix', 'trim_suffix'],
    ['text', 'suffix'],
    'A text without the given end.',
    'string.trim_suffix("a.yaml", ".yaml")',
    (text, suffix) => (text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text),
  ),
  texts(
    ['string.trim_space', 'trim_space'],
    ['text'],
    'A text without white space at both ends.',
    'string.trim_space("  a ")',
    (text) => trim(text, WHITE_SPACE),
  ),
];

/**
 * Go maps each character to one: `\u00df` stays as it is in capitals, and no letter depends on its neighbours. Only beyond
 * ASCII does that differ from JavaScript.
 */
function upperCase(text: string): string {
  return text.toWellFormed().replaceAll(/[^\0-\u007f]|[a-z]+/gu, (character) => {
    const upper = character.toUpperCase();
    if (character.length > 2 || [...upper].length === [...character].length) return upper;
    // Greek letters with an iota below have a capital of their own, which JavaScript takes apart.
    const title = GREEK_WITH_IOTA.exec(character);
    if (title === null) return character;
    return String.fromCodePoint(character.codePointAt(0)! + (/[\u1fb3\u1fc3\u1ff3]/.test(character) ? 9 : 8));
  });
}

const GREEK_WITH_IOTA = /[\u1f80-\u1f87\u1f90-\u1f97\u1fa0-\u1fa7\u1fb3\u1fc3\u1ff3]/;

function lowerCase(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\0-\u007f]|[A-Z]+/gu, (character) => (character === '\u0130' ? 'i' : character.toLowerCase()));
}

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
