/**
 * A wire: what a component sees as its next consumer, or an entry as its first ones. The component keeps the wire for its
 * whole life; a reload changes only where it leads.
 */
import type { Batch, Consumer } from '#components/kit/batch.ts';
import { fanOut } from '#components/kit/fan-out.ts';
import type { Outcome } from '#shared/outcome.ts';

export class Wire implements Consumer {
  #consumers: readonly Consumer[] = [];
  #to: Consumer = fanOut([]);

  /** The same consumers again change nothing: a fan-out remembers who has taken a batch that others refused. */
  lead(consumers: readonly Consumer[]): void {
    const present = this.#consumers;
    if (consumers.length === present.length && consumers.every((consumer, i) => consumer === present[i])) return;
    this.#consumers = consumers;
    this.#to = fanOut(consumers);
  }

  get leadsNowhere(): boolean {
    return this.#consumers.length === 0;
  }

  consume(batch: Batch): Outcome | Promise<Outcome> {
    return this.#to.consume(batch);
  }
}
