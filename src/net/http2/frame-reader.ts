/**
 * Cuts what comes from a socket into frames. DATA is handed on piece by piece as it arrives, without a copy; the payload of
 * every other frame is handed over whole, from the socket's buffer where it lies there in one piece.
 *
 * One per connection. Bounds: a frame of any other type than DATA holds at most MAX_CONTROL_BYTES.
 */
import { ConnectionError, ErrorCode } from './error.ts';
import { DATA, FRAME_HEADER_BYTES, MAX_BLOCK_BYTES, PREFACE, readUint31 } from './frame.ts';

/**
 * Of a frame that is not DATA: the largest header block that we take, with padding and priority. Some clients cut a block only
 * where it passes the frame size that we announced, which is larger.
 */
const MAX_CONTROL_BYTES = MAX_BLOCK_BYTES + 256 + 5;

/** All bytes given to a sink are valid only during the call. A sink throws {@link ConnectionError} to end the connection. */
export interface FrameSink {
  /** A whole frame that is not DATA; its payload is `bytes[start, end)`. */
  frame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): void;
  /** The header of a DATA frame of `length` bytes, padding included. Pieces follow, at least one unless `length` is 0. */
  dataStart(flags: number, streamId: number, length: number): void;
  dataPiece(bytes: Buffer, start: number, end: number): void;
  dataEnd(): void;
}

export class FrameReader {
  readonly #sink: FrameSink;
  readonly #maxDataBytes: number;
  readonly #maxControlBytes: number;
  #preface = 0;
  readonly #header = Buffer.allocUnsafeSlow(FRAME_HEADER_BYTES);
  #headerBytes = 0;
  /** Left of the present frame's payload; -1 between frames. */
  #left = -1;
  #type = 0;
  #flags = 0;
  #streamId = 0;
  /** Collects a frame that came in several chunks. */
  #partial: Buffer | null = null;
  #partialBytes = 0;
  #stopped = false;

  /** `maxFrameBytes`: the SETTINGS_MAX_FRAME_SIZE that we announced. */
  constructor(sink: FrameSink, maxFrameBytes: number) {
    this.#sink = sink;
    this.#maxDataBytes = maxFrameBytes;
    this.#maxControlBytes = Math.min(maxFrameBytes, MAX_CONTROL_BYTES);
  }

  /** Takes the next bytes of the connection; nothing of `chunk` is kept. Throws {@link ConnectionError}. */
  push(chunk: Buffer): void {
    const end = chunk.length;
    let p = this.#preface < PREFACE.length ? this.#readPreface(chunk) : 0;
    while (p < end && !this.#stopped) {
      if (this.#left < 0) {
        if (this.#headerBytes === 0 && end - p >= FRAME_HEADER_BYTES) {
          this.#open(chunk, p);
          p += FRAME_HEADER_BYTES;
        } else {
          const take = Math.min(FRAME_HEADER_BYTES - this.#headerBytes, end - p);
          chunk.copy(this.#header, this.#headerBytes, p, p + take);
          this.#headerBytes += take;
          p += take;
          if (this.#headerBytes < FRAME_HEADER_BYTES) return;
          this.#headerBytes = 0;
          this.#open(this.#header, 0);
        }
      }
      const stop = Math.min(end, p + this.#left);
      this.#payload(chunk, p, stop);
      p = stop;
    }
  }

  /** Reads nothing more, not even the rest of the chunk that is being read. */
  stop(): void {
    this.#stopped = true;
  }

  #readPreface(chunk: Buffer): number {
    const take = Math.min(PREFACE.length - this.#preface, chunk.length);
    if (chunk.compare(PREFACE, this.#preface, this.#preface + take, 0, take) !== 0)
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'not HTTP/2: the connection preface is missing');
    this.#preface += take;
    return take;
  }

  #open(bytes: Buffer, at: number): void {
    const length = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
    this.#type = bytes[at + 3];
    this.#flags = bytes[at + 4];
    this.#streamId = readUint31(bytes, at + 5);
    if (length > (this.#type === DATA ? this.#maxDataBytes : this.#maxControlBytes))
      throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, `frame of ${length} bytes`);
    this.#left = length;
    if (this.#type === DATA) this.#sink.dataStart(this.#flags, this.#streamId, length);
  }

  #payload(chunk: Buffer, start: number, stop: number): void {
    this.#left -= stop - start;
    const last = this.#left === 0;
    if (this.#type === DATA) {
      if (stop > start) this.#sink.dataPiece(chunk, start, stop);
      if (last) {
        this.#left = -1;
        this.#sink.dataEnd();
      }
      return;
    }
    if (last && this.#partial === null) {
      this.#left = -1;
      return this.#sink.frame(this.#type, this.#flags, this.#streamId, chunk, start, stop);
    }
    this.#partial ??= Buffer.allocUnsafe(stop - start + this.#left);
    chunk.copy(this.#partial, this.#partialBytes, start, stop);
    this.#partialBytes += stop - start;
    if (!last) return;
    const whole = this.#partial;
    this.#partial = null;
    this.#partialBytes = 0;
    this.#left = -1;
    this.#sink.frame(this.#type, this.#flags, this.#streamId, whole, 0, whole.length);
  }
}
