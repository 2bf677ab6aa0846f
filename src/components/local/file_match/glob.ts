/**
 * Patterns for paths, as github.com/bmatcuk/doublestar v4 reads them:
 *
 *     *          any text without a slash            [a-z] [^a-z] [!a-z]   one character of a class
 *     ?          one character, not a slash          {one,two{3,4}}        one of several
 *     **         as a whole segment: any number      \x                    x itself
 *                of folders, also none
 *
 * Alternatives are written out first, so that matching needs no recursion: a segment costs at most its length times that of
 * the name, whatever the pattern.
 */
import { MillraceError } from '#shared/errors.ts';

/** Most patterns that one with alternatives may stand for. */
const MAX_ALTERNATIVES = 1000;

const ANY_TEXT = Symbol('*');
const ANY_CHARACTER = Symbol('?');
interface Class {
  readonly not: boolean;
  readonly ranges: readonly (readonly [string, string])[];
}
/** A character itself, one of a class, any, or any number of any. */
type Piece = string | Class | typeof ANY_CHARACTER | typeof ANY_TEXT;
/** What one name in a path must look like. */
export type Segment =
  | { readonly kind: 'any folders' }
  | { readonly kind: 'literal'; readonly name: string }
  | { readonly kind: 'pattern'; readonly pieces: readonly Piece[] };

export interface Glob {
  readonly absolute: boolean;
  readonly segments: readonly Segment[];
}

/** As many globs as the pattern has alternatives. Throws a MillraceError for what is no pattern. */
export function parseGlob(pattern: string): readonly Glob[] {
  return alternatives(pattern).map((text) => ({ absolute: text.startsWith('/'), segments: segmentsOf(text, pattern) }));
}

export function matchesGlob({ absolute, segments }: Glob, path: string): boolean {
  if (absolute !== path.startsWith('/')) return false;
  const names = path.split('/').filter((name) => name !== '');
  // As in matchesName: only the last "any folders" may take more.
  let s = 0;
  let n = 0;
  let back = -1;
  let backName = 0;
  while (n < names.length) {
    const segment = segments[s];
    if (segment?.kind === 'any folders') {
      back = s++;
      backName = n;
    } else if (segment !== undefined && matchesName(segment, names[n])) {
      s++;
      n++;
    } else if (back >= 0) {
      s = back + 1;
      n = ++backName;
    } else return false;
  }
  while (segments[s]?.kind === 'any folders') s++;
  return s === segments.length;
}

export function matchesName(segment: Segment, name: string): boolean {
  if (segment.kind === 'any folders') return true;
  if (segment.kind === 'literal') return segment.name === name;
  const { pieces } = segment;
  const chars = [...name];
  let p = 0;
  let c = 0;
  let star = -1;
  let starChar = 0;
  while (c < chars.length) {
    const piece = pieces[p];
    if (piece === ANY_TEXT) {
      star = p++;
      starChar = c;
    } else if (piece !== undefined && fits(piece, chars[c])) {
      p++;
      c++;
    } else if (star >= 0) {
      p = star + 1;
      c = ++starChar;
    } else return false;
  }
  while (pieces[p] === ANY_TEXT) p++;
  return p === pieces.length;
}

function fits(piece: Piece, char: string): boolean {
  if (typeof piece === 'string') return piece === char;
  if (typeof piece === 'symbol') return true;
  const code = char.codePointAt(0)!;
  return piece.not !== piece.ranges.some(([from, to]) => code >= from.codePointAt(0)! && code <= to.codePointAt(0)!);
}

const bad = (pattern: string, why: string): MillraceError =>
  new MillraceError('bad_pattern', `the pattern "${pattern}" ${why}`);

/** The pattern with each choice of its alternatives. */
function alternatives(pattern: string): string[] {
  const done: string[] = [];
  const open = [pattern];
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    const braces = firstBraces(text, pattern);
    if (braces === null) done.push(text);
    else {
      const { start, end, options } = braces;
      for (const option of options.toReversed()) open.push(text.slice(0, start) + option + text.slice(end));
    }
    if (done.length + open.length > MAX_ALTERNATIVES)
      throw bad(pattern, `has more than ${MAX_ALTERNATIVES} alternatives`);
  }
  return done;
}

function firstBraces(
  text: string,
  pattern: string,
): { readonly start: number; readonly end: number; readonly options: readonly string[] } | null {
  let depth = 0;
  let start = 0;
  let optionAt = 0;
  const options: string[] = [];
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '\\') i++;
    else if (char === '[') i = classEnd(text, i, pattern);
    else if (char === '{') {
      if (depth++ === 0) {
        start = i;
        optionAt = i + 1;
      }
    } else if (char === '}') {
      if (depth === 0) throw bad(pattern, 'has a "}" without its "{"; write \\} for the character itself');
      if (--depth === 0) return { start, end: i + 1, options: [...options, text.slice(optionAt, i)] };
    } else if (char === ',' && depth === 1) {
      options.push(text.slice(optionAt, i));
      optionAt = i + 1;
    }
  }
  if (depth > 0) throw bad(pattern, 'has a "{" without its "}"; write \\{ for the character itself');
  return null;
}

/** Where the "]" of the class is that begins at `start`. */
function classEnd(text: string, start: number, pattern: string): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === ']') return i;
  }
  throw bad(pattern, 'has a "[" without its "]"; write \\[ for the character itself');
}

function segmentsOf(text: string, pattern: string): Segment[] {
  const segments: Segment[] = [];
  for (const part of splitPath(text)) {
    if (part === '' || part === '.') continue;
    if (part === '..' && segments.length > 0 && segments.at(-1)?.kind === 'literal') segments.pop();
    else if (part === '**') {
      if (segments.at(-1)?.kind !== 'any folders') segments.push({ kind: 'any folders' });
    } else segments.push(segmentOf(part, pattern));
  }
  return segments;
}

/** At the slashes; one inside a class is none. */
function splitPath(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '[') i = classEnd(text, i, text);
    else if (text[i] === '/') {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...parts, text.slice(from)];
}

function segmentOf(part: string, pattern: string): Segment {
  const chars = [...part];
  const pieces: Piece[] = [];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i];
    if (char === '*') {
      if (pieces.at(-1) !== ANY_TEXT) pieces.push(ANY_TEXT);
    } else if (char === '?') pieces.push(ANY_CHARACTER);
    else if (char === '[') {
      const { piece, end } = classAt(chars, i, pattern);
      pieces.push(piece);
      i = end;
    } else if (char === '\\') {
      if (++i >= chars.length) throw bad(pattern, 'ends in a "\\"; write \\\\ for the character itself');
      pieces.push(chars[i]);
    } else pieces.push(char);
  }
  const plain = pieces.filter((piece) => typeof piece === 'string');
  return plain.length === pieces.length ? { kind: 'literal', name: plain.join('') } : { kind: 'pattern', pieces };
}

function classAt(chars: readonly string[], start: number, pattern: string): { piece: Piece; end: number } {
  let i = start + 1;
  const not = chars[i] === '^' || chars[i] === '!';
  if (not) i++;
  const ranges: [string, string][] = [];
  const char = (): string => {
    if (chars[i] === '\\') i++;
    const found = chars[i++];
    if (found === undefined) throw bad(pattern, 'has a "[" without its "]"; write \\[ for the character itself');
    return found;
  };
  while (i < chars.length && chars[i] !== ']') {
    const from = char();
    if (chars[i] !== '-' || chars[i + 1] === ']') ranges.push([from, from]);
    else {
      i++;
      const to = char();
      if (to < from) throw bad(pattern, `has the range ${from}-${to}, which is empty`);
      ranges.push([from, to]);
    }
  }
  if (chars[i] !== ']') throw bad(pattern, 'has a "[" without its "]"; write \\[ for the character itself');
  if (ranges.length === 0) throw bad(pattern, 'has an empty class [ ]');
  return { piece: { not, ranges }, end: i };
}
