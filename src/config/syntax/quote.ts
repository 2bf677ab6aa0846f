/**
 * Strings and names as source text.
 */

/** A string literal: in double quotes, with escapes (JSON's are among Alloy's) for what cannot be seen or stand in it. */
export function quote(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Whether the whole text is one identifier: what a block's label must be, and a key that needs no quotes. */
export function isIdentifier(text: string): boolean {
  return /^[\p{L}_][\p{L}\p{Nd}_]*$/u.test(text) && text !== 'null' && text !== 'true' && text !== 'false';
}

/**
 * A key of an object. Between quotes there are no escapes for it, so one that holds a quote, a backslash or a line end goes between
 * backticks. null: it cannot be written at all.
 */
export function keyText(key: string): string | null {
  if (isIdentifier(key)) return key;
  if (/[\0\r\ufeff\ud800-\udfff]/u.test(key)) return null;
  if (!/["\\\p{Cc}]/u.test(key)) return `"${key}"`;
  return key.includes('`') ? null : `\`${key}\``;
}
