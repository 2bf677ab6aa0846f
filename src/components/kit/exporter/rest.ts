/** What no send has taken yet of one request in a sending queue. Cut from the front; each byte is copied at most once. */
import type { Batch } from '#components/kit/batch.ts';
import { Splitter } from '#codec/otlp/split.ts';

export class Rest {
  readonly #batch: Batch;
  /** Set once the request has been cut. */
  #splitter: Splitter | null = null;
  /** One item that was cut off and did not fit where it should have gone. */
  #single: Batch | null = null;
  /** Left to take; 0 = nothing. */
  items: number;
  /** Left to take, within a few header bytes once the request has been cut. */
  bytes: number;

  constructor(batch: Batch) {
    this.#batch = batch;
    this.items = batch.items;
    this.bytes = batch.bytes.length;
  }

  /** It was taken in copied pieces, not as it is. */
  get cut(): boolean {
    return this.#splitter !== null;
  }

  /** All or the front part that fits the limits; null when not even the next item does. `maxItems` is at least 1. */
  take(maxItems: number, maxBytes: number): Batch | null {
    if (this.#single !== null) {
      if (this.#single.bytes.length > maxBytes) return null;
      return this.skip();
    }
    if (this.#splitter === null) {
      if (this.items <= maxItems && this.bytes <= maxBytes) return this.#taken(this.#batch);
      this.#splitter = new Splitter().reset(this.#batch.signal, this.#batch.bytes);
    }
    const piece = this.#next(this.#splitter, maxItems, maxBytes);
    if (!this.#splitter.oversized) return this.#taken(piece);
    this.#single = piece;
    return null;
  }

  /** Takes the item for which {@link take} gave null. */
  skip(): Batch {
    const single = this.#single as Batch;
    this.#single = null;
    return this.#taken(single);
  }

  #next(splitter: Splitter, maxItems: number, maxBytes: number): Batch {
    const bytes = splitter.next(maxItems, maxBytes);
    if (bytes === null)
      throw new Error(`a request said to hold ${this.#batch.items} items ended with ${this.items} of them missing`);
    return { signal: this.#batch.signal, bytes, items: splitter.items, metadata: this.#batch.metadata, owned: true };
  }

  #taken(piece: Batch): Batch {
    this.items -= piece.items;
    this.bytes = this.items === 0 ? 0 : Math.max(1, this.bytes - piece.bytes.length);
    return piece;
  }
}
