/** Series on their way to one endpoint, as the request that they leave in. */
import { WRITE_REQUEST } from '#codec/prometheus/fields.ts';
import { SeriesView, WriteRequestWalk, type Leave } from '#codec/prometheus/write-request.ts';
import { Writer } from '#codec/protobuf/writer.ts';

export interface Counts {
  readonly samples: number;
  readonly exemplars: number;
  readonly histograms: number;
}

export interface Chunk extends Counts {
  /** A WriteRequest of whole series, labels in front. Never changes. */
  readonly bytes: Buffer;
  /** Of samples and histograms, milliseconds since the epoch. */
  readonly oldestMs: number;
  readonly newestMs: number;
}

export const NOTHING: Counts = { samples: 0, exemplars: 0, histograms: 0 };

export const difference = (a: Counts, b: Counts): Counts => ({
  samples: a.samples - b.samples,
  exemplars: a.exemplars - b.exemplars,
  histograms: a.histograms - b.histograms,
});

export const itemsOf = ({ samples, histograms }: Counts): number => samples + histograms;

/** Fields of labels in `buf`. */
export interface LabelRange {
  readonly buf: Buffer;
  readonly start: number;
  readonly stop: number;
}

export class ChunkBuilder {
  readonly #out = new Writer();
  samples = 0;
  exemplars = 0;
  histograms = 0;
  #oldestMs = Infinity;
  #newestMs = -Infinity;

  get isEmpty(): boolean {
    return this.#out.length === 0;
  }

  /**
   * Appends a series under the given labels: of its samples and histograms that `leave` lets through those behind the first
   * `from`, at most `room`. Returns their number; a series of which nothing is left is not there.
   */
  add(series: SeriesView, labels: LabelRange, leave: Leave, from: number, room: number): number {
    const before = this.#out.length;
    const mark = this.#out.begin(WRITE_REQUEST.timeseries);
    this.#out.raw(labels.buf, labels.start, labels.stop);
    const taken = series.copy(this.#out, leave, from, room);
    // Exemplars go with their samples.
    if (taken === 0 && (series.items > 0 || series.copiedExemplars === 0)) {
      this.#out.cut(before);
      series.copiedExemplars = 0;
      return 0;
    }
    this.#out.end(mark);
    this.samples += series.copiedSamples;
    this.exemplars += series.copiedExemplars;
    this.histograms += series.copiedHistograms;
    // Of the whole series: at worst a chunk is looked through for old samples once too often.
    this.#oldestMs = Math.min(this.#oldestMs, Math.max(series.oldestMs, leave.beforeMs));
    this.#newestMs = Math.max(this.#newestMs, series.newestMs);
    return taken;
  }

  /** What has been added; the builder is empty then. */
  take(): Chunk {
    const { samples, exemplars, histograms } = this;
    const chunk = {
      bytes: this.#out.finish(),
      samples,
      exemplars,
      histograms,
      oldestMs: this.#oldestMs,
      newestMs: this.#newestMs,
    };
    this.#out.reset();
    this.samples = this.exemplars = this.histograms = 0;
    this.#oldestMs = Infinity;
    this.#newestMs = -Infinity;
    return chunk;
  }
}

const walk = new WriteRequestWalk();
const series = new SeriesView();
const builder = new ChunkBuilder();

/** Every series of a chunk in turn, in one view. Other chunks may be looked through meanwhile. */
export function* seriesOf({ bytes }: Chunk): Generator<SeriesView> {
  const view = new SeriesView();
  for (const own = new WriteRequestWalk().reset(bytes); own.next();) yield view.reset(bytes, own.start, own.stop);
}

/** The chunk without what is older than `beforeMs`; itself if nothing is. */
export function withoutOld(chunk: Chunk, beforeMs: number): Chunk {
  if (chunk.oldestMs >= beforeMs) return chunk;
  const leave: Leave = { exemplars: false, histograms: false, beforeMs };
  for (walk.reset(chunk.bytes); walk.next();) {
    series.reset(chunk.bytes, walk.start, walk.stop);
    builder.add(series, { buf: chunk.bytes, start: series.labelsStart, stop: series.labelsStop }, leave, 0, Infinity);
  }
  return builder.take();
}
