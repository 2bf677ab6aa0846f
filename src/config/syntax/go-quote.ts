/**
 * Quoted texts as Go writes them (`strconv.Quote`, `strconv.QuoteRune`): for `%q` and for what conversion writes. The language
 * reads every such escape.
 */

const SHORT: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

/** Go's unicode.IsPrint. */
export function isPrintable(character: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character);
}

/** `ascii`: everything beyond ASCII is escaped. `raw`: in backquotes, where that can be. */
export function goQuote(text: string, ascii: boolean, raw: boolean): string {
  if (raw && !/[`\ufeff\u007f]|[^\P{Cc}\t\u0080-\u009f]/u.test(text)) return `\`${text}\``;
  return `"${escaped(text, '"', ascii)}"`;
}

export function goQuoteCharacter(character: string, ascii: boolean): string {
  return `'${escaped(character, "'", ascii)}'`;
}

function escaped(text: string, mark: string, ascii: boolean): string {
  // A lone surrogate is no character; Go would have read it as U+FFFD.
  return text.toWellFormed().replaceAll(/["'\\]|[^ -~]/gu, (character) => {
    if (character === mark) return `\\${mark}`;
    if (character === '"' || character === "'") return character;
    const short = Object.hasOwn(SHORT, character) ? SHORT[character] : undefined;
    if (short !== undefined) return short;
    if (!ascii && isPrintable(character)) return character;
    const hex = character.codePointAt(0)!.toString(16);
    if (hex.length <= 2 && (hex === '7f' || Number.parseInt(hex, 16) < 0x20)) return `\\x${hex.padStart(2, '0')}`;
    return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });
}
