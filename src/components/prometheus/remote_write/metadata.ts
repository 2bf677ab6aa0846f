/**
 * What endpoints are told about metric families (type, help, unit): the last entry of each family, as it came. Families that do
 * not come any more are forgotten.
 */
import { WRITE_REQUEST } from '#codec/prometheus/fields.ts';
import { familyOf } from '#codec/prometheus/write-request.ts';
import { Writer } from '#codec/protobuf/writer.ts';

/** Most families that are remembered; the one that has not come for the longest time makes room. */
export const MAX_FAMILIES = 10_000;
export const FORGOTTEN_AFTER_MS = 15 * 60_000;

interface Entry {
  /** The MetricMetadata message. */
  bytes: Buffer;
  seenMs: number;
}

export interface MetadataRequest {
  readonly bytes: Buffer;
  readonly entries: number;
}

export class MetadataStore {
  /** By family, those that came last at the end. */
  readonly #entries = new Map<string, Entry>();

  get size(): number {
    return this.#entries.size;
  }

  /** One entry of a request: the message [start, stop). `nowMs` is monotonic. Throws ProtobufError. */
  note(bytes: Buffer, start: number, stop: number, nowMs: number): void {
    const family = familyOf(bytes, start, stop);
    if (family === '') return;
    const known = this.#entries.get(family);
    if (known === undefined) {
      if (this.#entries.size >= MAX_FAMILIES)
        for (const oldest of this.#entries.keys()) {
          this.#entries.delete(oldest);
          break;
        }
      this.#entries.set(family, { bytes: Buffer.from(bytes.subarray(start, stop)), seenMs: nowMs });
      return;
    }
    known.seenMs = nowMs;
    if (known.bytes.compare(bytes, start, stop) !== 0) known.bytes = Buffer.from(bytes.subarray(start, stop));
    this.#entries.delete(family);
    this.#entries.set(family, known);
  }

  /** All that is known and not forgotten, in requests of at most `most` families. */
  requests(most: number, nowMs: number): MetadataRequest[] {
    const requests: MetadataRequest[] = [];
    const out = new Writer();
    let entries = 0;
    const cut = (): void => {
      if (entries > 0) requests.push({ bytes: out.finish(), entries });
      out.reset();
      entries = 0;
    };
    for (const [family, { bytes, seenMs }] of this.#entries) {
      if (nowMs - seenMs > FORGOTTEN_AFTER_MS) {
        this.#entries.delete(family);
        continue;
      }
      out.bytes(WRITE_REQUEST.metadata, bytes);
      if (++entries >= most) cut();
    }
    cut();
    return requests;
  }
}
