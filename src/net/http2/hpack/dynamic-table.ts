/**
 * The dynamic table of one connection (RFC 7541 2.3.2 and 4): fields in a ring, the newest first. The ring grows with what
 * it holds; an entry costs at least 32 bytes of the table's size, which bounds it.
 */
import { fieldBytes, type HeaderField } from './field.ts';

const FIRST_CAPACITY = 16;

export class DynamicTable {
  /** The capacity is a power of two. */
  #ring: (HeaderField | undefined)[] = new Array<undefined>(FIRST_CAPACITY).fill(undefined);
  #newest = 0;
  #count = 0;
  #bytes = 0;
  #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get count(): number {
    return this.#count;
  }

  /** As RFC 7541 4.1 counts: octets and 32 for each entry. */
  get bytes(): number {
    return this.#bytes;
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** The entry that is `age` entries older than the newest. */
  get(age: number): HeaderField | undefined {
    return age < this.#count ? this.#ring[(this.#newest - age) & (this.#ring.length - 1)] : undefined;
  }

  /** Evicts until there is room. A field larger than the table empties it and does not enter: not an error (4.4). */
  insert(field: HeaderField): void {
    const size = fieldBytes(field);
    this.#shrink(this.#maxBytes - size);
    if (size > this.#maxBytes) return;
    if (this.#count === this.#ring.length) this.#grow();
    this.#newest = (this.#newest + 1) & (this.#ring.length - 1);
    this.#ring[this.#newest] = field;
    this.#count++;
    this.#bytes += size;
  }

  /** Changes the size that the table may have (4.3). */
  resize(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#shrink(maxBytes);
  }

  clear(): void {
    this.#shrink(0);
  }

  /** Evicts the oldest until at most `bytes` are left, or nothing. */
  #shrink(bytes: number): void {
    while (this.#bytes > bytes && this.#count > 0) {
      this.#count--;
      const oldest = (this.#newest - this.#count) & (this.#ring.length - 1);
      this.#bytes -= fieldBytes(this.#ring[oldest] as HeaderField);
      this.#ring[oldest] = undefined;
    }
  }

  #grow(): void {
    const ring = new Array<HeaderField | undefined>(this.#ring.length * 2).fill(undefined);
    for (let age = 0; age < this.#count; age++) ring[this.#count - 1 - age] = this.get(age);
    this.#ring = ring;
    this.#newest = this.#count - 1;
  }
}
