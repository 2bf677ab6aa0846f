/** One output to several consumers (semantics 1.2). Batches are never changed by a consumer, so all may share one. */
import { isRefused, join, Outcome } from '#shared/outcome.ts';
import type { Batch, Consumer } from './batch.ts';

const DISCARD: Consumer = { consume: () => Outcome.accepted };

/**
 * None: accepts and discards. One: that one. Several: each is given the batch, also after another has refused it, and the
 * outcomes are joined. The answer comes at once if every consumer answers at once.
 *
 * A component that holds a refused {@link Batch} and offers the same object again reaches only those that had refused it: a
 * healthy destination gets nothing twice because another one is down. A client's retry is a new batch and goes to all.
 */
export function fanOut(consumers: readonly Consumer[]): Consumer {
  if (consumers.length === 0) return DISCARD;
  if (consumers.length === 1) return consumers[0];
  return new FanOut(consumers);
}

class FanOut implements Consumer {
  readonly #all: readonly Consumer[];
  /** Who is left, of batches that some have taken and others have refused. */
  readonly #left = new WeakMap<Batch, readonly Consumer[]>();

  constructor(consumers: readonly Consumer[]) {
    this.#all = consumers;
  }

  consume(batch: Batch): Outcome | Promise<Outcome> {
    const consumers = this.#left.get(batch) ?? this.#all;
    batch.release = null;
    const outcomes = consumers.map((consumer) => consumer.consume(batch));
    if (outcomes.every((outcome) => typeof outcome === 'number')) return this.#joined(batch, consumers, outcomes);
    return Promise.all(outcomes).then((later) => this.#joined(batch, consumers, later));
  }

  #joined(batch: Batch, consumers: readonly Consumer[], outcomes: readonly Outcome[]): Outcome {
    const refusing = consumers.filter((_, i) => isRefused(outcomes[i]));
    if (refusing.length > 0) this.#left.set(batch, refusing);
    return outcomes.reduce(join, Outcome.accepted);
  }
}
