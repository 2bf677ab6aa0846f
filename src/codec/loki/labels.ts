/**
 * Labels of a stream: sorted lists of names and values, and the text in which Loki takes them (Go's strconv.Quote around values):
 *
 *     {job="api", msg="say \"hi\"\n"}
 */

export type Label = readonly [name: string, value: string];

/** Sorts by the bytes of the names; of equal names the last one stays. */
export function sortedLabels(labels: Iterable<Label>): Label[] {
  return [...new Map(labels)].sort(([a], [b]) => compareBytes(a, b));
}

export function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  // UTF-16 and UTF-8 order differ only where surrogates are.
  if (/[\ud800-\udfff]/.test(a) || /[\ud800-\udfff]/.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

/** Labels for components only, which no text and no request shows. */
export const isInternal = (name: string): boolean => name.startsWith('__');

/** `{a="b", c="d"}` of sorted labels, without internal ones. */
export function labelsText(labels: readonly Label[]): string {
  return `{${labels.flatMap(([name, value]) => (isInternal(name) ? [] : [`${name}=${goQuoted(value)}`])).join(', ')}}`;
}

/** The same with internal ones, as a log shows what moves between components (prometheus/common `model.LabelSet`). */
export function allLabelsText(labels: readonly Label[]): string {
  return `{${labels.map(([name, value]) => `${name}=${goQuoted(value)}`).join(', ')}}`;
}

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

/** Go's strconv.Quote. A lone surrogate is U+FFFD, as everywhere where text becomes bytes. */
export function goQuoted(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  return `"${text.toWellFormed().replaceAll(/["\\]|[^ -~]/gu, escaped)}"`;
}

function escaped(character: string): string {
  if (Object.hasOwn(SHORT, character)) return SHORT[character];
  if (/^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character)) return character;
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  if (code < 0x20 || code === 0x7f) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
