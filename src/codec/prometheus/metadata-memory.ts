/** Which metric families have been announced by a MetricMetadata: each is once, and again when what it says has changed. */
import type { Writer } from '../protobuf/writer.ts';
import { METADATA, WRITE_REQUEST } from './fields.ts';

/** Families that are remembered. With more of them all are announced anew from time to time. */
const KNOWN_FAMILIES = 10_000;

interface Known {
  readonly type: number;
  readonly help: string;
  readonly unit: string;
  seen: boolean;
}

export class MetadataMemory {
  readonly #known = new Map<string, Known>();

  /** Writes the metadata of the family into the WriteRequest `out`, unless that has been done. Whether it did. */
  announce(out: Writer, family: string, type: number, help: string, unit: string): boolean {
    const known = this.#known.get(family);
    if (known !== undefined && known.type === type && known.help === help && known.unit === unit) {
      known.seen = true;
      return false;
    }
    if (known === undefined && this.#known.size >= KNOWN_FAMILIES) this.#known.clear();
    this.#known.set(family, { type, help, unit, seen: true });
    const mark = out.begin(WRITE_REQUEST.metadata);
    if (type !== 0) out.uint32(METADATA.type, type);
    out.string(METADATA.metricFamilyName, family);
    if (help !== '') out.string(METADATA.help, help);
    if (unit !== '') out.string(METADATA.unit, unit);
    out.end(mark);
    return true;
  }

  forget(families: readonly string[]): void {
    for (const family of families) this.#known.delete(family);
  }

  /** Forgets the families that were not seen since the last call. */
  sweep(): void {
    for (const [family, known] of this.#known) {
      if (known.seen) known.seen = false;
      else this.#known.delete(family);
    }
  }
}
