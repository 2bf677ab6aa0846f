/**
 * Cuts one request into at most one message per shard, each a valid request of its own: resource and scope headers are
 * repeated, items copied byte for byte in their order, unknown fields kept (those of the request itself go to one shard).
 *
 *     plan.build(index, shards);                     // after scan(..., index)
 *     for each shard with plan.size(k) > 0:          // all sizes before anything is written: admission is all or nothing
 *       plan.write(k, bytes, target, at);
 *
 * Traces go by trace id, so that a trace stays together; metrics by who measures (`target-hash.ts`), so that the series of one job and
 * instance do; logs by resource. When everything goes one way the request is copied as it is. Main thread; reused; allocates only to grow.
 */
import { copyBytes } from '../protobuf/copy.ts';
import { LENGTH } from '../protobuf/limits.ts';
import { ENTRY } from './fields.ts';
import { shardOf } from './hash.ts';
import { ENTRY_TAG, type ItemIndex } from './item-index.ts';
import { TRACES } from './signal.ts';
import { Splice } from './splice.ts';

const SCOPE_ENTRY_TAG = (ENTRY.scopes << 3) | LENGTH;
const NONE = -1;

export class ShardPlan {
  readonly #splices: Splice[] = [];
  readonly #items: number[] = [];
  /** Per shard: the scope, and its resource, that its splice has open. */
  readonly #scope: number[] = [];
  readonly #resource: number[] = [];
  #shards = 0;
  /** The shard that takes the whole request, or NONE when it is cut. */
  #whole = NONE;
  /** Of the whole request: its range and its items. */
  #start = 0;
  #end = 0;
  #count = 0;

  /** Bytes of shard `k`'s message; 0 = it gets nothing. */
  size(k: number): number {
    if (this.#whole !== NONE) return k === this.#whole ? this.#end - this.#start : 0;
    return this.#splices[k].size;
  }

  /** Items in shard `k`'s message. */
  items(k: number): number {
    if (this.#whole !== NONE) return k === this.#whole ? this.#count : 0;
    return this.#items[k];
  }

  /** Plans `shards` messages from what `scan` found. A request without items gives every shard nothing. */
  build(index: ItemIndex, shards: number): void {
    this.#whole = index.count === 0 ? NONE : soleShard(index, shards);
    if (this.#whole === NONE) {
      this.#prepare(shards);
      if (index.count > 0) this.#cut(index);
      return;
    }
    this.#start = index.start;
    this.#end = index.end;
    this.#count = index.count;
  }

  /** Writes shard `k`'s message at `at` of `target`: `size(k)` bytes. `source` is the scanned buffer. Returns the position after it. */
  write(k: number, source: Buffer, target: Buffer, at: number): number {
    if (this.#whole === NONE) return this.#splices[k].write(source, target, at);
    if (k !== this.#whole) return at;
    copyBytes(source, this.#start, this.#end, target, at);
    return at + this.#end - this.#start;
  }

  #prepare(shards: number): void {
    for (let k = this.#splices.length; k < shards; k++) this.#splices.push(new Splice());
    this.#shards = shards;
    for (let k = 0; k < shards; k++) {
      this.#splices[k].reset();
      this.#items[k] = 0;
      this.#scope[k] = NONE;
      this.#resource[k] = NONE;
    }
  }

  #cut(index: ItemIndex): void {
    const items = index.items.data;
    const headers = this.#splices[shardOf(items[2], this.#shards)];
    addRanges(headers, index.requestHeaders.data, 0, index.requestHeaders.length);
    const traces = index.signal === TRACES;
    const shards = this.#shards;
    const end = index.items.length * 4;
    let k = shardOf(items[2], shards);
    for (let i = 0; i < end;) {
      const at = i;
      const shard = k;
      let stop = items[at + 1];
      let found = 0;
      // Neighbours that go the same way are one range. They are in one message: a tag and a length lie between two.
      do {
        stop = items[i + 1];
        found += traces ? 1 : items[i + 3];
        i += 4;
        if (i < end) k = shardOf(items[i + 2], shards);
      } while (i < end && k === shard && items[i] === stop);
      const splice = this.#splices[shard];
      if (traces && items[at + 3] !== this.#scope[shard]) this.#enter(shard, splice, index, items[at + 3]);
      this.#items[shard] += found;
      splice.range(items[at], stop);
    }
    if (traces) for (let k = 0; k < this.#shards; k++) this.#leave(k, NONE);
  }

  /** Closes what shard `k` has open and opens `scope`, with its resource if that is another one. */
  #enter(k: number, splice: Splice, index: ItemIndex, scope: number): void {
    const row = scope * 3;
    const resource = index.scopes.data[row];
    this.#leave(k, resource);
    if (this.#resource[k] !== resource) {
      splice.begin(ENTRY_TAG);
      const at = resource * 2;
      addRanges(splice, index.resourceHeaders.data, index.resources.data[at], index.resources.data[at + 1]);
      this.#resource[k] = resource;
    }
    splice.begin(SCOPE_ENTRY_TAG);
    addRanges(splice, index.scopeHeaders.data, index.scopes.data[row + 1], index.scopes.data[row + 2]);
    this.#scope[k] = scope;
  }

  /** Closes shard `k`'s scope, and its resource unless that is `resource`. */
  #leave(k: number, resource: number): void {
    if (this.#scope[k] === NONE) return;
    const splice = this.#splices[k];
    splice.end();
    this.#scope[k] = NONE;
    if (this.#resource[k] === resource) return;
    splice.end();
    this.#resource[k] = NONE;
  }
}

/**
 * The one shard that everything goes to, or NONE. An index that ran full cannot be cut: the whole request goes with its first
 * item (such requests have no real spans: less than 80 bytes an item within a 20 MiB request).
 */
function soleShard(index: ItemIndex, shards: number): number {
  const items = index.items.data;
  const first = shardOf(items[2], shards);
  if (shards === 1 || index.full) return first;
  for (let i = 6, end = index.items.length * 4; i < end; i += 4) {
    if (shardOf(items[i], shards) !== first) return NONE;
  }
  return first;
}

/** Adds rows [from, to) of a range table. */
function addRanges(splice: Splice, ranges: Int32Array, from: number, to: number): void {
  for (let i = from * 2; i < to * 2; i += 2) splice.range(ranges[i], ranges[i + 1]);
}
