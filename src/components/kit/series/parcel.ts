/**
 * Parcels: what a worker part hands over of what it has counted since the last harvest. Little-endian; every record begins at a
 * multiple of 8, so that numbers are read through typed arrays.
 *
 *     0   u32   fingerprint of the plan (`plan.ts`)
 *     4   u32   number of records
 *     8   records, one behind the other
 *
 * Resource: before the first row that names it, in each parcel anew.
 *
 *     0   u8    1                         8   f64   time of the last observation, ms since the epoch
 *     4   u32   its number in the parcel  16  u32   length of the key     20  u32   length of the attributes
 *     24  key; attributes: whole KeyValue fields as in a Resource message (tag 0x0a, length, content); padding to 8
 *
 * Row:
 *
 *     0   u8    2                         8   f64   time of the first observation, ms since the epoch
 *     1   u8    group                     16  f64   time of the last one
 *     2   u16   bit i: instrument i of the group has counted
 *     4   u32   number of its resource    24  u32   length of the key     28  u32   length of the attributes
 *     32  u32   number of exemplars       36  u32   number of values
 *     40  f64 values, f64-aligned exemplars, then key, attributes, padding to 8
 *
 * The overflow row of a resource has an empty key and empty attributes.
 *
 * Key: bytes that are equal exactly where the series is the same one; attributes: for each attribute of the point its KeyValue
 * message with a varint length in front and no tag (tags differ between kinds of points), in order.
 *
 * Values, by instrument of the group in order, counted or not:
 *
 *     sum, gauge    value
 *     histogram     count, sum, min, max, a count for each bound, a count for the rest
 *     exponential   count, sum, min, max, zeros, scale, index of the first bucket, n, n counts       (never negative values)
 *
 * Exemplar, 40 bytes: f64 value, 16 bytes trace id, 8 bytes span id, u32 instrument, u32 0.
 */
export const RESOURCE_RECORD = 1;
export const ROW_RECORD = 2;
export const PARCEL_HEADER_BYTES = 8;
export const RESOURCE_HEADER_BYTES = 24;
export const ROW_HEADER_BYTES = 40;
export const EXEMPLAR_BYTES = 40;

/** Places of the values of a histogram; of an exponential one also those from ZEROS on. */
export const COUNT = 0;
export const SUM = 1;
export const MIN = 2;
export const MAX = 3;
export const ZEROS = 4;
export const SCALE = 5;
export const FIRST = 6;
export const BUCKETS = 7;
/** Values of an exponential histogram before its counts, of a histogram before its. */
export const EXPONENTIAL_HEAD = 8;
export const HISTOGRAM_HEAD = 4;

/** Next multiple of 8. */
export const aligned = (at: number): number => (at + 7) & ~7;
