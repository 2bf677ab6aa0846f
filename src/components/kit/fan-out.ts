/** One output to several consumers (semantics 1.2). Batches are never changed by a consumer, so all may share one. */
import { isAccepted, isRefused, join, Outcome } from '#shared/outcome.ts';
import type { Batch, Consumer } from './batch.ts';

const DISCARD: Consumer = { consume: () => Outcome.accepted };

/**
 * Which consumers have taken a batch that others refused. An output keeps its memory when its consumers change: a batch that is
 * held over a reload still reaches nobody twice.
 */
export type Taken = WeakMap<Batch, readonly Consumer[]>;

/**
 * None: accepts and discards. One: that one. Several: each is given the batch, also after another has refused it, and the
 * outcomes are joined. The answer comes at once if every consumer answers at once.
 *
 * A component that holds a refused {@link Batch} and offers the same object again reaches only those that have not taken it: a
 * healthy destination gets nothing twice because another one is down. A client's retry is a new batch and goes to all.
 *
 * `taken`: the memory of an output that led to several consumers before.
 */
export function fanOut(consumers: readonly Consumer[], taken?: Taken): Consumer {
  if (taken === undefined && consumers.length === 0) return DISCARD;
  if (taken === undefined && consumers.length === 1) return consumers[0];
  return new FanOut(consumers, taken ?? new WeakMap());
}

class FanOut implements Consumer {
  readonly #all: readonly Consumer[];
  readonly #taken: Taken;

  constructor(consumers: readonly Consumer[], taken: Taken) {
    this.#all = consumers;
    this.#taken = taken;
  }

  consume(batch: Batch): Outcome | Promise<Outcome> {
    const taken = this.#taken.get(batch);
    const consumers = taken === undefined ? this.#all : this.#all.filter((consumer) => !taken.includes(consumer));
    if (consumers.length === 0) return Outcome.accepted;
    // Alone with it: its memory may come back.
    if (consumers.length === 1 && taken === undefined) return consumers[0].consume(batch);
    batch.release = null;
    const outcomes = consumers.map((consumer) => consumer.consume(batch));
    if (outcomes.every((outcome) => typeof outcome === 'number')) return this.#joined(batch, consumers, outcomes);
    return Promise.all(outcomes).then((later) => this.#joined(batch, consumers, later));
  }

  #joined(batch: Batch, consumers: readonly Consumer[], outcomes: readonly Outcome[]): Outcome {
    if (outcomes.some(isRefused)) {
      const took = consumers.filter((_, i) => isAccepted(outcomes[i]));
      if (took.length > 0) this.#taken.set(batch, [...(this.#taken.get(batch) ?? []), ...took]);
    }
    return outcomes.reduce(join, Outcome.accepted);
  }
}
