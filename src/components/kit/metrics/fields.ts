/** Numbers of 64 bits and whole points, from fields and into fields. */
import { Reader } from '#codec/protobuf/reader.ts';
import type { Writer } from '#codec/protobuf/writer.ts';
import type { MessageView } from '#codec/otlp/view.ts';
import type { Point } from './metric.ts';

const reader = new Reader();

/** Copies the fields of a point but those whose bit (1 << number) is set. */
export function copyFields(out: Writer, { view, start, stop }: Point, without: number): void {
  reader.reset(view.buf, start, stop);
  while (reader.next()) {
    if (reader.field < 32 && ((without >>> reader.field) & 1) === 1) continue;
    out.raw(view.buf, reader.fieldStart, reader.pos);
  }
  reader.buf = NOTHING;
}
const NOTHING = Buffer.alloc(0);

/** Bits of field numbers. */
export const bits = (...fields: readonly number[]): number => fields.reduce((mask, field) => mask | (1 << field), 0);

export const low = (value: bigint): number => Number(value & 0xffff_ffffn);
export const high = (value: bigint): number => Number((value >> 32n) & 0xffff_ffffn);

/** An unsigned or signed 64-bit integer of fixed size; 0 is left out unless it has to be present. */
export function writeFixed64(out: Writer, field: number, value: bigint, present = false): void {
  if (value !== 0n || present) out.fixed64(field, low(value), high(value));
}

/** An optional double. */
export const optionalDouble = (view: MessageView, field: number): number | null =>
  view.has(field) ? view.double(field) : null;

export function writeOptional(out: Writer, field: number, value: number | null): void {
  if (value !== null) out.double(field, value);
}
