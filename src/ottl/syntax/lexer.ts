/** The tokens of an OTTL text. */
import { OttlError } from '../error.ts';
import { unquote } from './quote.ts';
import type { Token, TokenKind } from './token.ts';

const PATTERN =
  /(?<space>\s+)|(?<bytes>0x[0-9a-fA-F]+)|(?<float>\d*\.\d+(?:[eE][-+]?\d+)?)|(?<int>\d+)|(?<string>"(?:\\.|[^\\"])*")|(?<name>[A-Za-z][A-Za-z0-9_]*)|(?<mark>==|!=|>=|<=|[<>=+\-*/(){}[\]:,.])/sy;
const KINDS = ['bytes', 'float', 'int', 'string', 'name', 'mark'] as const;

/** Throws {@link OttlError}. The last token is the end. */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  const pattern = new RegExp(PATTERN);
  for (let at = 0; at < text.length; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) throw unexpected(text, at);
    if (groups['space'] !== undefined) continue;
    const kind = KINDS.find((name) => groups[name] !== undefined)!;
    found.push({ kind, text: meaning(kind, text, groups[kind], at), start: at, end: pattern.lastIndex });
  }
  found.push({ kind: 'end', text: '', start: text.length, end: text.length });
  return found;
}

function meaning(kind: TokenKind, text: string, written: string, at: number): string {
  return kind === 'string' ? unquote(written, text, at) : written;
}

function unexpected(text: string, at: number): OttlError {
  if (text[at] === '"') return new OttlError('a string without its closing quote', text, at, text.length);
  const found = String.fromCodePoint(text.codePointAt(at)!);
  const help =
    found === "'" || found === '`'
      ? 'strings stand in double quotes'
      : found === '&' || found === '|' || found === '!'
        ? 'conditions are joined by the words and, or, not'
        : undefined;
  return new OttlError(`unexpected \`${found}\``, text, at, at + found.length, help);
}
