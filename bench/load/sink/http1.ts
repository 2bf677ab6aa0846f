/**
 * HTTP/1.1 as far as the sink needs it: POST with Content-Length, one answer for everything, no chunked bodies (RFC 9112
 * sections 2, 6.3).
 */
import type { Socket } from 'node:net';
import type { Connection, TakeMessage } from './connection.ts';
import { inflate } from './inflate.ts';

const OK = Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n');
const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n');
const END_OF_HEAD = '\r\n\r\n';
const MAX_HEAD_BYTES = 64 * 1024;
const MAX_BODY_BYTES = 256 * 1024 * 1024;

export class Http1Connection implements Connection {
  readonly #socket: Socket;
  readonly #take: TakeMessage;
  #head: Buffer = Buffer.alloc(0);
  /** Grows to the largest body and is used again. */
  #body: Buffer = Buffer.alloc(0);
  #bodyBytes = -1;
  #filled = 0;
  #compressed = false;

  constructor(socket: Socket, take: TakeMessage) {
    this.#socket = socket;
    this.#take = take;
  }

  receive(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#bodyBytes < 0) {
        const rest = at === 0 ? chunk : chunk.subarray(at);
        const head = this.#head.length === 0 ? rest : Buffer.concat([this.#head, rest]);
        const end = head.indexOf(END_OF_HEAD);
        if (end < 0) {
          if (head.length > MAX_HEAD_BYTES) throw new Error('a request head that does not end');
          this.#head = Buffer.from(head);
          return;
        }
        at += end + END_OF_HEAD.length - this.#head.length;
        this.#head = Buffer.alloc(0);
        this.#startBody(head.toString('latin1', 0, end));
      }
      const n = Math.min(chunk.length - at, this.#bodyBytes - this.#filled);
      chunk.copy(this.#body, this.#filled, at, at + n);
      this.#filled += n;
      at += n;
      if (this.#filled === this.#bodyBytes) {
        this.#endBody();
      }
    }
  }

  #endBody(): void {
    const message = this.#compressed ? inflate(this.#body.subarray(0, this.#bodyBytes)) : this.#body;
    const waitMs = this.#take(message, 0, this.#compressed ? message.length : this.#bodyBytes);
    this.#bodyBytes = -1;
    if (waitMs === 0) this.#socket.write(OK);
    else setTimeout(() => this.#socket.write(OK), waitMs);
  }

  #startBody(head: string): void {
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) throw new Error('a request without Content-Length');
    this.#compressed = /\r\ncontent-encoding:/i.test(head);
    this.#bodyBytes = Number(length);
    if (this.#bodyBytes > MAX_BODY_BYTES) throw new Error(`a request of ${length} bytes`);
    if (this.#body.length < this.#bodyBytes) this.#body = Buffer.allocUnsafeSlow(this.#bodyBytes);
    this.#filled = 0;
    if (/\r\nexpect: *100-continue/i.test(head)) this.#socket.write(CONTINUE);
  }
}
