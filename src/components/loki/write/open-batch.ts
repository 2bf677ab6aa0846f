/** Lines of one tenant that wait to be sent together. Entries are copied, so that nothing else stays in memory because of them. */
import { STREAM } from '#codec/loki/fields.ts';
import type { Label } from '#codec/loki/labels.ts';
import { pushJson, pushProto } from '#codec/loki/push.ts';
import { Writer } from '#codec/protobuf/writer.ts';
import { compressSnappyBlock } from '#net/compression/snappy.ts';

interface Stream {
  readonly labels: readonly Label[];
  readonly entries: Writer;
}

/** What is sent. */
export interface SealedBatch {
  readonly tenant: string;
  /** The body of the request, and the headers that say what it is. */
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly entries: number;
  /** What it counts for in the bound of what is held. */
  readonly heldBytes: number;
}

const PROTOBUF_HEADERS = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };
const JSON_HEADERS = { 'content-type': 'application/json' };

/** First memory of a stream. */
const FIRST_BYTES = 256;
/** What a stream counts for besides its labels and entries: its objects are most of the memory of many small ones. */
const STREAM_BYTES = 1280;

export class OpenBatch {
  readonly tenant: string;
  /** By the text of their labels. */
  readonly #streams = new Map<string, Stream>();
  entries = 0;
  /** Bytes of lines and structured metadata, which `batch_size` counts. */
  lineBytes = 0;
  heldBytes = 0;

  constructor(tenant: string) {
    this.tenant = tenant;
  }

  get streams(): number {
    return this.#streams.size;
  }

  has(labelsText: string): boolean {
    return this.#streams.has(labelsText);
  }

  /** The entry with content `buf[start, stop)`. */
  add(
    labelsText: string,
    labels: readonly Label[],
    buf: Buffer,
    start: number,
    stop: number,
    lineBytes: number,
  ): number {
    let stream = this.#streams.get(labelsText);
    let held = stop - start + 8;
    if (stream === undefined) {
      stream = { labels, entries: new Writer(FIRST_BYTES) };
      this.#streams.set(labelsText, stream);
      held += STREAM_BYTES + 2 * labelsText.length;
    }
    stream.entries.bytes(STREAM.entries, buf, start, stop);
    this.entries++;
    this.lineBytes += lineBytes;
    this.heldBytes += held;
    return held;
  }

  /** `json`: in Loki's other encoding, for what does not take protobuf. */
  seal(json: boolean): SealedBatch {
    const streams = [...this.#streams.values()].map(({ labels, entries }) => ({ labels, entries: entries.finish() }));
    return {
      tenant: this.tenant,
      body: json ? Buffer.from(pushJson(streams)) : compressSnappyBlock(pushProto(streams)),
      headers: json ? JSON_HEADERS : PROTOBUF_HEADERS,
      entries: this.entries,
      heldBytes: this.heldBytes,
    };
  }
}
