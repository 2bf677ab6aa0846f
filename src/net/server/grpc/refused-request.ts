/** A request that is refused because of its headers: its body is read and forgotten, its answer comes when it has ended. */
import type { RequestReceiver, Stream } from '#net/http2/stream.ts';
import { answerStatus, answerText } from './answer.ts';
import type { GrpcRequest } from './request.ts';

export class RefusedRequest implements RequestReceiver {
  readonly #stream: Stream;
  readonly #request: GrpcRequest;

  constructor(stream: Stream, request: GrpcRequest) {
    this.#stream = stream;
    this.#request = request;
  }

  data(_bytes: Buffer, _start: number, _end: number, last: boolean): void {
    if (last) this.end();
  }

  end(): void {
    const { code, message, http } = this.#request;
    if (http === 200) answerStatus(this.#stream, code, message);
    else answerText(this.#stream, http, message);
  }

  gone(): void {}
}
