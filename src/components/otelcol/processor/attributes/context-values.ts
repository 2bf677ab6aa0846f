/** Values of `from_context`: request metadata of the batch at hand, looked up once for each batch that asks. */
import type { Metadata } from '#shared/metadata.ts';

const PREFIX = 'metadata.';

export class ContextValues {
  #metadata: Metadata | null = null;
  /** Counts batches: what was made of values is to be made anew when it has changed. */
  turn = 0;

  turnTo(metadata: Metadata | null): void {
    this.#metadata = metadata;
    this.turn++;
  }

  /** Several values are joined with `;`. null: there is none. */
  value(key: string): string | null {
    const name = key.startsWith(PREFIX) ? key.slice(PREFIX.length) : key;
    const values = this.#metadata?.get(name.toLowerCase());
    return values === undefined || values.length === 0 ? null : values.join(';');
  }
}
