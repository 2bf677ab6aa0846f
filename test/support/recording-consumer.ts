/** A consumer that keeps what it takes and answers as a test tells it. */
import { keep, type Batch, type Consumer } from '#components/kit/batch.ts';
import { isAccepted, Outcome } from '#shared/outcome.ts';

export type Answer = (batch: Batch) => Outcome | Promise<Outcome>;

export class RecordingConsumer implements Consumer {
  /** Every batch that was offered, also refused ones, in order. */
  readonly offered: Batch[] = [];
  /** Those that were answered "accepted". */
  readonly taken: Batch[] = [];
  answer: Answer;

  constructor(answer: Answer = () => Outcome.accepted) {
    this.answer = answer;
  }

  consume(batch: Batch): Outcome | Promise<Outcome> {
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

  #note(batch: Batch, outcome: Outcome): Outcome {
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
