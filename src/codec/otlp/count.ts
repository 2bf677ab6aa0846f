/**
 * How many items a request holds, by walking tags and lengths only. For bytes that were validated before; malformed bytes make
 * it throw {@link ProtobufError}, never loop.
 */
import { LENGTH, ProtobufError } from '../protobuf/limits.ts';
import { readLength, readTag, skipUnknown, varint, walkError } from '../protobuf/walk.ts';
import { METRIC, METRIC_DATA, REQUEST, ENTRY, SCOPE_ENTRY } from './fields.ts';
import { METRICS, type Signal } from './signal.ts';

/** Fields that lead from one level to the next, as tags: request, entry, scope entry. */
const PATH = [(REQUEST.entries << 3) | LENGTH, (ENTRY.scopes << 3) | LENGTH, (SCOPE_ENTRY.items << 3) | LENGTH];
const POINT_TAG = (METRIC_DATA.dataPoints << 3) | LENGTH;

/** Spans, metric data points or log records in the request `bytes[start, end)`. */
export function countItems(signal: Signal, bytes: Buffer, start = 0, end = bytes.length): number {
  return countBelow(signal, 0, bytes, start, end);
}

/** Items in a message of the given level: 0 the request, 1 a resource entry, 2 a scope entry. */
export function countBelow(signal: Signal, level: number, buf: Buffer, start: number, end: number): number {
  const child = PATH[level];
  let count = 0;
  for (let p = start; p < end;) {
    const valueAt = afterTag(buf, p, end);
    const stop = afterValue(buf, p, valueAt, end);
    if (fieldTag === child) {
      if (level < 2) count += countBelow(signal, level + 1, buf, contentAt, stop);
      else count += signal === METRICS ? countPoints(buf, contentAt, stop) : 1;
    }
    p = stop;
  }
  return count;
}

/** Data points of one metric, of whichever kind. */
export function countPoints(buf: Buffer, start: number, end: number): number {
  let count = 0;
  for (let p = start; p < end;) {
    const valueAt = afterTag(buf, p, end);
    const stop = afterValue(buf, p, valueAt, end);
    if (isMetricData(fieldTag)) count += countFields(POINT_TAG, buf, contentAt, stop);
    p = stop;
  }
  return count;
}

/** Whether a field of a metric, by tag, holds data points: gauge, sum, histogram, exponential histogram, summary. */
export function isMetricData(tag: number): boolean {
  if ((tag & 7) !== LENGTH) return false;
  const field = tag >>> 3;
  return (
    field === METRIC.gauge ||
    field === METRIC.sum ||
    field === METRIC.histogram ||
    field === METRIC.exponentialHistogram ||
    field === METRIC.summary
  );
}

/** Fields with `tag` in one message. */
export function countFields(tag: number, buf: Buffer, start: number, end: number): number {
  let count = 0;
  for (let p = start; p < end;) {
    const valueAt = afterTag(buf, p, end);
    p = afterValue(buf, p, valueAt, end);
    if (fieldTag === tag) count++;
  }
  return count;
}

/** Of the field walked last: its tag, and where its content starts if it is length-delimited. */
let fieldTag = 0;
let contentAt = 0;

function afterTag(buf: Buffer, p: number, end: number): number {
  const at = readTag(buf, p, end);
  if (at < 0) throw new ProtobufError(walkError(), p);
  fieldTag = varint;
  return at;
}

function afterValue(buf: Buffer, tagAt: number, p: number, end: number): number {
  if ((fieldTag & 7) === LENGTH) {
    contentAt = readLength(buf, p, end);
    if (contentAt >= 0) return contentAt + varint;
  } else {
    const tag = fieldTag;
    const stop = skipUnknown(buf, p, end, tag, tagAt, 1);
    fieldTag = tag;
    if (stop >= 0) return stop;
  }
  throw new ProtobufError(walkError(), p);
}
