/**
 * A wire: what a component sees as its next consumer, or an entry as its first ones. The component keeps the wire for its
 * whole life; a reload changes only where it leads.
 */
import type { Batch, Consumer } from '#components/kit/batch.ts';
import { fanOut, type Taken } from '#components/kit/fan-out.ts';
import type { Outcome } from '#shared/outcome.ts';
import type { Flow } from '#shared/signal.ts';

export class Wire implements Consumer<Flow> {
  #consumers: readonly Consumer<Flow>[] = [];
  #to: Consumer<Flow> = fanOut([]);
  /** Set once the wire has led to several: it outlives what they were, for a batch that some of them have taken and one has not. */
  #taken: Taken | undefined;

  /** `ids`: of the nodes that the consumers belong to. A node that was away and is there again is the same one. */
  lead(ids: readonly string[], consumers: readonly Consumer<Flow>[]): void {
    const present = this.#consumers;
    if (consumers.length === present.length && consumers.every((consumer, i) => consumer === present[i])) return;
    if (consumers.length > 1) this.#taken ??= new WeakMap();
    this.#consumers = consumers;
    this.#to = fanOut(consumers, this.#taken && { taken: this.#taken, identities: ids });
  }

  get leadsNowhere(): boolean {
    return this.#consumers.length === 0;
  }

  leadsTo(consumer: Consumer<Flow>): boolean {
    return this.#consumers.includes(consumer);
  }

  consume(batch: Batch<Flow>): Outcome | Promise<Outcome> {
    return this.#to.consume(batch);
  }
}
