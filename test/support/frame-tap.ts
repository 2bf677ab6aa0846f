/**
 * A TCP relay on 127.0.0.1 in front of a plaintext HTTP/2 server, which counts the frames that pass (RFC 9113 section 4.1). It
 * shows what a client's API hides: how many connections there were, whether pings were answered, with which codes streams and
 * connections ended.
 *
 *     const tap = await startFrameTap(port);
 *     ... a client talks to 127.0.0.1:tap.port ...
 *     await tap.waitUntil(() => tap.pings === 3);
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export const FRAME = { data: 0, headers: 1, rstStream: 3, settings: 4, ping: 6, goaway: 7, windowUpdate: 8 } as const;

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const HEADER_BYTES = 9;
const ACK = 0x1;

interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  /** Of long frames the first bytes only. */
  readonly payload: Buffer;
}

/** Cuts one direction of a connection into frames. Keeps at most a frame header and a few bytes. */
class FrameReader {
  readonly #onFrame: (frame: Frame, length: number) => void;
  #prefaceLeft: number;
  #head: Buffer = Buffer.alloc(0);
  #skip = 0;

  constructor(prefaceBytes: number, onFrame: (frame: Frame, length: number) => void) {
    this.#prefaceLeft = prefaceBytes;
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    let at = Math.min(this.#prefaceLeft, chunk.length);
    this.#prefaceLeft -= at;
    while (at < chunk.length) {
      const skipped = Math.min(this.#skip, chunk.length - at);
      this.#skip -= skipped;
      at += skipped;
      // 8 bytes of payload are what a RST_STREAM or GOAWAY needs.
      const length = this.#head.length < HEADER_BYTES ? 0 : this.#head.readUIntBE(0, 3);
      const wanted = HEADER_BYTES + (this.#head.length < HEADER_BYTES ? 0 : Math.min(length, 8));
      const part = chunk.subarray(at, at + wanted - this.#head.length);
      this.#head = Buffer.concat([this.#head, part]);
      at += part.length;
      if (this.#head.length < HEADER_BYTES) return;
      this.#take();
    }
  }

  #take(): void {
    const length = this.#head.readUIntBE(0, 3);
    const kept = Math.min(length, 8);
    if (this.#head.length < HEADER_BYTES + kept) return;
    const frame = {
      type: this.#head[3],
      flags: this.#head[4],
      stream: this.#head.readUInt32BE(5) & 0x7fffffff,
      payload: this.#head.subarray(HEADER_BYTES),
    };
    this.#head = Buffer.alloc(0);
    this.#skip = length - kept;
    this.#onFrame(frame, length);
  }
}

export class FrameTap {
  port = 0;
  /** Connections accepted so far, and those of them that are still open. */
  connections = 0;
  open = 0;
  /** Pings of the client that ask for an answer, and the server's answers. */
  pings = 0;
  pongs = 0;
  /** Bytes in DATA frames of the client. */
  dataBytes = 0;
  /** Error codes of GOAWAY frames of the server, in order. */
  readonly goaways: number[] = [];
  /** Error codes of RST_STREAM frames, in order. */
  readonly resets: { readonly client: number[]; readonly server: number[] } = { client: [], server: [] };
  readonly #frames = { client: new Map<number, number>(), server: new Map<number, number>() };
  #waiters: { readonly ready: () => boolean; readonly resolve: () => void }[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer({ noDelay: true }, (client) => this.#join(client));
  readonly #target: number;

  constructor(target: number) {
    this.#target = target;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.port = (this.#server.address() as AddressInfo).port;
  }

  /** How many frames of a type one side has sent. */
  count(side: 'client' | 'server', type: number): number {
    return this.#frames[side].get(type) ?? 0;
  }

  /** Resolves when `condition` holds; it is looked at after each frame, connect and close. */
  async waitUntil(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve) => this.#waiters.push({ ready: condition, resolve }));
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(client: Socket): void {
    const server = connect({ port: this.#target, host: '127.0.0.1', noDelay: true });
    this.connections++;
    this.open++;
    client.once('close', () => {
      this.open--;
      this.#tell();
    });
    this.#pass(client, server, new FrameReader(PREFACE.length, (frame, length) => this.#fromClient(frame, length)));
    this.#pass(server, client, new FrameReader(0, (frame) => this.#fromServer(frame)));
    this.#tell();
  }

  #pass(from: Socket, to: Socket, reader: FrameReader): void {
    this.#sockets.add(from);
    from.on('data', (chunk: Buffer) => {
      // Backpressure is passed on, else the relay would hide what a slow reader does to a writer.
      if (!to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
      reader.push(chunk);
    });
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }

  #fromClient(frame: Frame, length: number): void {
    if (frame.type === FRAME.data) this.dataBytes += length;
    if (frame.type === FRAME.ping && (frame.flags & ACK) === 0) this.pings++;
    this.#note('client', frame);
  }

  #fromServer(frame: Frame): void {
    if (frame.type === FRAME.ping && (frame.flags & ACK) !== 0) this.pongs++;
    if (frame.type === FRAME.goaway) this.goaways.push(frame.payload.readUInt32BE(4));
    this.#note('server', frame);
  }

  #note(side: 'client' | 'server', frame: Frame): void {
    if (frame.type === FRAME.rstStream) this.resets[side].push(frame.payload.readUInt32BE(0));
    this.#frames[side].set(frame.type, this.count(side, frame.type) + 1);
    this.#tell();
  }

  #tell(): void {
    const waiting = this.#waiters;
    this.#waiters = waiting.filter((w) => !w.ready());
    for (const w of waiting) if (!this.#waiters.includes(w)) w.resolve();
  }
}

export async function startFrameTap(target: number): Promise<FrameTap> {
  const tap = new FrameTap(target);
  await tap.listen();
  return tap;
}
