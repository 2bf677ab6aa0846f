/**
 * A wire: what a component sees as its next consumer, or an entry as its first ones. The component keeps the wire for its
 * whole life; a reload changes only where it leads.
 */
import type { Batch, Consumer } from '#components/kit/batch.ts';
import { fanOut } from '#components/kit/fan-out.ts';
import type { Outcome } from '#shared/outcome.ts';

export class Wire implements Consumer {
  #to: Consumer = fanOut([]);

  lead(consumers: readonly Consumer[]): void {
    this.#to = fanOut(consumers);
  }

  consume(batch: Batch): Outcome | Promise<Outcome> {
    return this.#to.consume(batch);
  }
}
