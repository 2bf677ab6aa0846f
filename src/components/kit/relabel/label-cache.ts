/**
 * What becomes of label sets that come again and again: found by the bytes of the set, so that a known series is copied and not
 * read. Bounded; what has not been asked for lately makes room. One thread.
 */
import { labelsHash, readLabels, writeLabels } from '#codec/prometheus/labels.ts';
import type { SeriesView } from '#codec/prometheus/write-request.ts';
import { Writer } from '#codec/protobuf/writer.ts';
import type { Label } from './labels.ts';

/** A new label set; null: the series is dropped. Gets sorted labels and must not change them. */
export type Transform = (labels: readonly Label[]) => readonly Label[] | null;

export interface Fate {
  readonly kind: 'same' | 'changed' | 'dropped';
  /** Of a changed set: its fields in a TimeSeries. */
  readonly bytes: Buffer;
  /** Of the fields that the series has then (`labelsHash`); 0 when it is dropped. */
  readonly hash: number;
}

const NOTHING = Buffer.alloc(0);
const DROPPED: Fate = { kind: 'dropped', bytes: NOTHING, hash: 0 };

interface Entry {
  readonly hash: number;
  readonly key: Buffer;
  readonly fate: Fate;
  readonly madeMs: number;
  /** Asked for since the hand passed. */
  used: boolean;
  /** Its place in the ring. */
  at: number;
  next: Entry | null;
}

export interface CacheCounts {
  hits: number;
  misses: number;
  /** Taken out: for others, by age, or because their series ended. */
  deletes: number;
}

export class LabelCache {
  readonly #transform: Transform;
  readonly #limit: number;
  readonly #ttlMs: number;
  /** By hash; those with the same hash are chained. */
  readonly #first = new Map<number, Entry>();
  /** All of them, around which the hand goes that looks for one to replace. */
  readonly #ring: Entry[] = [];
  #hand = 0;
  readonly #writer = new Writer();
  /** Since whoever counts has set them to 0. */
  readonly counts: CacheCounts = { hits: 0, misses: 0, deletes: 0 };

  /** At most `limit` >= 1 label sets; none is believed for longer than `ttlMs`, 0 = for ever. */
  constructor(transform: Transform, limit: number, ttlMs: number) {
    this.#transform = transform;
    this.#limit = limit;
    this.#ttlMs = ttlMs;
  }

  get size(): number {
    return this.#ring.length;
  }

  /** `nowMs` is monotonic. Throws ProtobufError when the labels cannot be read. */
  fateOf(series: SeriesView, nowMs: number): Fate {
    const { buf, labelsStart: start, labelsStop: stop } = series;
    if (stop < 0) {
      // Labels between other fields: they leave in one piece.
      const fate = this.#made(readLabels(buf, series.start, series.stop), true);
      this.counts.misses++;
      return fate;
    }
    const hash = labelsHash(buf, start, stop);
    const known = this.#find(hash, buf, start, stop);
    if (known !== null) {
      if (this.#ttlMs === 0 || nowMs - known.madeMs <= this.#ttlMs) {
        known.used = true;
        this.counts.hits++;
        return known.fate;
      }
      this.#remove(known);
    }
    this.counts.misses++;
    const made = this.#made(readLabels(buf, start, stop), false);
    const fate = made.kind === 'same' ? { ...made, hash } : made;
    this.#add({
      hash,
      key: Buffer.from(buf.subarray(start, stop)),
      fate,
      madeMs: nowMs,
      used: false,
      at: 0,
      next: null,
    });
    return fate;
  }

  /** The series has ended. */
  forget(series: SeriesView): void {
    const { buf, labelsStart: start, labelsStop: stop } = series;
    const known = stop < 0 ? null : this.#find(labelsHash(buf, start, stop), buf, start, stop);
    if (known !== null) this.#remove(known);
  }

  /** Takes out what is too old. */
  sweep(nowMs: number): void {
    if (this.#ttlMs === 0) return;
    for (let i = this.#ring.length - 1; i >= 0; i--)
      if (nowMs - this.#ring[i].madeMs > this.#ttlMs) this.#remove(this.#ring[i]);
  }

  #made(labels: readonly Label[], always: boolean): Fate {
    const after = this.#transform(labels);
    if (after === null || after.length === 0) return DROPPED;
    if (!always && isSame(labels, after)) return { kind: 'same', bytes: NOTHING, hash: 0 };
    writeLabels(this.#writer.reset(), after);
    const bytes = this.#writer.finish();
    return { kind: 'changed', bytes, hash: labelsHash(bytes, 0, bytes.length) };
  }

  #find(hash: number, buf: Buffer, start: number, stop: number): Entry | null {
    for (let entry = this.#first.get(hash) ?? null; entry !== null; entry = entry.next)
      if (entry.key.length === stop - start && entry.key.compare(buf, start, stop) === 0) return entry;
    return null;
  }

  #add(entry: Entry): void {
    if (this.#ring.length >= this.#limit) this.#remove(this.#victim());
    entry.next = this.#first.get(entry.hash) ?? null;
    this.#first.set(entry.hash, entry);
    entry.at = this.#ring.length;
    this.#ring.push(entry);
  }

  /** The next one that nobody has asked for since the hand passed last. */
  #victim(): Entry {
    for (;;) {
      if (this.#hand >= this.#ring.length) this.#hand = 0;
      const entry = this.#ring[this.#hand];
      if (!entry.used) return entry;
      entry.used = false;
      this.#hand++;
    }
  }

  #remove(entry: Entry): void {
    const last = this.#ring.pop() as Entry;
    if (last !== entry) {
      this.#ring[entry.at] = last;
      last.at = entry.at;
    }
    const first = this.#first.get(entry.hash) ?? null;
    if (first === entry) {
      if (entry.next === null) this.#first.delete(entry.hash);
      else this.#first.set(entry.hash, entry.next);
    } else {
      let before = first;
      while (before !== null && before.next !== entry) before = before.next;
      if (before !== null) before.next = entry.next;
    }
    this.counts.deletes++;
  }
}

function isSame(a: readonly Label[], b: readonly Label[]): boolean {
  return a.length === b.length && a.every(([name, value], i) => name === b[i][0] && value === b[i][1]);
}
