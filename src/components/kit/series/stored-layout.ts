/** Where a group's numbers lie: in the values of a row record (`parcel.ts`) and in the rows that the store keeps. */
import { EXPONENTIAL_HEAD, HISTOGRAM_HEAD } from './parcel.ts';
import type { Group, Instrument } from './plan.ts';

export interface StoredInstrument {
  readonly instrument: Instrument;
  /** Its number in the group, and its bit in masks of a row. */
  readonly index: number;
  readonly bit: number;
  /** First of its values in a row, and how many lie there: of an exponential histogram all but the buckets. */
  readonly at: number;
  readonly width: number;
  /** Which of the row's references to blocks leads to its buckets, its exemplars; -1 = it has none. */
  readonly buckets: number;
  readonly exemplars: number;
}

export interface StoredLayout {
  readonly instruments: readonly StoredInstrument[];
  /** Values of a row. */
  readonly width: number;
  /** References of a row to blocks, without the one to its key. */
  readonly references: number;
}

export function storedLayout(group: Group): StoredLayout {
  let width = 0;
  let references = 0;
  const instruments = group.instruments.map((instrument, index) => {
    const buckets = instrument.kind === 'exponential' ? references++ : -1;
    const exemplars = (instrument.exemplars ?? 0) > 0 ? references++ : -1;
    const own = { instrument, index, bit: 1 << index, at: width, width: widthOf(instrument), buckets, exemplars };
    width += own.width;
    return own;
  });
  return { instruments, width, references };
}

function widthOf({ kind, bounds = [] }: Instrument): number {
  if (kind === 'exponential') return EXPONENTIAL_HEAD;
  return kind === 'histogram' ? HISTOGRAM_HEAD + bounds.length + 1 : 1;
}
