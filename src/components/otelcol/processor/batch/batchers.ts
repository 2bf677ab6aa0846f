/** The batchers of one signal: one, or with `metadata_keys` one per combination of the values of these keys. */
import type { Batch } from '#components/kit/batch.ts';
import type { Metadata } from '#shared/metadata.ts';
import { Outcome } from '#shared/outcome.ts';
import { Batcher, type BatcherContext } from './batcher.ts';
import type { Args } from './schema.ts';

export class Batchers {
  readonly #ctx: BatcherContext;
  #args: Args;
  /** Lower case. */
  #keys: readonly string[];
  /** By the text of their values; at most `metadata_cardinality_limit`. Without keys one, under the empty text. */
  readonly #byValues = new Map<string, Batcher>();
  /** Of keys before the last update, until they are empty. */
  readonly #retiring = new Set<Batcher>();
  #stopping = false;

  constructor(ctx: BatcherContext, args: Args) {
    this.#ctx = ctx;
    this.#args = args;
    this.#keys = lowerCase(args.metadata_keys);
    this.#startSingle();
  }

  /** Combinations of metadata values seen. */
  get size(): number {
    return this.#byValues.size;
  }

  offer(batch: Batch): Outcome {
    if (this.#stopping) return Outcome.stopping;
    const values = this.#keys.length === 0 ? '' : this.#valuesOf(batch.metadata);
    const batcher = this.#byValues.get(values) ?? this.#add(values, batch.metadata);
    return batcher === null ? Outcome.metadataCardinality : batcher.offer(batch);
  }

  /** Other keys: what is held under the old ones is sent on at once. */
  update(args: Args): void {
    this.#args = args;
    const keys = lowerCase(args.metadata_keys);
    if (keys.join() !== this.#keys.join()) {
      this.#keys = keys;
      for (const batcher of this.#byValues.values()) {
        this.#retiring.add(batcher);
        void batcher.drain().then(() => this.#retiring.delete(batcher));
      }
      this.#byValues.clear();
      this.#startSingle();
    }
    for (const batcher of this.#byValues.values()) batcher.update(args);
  }

  /** Takes nothing more and sends all there is; resolves when it is empty. */
  async drain(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#byValues.values(), ...this.#retiring].map((batcher) => batcher.drain()));
  }

  /** Drops what is left and emits nothing more, after {@link drain}. */
  abandon(): void {
    for (const batcher of this.#byValues.values()) batcher.abandon();
    for (const batcher of this.#retiring) batcher.abandon();
  }

  /** Without keys the one batcher, and with it its timer, runs from the start. */
  #startSingle(): void {
    if (this.#keys.length === 0) this.#add('', null);
  }

  #add(values: string, metadata: Metadata | null): Batcher | null {
    const limit = this.#args.metadata_cardinality_limit;
    if (this.#keys.length > 0 && limit > 0 && this.#byValues.size >= limit) return null;
    const batcher = new Batcher(this.#ctx, this.#args, this.#outgoing(metadata));
    this.#byValues.set(values, batcher);
    return batcher;
  }

  /** Distinct for every combination; a missing key is not the same as one with an empty value. */
  #valuesOf(metadata: Metadata | null): string {
    return JSON.stringify(this.#keys.map((key) => metadata?.get(key) ?? []));
  }

  /** Only the configured keys go on (semantics 7.2). */
  #outgoing(metadata: Metadata | null): Metadata | null {
    if (this.#keys.length === 0) return null;
    const kept = new Map<string, readonly string[]>();
    for (const key of this.#keys) {
      const values = metadata?.get(key);
      if (values !== undefined) kept.set(key, values);
    }
    return kept;
  }
}

const lowerCase = (keys: readonly string[]): readonly string[] => keys.map((key) => key.toLowerCase());
