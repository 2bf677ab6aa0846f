/**
 * For components that make another batch of each that they are given: hands it on, and remembers what was made of a batch that
 * was refused. Its sender offers the same {@link Batch} again; made anew it would be counted twice, and a fan-out behind, which
 * knows batches by identity, would send it twice to those that have taken it.
 */
import { isRefused, type Outcome } from '#shared/outcome.ts';
import type { Flow } from '#shared/signal.ts';
import type { Batch, Consumer } from './batch.ts';

export class Remade<From extends Flow, To extends Flow> {
  readonly #refused = new WeakMap<Batch<From>, Batch<To>>();

  /** `make` is called once for a batch, however often it is offered; it gives what to hand on, or the answer where there is nothing. */
  pass(batch: Batch<From>, next: Consumer<To>, make: () => Batch<To> | Outcome): Outcome | Promise<Outcome> {
    const made = this.#refused.get(batch) ?? make();
    if (typeof made === 'number') return made;
    const outcome = next.consume(made);
    if (typeof outcome === 'number') return this.#noted(batch, made, outcome);
    return outcome.then((later) => this.#noted(batch, made, later));
  }

  #noted(batch: Batch<From>, made: Batch<To>, outcome: Outcome): Outcome {
    if (isRefused(outcome)) this.#refused.set(batch, made);
    return outcome;
  }
}
