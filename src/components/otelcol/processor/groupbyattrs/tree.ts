/**
 * A request in the making: messages in each other, each with the bytes of its own fields and the ranges of the source that are its
 * items, in the order in which they were added. Nodes are rows of integers; reused from request to request.
 *
 *     node   0 a message: its field number in its parent   1 start, 2 stop of its headers   3 next sibling  4 first, 5 last child
 *              an item: 0, or -1 times the field of its attributes if some of these are left out   1 start, 2 stop in the source
 */
import { Rows } from '#codec/otlp/item-index.ts';
import { Writer } from '#codec/protobuf/writer.ts';

const TAG = 0;
const START = 1;
const STOP = 2;
const NEXT = 3;
const FIRST = 4;
const LAST = 5;
const STRIDE = 6;
/** Integers that are kept for the next batch. */
const KEPT = 1 << 20;

/** Writes the field of the source that lies in [start, stop), tag included, without some of its attributes, which are in field `attributes`. */
export type Rewrite = (out: Writer, start: number, stop: number, attributes: number) => void;

export class Tree {
  /** The request. */
  readonly root = 0;
  /** As many as a batch has parts. */
  #nodes = new Rows(STRIDE, Infinity);
  /** Where the fields of messages are written before they become headers. */
  readonly headers = new Writer();
  readonly #out = new Writer();

  reset(): void {
    if (this.#nodes.data.length > KEPT) this.#nodes = new Rows(STRIDE, Infinity);
    this.#nodes.clear();
    this.headers.reset();
    this.#node(0, 0, 0);
  }

  /** A message in a field of another, with its headers, which were written to {@link headers}. */
  message(parent: number, field: number, start: number, stop: number): number {
    return this.#append(parent, this.#node(field, start, stop));
  }

  /** The field [start, stop) of the source, tag included. `attributes`: 0, or the field of its attributes if some of these are left out. */
  item(parent: number, start: number, stop: number, attributes: number): void {
    this.#append(parent, this.#node(-attributes, start, stop));
  }

  /** The request in memory of its own. */
  write(source: Buffer, rewrite: Rewrite): Buffer {
    this.#write(source, this.root, rewrite);
    const bytes = this.#out.finish();
    this.#out.reset();
    return bytes;
  }

  #write(source: Buffer, parent: number, rewrite: Rewrite): void {
    const nodes = this.#nodes.data;
    const out = this.#out;
    for (let node = nodes[parent + FIRST]; node > 0; node = nodes[node + NEXT]) {
      const tag = nodes[node + TAG];
      const start = nodes[node + START];
      const stop = nodes[node + STOP];
      if (tag === 0) out.raw(source, start, stop);
      else if (tag < 0) rewrite(out, start, stop, -tag);
      else {
        const mark = out.begin(tag);
        out.append(this.headers, start, stop);
        this.#write(source, node, rewrite);
        out.end(mark);
      }
    }
  }

  #node(tag: number, start: number, stop: number): number {
    const at = this.#nodes.add();
    const nodes = this.#nodes.data;
    nodes[at + TAG] = tag;
    nodes[at + START] = start;
    nodes[at + STOP] = stop;
    nodes[at + NEXT] = nodes[at + FIRST] = nodes[at + LAST] = 0;
    return at;
  }

  #append(parent: number, node: number): number {
    const nodes = this.#nodes.data;
    const last = nodes[parent + LAST];
    if (last === 0) nodes[parent + FIRST] = node;
    else nodes[last + NEXT] = node;
    nodes[parent + LAST] = node;
    return node;
  }
}
