/**
 * OTLP over HTTP/1.1 on bare sockets: one request at a time on each of N keep-alive connections (RFC 9112). It understands
 * answers with Content-Length, which is what a collector sends.
 */
import { connect, type Socket } from 'node:net';
import type { Compression } from './messages.ts';
import type { Refusal, Sender } from './sender.ts';

const END_OF_HEAD = '\r\n\r\n';
const MAX_ANSWER_BYTES = 1024 * 1024;

type Done = (refusal: Refusal, answered: boolean) => void;

export class HttpSender implements Sender {
  readonly #port: number;
  readonly #encoding: string;
  readonly #idle: Exchange[] = [];
  readonly #all = new Set<Exchange>();

  constructor(port: number, compression: Compression) {
    this.#port = port;
    this.#encoding = compression === 'none' ? '' : `content-encoding: ${compression}\r\n`;
  }

  headBytes(messageBytes: number): number {
    return this.#head(messageBytes).length;
  }

  writeHead(buffer: Buffer, messageBytes: number): void {
    buffer.write(this.#head(messageBytes), 0, 'latin1');
  }

  send(buffer: Buffer, done: Done): void {
    const exchange = this.#idle.pop() ?? this.#open();
    exchange.send(buffer, (refusal, answered) => {
      if (answered && exchange.reusable) this.#idle.push(exchange);
      done(refusal, answered);
    });
  }

  close(): void {
    for (const exchange of this.#all) exchange.close();
  }

  #head(messageBytes: number): string {
    return `POST /v1/traces HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-protobuf\r\n${this.#encoding}content-length: ${messageBytes}\r\n\r\n`;
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
    this.#socket.on('error', (error) => (failure = error.message));
    this.#socket.on('close', () => {
      this.reusable = false;
      onClose();
      this.#finish(`no answer: ${failure}`, false);
    });
  }

  send(buffer: Buffer, done: Done): void {
    this.#done = done;
    this.#answer = '';
    this.#written = false;
    this.#socket.write(buffer, () => {
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
    const head = this.#answer.slice(0, end).toLowerCase();
    const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
    if (length === undefined && !head.startsWith('http/1.1 204')) {
      this.#socket.destroy(new Error('an answer without Content-Length'));
      return;
    }
    const bodyEnd = end + END_OF_HEAD.length + Number(length ?? 0);
    if (this.#answer.length < bodyEnd) return;
    if (head.includes('\r\nconnection: close')) {
      this.reusable = false;
      this.#socket.end();
    }
    const status = head.slice(9, 12);
    this.#finish(
      status === '200' ? '' : `HTTP status ${status}: ${this.#answer.slice(end + END_OF_HEAD.length, bodyEnd)}`,
      true,
    );
  }

  #finish(refusal: Refusal, answered: boolean): void {
    const done = this.#done;
    this.#done = null;
    done?.(refusal, answered);
  }
}
