/**
 * Which metric families have been announced by a MetricMetadata: each at its first series, when what it says has changed, and every
 * minute that it has series, because those who listen come later, restart, and forget.
 */
import type { Writer } from '../protobuf/writer.ts';
import { METADATA, WRITE_REQUEST } from './fields.ts';

/** Families that are remembered. With more of them all are announced anew from time to time. */
const KNOWN_FAMILIES = 10_000;

const ANNOUNCED_FOR_MS = 60_000;

interface Known {
  readonly type: number;
  readonly help: string;
  readonly unit: string;
  readonly toldMs: number;
}

export class MetadataMemory {
  readonly #known = new Map<string, Known>();

  /** Writes the metadata of the family into the WriteRequest `out`, unless that has been done lately. Whether it did. */
  announce(out: Writer, family: string, type: number, help: string, unit: string, nowMs: number): boolean {
    const known = this.#known.get(family);
    const isKnown = known !== undefined && known.type === type && known.help === help && known.unit === unit;
    if (isKnown && Math.abs(nowMs - known.toldMs) < ANNOUNCED_FOR_MS) return false;
    if (known === undefined && this.#known.size >= KNOWN_FAMILIES) this.#known.clear();
    this.#known.set(family, { type, help, unit, toldMs: nowMs });
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
}
