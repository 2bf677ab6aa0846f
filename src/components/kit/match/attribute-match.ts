/**
 * Whether a message has certain attributes, maybe with certain values. Strict: of the same type and equal. By pattern: strings, bools,
 * ints and doubles as text, in which the pattern is searched for. Facts: Collector contrib `internal/filter/filtermatcher`.
 */
import { anyValueBytes, isPlainList, isPlainMap, readAnyValue, type PlainValue } from '#codec/otlp/any-value.ts';
import type { Message } from '#codec/otlp/message.ts';
import { StringValue } from '#codec/otlp/string-value.ts';
import { plainText } from '#text/go-number.ts';
import { isSame } from './bytes-cache.ts';
import { matchesText, textMatch, type TextMatch, type TextMatching } from './text-match.ts';

/** `value` undefined: whatever its value. */
export interface WantedAttribute {
  readonly key: string;
  readonly value: PlainValue | undefined;
}

interface Wanted {
  readonly key: Buffer;
  readonly test: ((buf: Buffer, start: number, stop: number) => boolean) | null;
}

export class AttributeMatch {
  readonly #wanted: readonly Wanted[];

  constructor(wanted: readonly WantedAttribute[], matching: TextMatching) {
    this.#wanted = wanted.map(({ key, value }) => ({
      key: Buffer.from(key),
      test: value === undefined ? null : testOf(value, matching),
    }));
  }

  /** All of them are in the field of KeyValues. */
  matches(message: Message, field: number): boolean {
    for (const { key, test } of this.#wanted) {
      if (!message.find(field, key)) return false;
      if (test !== null && !test(message.buf, message.start, message.stop)) return false;
    }
    return true;
  }
}

function testOf(value: PlainValue, matching: TextMatching): Wanted['test'] {
  const text = new StringValue();
  if (typeof value === 'string') {
    const match = textMatch([value], matching)!;
    if (matching.type === 'strict')
      return (buf, start, stop) => text.read(buf, start, stop) && match.matches(buf, text.start, text.stop);
    return (buf, start, stop) =>
      text.read(buf, start, stop)
        ? match.matches(buf, text.start, text.stop)
        : scalarMatches(match, readAnyValue(buf, start, stop));
  }
  const bytes = anyValueBytes(value);
  // NaN is not equal to itself.
  const plain = !Number.isNaN(value);
  return (buf, start, stop) =>
    plain && (isSame(bytes, buf, start, stop) || isEqual(value, readAnyValue(buf, start, stop)));
}

function scalarMatches(match: TextMatch, value: PlainValue): boolean {
  switch (typeof value) {
    case 'boolean':
    case 'bigint':
      return matchesText(match, String(value));
    case 'number':
      return matchesText(match, plainText(value));
    default:
      return false;
  }
}

/** Members of maps in any order. */
function isEqual(a: PlainValue, b: PlainValue): boolean {
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (isPlainList(a)) return isPlainList(b) && a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  if (!isPlainMap(a)) return a === b;
  if (!isPlainMap(b) || a.size !== b.size) return false;
  return [...a].every(([key, member]) => b.has(key) && isEqual(member, b.get(key)!));
}
