/**
 * What a component remembers of streams: by metric, then by point, so that what streams of a metric have in common is held once.
 * Bounded by whoever adds.
 */
export interface Remembered {
  /** When the stream last had a point, monotonic ms. */
  seenMs: number;
}

/** Most streams of one component in one worker, whatever is configured. */
export const MAX_STREAMS = 1_000_000;

export class Streams<S extends Remembered> {
  readonly #metrics = new Map<string, Map<string, S>>();
  #size = 0;
  /** The metric that was asked for last. */
  #lastKey: string | null = null;
  #last: Map<string, S> | undefined;

  get size(): number {
    return this.#size;
  }

  get(metric: string, point: string): S | undefined {
    if (metric !== this.#lastKey) {
      this.#lastKey = metric;
      this.#last = this.#metrics.get(metric);
    }
    return this.#last?.get(point);
  }

  /** A stream that is not there yet. */
  add(metric: string, point: string, stream: S): void {
    let points = this.#metrics.get(metric);
    if (points === undefined) {
      points = new Map();
      this.#metrics.set(metric, points);
    }
    points.set(point, stream);
    this.#size++;
    this.#lastKey = metric;
    this.#last = points;
  }

  /** Forgets streams that had no point since `beforeMs`, at most `most` of them; how many those were. */
  forget(beforeMs: number, most = Infinity): number {
    let gone = 0;
    for (const [metric, points] of this.#metrics) {
      for (const [point, stream] of points) {
        if (gone >= most) break;
        if (stream.seenMs >= beforeMs) continue;
        points.delete(point);
        gone++;
      }
      if (points.size === 0) this.#metrics.delete(metric);
    }
    this.#size -= gone;
    this.#lastKey = null;
    this.#last = undefined;
    return gone;
  }

  /** Forgets the tenth that was seen least recently; how many streams that were. */
  forgetOldest(): number {
    const seen = new Float64Array(this.#size);
    let at = 0;
    for (const points of this.#metrics.values()) for (const { seenMs } of points.values()) seen[at++] = seenMs;
    const share = Math.ceil(seen.length / 10);
    const limit = seen.sort()[share - 1];
    // Those seen within the same millisecond as the last of them are as good.
    return this.forget(limit + 1, share);
  }
}
