/**
 * Frames: what lies in the rings. A request frame goes from main to a worker; an answer goes back.
 *
 * Request frame, offsets from the start of the record's content (a multiple of 8), little-endian 32-bit words:
 *
 *     0   signal (bits 0-7), entry index (bits 16-31)
 *     4   request slot: main's name for the request; comes back in the answer
 *     8   items in the payload
 *     12  length of the metadata
 *     16  offset of the payload from the start of the content
 *     20  length of the payload
 *     24  metadata: JSON `[[key,[value,...]],...]` in UTF-8, or nothing
 *     ..  payload: one valid Export*ServiceRequest
 *
 * The payload's address is congruent mod 8 with the address that it is copied from: V8 copies into shared memory four to
 * five times slower otherwise (docs/decisions/0001).
 *
 * Answer: 0 request slot, 4 outcome.
 */
import type { Metadata } from './metadata.ts';
import type { RingReader, RingWriter } from './ring.ts';
import type { Signal } from './signal.ts';

const HEADER_BYTES = 24;
export const ANSWER_BYTES = 8;

/** Content bytes of a frame whose payload may need up to 7 bytes of padding. */
export function frameBytes(metadataBytes: number, payloadBytes: number): number {
  return HEADER_BYTES + metadataBytes + 7 + payloadBytes;
}

export function encodeMetadata(metadata: Metadata | null): Buffer | null {
  return metadata === null || metadata.size === 0 ? null : Buffer.from(JSON.stringify([...metadata]));
}

/**
 * Writes a frame's header and metadata at `content` and returns the offset in `ring.data` where its payload goes.
 * `sourceAddress` is the byte offset of the payload's source in its own ArrayBuffer.
 */
export function writeFrame(
  ring: RingWriter,
  content: number,
  signal: Signal,
  entry: number,
  slot: number,
  items: number,
  metadata: Buffer | null,
  sourceAddress: number,
  payloadBytes: number,
): number {
  const metadataBytes = metadata === null ? 0 : metadata.length;
  const unpadded = HEADER_BYTES + metadataBytes;
  const payload = unpadded + ((sourceAddress - unpadded) & 7);
  const word = content >> 2;
  ring.words[word] = signal | (entry << 16);
  ring.words[word + 1] = slot;
  ring.words[word + 2] = items;
  ring.words[word + 3] = metadataBytes;
  ring.words[word + 4] = payload;
  ring.words[word + 5] = payloadBytes;
  if (metadata !== null) metadata.copy(ring.data, content + HEADER_BYTES);
  return content + payload;
}

/** A reusable view of the frame that a reader stands on. */
export class FrameView {
  signal: Signal = 0;
  entry = 0;
  slot = 0;
  items = 0;
  payloadStart = 0;
  payloadEnd = 0;
  #metadataStart = 0;
  #metadataEnd = 0;

  read(ring: RingReader): void {
    const word = ring.offset >> 2;
    const first = ring.words[word];
    this.signal = (first & 0xff) as Signal;
    this.entry = first >>> 16;
    this.slot = ring.words[word + 1];
    this.items = ring.words[word + 2];
    this.#metadataStart = ring.offset + HEADER_BYTES;
    this.#metadataEnd = this.#metadataStart + ring.words[word + 3];
    this.payloadStart = ring.offset + ring.words[word + 4];
    this.payloadEnd = this.payloadStart + ring.words[word + 5];
  }

  /** Decodes the metadata into an object of its own. */
  metadata(ring: RingReader): Metadata | null {
    if (this.#metadataStart === this.#metadataEnd) return null;
    return new Map(
      JSON.parse(ring.data.toString('utf8', this.#metadataStart, this.#metadataEnd)) as [string, string[]][],
    );
  }
}
