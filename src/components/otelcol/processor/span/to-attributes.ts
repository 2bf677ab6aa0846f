/**
 * Attributes, taken out of the name of a span by rules, each of which sees the name that the one before has left. What becomes of a
 * name depends on it alone, so it is remembered.
 */
import { pairBytes, putPair } from '#codec/otlp/attribute-edit.ts';
import { SPAN } from '#codec/otlp/fields.ts';
import type { Message } from '#codec/otlp/message.ts';
import { peek } from '#codec/otlp/peek.ts';
import { BytesCache } from '#components/kit/match/bytes-cache.ts';
import { GoRegex } from '#text/regex.ts';
import type { NameArgs } from './schema.ts';

/** Names that are remembered. */
const NAMES = 4096;

interface Pair {
  readonly key: Buffer;
  /** As a field of the span. */
  readonly bytes: Buffer;
}

interface Taken {
  /** null: it stays. */
  readonly name: Buffer | null;
  readonly pairs: readonly Pair[];
}

interface Group {
  readonly number: number;
  readonly name: string;
}

interface Rule {
  readonly pattern: GoRegex;
  /** Those with a name, from the left. */
  readonly groups: readonly Group[];
}

export class AttributesFromName {
  readonly #rules: readonly Rule[];
  readonly #breaks: boolean;
  readonly #keeps: boolean;
  readonly #known = new BytesCache<Taken>(NAMES);

  constructor(args: NonNullable<NameArgs['to_attributes']>) {
    this.#rules = args.rules.map((text) => {
      const pattern = new GoRegex(text);
      const groups = [...pattern.names].map(([name, number]) => ({ name, number }));
      return { pattern, groups: groups.sort((a, b) => a.number - b.number) };
    });
    this.#breaks = args.break_after_match;
    this.#keeps = args.keep_original_name;
  }

  apply(span: Message): void {
    if (!peek(span, SPAN.name) || span.start === span.stop) return;
    const { buf, start, stop } = span;
    let taken = this.#known.get(buf, start, stop);
    if (taken === undefined) taken = this.#known.put(buf, start, stop, this.#take(buf.toString('utf8', start, stop)));
    for (const { key, bytes } of taken.pairs) putPair(span, SPAN.attributes, key, bytes);
    if (taken.name === null) return;
    const mark = span.mark();
    span.scratch.bytes(SPAN.name, taken.name);
    span.put(SPAN.name, mark);
  }

  #take(original: string): Taken {
    const pairs: Pair[] = [];
    let name = original;
    for (const { pattern, groups } of this.#rules) {
      const match = pattern.find(name);
      if (match === null) continue;
      let renamed = '';
      let done = 0;
      for (const group of groups) {
        const start = match[2 * group.number];
        const stop = match[2 * group.number + 1];
        const key = Buffer.from(group.name);
        pairs.push({ key, bytes: pairBytes(SPAN.attributes, key, start < 0 ? '' : name.slice(start, stop)) });
        // Groups that took no part, or lie in another one, leave the name as it is.
        if (start < done) continue;
        renamed += `${name.slice(done, start)}{${group.name}}`;
        done = stop;
      }
      if (!this.#keeps) name = renamed + name.slice(done);
      if (this.#breaks) break;
    }
    return { name: name === original ? null : Buffer.from(name), pairs };
  }
}
