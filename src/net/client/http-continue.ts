/**
 * Takes `100 Continue` out of what an HTTP/1.1 connection reads. A server may send it unasked, as often as it likes, and a client
 * must pass over it (RFC 9110 15.2); undici ends the connection instead.
 *
 *     interim response    "HTTP/1.1 100", the rest of its head, CR LF CR LF; no body
 */
import type { Socket } from 'node:net';

const START = Buffer.from('HTTP/1.1 100');
const END = '\r\n\r\n';
/** Longest head that is looked for; a longer one is left to undici, which refuses it. */
const LONGEST = 16 * 1024;

export class ContinueFilter {
  /** What the socket itself does with bytes that have come; null = the end. */
  readonly #push: (chunk: Buffer | null) => boolean;
  /** A request was sent, and its final response has not begun. */
  #waiting = false;
  /** The beginning of what may become an interim response. */
  #held: Buffer | null = null;

  /**
   * Stands between the connection and the readers of `socket`: Node's sockets hand what they read to their own `push`. Reading
   * and unshifting instead would cost a tenth of a small request.
   */
  constructor(socket: Socket) {
    this.#push = socket.push.bind(socket);
    socket.push = (chunk: Buffer | null) => (this.#waiting ? this.#look(chunk) : this.#push(chunk));
  }

  /** A request is being sent. */
  expect(): void {
    this.#waiting = true;
  }

  #look(chunk: Buffer | null): boolean {
    const held = this.#held;
    this.#held = null;
    if (chunk === null) {
      if (held !== null) this.#pass(held);
      return this.#push(null);
    }
    let rest = held === null ? chunk : Buffer.concat([held, chunk]);
    while (rest.length > 0) {
      const known = Math.min(rest.length, START.length);
      if (rest.compare(START, 0, known, 0, known) !== 0) return this.#pass(rest);
      const end = rest.indexOf(END);
      if (end < 0) {
        if (rest.length > LONGEST) return this.#pass(rest);
        this.#held = rest;
        return true;
      }
      rest = rest.subarray(end + END.length);
    }
    return true;
  }

  /** The final response: what comes now is for the readers. */
  #pass(bytes: Buffer): boolean {
    this.#waiting = false;
    return this.#push(bytes);
  }
}
