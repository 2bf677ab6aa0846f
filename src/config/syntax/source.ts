/**
 * The text of one file, and positions in it. Inside the language a position is an offset in UTF-16 code units; the outside
 * sees {@link Span}s.
 */
import { isUtf8 } from 'node:buffer';
import { diagnostic, type Diagnostic, type Span } from '#config/diag/diagnostic.ts';

export class Source {
  /** As shown in diagnostics, usually the path as the user gave it. */
  readonly name: string;
  readonly text: string;
  /** Offset of each line's first character. */
  readonly #lineStarts: number[] = [0];

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) this.#lineStarts.push(i + 1);
  }

  span(start: number, end: number): Span {
    const line = this.line(start);
    const endLine = this.line(end);
    return {
      file: this.name,
      line,
      col: start - this.#lineStarts[line - 1] + 1,
      endLine,
      endCol: end - this.#lineStarts[endLine - 1] + 1,
    };
  }

  /** Line number of an offset, from 1. */
  line(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#lineStarts[middle] <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }
}

/**
 * The text of a file's bytes. Bytes that are not UTF-8 become U+FFFD, and the first of each line is reported. A file in
 * UTF-16 (by its byte order mark) is read as such, for the sake of what else is reported about it, and refused.
 */
export function decodeUtf8(
  name: string,
  bytes: Uint8Array,
): { readonly source: Source; readonly diagnostics: readonly Diagnostic[] } {
  const utf16 =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff && 'utf-16be';
  const source = new Source(name, new TextDecoder(utf16 || 'utf-8', { ignoreBOM: true }).decode(bytes));
  const diagnostics: Diagnostic[] = [];
  if (isUtf8(bytes)) return { source, diagnostics };
  if (utf16) return { source, diagnostics: [notUtf8(source, 0, 'the file is in UTF-16: save it as UTF-8')] };
  let byte = 0;
  let reportedLine = 0;
  for (let i = 0; i < source.text.length;) {
    const point = source.text.codePointAt(i)!;
    const replaced =
      point === 0xfffd && !(bytes[byte] === 0xef && bytes[byte + 1] === 0xbf && bytes[byte + 2] === 0xbd);
    if (replaced) {
      const line = source.line(i);
      if (line !== reportedLine) diagnostics.push(notUtf8(source, i, 'save the file as UTF-8'));
      reportedLine = line;
      // How many bytes one U+FFFD stands for is the decoder's business: go on at the next line.
      const newline = bytes.indexOf(0x0a, byte);
      if (newline < 0) break;
      byte = newline + 1;
      i = source.text.indexOf('\n', i) + 1;
      continue;
    }
    byte += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    i += point < 0x10000 ? 1 : 2;
  }
  return { source, diagnostics };
}

function notUtf8(source: Source, at: number, help: string): Diagnostic {
  return diagnostic('error', 'syntax', 'illegal UTF-8 encoding', source.span(at, at + 1), help);
}
