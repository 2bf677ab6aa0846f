/** Cutting text at a number of bytes. */

/**
 * The text cut to at most so many bytes of UTF-8. `safe`: at the end of a character. Else a character may be cut; what is left of it
 * is U+FFFD here, since values are text and not bytes.
 */
export function truncated(text: string, bytes: number, safe: boolean): string {
  const all = Buffer.from(text);
  if (all.length <= bytes) return text;
  let end = bytes;
  if (safe) while (end > 0 && (all[end] & 0xc0) === 0x80) end--;
  return all.toString('utf8', 0, end);
}
