/** The value of a number point: an int64 (bigint) or a double (number), and the sums of such. */
import type { Writer } from '#codec/protobuf/writer.ts';
import { NUMBER_POINT } from '#codec/otlp/fields.ts';
import { bits, copyFields, writeFixed64 } from './fields.ts';
import type { Point } from './metric.ts';

export type Numeric = bigint | number;

const OWN = bits(NUMBER_POINT.startTimeUnixNano, NUMBER_POINT.asDouble, NUMBER_POINT.asInt);

/** Null: the point has none. */
export function valueOf({ view }: Point): Numeric | null {
  const { asDouble, asInt } = NUMBER_POINT;
  // Of a oneof the last member counts.
  if (view.has(asInt) && (!view.has(asDouble) || view.start(asInt) > view.start(asDouble))) return view.int64(asInt);
  return view.has(asDouble) ? view.double(asDouble) : null;
}

/** Integers wrap at 64 bits, as in Go; of two kinds the sum is a double. */
export function add(a: Numeric, b: Numeric): Numeric {
  if (typeof a === 'bigint' && typeof b === 'bigint') return BigInt.asIntN(64, a + b);
  return Number(a) + Number(b);
}

export function subtract(a: Numeric, b: Numeric): Numeric {
  if (typeof a === 'bigint' && typeof b === 'bigint') return BigInt.asIntN(64, a - b);
  return Number(a) - Number(b);
}

/** The point with another start and value. */
export function writeNumber(out: Writer, point: Point, startNs: bigint, value: Numeric): void {
  copyFields(out, point, OWN);
  writeFixed64(out, NUMBER_POINT.startTimeUnixNano, startNs);
  if (typeof value === 'bigint') writeFixed64(out, NUMBER_POINT.asInt, value, true);
  else out.double(NUMBER_POINT.asDouble, value);
}
