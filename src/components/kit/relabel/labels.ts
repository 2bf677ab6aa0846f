/** Label sets as text: pairs of name and value, sorted by name in the order of their UTF-8 bytes, names unique, no value empty. */
import type { LabelPair } from '#codec/prometheus/labels.ts';

export type Label = LabelPair;

/** The order of the UTF-8 bytes of two texts, which is that of their code points: surrogates come after all other units. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

const rank = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);

export const byName = (a: Label, b: Label): number => compareBytes(a[0], b[0]);
