/** A consumer that keeps what it takes and answers as a test tells it. */
import { keep, type Batch, type Consumer } from '#components/kit/batch.ts';
import { isAccepted, Outcome } from '#shared/outcome.ts';
import type { Flow, Signal } from '#shared/signal.ts';

export type Answer<F extends Flow = Signal> = (batch: Batch<F>) => Outcome | Promise<Outcome>;

export class RecordingConsumer<F extends Flow = Signal> implements Consumer<F> {
  /** Every batch that was offered, also refused ones, in order. */
  readonly offered: Batch<F>[] = [];
  /** Those that were answered "accepted". */
  readonly taken: Batch<F>[] = [];
  answer: Answer<F>;

  constructor(answer: Answer<F> = () => Outcome.accepted) {
    this.answer = answer;
  }

  consume(batch: Batch<F>): Outcome | Promise<Outcome> {
    const kept = keep(batch);
    this.offered.push(kept);
    const outcome = this.answer(batch);
    if (typeof outcome === 'number') return this.#note(kept, outcome);
    return outcome.then((later) => this.#note(kept, later));
  }

  /** Items of each batch that was taken. */
  get sizes(): number[] {
    return this.taken.map((batch) => batch.items);
  }

  #note(batch: Batch<F>, outcome: Outcome): Outcome {
    if (isAccepted(outcome)) this.taken.push(batch);
    return outcome;
  }
}

/** A promise that a test settles: an answer that comes later. */
export function later(): { readonly promise: Promise<Outcome>; readonly resolve: (outcome: Outcome) => void } {
  let resolve: (outcome: Outcome) => void = () => undefined;
  const promise = new Promise<Outcome>((r) => (resolve = r));
  return { promise, resolve };
}
