/**
 * What was counted since the last harvest: resources, the rows of each group, exemplars, and the bytes of all of them. `SeriesTable`
 * counts into the newest one; a sealed one is only read any more, by `parcel-writer.ts`.
 */
import { ByteArena } from './arena.ts';
import { GroupLayout, Rows } from './rows.ts';

/** How much of each there was, to begin the next one with. */
export interface Expected {
  readonly bytes: number;
  readonly rows: readonly number[];
}
export const NOTHING_EXPECTED: Expected = { bytes: 0, rows: [] };

/** A resource has a key and attributes as a row has, and counts nothing. */
const RESOURCE_LAYOUT = new GroupLayout({ instruments: [], limit: 0 });

export class Counted {
  readonly bytes: ByteArena;
  readonly resources: Rows;
  readonly groups: readonly Rows[];
  readonly exemplars = new Exemplars();
  /** Rows of all groups. */
  rows = 0;

  constructor(layouts: readonly GroupLayout[], expected: Expected) {
    this.bytes = new ByteArena(expected.bytes);
    this.resources = new Rows(RESOURCE_LAYOUT, this.bytes, 0);
    this.groups = layouts.map((layout, i) => new Rows(layout, this.bytes, expected.rows[i] ?? 0));
  }

  get observations(): number {
    let sum = 0;
    for (const rows of this.groups) for (let row = 0; row < rows.length; row++) sum += rows.hits[row];
    return sum;
  }

  expected(): Expected {
    return { bytes: this.bytes.length, rows: this.groups.map((rows) => rows.length) };
  }
}

const ID_BYTES = 24;
const FIRST_EXEMPLARS = 16;

/** Exemplars of all rows; those of one row are linked, the newest first. */
export class Exemplars {
  length = 0;
  value = new Float64Array(FIRST_EXEMPLARS);
  instrument = new Uint8Array(FIRST_EXEMPLARS);
  /** The one before + 1, 0 = none. */
  before = new Int32Array(FIRST_EXEMPLARS);
  /** Trace id and span id. */
  ids = Buffer.alloc(FIRST_EXEMPLARS * ID_BYTES);

  /** Its number + 1. */
  add(before: number, instrument: number, value: number, buf: Buffer, traceIdAt: number, spanIdAt: number): number {
    const at = this.length++;
    if (at === this.value.length) this.#grow();
    this.value[at] = value;
    this.instrument[at] = instrument;
    this.before[at] = before;
    buf.copy(this.ids, at * ID_BYTES, traceIdAt, traceIdAt + 16);
    if (spanIdAt < 0) this.ids.fill(0, at * ID_BYTES + 16, (at + 1) * ID_BYTES);
    else buf.copy(this.ids, at * ID_BYTES + 16, spanIdAt, spanIdAt + 8);
    return at + 1;
  }

  /** Of the row whose newest one is `newest`: how many there are, of one instrument or (-1) of all. */
  count(newest: number, instrument: number): number {
    let count = 0;
    for (let at = newest - 1; at >= 0; at = this.before[at] - 1)
      if (instrument < 0 || this.instrument[at] === instrument) count++;
    return count;
  }

  copyIds(at: number, target: Buffer, targetAt: number): void {
    this.ids.copy(target, targetAt, at * ID_BYTES, (at + 1) * ID_BYTES);
  }

  #grow(): void {
    const room = this.length * 2;
    const { value, instrument, before, ids } = this;
    (this.value = new Float64Array(room)).set(value);
    (this.instrument = new Uint8Array(room)).set(instrument);
    (this.before = new Int32Array(room)).set(before);
    this.ids = Buffer.alloc(room * ID_BYTES);
    ids.copy(this.ids);
  }
}
