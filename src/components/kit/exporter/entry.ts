/** One accepted request in a sending queue, and the sends that carry its parts. */
import type { Batch } from '#components/kit/batch.ts';
import { isAccepted, join, Outcome } from '#shared/outcome.ts';
import type { SendRequest } from './request.ts';
import { Rest } from './rest.ts';

export class Entry {
  readonly batch: Batch;
  readonly rest: Rest;
  /** Sends under way that carry a part of it. */
  parts = 0;
  /** Joined over the parts that are done. */
  outcome: Outcome = Outcome.accepted;
  /** Answers the sender, who waits for the result; null when it was told "accepted" on entry. */
  readonly answer: ((outcome: Outcome) => void) | null;

  constructor(batch: Batch, answer: ((outcome: Outcome) => void) | null) {
    this.batch = batch;
    this.rest = new Rest(batch);
    this.answer = answer;
  }

  get done(): boolean {
    return this.rest.items === 0 && this.parts === 0;
  }

  /** Sends carried copies, and whoever offered the batch will not offer it again: its memory can be given back once it is done. */
  get copied(): boolean {
    return this.rest.cut && (this.answer === null || isAccepted(this.outcome));
  }

  add(outcome: Outcome): void {
    this.outcome = join(this.outcome, outcome);
  }
}

/** A part of an entry inside one send. */
export interface Piece {
  readonly entry: Entry;
  readonly items: number;
}

/** One request on its way to the sender with the entries it is made of. */
export interface Work {
  readonly request: SendRequest;
  readonly pieces: readonly Piece[];
  /** Set when the queue gave it up at a deadline: what the sender reports later no longer counts. */
  abandoned: boolean;
}
