/**
 * Upper and lower case as Go's `strings` have them: each code point for itself, by the simple mappings of Unicode, so that a text
 * keeps its number of code points (JavaScript makes SS of ß).
 */
export const goLower = (text: string): string => mapped(text, text.toLowerCase(), lowerOf);
export const goUpper = (text: string): string => mapped(text, text.toUpperCase(), upperOf);

// eslint-disable-next-line no-control-regex -- it is about the bytes of ASCII
const ASCII = /^[\0-\x7f]*$/;

function mapped(text: string, byEngine: string, one: (char: string) => string): string {
  if (ASCII.test(text)) return byEngine;
  let out = '';
  for (const char of text) out += one(char);
  return out;
}

/** The one letter whose full lower case is two code points: İ. */
const lowerOf = (char: string): string => (char === '\u0130' ? 'i' : char.toLowerCase());

function upperOf(char: string): string {
  const upper = char.toUpperCase();
  if (upper.length === char.length) return upper;
  // Greek with iota below has a simple upper case of its own (UnicodeData.txt); what else becomes several letters has none.
  const code = char.charCodeAt(0);
  if (code >= 0x1f80 && code <= 0x1faf) return String.fromCharCode(code | 8);
  if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return String.fromCharCode(code + 9);
  return char;
}
