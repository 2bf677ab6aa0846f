/**
 * The traces that are held, in the order in which they came: what came of each is kept as the requests that `pieces.ts` cuts, in blocks
 * of an arena, one behind the other; together they are a request again, which leaves in one copy. Rows are columns of integers, so a
 * trace is no object and a span is nothing at all.
 *
 *     block   f64 next block of the trace (0: none)   f64 length   the request
 *
 * Traces leave oldest first, and a trace lives as long as any other. So the memory of an arena's segment is free again at most one life
 * after it was filled, and nothing has to be moved together.
 */
import { keyHash } from '#codec/key-hash.ts';
import { copyBytes } from '#codec/protobuf/copy.ts';
import { BlockArena } from '#components/kit/series/block-arena.ts';
import { KeyIndex } from '#components/kit/series/key-index.ts';
import { TRACE_ID_BYTES } from '#codec/otlp/fields.ts';
import { TracePieces } from './pieces.ts';

const FIRST_ROWS = 256;
const NONE = -1;
const NUMBER_BYTES = 8;
const HEADER_BYTES = 2 * NUMBER_BYTES;
const LARGE_REQUEST = 4 << 20;

/** Whole traces as one request. */
export interface Released {
  readonly bytes: Buffer;
  readonly spans: number;
  readonly traces: number;
}

export class HeldTraces {
  #pieces = new TracePieces();
  readonly #index = new KeyIndex();
  /** Blocks are never moved, so nobody needs to be told. */
  readonly #arena = new BlockArena(() => undefined);
  #ids = Buffer.alloc(FIRST_ROWS * TRACE_ID_BYTES);
  #hashes = new Uint32Array(FIRST_ROWS);
  #firstBlocks = new Float64Array(FIRST_ROWS);
  #lastBlocks = new Float64Array(FIRST_ROWS);
  #bytes = new Float64Array(FIRST_ROWS);
  #since = new Float64Array(FIRST_ROWS);
  #spansOf = new Int32Array(FIRST_ROWS);
  /** The next younger trace; of a free row the next free one. */
  #next = new Int32Array(FIRST_ROWS);
  #rows = 0;
  #free = NONE;
  #oldest = NONE;
  #youngest = NONE;

  traces = 0;
  spans = 0;

  /** Memory for spans, holes included. */
  get bytes(): number {
    return this.#arena.allocatedBytes;
  }

  /** When the first span of the oldest trace came; Infinity without traces. */
  get oldestMs(): number {
    return this.#oldest === NONE ? Infinity : this.#since[this.#oldest];
  }

  /** Copies the spans of a request to their traces; new ones begin at `nowMs`. */
  add(request: Buffer, nowMs: number): void {
    const pieces = this.#pieces;
    pieces.cut(request);
    for (let i = 0; i < pieces.count; i++) {
      const size = pieces.turnTo(i);
      const row = this.#rowOf(pieces.id, pieces.idAt, nowMs);
      this.#spansOf[row] += pieces.spans;
      this.#bytes[row] += size;
      this.spans += pieces.spans;
      this.#append(row, size);
    }
    pieces.release();
    // A request of this size is rare: what its spans took is not kept for the next one.
    if (request.length > LARGE_REQUEST) this.#pieces = new TracePieces();
  }

  /**
   * Takes the oldest traces out, of those that began at `untilMs` or before: at most `maxTraces`, and no more than fit into `maxBytes`
   * unless one alone does not. Null: there is none.
   */
  take(untilMs: number, maxTraces: number, maxBytes: number): Released | null {
    let traces = 0;
    let size = 0;
    for (let row = this.#oldest; row !== NONE && traces < maxTraces && this.#since[row] <= untilMs; traces++) {
      if (traces > 0 && size + this.#bytes[row] > maxBytes) break;
      size += this.#bytes[row];
      row = this.#next[row];
    }
    if (traces === 0) return null;
    const bytes = Buffer.allocUnsafeSlow(size);
    const before = this.spans;
    let at = 0;
    for (let i = 0; i < traces; i++) at = this.#takeOldest(bytes, at);
    if (this.traces === 0) this.#arena.compact();
    return { bytes, spans: before - this.spans, traces };
  }

  #rowOf(id: Buffer, idAt: number, nowMs: number): number {
    const hash = keyHash(id, idAt, idAt + TRACE_ID_BYTES, 0) >>> 0;
    for (let row = this.#index.first(hash); row !== NONE; row = this.#index.next()) {
      const at = row * TRACE_ID_BYTES;
      if (this.#ids.compare(id, idAt, idAt + TRACE_ID_BYTES, at, at + TRACE_ID_BYTES) === 0) return row;
    }
    const row = this.#newRow();
    copyBytes(id, idAt, idAt + TRACE_ID_BYTES, this.#ids, row * TRACE_ID_BYTES);
    this.#hashes[row] = hash;
    this.#firstBlocks[row] = this.#lastBlocks[row] = this.#bytes[row] = this.#spansOf[row] = 0;
    this.#since[row] = nowMs;
    this.#next[row] = NONE;
    if (this.#oldest === NONE) this.#oldest = row;
    else this.#next[this.#youngest] = row;
    this.#youngest = row;
    this.#index.add(hash, row);
    this.traces++;
    return row;
  }

  /** A block with the piece at hand behind the others of a trace. */
  #append(row: number, size: number): void {
    const arena = this.#arena;
    const block = arena.allocate(HEADER_BYTES + size, 0, 0);
    const start = arena.start(block);
    arena.numbers(block)[start] = 0;
    arena.numbers(block)[start + 1] = size;
    this.#pieces.write(arena.bytes(block), start * NUMBER_BYTES + HEADER_BYTES);
    const last = this.#lastBlocks[row];
    if (last === 0) this.#firstBlocks[row] = block;
    else arena.numbers(last)[arena.start(last)] = block;
    this.#lastBlocks[row] = block;
  }

  #takeOldest(target: Buffer, at: number): number {
    const row = this.#oldest;
    const arena = this.#arena;
    for (let block = this.#firstBlocks[row]; block !== 0;) {
      const start = arena.start(block);
      const next = arena.numbers(block)[start];
      const size = arena.numbers(block)[start + 1];
      const from = start * NUMBER_BYTES + HEADER_BYTES;
      copyBytes(arena.bytes(block), from, from + size, target, at);
      at += size;
      arena.free(block);
      block = next;
    }
    this.#index.remove(this.#hashes[row], row);
    this.spans -= this.#spansOf[row];
    this.traces--;
    this.#oldest = this.#next[row];
    if (this.#oldest === NONE) this.#youngest = NONE;
    this.#next[row] = this.#free;
    this.#free = row;
    return at;
  }

  #newRow(): number {
    const row = this.#free;
    if (row !== NONE) {
      this.#free = this.#next[row];
      return row;
    }
    if (this.#rows === this.#next.length) this.#grow();
    return this.#rows++;
  }

  #grow(): void {
    const rows = this.#rows * 2;
    const ids = Buffer.alloc(rows * TRACE_ID_BYTES);
    this.#ids.copy(ids);
    this.#ids = ids;
    this.#hashes = widened(new Uint32Array(rows), this.#hashes);
    this.#firstBlocks = widened(new Float64Array(rows), this.#firstBlocks);
    this.#lastBlocks = widened(new Float64Array(rows), this.#lastBlocks);
    this.#bytes = widened(new Float64Array(rows), this.#bytes);
    this.#since = widened(new Float64Array(rows), this.#since);
    this.#spansOf = widened(new Int32Array(rows), this.#spansOf);
    this.#next = widened(new Int32Array(rows), this.#next);
  }
}

function widened<T extends Uint32Array | Float64Array | Int32Array>(grown: T, old: T): T {
  grown.set(old);
  return grown;
}
