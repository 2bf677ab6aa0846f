/**
 * Keys: bytes that are equal exactly where a stream, or a metric, is the same one. Parts have their length in front, so no two
 * different lists of parts give the same bytes; attributes are put in order, since they are a set.
 *
 * Kept as text of one character a byte, which a Map can look up; of a long one its SHA-256, so that keys of any size are held in
 * bounded memory.
 */
import { createHash } from 'node:crypto';
import { copyBytes } from '#codec/protobuf/copy.ts';
import { writeVarint32 } from '#codec/protobuf/varint.ts';
import { Occurrences, type MessageView } from '#codec/otlp/view.ts';

const FIRST_BYTES = 1024;
/** Longest key that is kept as it is. */
const LONGEST_BYTES = 256;
/** As many are put in order by insertion. */
const FEW = 16;
const VARINT_BYTES = 5;

export class KeyBuilder {
  #buf = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;
  readonly #each = new Occurrences();
  readonly #starts: number[] = [];
  readonly #stops: number[] = [];
  readonly #order: number[] = [];

  get length(): number {
    return this.#length;
  }
  /** The memory that the key begins: until more is added. */
  get buf(): Buffer {
    return this.#buf;
  }

  /** Takes back what came after the first `length` bytes. */
  cut(length: number): void {
    this.#length = length;
  }

  number(value: number): void {
    this.#room(VARINT_BYTES);
    this.#length = writeVarint32(this.#buf, this.#length, value);
  }

  bytes(from: Buffer, start: number, end: number): void {
    this.number(end - start);
    this.#room(end - start);
    copyBytes(from, start, end, this.#buf, this.#length);
    this.#length += end - start;
  }

  /** All attributes of a message, whatever their order in it. */
  attributes(view: MessageView, field: number): void {
    const count = view.count(field);
    this.number(count);
    const { buf } = view;
    const starts = this.#starts;
    const stops = this.#stops;
    const order = this.#order;
    order.length = starts.length = stops.length = 0;
    const each = this.#each.over(view, field);
    const few = count <= FEW;
    while (each.next()) {
      const next = starts.length;
      starts.push(each.start);
      stops.push(each.stop);
      let at = next;
      if (few)
        for (; at > 0 && buf.compare(buf, each.start, each.stop, starts[order[at - 1]], stops[order[at - 1]]) > 0; at--)
          order[at] = order[at - 1];
      order[at] = next;
    }
    if (!few) order.sort((a, b) => buf.compare(buf, starts[b], stops[b], starts[a], stops[a]));
    for (const i of order) this.bytes(buf, starts[i], stops[i]);
  }

  /** The key, or its first `end` bytes, as text. */
  text(end = this.#length): string {
    if (end <= LONGEST_BYTES) return this.#buf.toString('latin1', 0, end);
    return createHash('sha256').update(this.#buf.subarray(0, end)).digest('base64');
  }

  #room(bytes: number): void {
    const need = this.#length + bytes;
    if (need <= this.#buf.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(need, this.#buf.length * 2));
    this.#buf.copy(grown, 0, 0, this.#length);
    this.#buf = grown;
  }
}
