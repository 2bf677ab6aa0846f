/** One output to several consumers (semantics 1.2). Batches are never changed by a consumer, so all may share one. */
import { isAccepted, isRefused, join, Outcome } from '#shared/outcome.ts';
import type { Flow } from '#shared/signal.ts';
import type { Batch, Consumer } from './batch.ts';

const DISCARD: Consumer<Flow> = { consume: () => Outcome.accepted };

/**
 * Which consumers have taken a batch that others refused, by whatever identifies them. An output keeps its memory when its
 * consumers change: a batch that is held over a reload still reaches nobody twice.
 */
export type Taken = WeakMap<Batch<Flow>, readonly unknown[]>;

/** What an output that may lead elsewhere some day remembers, and the identity of each of its present consumers. */
export interface FanOutMemory {
  readonly taken: Taken;
  readonly identities: readonly unknown[];
}

/**
 * None: accepts and discards. One: that one. Several: each is given the batch, also after another has refused it, and the
 * outcomes are joined. The answer comes at once if every consumer answers at once.
 *
 * A component that holds a refused {@link Batch} and offers the same object again reaches only those that have not taken it: a
 * healthy destination gets nothing twice because another one is down. A client's retry is a new batch and goes to all.
 *
 * `memory`: of an output that leads to several consumers, or did before. Without it each consumer is its own identity.
 */
export function fanOut(consumers: readonly Consumer<Flow>[], memory?: FanOutMemory): Consumer<Flow> {
  if (memory === undefined && consumers.length === 0) return DISCARD;
  if (memory === undefined && consumers.length === 1) return consumers[0];
  return new FanOut(consumers, memory ?? { taken: new WeakMap(), identities: consumers });
}

interface Branch {
  readonly consumer: Consumer<Flow>;
  readonly identity: unknown;
}

class FanOut implements Consumer<Flow> {
  readonly #all: readonly Branch[];
  readonly #taken: Taken;

  constructor(consumers: readonly Consumer<Flow>[], { taken, identities }: FanOutMemory) {
    this.#all = consumers.map((consumer, i) => ({ consumer, identity: identities[i] }));
    this.#taken = taken;
  }

  consume(batch: Batch<Flow>): Outcome | Promise<Outcome> {
    const taken = this.#taken.get(batch);
    const branches = taken === undefined ? this.#all : this.#all.filter(({ identity }) => !taken.includes(identity));
    if (branches.length === 0) return Outcome.accepted;
    // Alone with it: its memory may come back.
    if (branches.length === 1 && taken === undefined) return branches[0].consumer.consume(batch);
    batch.release = null;
    const outcomes = branches.map(({ consumer }) => consumer.consume(batch));
    if (outcomes.every((outcome) => typeof outcome === 'number')) return this.#joined(batch, branches, outcomes);
    return Promise.all(outcomes).then((later) => this.#joined(batch, branches, later));
  }

  #joined(batch: Batch<Flow>, branches: readonly Branch[], outcomes: readonly Outcome[]): Outcome {
    if (outcomes.some(isRefused)) {
      const took = branches.filter((_, i) => isAccepted(outcomes[i])).map(({ identity }) => identity);
      if (took.length > 0) this.#taken.set(batch, [...(this.#taken.get(batch) ?? []), ...took]);
    }
    return outcomes.reduce(join, Outcome.accepted);
  }
}
