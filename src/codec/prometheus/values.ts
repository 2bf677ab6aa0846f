/** Numbers and times of OTLP points as those of Prometheus samples. */
import type { MessageView } from '../otlp/view.ts';
import type { Writer } from '../protobuf/writer.ts';
import { SAMPLE, STALE_NAN_BITS, TIME_SERIES } from './fields.ts';

const TWO_32 = 2 ** 32;
const NANOS_PER_MS = 1_000_000;
/** 2^32 nanoseconds are so many milliseconds and nanoseconds. */
const HIGH_MS = 4294;
const HIGH_NANOS = 967_296;

const DOUBLE = new Float64Array(1);
const BITS = new Uint32Array(DOUBLE.buffer);

/** A fixed64 of nanoseconds as whole milliseconds, rounded down; exact. 0 = not set. */
export function epochMs(view: MessageView, field: number): number {
  if (view.stop(field) - view.start(field) !== 8) return 0;
  const at = view.start(field);
  const hi = view.buf.readUInt32LE(at + 4);
  return hi * HIGH_MS + Math.floor((hi * HIGH_NANOS + view.buf.readUInt32LE(at)) / NANOS_PER_MS);
}

/** A sfixed64 as the nearest double. */
export function intValue(view: MessageView, field: number): number {
  if (view.stop(field) - view.start(field) !== 8) return 0;
  const at = view.start(field);
  return view.buf.readInt32LE(at + 4) * TWO_32 + view.buf.readUInt32LE(at);
}

/** A fixed64 as the nearest double. */
export function countValue(view: MessageView, field: number): number {
  if (view.stop(field) - view.start(field) !== 8) return 0;
  const at = view.start(field);
  return view.buf.readUInt32LE(at + 4) * TWO_32 + view.buf.readUInt32LE(at);
}

/** Leaves 0 out, as proto3 does. */
export function writeDouble(out: Writer, field: number, value: number): void {
  if (!Object.is(value, 0)) out.double(field, value);
}

/** int64 of milliseconds. */
export function writeMs(out: Writer, field: number, ms: number): void {
  if (ms !== 0) out.varint64(field, ms >>> 0, Math.floor(ms / TWO_32));
}

/** A Sample of the TimeSeries that `out` is writing. */
export function writeSample(out: Writer, value: number, ms: number): void {
  DOUBLE[0] = value;
  writeSampleBits(out, BITS[0], BITS[1], ms);
}

/** The sample that says that the series has ended. */
export function writeStale(out: Writer, ms: number): void {
  writeSampleBits(out, STALE_NAN_BITS.lo, STALE_NAN_BITS.hi, ms);
}

/** The value is the double with these bits: a NaN keeps its meaning. */
export function writeSampleBits(out: Writer, lo: number, hi: number, ms: number): void {
  const mark = out.begin(TIME_SERIES.samples);
  if ((lo | hi) !== 0) out.fixed64(SAMPLE.value, lo, hi);
  writeMs(out, SAMPLE.timestamp, ms);
  out.end(mark);
}
