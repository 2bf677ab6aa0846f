/**
 * extract: what the groups of a pattern match in a text become attributes, named as the groups; a group that took no part becomes the
 * empty text. Of texts that come again their attributes are known.
 */
import { pairBytes, putPair } from '#codec/otlp/attribute-edit.ts';
import type { Message } from '#codec/otlp/message.ts';
import { StringValue } from '#codec/otlp/string-value.ts';
import { BytesCache } from '#components/kit/match/bytes-cache.ts';
import { GoRegex } from '#text/regex.ts';
import type { Action } from './actions.ts';

const TEXTS_CACHED = 1024;

interface Group {
  readonly number: number;
  readonly name: Buffer;
}

export function extractAction(field: number, key: Buffer, pattern: string): Action {
  return new Extract(field, key, new GoRegex(pattern));
}

class Extract implements Action {
  readonly #field: number;
  readonly #key: Buffer;
  readonly #pattern: GoRegex;
  readonly #groups: readonly Group[];
  readonly #text = new StringValue();
  /** Attributes as fields, in order of the groups; null: the text does not match. */
  readonly #known = new BytesCache<readonly Buffer[] | null>(TEXTS_CACHED);

  constructor(field: number, key: Buffer, pattern: GoRegex) {
    this.#field = field;
    this.#key = key;
    this.#pattern = pattern;
    this.#groups = [...pattern.names]
      .map(([name, number]) => ({ number, name: Buffer.from(name) }))
      .sort((a, b) => a.number - b.number);
  }

  apply(message: Message): void {
    if (!message.find(this.#field, this.#key)) return;
    const { buf, start, stop } = message;
    if (!this.#text.read(buf, start, stop)) return;
    const { start: from, stop: to } = this.#text;
    let pairs = this.#known.get(buf, from, to);
    if (pairs === undefined) pairs = this.#known.put(buf, from, to, this.#pairs(buf.toString('utf8', from, to)));
    if (pairs === null) return;
    for (let i = 0; i < pairs.length; i++) putPair(message, this.#field, this.#groups[i].name, pairs[i]);
  }

  #pairs(text: string): readonly Buffer[] | null {
    const match = this.#pattern.find(text);
    if (match === null) return null;
    return this.#groups.map(({ number, name }) => {
      const start = match[2 * number];
      return pairBytes(this.#field, name, start < 0 ? '' : text.slice(start, match[2 * number + 1]));
    });
  }
}
