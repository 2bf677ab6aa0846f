/** OTLP over HTTP/1.1 on bare sockets: one request at a time on each of some keep-alive connections (RFC 9112). */
import { connect, type Socket } from 'node:net';
import type { Compression } from '../messages.ts';
import { ACCEPTED, failed, type Answer, type Sender, type Shot } from './sender.ts';

const END_OF_HEAD = '\r\n\r\n';
const LAST_CHUNK = '0\r\n\r\n';
const MAX_ANSWER_BYTES = 1024 * 1024;
/** OTLP/HTTP, Retryable Response Codes. */
const RETRYABLE = new Set(['429', '502', '503', '504']);

type Done = (answer: Answer) => void;

export class HttpSender implements Sender {
  readonly #port: number;
  readonly #encoding: string;
  readonly #connections: number;
  readonly #idle: Exchange[] = [];
  readonly #all = new Set<Exchange>();
  /** Requests for which no connection is free. */
  readonly #waiting: { readonly shot: Shot; readonly done: Done }[] = [];

  /** `connections`: at most so many at a time. */
  constructor(port: number, compression: Compression, connections: number) {
    this.#port = port;
    this.#encoding = compression === 'none' ? '' : `content-encoding: ${compression}\r\n`;
    this.#connections = connections;
  }

  prepare(message: Buffer, spanIdAt: Uint32Array): Shot {
    const head = Buffer.from(
      `POST /v1/traces HTTP/1.1\r\nhost: 127.0.0.1:${this.#port}\r\ncontent-type: application/x-protobuf\r\n${this.#encoding}content-length: ${message.length}\r\n\r\n`,
    );
    const bytes = Buffer.allocUnsafeSlow(head.length + message.length);
    head.copy(bytes);
    message.copy(bytes, head.length);
    return { bytes, spanIdAt: spanIdAt.map((at) => at + head.length) };
  }

  send(shot: Shot, done: Done): void {
    const exchange = this.#idle.pop() ?? (this.#all.size < this.#connections ? this.#open() : null);
    if (exchange === null) this.#waiting.push({ shot, done });
    else this.#sendOn(exchange, shot, done);
  }

  close(): void {
    for (const exchange of this.#all) exchange.close();
  }

  #sendOn(exchange: Exchange, shot: Shot, done: Done): void {
    exchange.send(shot.bytes, (answer) => {
      const next = this.#waiting.shift();
      if (exchange.reusable) {
        if (next === undefined) this.#idle.push(exchange);
        else this.#sendOn(exchange, next.shot, next.done);
      } else {
        this.#all.delete(exchange);
        if (next !== undefined) this.#sendOn(this.#open(), next.shot, next.done);
      }
      done(answer);
    });
  }

  #open(): Exchange {
    const exchange = new Exchange(this.#port, () => {
      this.#all.delete(exchange);
      const at = this.#idle.indexOf(exchange);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    this.#all.add(exchange);
    return exchange;
  }
}

/** One connection. */
class Exchange {
  reusable = true;
  readonly #socket: Socket;
  #done: Done | null = null;
  #answer = '';
  #written = false;

  constructor(port: number, onClose: () => void) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk) => this.#receive(chunk));
    let failure = 'the connection was closed';
    const leave = (): void => {
      this.reusable = false;
      onClose();
    };
    this.#socket.on('error', (error) => (failure = error.message));
    this.#socket.on('end', leave); // a server that closes an idle connection says so before it is gone
    this.#socket.on('close', () => {
      leave();
      this.#finish(failed(failure));
    });
  }

  send(bytes: Buffer, done: Done): void {
    this.#done = done;
    this.#answer = '';
    this.#written = false;
    this.#socket.write(bytes, () => {
      this.#written = true;
      this.#tryAnswer();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#answer += chunk.toString('latin1');
    if (this.#answer.length > MAX_ANSWER_BYTES) this.#socket.destroy();
    else this.#tryAnswer();
  }

  /** The buffer is free again when the answer is whole and the request has been written: a refusal may come before that. */
  #tryAnswer(): void {
    if (!this.#written) return;
    const end = this.#answer.indexOf(END_OF_HEAD);
    if (end < 0) return;
    const bodyStart = end + END_OF_HEAD.length;
    const head = this.#answer.slice(0, end).toLowerCase();
    const status = head.slice(9, 12);
    const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
    if (length !== undefined) {
      if (this.#answer.length < bodyStart + Number(length)) return;
    } else if (head.includes('\r\ntransfer-encoding: chunked')) {
      if (
        !this.#answer.endsWith(LAST_CHUNK, this.#answer.length) ||
        this.#answer.length < bodyStart + LAST_CHUNK.length
      )
        return;
    } else if (status !== '204') {
      this.#socket.destroy(new Error('an answer whose length is not told'));
      return;
    }
    if (head.includes('\r\nconnection: close')) {
      this.reusable = false;
      this.#socket.end();
    }
    if (status.startsWith('2')) this.#finish(ACCEPTED);
    else
      this.#finish({
        outcome: 'refused',
        retryable: RETRYABLE.has(status),
        text: `HTTP status ${status}: ${messageIn(this.#answer.slice(bodyStart, bodyStart + 300))}`,
      });
  }

  #finish(answer: Answer): void {
    const done = this.#done;
    this.#done = null;
    done?.(answer);
  }
}

/** The text in a body that may be a google.rpc.Status in protobuf: field 2, after the code. */
function messageIn(body: string): string {
  const tag = body.indexOf('\x12');
  const length = body.charCodeAt(tag + 1);
  const text = tag < 0 || length > 127 ? body : body.slice(tag + 2, tag + 2 + length);
  return text.replace(/[^\x20-\x7e]+/g, ' ').trim();
}
