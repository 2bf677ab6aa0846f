/**
 * A request that is refused because of its headers. Its body is read and forgotten, and its answer comes when it has ended: a
 * client that is still sending sees no reset, and what it does on the stream until then is judged as on any other. What is held
 * of it is counted, and given up when memory is needed.
 */
import type { RequestReceiver, Stream } from '#net/http2/stream.ts';
import type { Holder, ReceiveMemory } from '../receive-memory.ts';
import { answerRefusal } from './answer.ts';
import type { GrpcRequest } from './request.ts';

/** Stream, this object, entries in tables. */
const REQUEST_BYTES = 1024;

export class RefusedRequest implements RequestReceiver, Holder {
  readonly #stream: Stream;
  readonly #request: GrpcRequest;
  readonly #memory: ReceiveMemory;
  readonly lastProgressMs: number;
  #counted = false;

  constructor(stream: Stream, request: GrpcRequest, memory: ReceiveMemory, nowMs: number) {
    this.#stream = stream;
    this.#request = request;
    this.#memory = memory;
    this.lastProgressMs = nowMs;
  }

  /** false: too much is held already, and the request has been answered at once. */
  admit(): boolean {
    this.#counted = this.#memory.reserve(this.#heldBytes);
    if (this.#counted) this.#memory.hold(this);
    else answerRefusal(this.#stream, this.#request);
    return this.#counted;
  }

  data(_bytes: Buffer, _start: number, _end: number, last: boolean): void {
    if (last) this.end();
  }

  end(): void {
    this.gone();
    answerRefusal(this.#stream, this.#request);
  }

  evict(): void {
    this.end();
  }

  gone(): void {
    if (!this.#counted) return;
    this.#counted = false;
    this.#memory.release(this);
    this.#memory.free(this.#heldBytes);
  }

  get #heldBytes(): number {
    return REQUEST_BYTES + this.#stream.head.bytes;
  }
}
