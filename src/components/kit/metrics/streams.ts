/**
 * What a component remembers of streams: by metric, then by point, so that what streams of a metric have in common is held once.
 * Memory is counted as streams come and grow; whoever adds keeps it in bounds, by {@link Streams.isFull} or {@link Streams.makeRoom}.
 */
export interface Remembered {
  /** When the stream last had a point, monotonic ms. */
  seenMs: number;
  /** What its value takes, as {@link Streams.add} and {@link Streams.resized} were told. */
  bytes: number;
}

/** Most memory for the streams of one component in one worker: some 850,000 of numbers, 280,000 of histograms with 16 buckets. */
export const MAX_BYTES = 256 << 20;

/** What a stream takes beside its key and its value, and a metric beside its key and its streams; measured. */
const STREAM_BYTES = 220;
const METRIC_BYTES = 360;

export class Streams<S extends Remembered> {
  readonly #maxBytes: number;
  readonly #metrics = new Map<string, Map<string, S>>();
  #size = 0;
  #bytes = 0;
  /** The metric that was asked for last. */
  #lastKey: string | null = null;
  #last: Map<string, S> | undefined;

  constructor(maxBytes = MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#size;
  }
  get bytes(): number {
    return this.#bytes;
  }
  get isFull(): boolean {
    return this.#bytes >= this.#maxBytes;
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
      this.#bytes += METRIC_BYTES + metric.length;
    }
    points.set(point, stream);
    this.#size++;
    this.#bytes += STREAM_BYTES + point.length + stream.bytes;
    this.#lastKey = metric;
    this.#last = points;
  }

  /** The value of a stream that is there takes another number of bytes. */
  resized(stream: S, bytes: number): void {
    this.#bytes += bytes - stream.bytes;
    stream.bytes = bytes;
  }

  /** Forgets streams that had no point since `beforeMs`, at most `most` of them; how many those were. */
  forget(beforeMs: number, most = Infinity): number {
    let gone = 0;
    for (const [metric, points] of this.#metrics) {
      for (const [point, stream] of points) {
        if (gone >= most) break;
        if (stream.seenMs >= beforeMs) continue;
        points.delete(point);
        this.#bytes -= STREAM_BYTES + point.length + stream.bytes;
        gone++;
      }
      if (points.size > 0) continue;
      this.#metrics.delete(metric);
      this.#bytes -= METRIC_BYTES + metric.length;
    }
    this.#size -= gone;
    this.#lastKey = null;
    this.#last = undefined;
    return gone;
  }

  /** Forgets streams, those that were seen least recently first and a tenth at a time, until the rest is within bounds. */
  makeRoom(): void {
    while (this.isFull) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const seen = new Float64Array(this.#size);
    let at = 0;
    for (const points of this.#metrics.values()) for (const { seenMs } of points.values()) seen[at++] = seenMs;
    const share = Math.ceil(seen.length / 10);
    const limit = seen.sort()[share - 1];
    // Those seen within the same millisecond as the last of them are as good.
    this.forget(limit + 1, share);
  }
}
