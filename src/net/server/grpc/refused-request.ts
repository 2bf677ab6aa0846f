/**
 * A request that is refused because of its headers: its body is read and forgotten, its answer comes when it has ended. What it
 * holds until then is counted; where that is too much it is answered early.
 */
import type { Stream } from '#net/http2/stream.ts';
import type { ReceiveMemory } from '../receive-memory.ts';
import { answerStatus, answerText } from './answer.ts';
import { heldBytes, type ArrivingRequest, type GrpcRequest } from './request.ts';

export class RefusedRequest implements ArrivingRequest {
  readonly #stream: Stream;
  readonly #request: GrpcRequest;
  readonly #memory: ReceiveMemory;
  /** Nothing is lost with it: it counts as stalled from its start. */
  readonly lastProgressMs: number;

  /** Call {@link admit} first. */
  constructor(stream: Stream, request: GrpcRequest, memory: ReceiveMemory, nowMs: number) {
    this.#stream = stream;
    this.#request = request;
    this.#memory = memory;
    this.lastProgressMs = nowMs;
  }

  /** Counts what it holds from now on. false: too much is held already, and it has been answered. */
  admit(): boolean {
    if (this.#memory.reserve(heldBytes(this.#stream.head))) return true;
    this.#answer();
    return false;
  }

  data(_bytes: Buffer, _start: number, _end: number, last: boolean): void {
    if (last) this.end();
  }

  end(): void {
    this.gone();
    this.#answer();
  }

  evict(): void {
    this.end();
  }

  gone(): void {
    this.#memory.free(heldBytes(this.#stream.head));
  }

  #answer(): void {
    const { code, message, http } = this.#request;
    if (http === 200) answerStatus(this.#stream, code, message);
    else answerText(this.#stream, http, message);
  }
}
