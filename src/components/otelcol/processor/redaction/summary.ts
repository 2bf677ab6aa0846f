/**
 * Attributes that tell what was done: `redaction.masked.count`, and in debug mode `redaction.masked.keys`, sorted, with commas in between.
 * What an earlier redaction has told is added to.
 */
import { readAnyValue } from '#codec/otlp/any-value.ts';
import { putValue } from '#codec/otlp/attribute-edit.ts';
import type { Message } from '#codec/otlp/message.ts';
import type { Args } from './schema.ts';

const KINDS = ['redacted', 'masked', 'allowed', 'ignored'] as const;
export type Kind = (typeof KINDS)[number];

const PREFIXES = ['redaction', 'redaction.body'] as const;
const namesOf = (prefix: string, kind: Kind): string[] =>
  // Which keys are ignored is in the configuration.
  kind === 'ignored' ? [`${prefix}.ignored.count`] : [`${prefix}.${kind}.keys`, `${prefix}.${kind}.count`];

export const SUMMARY_KEYS: readonly string[] = PREFIXES.flatMap((prefix) =>
  KINDS.flatMap((kind) => namesOf(prefix, kind)),
);

interface Told {
  readonly kind: Kind;
  readonly countKey: Buffer;
  readonly keysKey: Buffer | null;
  count: number;
  readonly keys: string[];
}

/** Of one message, or of the body of one log record; reused. */
export class Summary {
  readonly #tells: boolean;
  readonly #namesKeys: boolean;
  readonly #told: readonly Told[];

  constructor(mode: Args['summary'], prefix: (typeof PREFIXES)[number]) {
    this.#tells = mode === 'info' || mode === 'debug';
    this.#namesKeys = mode === 'debug';
    this.#told = KINDS.map((kind) => ({
      kind,
      countKey: Buffer.from(`${prefix}.${kind}.count`),
      keysKey: kind === 'ignored' ? null : Buffer.from(`${prefix}.${kind}.keys`),
      count: 0,
      keys: [],
    }));
  }

  /** The key is UTF-8. */
  note(kind: Kind, key: Buffer, start: number, stop: number): void {
    if (this.#tells) this.#add(kind, this.#namesKeys ? key.toString('utf8', start, stop) : '');
  }

  noteText(kind: Kind, key: string): void {
    if (this.#tells) this.#add(kind, key);
  }

  /** Into a field of attributes; the next message begins anew. */
  write(message: Message, field: number): void {
    if (!this.#tells) return;
    for (const told of this.#told) {
      if (told.count === 0) continue;
      if (this.#namesKeys && told.keysKey !== null) this.#writeKeys(message, field, told.keysKey, told.keys);
      const before = valueOf(message, field, told.countKey);
      const count = BigInt(told.count) + (typeof before === 'bigint' ? before : 0n);
      putValue(message, field, told.countKey, count);
      told.count = 0;
      told.keys.length = 0;
    }
  }

  #add(kind: Kind, key: string): void {
    const told = this.#told[KINDS.indexOf(kind)];
    told.count++;
    if (this.#namesKeys) told.keys.push(key);
  }

  #writeKeys(message: Message, field: number, name: Buffer, keys: readonly string[]): void {
    const before = valueOf(message, field, name);
    const all = typeof before === 'string' && before !== '' ? [...keys, ...before.split(',')] : [...keys];
    all.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    putValue(message, field, name, all.join(','));
  }
}

function valueOf(message: Message, field: number, key: Buffer): unknown {
  return message.find(field, key) ? readAnyValue(message.buf, message.start, message.stop) : null;
}
