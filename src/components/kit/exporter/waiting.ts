/**
 * The entries of a sending queue that no send has taken yet, in order of arrival, and how the next send is made of them:
 * one request as it came, or (in-queue `batch`, semantics 18.4) several one behind the other, the last cut at `max_size`.
 */
import type { Batch } from '#components/kit/batch.ts';
import type { QueueBatchArgs } from '#components/kit/blocks/queue.ts';
import type { Entry, Piece, Work } from './entry.ts';
import { Fifo } from './fifo.ts';
import { requestOf } from './request.ts';

export interface Taken {
  /** Null when every item looked at was too large to be sent. */
  readonly work: Work | null;
  /** One entry for each item that is larger than `max_size` bytes and was left out; the entry may be empty now. */
  readonly tooLarge: readonly Entry[];
}

export class Waiting {
  readonly #entries = new Fifo<Entry>();
  /** Of all that waits. */
  #items = 0;
  #bytes = 0;

  get length(): number {
    return this.#entries.length;
  }

  get front(): Entry | undefined {
    return this.#entries.peek();
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
    this.#items += entry.rest.items;
    this.#bytes += entry.rest.bytes;
  }

  /** Whether there is enough for a batch. */
  reaches(limits: QueueBatchArgs): boolean {
    return (limits.sizer === 'items' ? this.#items : this.#bytes) >= limits.min_size;
  }

  /** Takes out the entry in front; the number of its items that no send had taken. */
  dropFront(): number {
    const { rest } = this.#entries.shift() as Entry;
    const { items } = rest;
    this.#items -= items;
    this.#bytes -= rest.bytes;
    rest.items = 0;
    return items;
  }

  /**
   * What the next send carries. Without `limits` the request in front; with them requests from the front until `min_size` is
   * reached or nothing is left, never more than `max_size` (0 = no limit). At least one entry must wait.
   */
  take(limits: QueueBatchArgs | undefined): Taken {
    const chunks: Batch[] = [];
    const pieces: Piece[] = [];
    const tooLarge: Entry[] = [];
    let size = 0;
    for (let entry = this.front; entry !== undefined; entry = this.front) {
      const chunk = this.#takeFrom(entry, limits, size);
      if (chunk === null) {
        if (chunks.length > 0) break;
        this.#withRest(entry, () => entry.rest.skip());
        tooLarge.push(entry);
        continue;
      }
      chunks.push(chunk);
      pieces.push({ entry, items: chunk.items });
      entry.parts++;
      if (limits === undefined || entry.rest.items > 0) break;
      size += limits.sizer === 'items' ? chunk.items : chunk.bytes.length;
      if (size >= limits.min_size) break;
    }
    return { work: chunks.length === 0 ? null : { request: requestOf(chunks), pieces, abandoned: false }, tooLarge };
  }

  /** What of an entry still fits into a batch that holds `size` already (below min_size, so that there is room). */
  #takeFrom(entry: Entry, limits: QueueBatchArgs | undefined, size: number): Batch | null {
    const room = limits === undefined || limits.max_size === 0 ? Infinity : limits.max_size - size;
    const byItems = limits?.sizer === 'items';
    return this.#withRest(entry, () => entry.rest.take(byItems ? room : Infinity, byItems ? Infinity : room));
  }

  /** Does something with the rest of the entry in front, keeps the totals right, and takes the entry out when it is empty. */
  #withRest<T>(entry: Entry, act: () => T): T {
    const { items, bytes } = entry.rest;
    const result = act();
    this.#items += entry.rest.items - items;
    this.#bytes += entry.rest.bytes - bytes;
    if (entry.rest.items === 0) this.#entries.shift();
    return result;
  }
}
