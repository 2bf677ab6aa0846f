/** Writes parcels (`parcel.ts`) of what a worker has counted and counts no more. */
import { PARCEL_BYTES } from '../component.ts';
import type { Counted } from './counted.ts';
import { exponentialLength, newExponential } from './exponential.ts';
import {
  aligned,
  EXEMPLAR_BYTES,
  HISTOGRAM_HEAD,
  PARCEL_HEADER_BYTES,
  RESOURCE_HEADER_BYTES,
  RESOURCE_RECORD,
  ROW_HEADER_BYTES,
  ROW_RECORD,
} from './parcel.ts';
import { EXPONENTIAL, HISTOGRAM, type Rows } from './rows.ts';

/** An exponential histogram that has counted nothing. */
const EMPTY = newExponential();

export class ParcelWriter {
  readonly #print: number;
  readonly #counted: Counted;
  /** The next row: group, row. */
  #group = 0;
  #row = 0;
  /** By resource: the parcel that names it, and under which number. */
  readonly #namedIn: Int32Array;
  readonly #number: Int32Array;
  readonly #resourceLastMs: Float64Array;
  #parcel = 0;

  constructor(print: number, counted: Counted) {
    this.#print = print;
    this.#counted = counted;
    const resources = counted.resources.length;
    this.#namedIn = new Int32Array(resources);
    this.#number = new Int32Array(resources);
    this.#resourceLastMs = new Float64Array(resources);
    for (const rows of counted.groups)
      for (let row = 0; row < rows.length; row++) {
        const resource = rows.resource[row];
        if (rows.lastMs[row] > this.#resourceLastMs[resource]) this.#resourceLastMs[resource] = rows.lastMs[row];
      }
  }

  /** Observations in rows that are in no parcel yet. */
  get observations(): number {
    let sum = 0;
    this.#counted.groups.forEach((rows, group) => {
      for (
        let row = group < this.#group ? rows.length : group === this.#group ? this.#row : 0;
        row < rows.length;
        row++
      )
        sum += rows.hits[row];
    });
    return sum;
  }

  /** The next parcel, in memory of its own; null: that was all. */
  next(): Uint8Array<ArrayBuffer> | null {
    const parcel = ++this.#parcel;
    const { groups } = this.#counted;
    let size = PARCEL_HEADER_BYTES;
    let records = 0;
    let resources = 0;
    let toGroup = this.#group;
    let toRow = this.#row;
    // How far this parcel reaches.
    for (; toGroup < groups.length; toGroup++, toRow = 0) {
      const rows = groups[toGroup];
      for (; toRow < rows.length; toRow++) {
        if (rows.counted[toRow] === 0) continue;
        const resource = rows.resource[toRow];
        const isNew = this.#namedIn[resource] !== parcel;
        const bytes = this.#rowBytes(rows, toRow) + (isNew ? this.#resourceBytes(resource) : 0);
        if (records > 0 && size + bytes > PARCEL_BYTES) break;
        size += bytes;
        records++;
        if (!isNew) continue;
        this.#namedIn[resource] = parcel;
        this.#number[resource] = resources++;
        records++;
      }
      if (toRow < rows.length) break;
    }
    if (records === 0) {
      this.#group = groups.length;
      return null;
    }
    return this.#write(size, records, toGroup, toRow);
  }

  #write(size: number, records: number, toGroup: number, toRow: number): Uint8Array<ArrayBuffer> {
    const { groups } = this.#counted;
    const out = new Uint8Array(size);
    const parcel = { bytes: Buffer.from(out.buffer), numbers: new Float64Array(out.buffer, 0, size >> 3) };
    parcel.bytes.writeUInt32LE(this.#print, 0);
    parcel.bytes.writeUInt32LE(records, 4);
    let at = PARCEL_HEADER_BYTES;
    let stated = 0;
    for (; this.#group <= toGroup && this.#group < groups.length; this.#group++, this.#row = 0) {
      const rows = groups[this.#group];
      const end = this.#group === toGroup ? toRow : rows.length;
      for (; this.#row < end; this.#row++) {
        if (rows.counted[this.#row] === 0) continue;
        const resource = rows.resource[this.#row];
        // Numbers were given in the order in which resources come first.
        if (this.#number[resource] === stated) {
          at = this.#writeResource(parcel, at, resource);
          stated++;
        }
        at = this.#writeRow(parcel, at, rows, this.#row);
      }
      if (this.#group === toGroup) break;
    }
    return out;
  }

  #resourceBytes(resource: number): number {
    const { keyLength, attributesLength } = this.#counted.resources;
    return aligned(RESOURCE_HEADER_BYTES + keyLength[resource] + attributesLength[resource]);
  }

  #rowBytes(rows: Rows, row: number): number {
    const exemplars = this.#counted.exemplars.count(rows.exemplar[row], -1);
    const numbers = valuesOf(rows, row) * 8 + exemplars * EXEMPLAR_BYTES;
    return aligned(ROW_HEADER_BYTES + numbers + rows.keyLength[row] + rows.attributesLength[row]);
  }

  #writeResource(parcel: Parcel, at: number, resource: number): number {
    const { resources } = this.#counted;
    parcel.bytes[at] = RESOURCE_RECORD;
    parcel.bytes.writeUInt32LE(this.#number[resource], at + 4);
    parcel.numbers[(at + 8) >> 3] = this.#resourceLastMs[resource];
    parcel.bytes.writeUInt32LE(resources.keyLength[resource], at + 16);
    parcel.bytes.writeUInt32LE(resources.attributesLength[resource], at + 20);
    return this.#writeBytes(parcel, at + RESOURCE_HEADER_BYTES, resources, resource);
  }

  #writeRow(parcel: Parcel, at: number, rows: Rows, row: number): number {
    const { bytes, numbers } = parcel;
    const { exemplars } = this.#counted;
    const exemplarCount = exemplars.count(rows.exemplar[row], -1);
    const values = valuesOf(rows, row);
    bytes[at] = ROW_RECORD;
    bytes[at + 1] = this.#group;
    bytes.writeUInt16LE(rows.counted[row], at + 2);
    bytes.writeUInt32LE(this.#number[rows.resource[row]], at + 4);
    numbers[(at + 8) >> 3] = rows.firstMs[row];
    numbers[(at + 16) >> 3] = rows.lastMs[row];
    bytes.writeUInt32LE(rows.keyLength[row], at + 24);
    bytes.writeUInt32LE(rows.attributesLength[row], at + 28);
    bytes.writeUInt32LE(exemplarCount, at + 32);
    bytes.writeUInt32LE(values, at + 36);
    at = writeValues(numbers, at + ROW_HEADER_BYTES, rows, row);
    at += exemplarCount * EXEMPLAR_BYTES;
    // The newest is found first and comes last.
    let exemplarAt = at;
    for (let i = rows.exemplar[row] - 1; i >= 0; i = exemplars.before[i] - 1) {
      exemplarAt -= EXEMPLAR_BYTES;
      numbers[exemplarAt >> 3] = exemplars.value[i];
      exemplars.copyIds(i, bytes, exemplarAt + 8);
      bytes.writeUInt32LE(exemplars.instrument[i], exemplarAt + 32);
    }
    return this.#writeBytes(parcel, at, rows, row);
  }

  #writeBytes(parcel: Parcel, at: number, rows: Rows, row: number): number {
    const { bytes } = this.#counted.bytes;
    const key = rows.keyAt[row];
    const attributes = rows.attributesAt[row];
    at += bytes.copy(parcel.bytes, at, key, key + rows.keyLength[row]);
    at += bytes.copy(parcel.bytes, at, attributes, attributes + rows.attributesLength[row]);
    return aligned(at);
  }
}

/** One parcel in the making, seen as bytes and as numbers. */
interface Parcel {
  readonly bytes: Buffer;
  readonly numbers: Float64Array;
}

function valuesOf(rows: Rows, row: number): number {
  let count = rows.layout.stride;
  for (let i = 0; i < rows.exponential.length; i++)
    if (rows.layout.kinds[i] === EXPONENTIAL) count += exponentialLength(rows.exponential[i][row] ?? EMPTY);
  return count;
}

/** Position after the values. */
function writeValues(numbers: Float64Array, at: number, rows: Rows, row: number): number {
  const { kinds, offsets, stride, buckets } = rows.layout;
  let to = at >> 3;
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i] === EXPONENTIAL) {
      const h = rows.exponential[i][row] ?? EMPTY;
      for (let k = 0; k < exponentialLength(h); k++) numbers[to++] = held(h[k], k);
    } else {
      const from = row * stride + offsets[i];
      const count = kinds[i] === HISTOGRAM ? HISTOGRAM_HEAD + buckets[i].count : 1;
      for (let k = 0; k < count; k++)
        numbers[to++] = kinds[i] === HISTOGRAM ? held(rows.values[from + k], k) : finite(rows.values[from + k]);
    }
  }
  return to << 3;
}

/** Value `k` of a histogram of either kind: sum, min and max may be any number, all others count (`parcel.ts`). */
const held = (value: number, k: number): number =>
  k === 0 || k >= HISTOGRAM_HEAD ? Math.min(value, Number.MAX_SAFE_INTEGER) : finite(value);

/** One number that is beyond what a double holds must not cost its parcel, which is refused as a whole. */
function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 0 : Math.sign(value) * Number.MAX_VALUE;
}
