/** One output to several consumers (semantics 1.2). Batches are never changed by a consumer, so all may share one. */
import { isAccepted, isRefused, join, Outcome } from '#shared/outcome.ts';
import type { Flow } from '#shared/signal.ts';
import { keep, type Batch, type Consumer } from './batch.ts';

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
 * Those that only observe (`Consumer.observes`) come last, and only when nobody has refused: a refused batch comes again, and must
 * not be counted twice.
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
  /** Who may refuse. */
  readonly #deciding: readonly Branch[];
  readonly #observing: readonly Branch[];
  readonly #taken: Taken;

  constructor(consumers: readonly Consumer<Flow>[], { taken, identities }: FanOutMemory) {
    const all = consumers.map((consumer, i) => ({ consumer, identity: identities[i] }));
    this.#deciding = all.filter(({ consumer }) => consumer.observes !== true);
    this.#observing = all.filter(({ consumer }) => consumer.observes === true);
    this.#taken = taken;
  }

  consume(batch: Batch<Flow>): Outcome | Promise<Outcome> {
    const taken = this.#taken.get(batch);
    const lacking = ({ identity }: Branch): boolean => taken?.includes(identity) !== true;
    const deciding = taken === undefined ? this.#deciding : this.#deciding.filter(lacking);
    const observing = taken === undefined ? this.#observing : this.#observing.filter(lacking);
    // Alone with it: its memory may come back.
    if (taken === undefined && deciding.length + observing.length === 1)
      return [...deciding, ...observing][0].consumer.consume(batch);
    batch.release = null;
    // Who answers later may let borrowed bytes go before observers have seen them.
    let kept: Batch<Flow> | null = null;
    const outcomes = deciding.map(({ consumer }) => {
      const outcome = consumer.consume(batch);
      if (typeof outcome !== 'number' && observing.length > 0) kept ??= keep(batch);
      return outcome;
    });
    if (outcomes.every((outcome) => typeof outcome === 'number'))
      return this.#joined(batch, deciding, outcomes, observing, batch);
    return Promise.all(outcomes).then((later) => this.#joined(batch, deciding, later, observing, kept ?? batch));
  }

  #joined(
    batch: Batch<Flow>,
    deciding: readonly Branch[],
    outcomes: readonly Outcome[],
    observing: readonly Branch[],
    seen: Batch<Flow>,
  ): Outcome | Promise<Outcome> {
    const joined = outcomes.reduce(join, Outcome.accepted);
    if (outcomes.some(isRefused)) {
      const took = deciding.filter((_, i) => isAccepted(outcomes[i])).map(({ identity }) => identity);
      if (took.length > 0) this.#taken.set(batch, [...(this.#taken.get(batch) ?? []), ...took]);
    }
    if (isRefused(joined) || observing.length === 0) return joined;
    const observed = observing.map(({ consumer }) => consumer.consume(seen));
    if (observed.every((outcome) => typeof outcome === 'number')) return observed.reduce(join, joined);
    return Promise.all(observed).then((later) => later.reduce(join, joined));
  }
}
