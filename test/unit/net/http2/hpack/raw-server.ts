/**
 * An HTTP/2 server on a bare socket that knows frames and nothing else (RFC 9113 4 to 6): it hands over each header block as it
 * came, and answers with the block it is given. Enough for a node:http2 client whose requests have no body.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';

const PREFACE_BYTES = 24;
const HEADER_BYTES = 9;
const MAX_FRAME_BYTES = 16384;
const [HEADERS, SETTINGS, PING, CONTINUATION] = [1, 4, 6, 9];
const [ACK, END_STREAM, END_HEADERS, PADDED, PRIORITY] = [0x1, 0x1, 0x4, 0x8, 0x20];
const SETTINGS_HEADER_TABLE_SIZE = 1;

export interface RawServer {
  readonly url: string;
  close(): Promise<void>;
}

export interface RawServerOptions {
  readonly headerTableBytes?: number;
  /** Called for each request in order; what it returns is the header block of the answer, which has no body. */
  readonly answer: (block: Buffer) => Buffer;
}

export async function startRawServer(options: RawServerOptions): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy()); // the client hung up
    serve(socket, options);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function serve(socket: Socket, { answer, headerTableBytes = 4096 }: RawServerOptions): void {
  const settings = Buffer.alloc(6);
  settings.writeUInt16BE(SETTINGS_HEADER_TABLE_SIZE, 0);
  settings.writeUInt32BE(headerTableBytes, 2);
  socket.write(frame(SETTINGS, 0, 0, settings));

  let pending: Buffer = Buffer.alloc(0);
  let skip = PREFACE_BYTES;
  let fragments: Buffer[] = [];
  const onFrame = (type: number, flags: number, stream: number, payload: Buffer): void => {
    if (type === SETTINGS && (flags & ACK) === 0) socket.write(frame(SETTINGS, ACK, 0, Buffer.alloc(0)));
    if (type === PING && (flags & ACK) === 0) socket.write(frame(PING, ACK, 0, payload));
    if (type === HEADERS) fragments = [fragmentOf(payload, flags)];
    if (type === CONTINUATION) fragments.push(payload);
    if ((type !== HEADERS && type !== CONTINUATION) || (flags & END_HEADERS) === 0) return;
    writeAnswer(socket, stream, answer(Buffer.concat(fragments)));
  };
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    if (pending.length < skip) return;
    let at = skip;
    skip = 0;
    while (at + HEADER_BYTES <= pending.length) {
      const end = at + HEADER_BYTES + pending.readUIntBE(at, 3);
      if (end > pending.length) break;
      const stream = pending.readUInt32BE(at + 5) & 0x7fffffff;
      onFrame(pending[at + 3], pending[at + 4], stream, pending.subarray(at + HEADER_BYTES, end));
      at = end;
    }
    pending = pending.subarray(at);
  });
}

function fragmentOf(payload: Buffer, flags: number): Buffer {
  const padding = (flags & PADDED) === 0 ? 0 : payload[0];
  const from = ((flags & PADDED) === 0 ? 0 : 1) + ((flags & PRIORITY) === 0 ? 0 : 5);
  return payload.subarray(from, payload.length - padding);
}

function writeAnswer(socket: Socket, stream: number, block: Buffer): void {
  for (let at = 0; at === 0 || at < block.length; at += MAX_FRAME_BYTES) {
    const part = block.subarray(at, at + MAX_FRAME_BYTES);
    const last = at + MAX_FRAME_BYTES >= block.length ? END_HEADERS : 0;
    socket.write(at === 0 ? frame(HEADERS, END_STREAM | last, stream, part) : frame(CONTINUATION, last, stream, part));
  }
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}
