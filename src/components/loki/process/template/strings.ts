/**
 * Functions of strings: those of Alloy (Go's strings package, `Hash`, `regexReplaceAll`) and the common ones of sprig, whose last
 * argument is the string, so that pipelines read well.
 */
import { createHash } from 'node:crypto';
import { fn, MAX_TEXT, ofTexts, refuse, regexOf, type Fn } from './function.ts';
import { asInt, asText, textOf, type Value } from './value.ts';

const escapeRegex = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** Go's strings.TrimLeft: characters of `cutset`, in any order. */
function trimLeft(text: string, cutset: string): string {
  return cutset === '' ? text : text.replace(new RegExp(`^(?:${choice(cutset)})+`, 'u'), '');
}
function trimRight(text: string, cutset: string): string {
  if (cutset === '') return text;
  const characters = new Set(cutset);
  let end = text.length;
  // A pattern that ends at `$` would start at every character of the text.
  while (end > 0) {
    const length = /[\udc00-\udfff]/.test(text[end - 1]) && end > 1 ? 2 : 1;
    if (!characters.has(text.slice(end - length, end))) break;
    end -= length;
  }
  return text.slice(0, end);
}
const choice = (cutset: string): string => [...cutset].map(escapeRegex).join('|');

const SPACE =
  ' \t\n\v\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000';
const trimSpace = (text: string): string => trimRight(trimLeft(text, SPACE), SPACE);

function replace(text: string, from: string, to: string, count: number): string {
  if (count === 0 || from === to) return text;
  let out = '';
  let at = 0;
  for (let left = count < 0 ? Infinity : count; left > 0; left--) {
    const found = from === '' ? (at < text.length || out === '' ? at : -1) : text.indexOf(from, at);
    if (found < 0) break;
    out += text.slice(at, found) + to;
    at = found + from.length;
    if (from === '') {
      if (at >= text.length) break;
      out += text[at++];
    }
    if (out.length > MAX_TEXT) refuse('replace', 'the result is too long');
  }
  return out + text.slice(at);
}

const hash = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');
const cut = (text: string, length: number): string => [...text].slice(0, length).join('');
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const words = (text: string): string[] =>
  text
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(?<=\p{Lu})(?=\p{Lu}\p{Ll})/gu, ' ')
    .split(/[\s_\-.]+/)
    .filter((word) => word !== '');

function indent(spaces: number, text: string): string {
  const pad = padding('indent', spaces);
  return pad + text.replaceAll('\n', `\n${pad}`);
}
function padding(name: string, spaces: number): string {
  if (spaces < 0 || spaces > 1000) refuse(name, 'the number of blanks must be from 0 to 1000');
  return ' '.repeat(spaces);
}

/** A whole number, then a string. */
const ofCount = (call: (count: number, text: string) => string): Fn =>
  fn(2, 2, ([count, text], name) => call(asInt(count), asText(text, name)));

export const stringFunctions: Readonly<Record<string, Fn>> = {
  // Alloy's own.
  ToLower: ofTexts(1, (s) => s.toLowerCase()),
  ToUpper: ofTexts(1, (s) => s.toUpperCase()),
  Replace: fn(4, 4, ([s, from, to, n], name) =>
    replace(asText(s, name), asText(from, name), asText(to, name), asInt(n)),
  ),
  Trim: ofTexts(2, (s, cutset) => trimRight(trimLeft(s, cutset), cutset)),
  TrimLeft: ofTexts(2, trimLeft),
  TrimRight: ofTexts(2, trimRight),
  TrimPrefix: ofTexts(2, (s, prefix) => (s.startsWith(prefix) ? s.slice(prefix.length) : s)),
  TrimSuffix: ofTexts(2, (s, suffix) => (s.endsWith(suffix) ? s.slice(0, s.length - suffix.length) : s)),
  TrimSpace: ofTexts(1, trimSpace),
  Hash: ofTexts(2, (salt, s) => hash('sha3-256', salt + s)),
  Sha2Hash: ofTexts(2, (salt, s) => hash('sha256', salt + s)),
  regexReplaceAll: ofTexts(3, (regex, s, to) => regexOf(regex, 'regexReplaceAll').replaceAll(s, to)),
  regexReplaceAllLiteral: ofTexts(3, (regex, s, to) =>
    regexOf(regex, 'regexReplaceAllLiteral').replaceAll(s, to.replaceAll('$', '$$$$')),
  ),
  // sprig's.
  lower: ofTexts(1, (s) => s.toLowerCase()),
  upper: ofTexts(1, (s) => s.toUpperCase()),
  title: ofTexts(1, (s) => s.replaceAll(/(?<![\p{L}\p{N}_'])\p{L}/gu, (letter) => letter.toUpperCase())),
  untitle: ofTexts(1, (s) => s.replaceAll(/(?<![\p{L}\p{N}_'])\p{L}/gu, (letter) => letter.toLowerCase())),
  swapcase: ofTexts(1, (s) =>
    s.replaceAll(/\p{L}/gu, (c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())),
  ),
  trim: ofTexts(1, trimSpace),
  trimAll: ofTexts(2, (cutset, s) => trimRight(trimLeft(s, cutset), cutset)),
  trimPrefix: ofTexts(2, (prefix, s) => (s.startsWith(prefix) ? s.slice(prefix.length) : s)),
  trimSuffix: ofTexts(2, (suffix, s) => (s.endsWith(suffix) ? s.slice(0, s.length - suffix.length) : s)),
  nospace: ofTexts(1, (s) => s.replaceAll(/\s/g, '')),
  replace: ofTexts(3, (from, to, s) => replace(s, from, to, -1)),
  repeat: ofCount((count, s) =>
    count < 0 || count * s.length > MAX_TEXT ? refuse('repeat', 'the result is too long') : s.repeat(count),
  ),
  trunc: ofCount((length, s) => (length < 0 ? [...s].slice(length).join('') : cut(s, length))),
  abbrev: ofCount((width, s) => (width < 4 || [...s].length <= width ? s : `${cut(s, width - 3)}...`)),
  substr: fn(3, 3, ([from, to, s], name) => {
    const characters = [...asText(s, name)];
    const start = asInt(from);
    const end = asInt(to);
    if (start < 0) return characters.slice(0, end).join('');
    return characters.slice(start, end < 0 || end > characters.length ? characters.length : end).join('');
  }),
  indent: ofCount(indent),
  nindent: ofCount((spaces, s) => `\n${indent(spaces, s)}`),
  contains: ofTexts(2, (part, s) => s.includes(part)),
  hasPrefix: ofTexts(2, (prefix, s) => s.startsWith(prefix)),
  hasSuffix: ofTexts(2, (suffix, s) => s.endsWith(suffix)),
  quote: fn(0, 100, (args) =>
    present(args)
      .map((s) => JSON.stringify(s))
      .join(' '),
  ),
  squote: fn(0, 100, (args) =>
    present(args)
      .map((s) => `'${s}'`)
      .join(' '),
  ),
  cat: fn(0, 100, (args) => present(args).join(' ')),
  snakecase: ofTexts(1, (s) => words(s).join('_').toLowerCase()),
  kebabcase: ofTexts(1, (s) => words(s).join('-').toLowerCase()),
  camelcase: ofTexts(1, (s) =>
    words(s)
      .map((word) => capital(word.toLowerCase()))
      .join(''),
  ),
  initials: ofTexts(1, (s) =>
    s
      .split(/\s+/)
      .map((word) => [...word][0] ?? '')
      .join(''),
  ),
  toString: fn(1, 1, ([value]) => textOf(value)),
  b64enc: ofTexts(1, (s) => Buffer.from(s).toString('base64')),
  b64dec: ofTexts(1, (s) => Buffer.from(s, 'base64').toString()),
  sha1sum: ofTexts(1, (s) => hash('sha1', s)),
  sha256sum: ofTexts(1, (s) => hash('sha256', s)),
  sha512sum: ofTexts(1, (s) => hash('sha512', s)),
  regexMatch: ofTexts(2, (regex, s) => regexOf(regex, 'regexMatch').test(s)),
  regexFind: ofTexts(2, (regex, s) => {
    const match = regexOf(regex, 'regexFind').find(s);
    return match === null ? '' : s.slice(match[0], match[1]);
  }),
  regexQuoteMeta: ofTexts(1, (s) => s.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&')),
};

const present = (args: readonly Value[]): string[] =>
  args.filter((arg) => arg !== undefined && arg !== null).map(textOf);
