/**
 * The header blocks that a peer sends: put together from HEADERS and CONTINUATION frames (RFC 9113, section 6.2 and 6.10),
 * decoded, and read as a request. Bounds: {@link MAX_BLOCK_BYTES} encoded in at most MAX_PIECES frames, the decoder's `maxListBytes` decoded.
 */
import { ConnectionError, ErrorCode } from './error.ts';
import { FLAG_END_HEADERS, FLAG_END_STREAM, FLAG_PADDED, FLAG_PRIORITY, MAX_BLOCK_BYTES, readUint31 } from './frame.ts';
import { HpackDecoder, type HeaderBlock } from './hpack/decoder.ts';
import { HpackError } from './hpack/error.ts';
import { readRequestHead, type RequestHead } from './request-head.ts';

/** What RFC 7541 gives every peer to start with; nobody needs more. */
export const HEADER_TABLE_BYTES = 4096;

/** Of frames to a block: every one of them copies what came before. */
const MAX_PIECES = 64;

export class HeaderBlocks {
  readonly #hpack: HpackDecoder;
  #partial: Buffer | null = null;
  #pieces = 0;
  /** Of the block that began last. */
  streamId = 0;
  endsStream = false;

  /** Clients repeat their header block: the decoder then gives the same object, and its head need not be read again. */
  #knownBlock: HeaderBlock | null = null;
  #knownHead: RequestHead | null = null;

  constructor(maxListBytes: number) {
    this.#hpack = new HpackDecoder({ tableBytes: HEADER_TABLE_BYTES, maxListBytes });
  }

  /** Whether CONTINUATION frames are awaited, and nothing else may come. */
  get incomplete(): boolean {
    return this.#partial !== null;
  }

  /** A HEADERS frame; its block if that is whole. */
  begin(flags: number, streamId: number, bytes: Buffer, start: number, end: number): HeaderBlock | null {
    let p = start;
    let stop = end;
    if ((flags & FLAG_PADDED) !== 0) {
      stop -= p < end ? bytes[p] : 0;
      p++;
    }
    if ((flags & FLAG_PRIORITY) !== 0) {
      if (p + 5 <= end && readUint31(bytes, p) === streamId)
        throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'a stream that depends on itself');
      p += 5;
    }
    if (p > stop) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'more padding than payload');
    this.streamId = streamId;
    this.endsStream = (flags & FLAG_END_STREAM) !== 0;
    if ((flags & FLAG_END_HEADERS) !== 0) return this.#decode(bytes, p, stop);
    this.#partial = Buffer.from(bytes.subarray(p, stop));
    this.#pieces = 1;
    return null;
  }

  /** A CONTINUATION frame; the block if it is whole now. */
  continue(flags: number, bytes: Buffer, start: number, end: number): HeaderBlock | null {
    const partial = this.#partial;
    if (partial === null) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'CONTINUATION without HEADERS');
    if (partial.length + end - start > MAX_BLOCK_BYTES)
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'header block too large');
    if (++this.#pieces > MAX_PIECES)
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'header block in too many pieces');
    const whole = Buffer.concat([partial, bytes.subarray(start, end)]);
    this.#partial = whole;
    if ((flags & FLAG_END_HEADERS) === 0) return null;
    this.#partial = null;
    return this.#decode(whole, 0, whole.length);
  }

  /** The request that a block makes; null: it is malformed or too large. */
  request(block: HeaderBlock): RequestHead | null {
    if (block !== this.#knownBlock) {
      this.#knownBlock = block;
      this.#knownHead = block.tooLarge ? null : readRequestHead(block.fields);
    }
    return this.#knownHead;
  }

  #decode(bytes: Buffer, start: number, end: number): HeaderBlock {
    try {
      return this.#hpack.decode(bytes, start, end);
    } catch (error) {
      if (error instanceof HpackError) throw new ConnectionError(ErrorCode.COMPRESSION_ERROR, error.message);
      throw error;
    }
  }
}
