/** A `Connection` without sockets: bytes in by hand, its frames read by an {@link AnswerReader}, its host a recorder. */
import { Connection, type ConnectionHost } from '#net/http2/connection.ts';
import type { OwnSettings } from '#net/http2/settings.ts';
import type { RequestReceiver, Stream } from '#net/http2/stream.ts';
import { AnswerReader } from './http2-answers.ts';

export const OWN: OwnSettings = {
  windowBytes: 1 << 20,
  maxFrameBytes: 1 << 20,
  maxHeaderListBytes: 64 * 1024,
  maxConcurrentStreams: 0,
};

/** A request as its receiver saw it. */
export class Request implements RequestReceiver {
  readonly stream: Stream;
  readonly pieces: Buffer[] = [];
  ended = false;
  isGone = false;
  readonly #onEnd: (request: Request) => void;

  constructor(stream: Stream, onEnd: (request: Request) => void) {
    this.stream = stream;
    this.#onEnd = onEnd;
  }

  get body(): Buffer {
    return Buffer.concat(this.pieces);
  }

  data(bytes: Buffer, start: number, end: number, last: boolean): void {
    this.#live();
    if (start >= end) throw new Error('an empty piece');
    this.pieces.push(Buffer.from(bytes.subarray(start, end)));
    if (last) this.end();
  }

  end(): void {
    this.#live();
    this.ended = true;
    this.#onEnd(this);
  }

  gone(): void {
    if (this.isGone) throw new Error('gone twice');
    this.isGone = true;
  }

  #live(): void {
    if (this.ended || this.isGone) throw new Error('called after its end');
  }
}

export class Driven implements ConnectionHost {
  readonly connection: Connection;
  readonly requests = new Map<number, Request>();
  readonly out = new AnswerReader();
  readonly reasons: string[] = [];
  readonly pongs: string[] = [];
  pingsAllowed = Infinity;
  idles = 0;
  responses = 0;
  now = 0;
  /** Called when a request has come whole. */
  onRequest: (request: Request) => void = () => {};
  /** Called when a request begins. */
  onStream: (stream: Stream) => void = () => {};
  writes = 0;

  constructor(own: Partial<OwnSettings> = {}) {
    this.connection = new Connection({ ...OWN, ...own }, this);
  }

  /** Gives the connection these bytes in one chunk, which is overwritten afterwards as the socket's buffer is. */
  receive(...parts: readonly Buffer[]): void {
    const chunk = Buffer.concat(parts);
    this.connection.receive(chunk);
    chunk.fill(0xee);
    this.connection.flush();
  }

  request(stream: Stream): RequestReceiver {
    const request = new Request(stream, (ended) => this.onRequest(ended));
    this.requests.set(stream.id, request);
    this.onStream(stream);
    return request;
  }

  write(bytes: Buffer): void {
    this.writes++;
    this.out.push(bytes);
  }

  answered(): void {
    this.responses++;
  }

  pinged(): boolean {
    return this.pingsAllowed-- > 0;
  }

  pong(payload: Buffer): void {
    this.pongs.push(payload.toString('latin1'));
  }

  idle(): void {
    this.idles++;
  }

  failed(reason: string): void {
    this.reasons.push(reason);
  }

  nowMs(): number {
    return this.now;
  }
}
