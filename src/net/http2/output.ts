/**
 * Frames on their way out. What is written within one turn of the event loop leaves as one write to the socket: with small
 * requests the writes, not the frames, are what costs.
 */
import { FRAME_HEADER_BYTES, writeFrameHeader, writeUint32 } from './frame.ts';

const START_BYTES = 512;

export class Output {
  readonly #write: (bytes: Buffer) => void;
  #pending = Buffer.allocUnsafeSlow(START_BYTES);
  #length = 0;
  #scheduled = false;
  #closed = false;
  readonly #flush = (): void => this.flush();

  /** `write` owns the bytes it is given. It is not called any more after {@link close}. */
  constructor(write: (bytes: Buffer) => void) {
    this.#write = write;
  }

  /** A frame whose payload is `payload[start, end)`, copied. */
  frame(type: number, flags: number, streamId: number, payload: Buffer, start = 0, end = payload.length): void {
    let at = this.#room(FRAME_HEADER_BYTES + end - start);
    at = writeFrameHeader(this.#pending, at, end - start, type, flags, streamId);
    payload.copy(this.#pending, at, start, end);
  }

  /** A frame whose payload is one 32-bit number. */
  uint32Frame(type: number, streamId: number, value: number): void {
    const at = this.#room(FRAME_HEADER_BYTES + 4);
    writeUint32(this.#pending, writeFrameHeader(this.#pending, at, 4, type, 0, streamId), value);
  }

  /** Writes everything now. */
  flush(): void {
    this.#scheduled = false;
    if (this.#closed) this.#length = 0;
    if (this.#length === 0) return;
    // The socket may keep what it is given, so it gets a copy from Node's pool and this memory serves on.
    const bytes = Buffer.allocUnsafe(this.#length);
    this.#pending.copy(bytes, 0, 0, this.#length);
    this.#length = 0;
    if (this.#pending.length > 64 * START_BYTES) this.#pending = Buffer.allocUnsafeSlow(START_BYTES);
    this.#write(bytes);
  }

  /** Writes nothing more. */
  close(): void {
    this.#closed = true;
    this.#length = 0;
  }

  /** Makes room for `bytes` more and returns where they go. #pending may be another buffer afterwards. */
  #room(bytes: number): number {
    const at = this.#length;
    this.#length += bytes;
    if (this.#length > this.#pending.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(this.#length, 2 * this.#pending.length));
      this.#pending.copy(grown, 0, 0, at);
      this.#pending = grown;
    }
    if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(this.#flush);
    }
    return at;
  }
}
