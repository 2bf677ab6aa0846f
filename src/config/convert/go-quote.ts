/** A string literal as Go's `%q` writes it, which is what Alloy's converter uses; the language reads every such escape. */

const SHORT: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};
/** What Go's unicode.IsPrint does not count as visible. */
const HIDDEN = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|["\\]/gu;

export function goQuote(text: string): string {
  return `"${text.replaceAll(HIDDEN, escaped)}"`;
}

function escaped(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0)!;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  // A lone surrogate is no character; Go would have read it as U+FFFD.
  if (code >= 0xd800 && code < 0xe000) return '\ufffd';
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
}
