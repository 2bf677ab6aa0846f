/**
 * The answers of a connection on their way out: HEADERS, DATA as far as the peer's windows and frame size allow, trailers.
 * Holds what waits for a window: at most one answer for each open stream; {@link waiting} tells how many.
 */
import { DATA, FLAG_END_HEADERS, FLAG_END_STREAM, HEADERS, INITIAL_WINDOW_BYTES, MAX_WINDOW_BYTES } from './frame.ts';
import { TABLE_SIZE_ZERO } from './hpack/encoder.ts';
import type { Output } from './output.ts';
import type { PeerSettings } from './settings.ts';
import type { Stream } from './stream.ts';

const NO_BYTES = Buffer.alloc(0);

export class Answers {
  readonly #output: Output;
  readonly #peer: PeerSettings;
  readonly #sent: (stream: Stream) => void;
  #window = INITIAL_WINDOW_BYTES;
  /** Streams whose answer waits for a window, in order. */
  readonly #blocked = new Set<Stream>();
  /** Goes in front of the next header block: the peer made its table smaller (RFC 7541, section 4.2). */
  tableUpdateDue = false;

  /** DATA so far. */
  sentBytes = 0;

  /** `sent`: the answer of a stream has been written whole. */
  constructor(output: Output, peer: PeerSettings, sent: (stream: Stream) => void) {
    this.#output = output;
    this.#peer = peer;
    this.#sent = sent;
  }

  get waiting(): number {
    return this.#blocked.size;
  }

  /** See `Stream.respond`. */
  start(stream: Stream, headers: Buffer, body: Buffer | null, trailers: Buffer | null): void {
    const alone = (body === null || body.length === 0) && trailers === null;
    this.#headers(stream, headers, alone);
    if (alone) return this.#sent(stream);
    stream.unsent = { body: body ?? NO_BYTES, at: 0, trailers };
    this.proceed(stream);
  }

  /** Sends what the windows allow. */
  proceed(stream: Stream): void {
    const unsent = stream.unsent;
    if (unsent === null) return;
    const { body, trailers } = unsent;
    while (unsent.at < body.length) {
      const room = Math.min(this.#window, this.#peer.windowBytes + stream.sendWindow, this.#peer.maxFrameBytes);
      if (room <= 0) return void this.#blocked.add(stream);
      const end = Math.min(body.length, unsent.at + room);
      const last = trailers === null && end === body.length;
      this.#output.frame(DATA, last ? FLAG_END_STREAM : 0, stream.id, body, unsent.at, end);
      this.#window -= end - unsent.at;
      stream.sendWindow -= end - unsent.at;
      this.sentBytes += end - unsent.at;
      unsent.at = end;
    }
    if (trailers !== null) this.#headers(stream, trailers, true);
    this.forget(stream);
    this.#sent(stream);
  }

  proceedAll(): void {
    for (const stream of this.#blocked) this.proceed(stream);
  }

  /** WINDOW_UPDATE of the connection; false: the window is larger than there may be. */
  widen(increment: number): boolean {
    this.#window += increment;
    return this.#window <= MAX_WINDOW_BYTES;
  }

  forget(stream: Stream): void {
    stream.unsent = null;
    this.#blocked.delete(stream);
  }

  #headers(stream: Stream, headers: Buffer, last: boolean): void {
    const block = this.tableUpdateDue ? Buffer.concat([TABLE_SIZE_ZERO, headers]) : headers;
    this.tableUpdateDue = false;
    this.#output.frame(HEADERS, FLAG_END_HEADERS | (last ? FLAG_END_STREAM : 0), stream.id, block);
  }
}
