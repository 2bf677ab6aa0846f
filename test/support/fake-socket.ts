/** A socket without a network: bytes in by {@link receive}, synchronously as from a real one's read; what is written is kept. */
import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';

export class FakeSocket extends Duplex {
  bytesRead = 0;
  readonly written: Buffer[] = [];
  onWrite: (bytes: Buffer) => void = () => {};
  /** The client does not read: what is written stays in the socket. */
  stuck = false;
  ended = false;
  #release: (() => void) | null = null;

  /** As the types of what takes sockets want it. */
  get socket(): Socket {
    return this as unknown as Socket;
  }

  receive(...parts: readonly Buffer[]): void {
    const chunk = Buffer.concat(parts);
    this.bytesRead += chunk.length;
    this.emit('data', chunk);
    chunk.fill(0xee); // as the next read does
  }

  /** The client reads again. */
  unstick(): void {
    this.stuck = false;
    const release = this.#release;
    this.#release = null;
    release?.();
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const take = (): void => {
      this.written.push(chunk);
      this.onWrite(chunk);
      done();
    };
    if (this.stuck) this.#release = take;
    else take();
  }

  override _final(done: () => void): void {
    this.ended = true;
    done();
  }
}
