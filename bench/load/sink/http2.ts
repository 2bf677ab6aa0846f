/**
 * HTTP/2 as far as the sink needs it (RFC 9113): it takes unary gRPC calls and answers each with an empty message and
 * grpc-status 0. Header blocks are skipped without HPACK decoding, since every call is an export; the window of a stream is
 * so wide from the start that only the connection's has to be topped up.
 *
 * Frame (section 4.1): 0 u24 length, 3 u8 type, 4 u8 flags, 5 u32 stream, 9 payload.
 * gRPC message in DATA: 0 u8 compressed, 1 u32 length, 5 message.
 */
import type { Socket } from 'node:net';
import type { Connection, TakeMessage } from './connection.ts';
import { inflate } from './inflate.ts';

const PREFACE_BYTES = 24;
const FRAME_HEAD = 9;
const GRPC_HEAD = 5;
const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const PING = 6;
const GOAWAY = 7;
const WINDOW_UPDATE = 8;
const END_STREAM = 0x1;
const ACK = 0x1;
const END_HEADERS = 0x4;
const PADDED = 0x8;
const MAX_WINDOW = 0x7fffffff;
const DEFAULT_WINDOW = 65_535;
const CONNECTION_WINDOW = 64 * 1024 * 1024;
/** So many received bytes are given back to the connection's window at once. */
const TOP_UP_BYTES = CONNECTION_WINDOW / 2;
const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;
const MAX_CONTROL_BYTES = 1024 * 1024;
const MAX_STREAMS = 1000;
/** Message buffers that a connection keeps for later calls. */
const MAX_SPARE = 16;

export class Http2Connection implements Connection {
  readonly #socket: Socket;
  readonly #take: TakeMessage;
  readonly #calls = new Map<number, Call>();
  readonly #spare: Buffer[] = [];
  #preface = PREFACE_BYTES;
  readonly #head = Buffer.alloc(FRAME_HEAD);
  #headBytes = 0;
  /** Of the present frame: payload bytes still to come, type, flags, stream. */
  #left = 0;
  #type = 0;
  #flags = 0;
  #stream = 0;
  /** Payload of frames other than DATA and HEADERS, as far as it has come. */
  #control: Buffer = Buffer.alloc(0);
  #unacknowledged = 0;
  #out: Buffer[] = [];

  constructor(socket: Socket, take: TakeMessage) {
    this.#socket = socket;
    this.#take = take;
    const settings = Buffer.alloc(12);
    settings.writeUInt16BE(0x3, 0); // SETTINGS_MAX_CONCURRENT_STREAMS
    settings.writeUInt32BE(MAX_STREAMS, 2);
    settings.writeUInt16BE(0x4, 6); // SETTINGS_INITIAL_WINDOW_SIZE
    settings.writeUInt32BE(MAX_WINDOW, 8);
    socket.write(Buffer.concat([frame(SETTINGS, 0, 0, settings), windowUpdate(CONNECTION_WINDOW - DEFAULT_WINDOW)]));
  }

  receive(chunk: Buffer): void {
    let at = Math.min(this.#preface, chunk.length);
    this.#preface -= at;
    while (at < chunk.length) {
      if (this.#headBytes < FRAME_HEAD) {
        const n = Math.min(FRAME_HEAD - this.#headBytes, chunk.length - at);
        chunk.copy(this.#head, this.#headBytes, at, at + n);
        this.#headBytes += n;
        at += n;
        if (this.#headBytes < FRAME_HEAD) break;
        this.#startFrame();
      }
      const n = Math.min(this.#left, chunk.length - at);
      if (n > 0) this.#payload(chunk, at, at + n);
      at += n;
      this.#left -= n;
      if (this.#left === 0) {
        this.#endFrame();
        this.#headBytes = 0;
      }
    }
    if (this.#unacknowledged >= TOP_UP_BYTES) {
      this.#out.push(windowUpdate(this.#unacknowledged));
      this.#unacknowledged = 0;
    }
    if (this.#out.length > 0) {
      this.#socket.write(this.#out.length === 1 ? this.#out[0] : Buffer.concat(this.#out));
      this.#out = [];
    }
  }

  #startFrame(): void {
    this.#left = this.#head.readUIntBE(0, 3);
    this.#type = this.#head[3];
    this.#flags = this.#head[4];
    this.#stream = this.#head.readUInt32BE(5) & 0x7fffffff;
    if (this.#type === DATA) {
      this.#unacknowledged += this.#left;
      if ((this.#flags & PADDED) !== 0) throw new Error('padded DATA: no client of this benchmark sends it');
    } else if (this.#type === HEADERS && !this.#calls.has(this.#stream)) {
      if (this.#calls.size > MAX_STREAMS) throw new Error('more streams than SETTINGS allow');
      this.#calls.set(this.#stream, new Call(this.#spare));
    } else if (this.#left > MAX_CONTROL_BYTES) throw new Error(`a frame of ${this.#left} bytes`);
    this.#control = Buffer.alloc(0);
  }

  #payload(chunk: Buffer, start: number, end: number): void {
    if (this.#type === DATA) this.#calls.get(this.#stream)?.append(chunk, start, end);
    else if (this.#type === PING) this.#control = Buffer.concat([this.#control, chunk.subarray(start, end)]);
  }

  #endFrame(): void {
    switch (this.#type) {
      case DATA:
      case HEADERS:
        if ((this.#flags & END_STREAM) !== 0) this.#endCall();
        return;
      case SETTINGS:
        if ((this.#flags & ACK) === 0) this.#out.push(frame(SETTINGS, ACK, 0, Buffer.alloc(0)));
        return;
      case PING:
        if ((this.#flags & ACK) === 0) this.#out.push(frame(PING, ACK, 0, this.#control));
        return;
      case RST_STREAM:
        this.#calls.get(this.#stream)?.release();
        this.#calls.delete(this.#stream);
        return;
      case GOAWAY: // the client closes the socket when its last call is answered
      default:
        return;
    }
  }

  #endCall(): void {
    const call = this.#calls.get(this.#stream);
    if (call === undefined) return;
    this.#calls.delete(this.#stream);
    const message = call.message();
    const waitMs = this.#take(message, 0, message.length);
    call.release();
    const answer = Buffer.from(ANSWER);
    for (const at of ANSWER_STREAM_AT) answer.writeUInt32BE(this.#stream, at);
    if (waitMs === 0) this.#out.push(answer);
    else setTimeout(() => this.#socket.write(answer), waitMs);
  }
}

/** One unary call's request, put together from DATA frames. */
class Call {
  readonly #spare: Buffer[];
  readonly #head = Buffer.alloc(GRPC_HEAD);
  #headBytes = 0;
  #body: Buffer | null = null;
  #length = 0;
  #filled = 0;

  constructor(spare: Buffer[]) {
    this.#spare = spare;
  }

  append(chunk: Buffer, start: number, end: number): void {
    let at = start;
    if (this.#headBytes < GRPC_HEAD) {
      const n = Math.min(GRPC_HEAD - this.#headBytes, end - at);
      chunk.copy(this.#head, this.#headBytes, at, at + n);
      this.#headBytes += n;
      at += n;
      if (this.#headBytes < GRPC_HEAD) return;
      this.#length = this.#head.readUInt32BE(1);
      if (this.#length > MAX_MESSAGE_BYTES) throw new Error(`a message of ${this.#length} bytes`);
      this.#body = this.#room(this.#length);
    }
    if (this.#filled + end - at > this.#length) throw new Error('more than one message in a call');
    chunk.copy(this.#body as Buffer, this.#filled, at, end);
    this.#filled += end - at;
  }

  /** The whole message; valid until `release`. */
  message(): Buffer {
    if (this.#body === null || this.#filled !== this.#length)
      throw new Error('a call that ended in the middle of its message');
    const message = this.#body.subarray(0, this.#length);
    return this.#head[0] === 0 ? message : inflate(message);
  }

  release(): void {
    if (this.#body !== null && this.#spare.length < MAX_SPARE) this.#spare.push(this.#body);
    this.#body = null;
  }

  #room(bytes: number): Buffer {
    const spare = this.#spare.pop();
    return spare !== undefined && spare.length >= bytes ? spare : Buffer.allocUnsafeSlow((bytes + 0xffff) & ~0xffff);
  }
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const out = Buffer.alloc(FRAME_HEAD + payload.length);
  out.writeUIntBE(payload.length, 0, 3);
  out[3] = type;
  out[4] = flags;
  out.writeUInt32BE(stream, 5);
  payload.copy(out, FRAME_HEAD);
  return out;
}

function windowUpdate(bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes, 0);
  return frame(WINDOW_UPDATE, 0, 0, payload);
}

/** HPACK (RFC 7541 section 6.2.2): literal field without indexing, new name, no Huffman coding; both under 127 bytes. */
function literal(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
}

const RESPONSE_HEADERS = Buffer.concat([
  Buffer.from([0x88]) /* :status 200, static table 8 */,
  literal('content-type', 'application/grpc'),
]);
const TRAILERS = literal('grpc-status', '0');
/** Headers, an empty message, trailers; the stream goes in at {@link ANSWER_STREAM_AT}. */
const ANSWER = Buffer.concat([
  frame(HEADERS, END_HEADERS, 0, RESPONSE_HEADERS),
  frame(DATA, 0, 0, Buffer.alloc(GRPC_HEAD)),
  frame(HEADERS, END_HEADERS | END_STREAM, 0, TRAILERS),
]);
const SECOND = FRAME_HEAD + RESPONSE_HEADERS.length;
const ANSWER_STREAM_AT = [5, SECOND + 5, SECOND + FRAME_HEAD + GRPC_HEAD + 5];
