/**
 * Walks over the bytes of a WriteRequest (`fields.ts`), and over those of its series, without building objects. All of it is
 * reused; it holds on to the buffer until the next `reset`. Throws ProtobufError for bytes that are no WriteRequest. Any thread.
 */
import { FIXED64, LENGTH, VARINT } from '../protobuf/limits.ts';
import { Reader } from '../protobuf/reader.ts';
import type { Writer } from '../protobuf/writer.ts';
import { METADATA, NATIVE_HISTOGRAM, SAMPLE, STALE_NAN_BITS, TIME_SERIES, WRITE_REQUEST } from './fields.ts';

/** The entries of a request, in order: series and metadata. Unknown fields are passed over. */
export class WriteRequestWalk {
  readonly #reader = new Reader();
  /** Of the current entry. */
  isSeries = false;
  /** The whole field, tag included. */
  fieldStart = 0;
  /** The message. `stop` is also where the field ends. */
  start = 0;
  stop = 0;

  reset(bytes: Buffer): this {
    this.#reader.reset(bytes, 0, bytes.length);
    return this;
  }

  next(): boolean {
    const reader = this.#reader;
    while (reader.next()) {
      if (reader.wire !== LENGTH) continue;
      if (reader.field !== WRITE_REQUEST.timeseries && reader.field !== WRITE_REQUEST.metadata) continue;
      this.isSeries = reader.field === WRITE_REQUEST.timeseries;
      this.fieldStart = reader.fieldStart;
      this.start = reader.start;
      this.stop = reader.stop;
      return true;
    }
    return false;
  }
}

/** What of a series {@link SeriesView.copy} leaves out. */
export interface Leave {
  readonly exemplars: boolean;
  readonly histograms: boolean;
  /** Samples and histograms from before this time, in milliseconds since the epoch; -Infinity: none. */
  readonly beforeMs: number;
}

export const LEAVE_NOTHING: Leave = { exemplars: false, histograms: false, beforeMs: -Infinity };

/** What a series holds, found in one walk. */
export class SeriesView {
  readonly #reader = new Reader();
  readonly #inner = new Reader();
  buf: Buffer = Buffer.alloc(0);
  start = 0;
  stop = 0;
  samples = 0;
  exemplars = 0;
  histograms = 0;
  /** Of samples and histograms, milliseconds since the epoch; Infinity and -Infinity without any. */
  oldestMs = Infinity;
  newestMs = -Infinity;
  /** The last sample says that the series has ended. */
  stale = false;
  /** Of the last {@link copy}. */
  copiedSamples = 0;
  copiedHistograms = 0;
  copiedExemplars = 0;
  /**
   * The fields of the labels, where they stand one behind the other as every encoder writes them; else `labelsStop` is -1 and
   * {@link readLabels} has to look for them in the whole series.
   */
  labelsStart = 0;
  labelsStop = 0;

  reset(buf: Buffer, start: number, stop: number): this {
    this.buf = buf;
    this.start = start;
    this.stop = stop;
    this.samples = this.exemplars = this.histograms = 0;
    this.oldestMs = Infinity;
    this.newestMs = -Infinity;
    this.stale = false;
    this.labelsStart = this.labelsStop = start;
    let any = false;
    const reader = this.#reader.reset(buf, start, stop);
    while (reader.next()) {
      if (reader.wire !== LENGTH) continue;
      switch (reader.field) {
        case TIME_SERIES.labels:
          if (!any) this.labelsStart = reader.fieldStart;
          else if (this.labelsStop !== reader.fieldStart) this.labelsStop = -1;
          if (this.labelsStop >= 0) this.labelsStop = reader.pos;
          any = true;
          break;
        case TIME_SERIES.samples:
          this.samples++;
          this.#time(this.#timeOf(reader, SAMPLE.timestamp));
          break;
        case TIME_SERIES.exemplars:
          this.exemplars++;
          break;
        case TIME_SERIES.histograms:
          this.histograms++;
          this.#time(this.#timeOf(reader, NATIVE_HISTOGRAM.timestamp));
          break;
      }
    }
    return this;
  }

  /** Samples and histograms: what a batch counts as items. */
  get items(): number {
    return this.samples + this.histograms;
  }

  /**
   * Appends the fields other than labels, but for what is to be left out, as they came: unknown ones too. Returns the samples and
   * histograms among them, of which `from` are passed over first and at most `count` are taken; what is neither goes with the first.
   */
  copy(out: Writer, leave: Leave, from = 0, count = Infinity): number {
    const { buf } = this;
    // Nothing to choose: two ranges.
    if (
      from === 0 &&
      count >= this.items &&
      this.labelsStop >= 0 &&
      !(leave.exemplars && this.exemplars > 0) &&
      !(leave.histograms && this.histograms > 0) &&
      leave.beforeMs <= this.oldestMs
    ) {
      out.raw(buf, this.start, this.labelsStart);
      out.raw(buf, this.labelsStop, this.stop);
      this.copiedSamples = this.samples;
      this.copiedHistograms = this.histograms;
      this.copiedExemplars = this.exemplars;
      return this.items;
    }
    this.copiedSamples = this.copiedHistograms = this.copiedExemplars = 0;
    const isFirst = from === 0;
    let taken = 0;
    const reader = this.#reader.reset(buf, this.start, this.stop);
    while (reader.next()) {
      const { field } = reader;
      const known = reader.wire === LENGTH;
      if (known && field === TIME_SERIES.labels) continue;
      const isSample = known && field === TIME_SERIES.samples;
      const isHistogram = known && field === TIME_SERIES.histograms;
      if (isSample || isHistogram) {
        if (isHistogram && leave.histograms) continue;
        const time = isSample ? SAMPLE.timestamp : NATIVE_HISTOGRAM.timestamp;
        if (leave.beforeMs > -Infinity && this.#timeOf(reader, time) < leave.beforeMs) continue;
        if (from > 0) {
          from--;
          continue;
        }
        if (taken >= count) continue;
        taken++;
        if (isSample) this.copiedSamples++;
        else this.copiedHistograms++;
      } else if (known && field === TIME_SERIES.exemplars) {
        if (!isFirst || leave.exemplars) continue;
        this.copiedExemplars++;
      } else if (!isFirst) continue;
      out.raw(buf, reader.fieldStart, reader.pos);
    }
    return taken;
  }

  /** The time of the sample or histogram that `reader` stands on; 0 where it says none, as protobuf has it. */
  #timeOf(reader: Reader, field: number): number {
    const inner = this.#inner.reset(reader.buf, reader.start, reader.stop);
    let ms = 0;
    while (inner.next()) {
      if (inner.field === field && inner.wire === VARINT) ms = (inner.hi | 0) * 2 ** 32 + inner.lo;
      else if (field === SAMPLE.timestamp && inner.field === SAMPLE.value && inner.wire === FIXED64)
        this.stale =
          inner.buf.readUInt32LE(inner.start) === STALE_NAN_BITS.lo &&
          inner.buf.readUInt32LE(inner.start + 4) === STALE_NAN_BITS.hi;
    }
    return ms;
  }

  #time(ms: number): void {
    if (ms < this.oldestMs) this.oldestMs = ms;
    if (ms > this.newestMs) this.newestMs = ms;
  }
}

const walk = new WriteRequestWalk();
const series = new SeriesView();
const name = new Reader();

export interface Measure {
  samples: number;
  exemplars: number;
  histograms: number;
  /** Milliseconds since the epoch; -Infinity without samples and histograms. */
  newestMs: number;
}

/** What is in a request. Throws ProtobufError, and after it walking the same bytes does not. */
export function measure(bytes: Buffer): Measure {
  const found: Measure = { samples: 0, exemplars: 0, histograms: 0, newestMs: -Infinity };
  for (walk.reset(bytes); walk.next();) {
    if (!walk.isSeries) {
      familyOf(bytes, walk.start, walk.stop);
      continue;
    }
    series.reset(bytes, walk.start, walk.stop);
    found.samples += series.samples;
    found.exemplars += series.exemplars;
    found.histograms += series.histograms;
    found.newestMs = Math.max(found.newestMs, series.newestMs);
  }
  return found;
}

/** Samples and histograms in a request: the items of its batch. */
export function countItems(bytes: Buffer): number {
  const { samples, histograms } = measure(bytes);
  return samples + histograms;
}

/** The name of the family that a metadata entry is about; '' = it says none. */
export function familyOf(bytes: Buffer, start: number, stop: number): string {
  let family = '';
  for (name.reset(bytes, start, stop); name.next();)
    if (name.field === METADATA.metricFamilyName && name.wire === LENGTH) family = name.string();
  return family;
}
