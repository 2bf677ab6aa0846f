/**
 * One HTTP/2 connection of the generator (RFC 9113), for unary gRPC calls only: frames come laid out, answers are reduced to
 * their status. node:http2 costs several times as much for each request.
 */
import { connect, type Socket } from 'node:net';
import { grpcAnswer } from './grpc-answer.ts';
import type { GrpcShot } from './grpc-layout.ts';
import { HeaderBlocks } from './hpack.ts';
import * as h2 from './http2-frames.ts';
import { requestHeaders, type RequestHeaders } from './request-headers.ts';
import { failed, type Answer } from './sender.ts';

/** Streams are numbered with 31 bits (section 5.1.1): a connection is given up well before. */
const LAST_STREAM = 0x7ffffff0;
const REFUSED_STREAM = 7;
const CANCEL = 8;
const MAX_FRAME = 1024 * 1024;
/** Answers are a few bytes of DATA each; so many are given back to the server's window at once. */
const TOP_UP = 16 * 1024;

interface Call {
  readonly shot: GrpcShot;
  readonly done: (answer: Answer) => void;
  /** Next DATA frame to write. */
  next: number;
  window: number;
  /** Writes that the kernel has not taken yet. */
  writing: number;
  answer: Answer | null;
  httpStatus: string;
  status: string;
  message: string;
  details: string;
}

export class Http2Connection {
  /** False when it takes no more requests. */
  usable = true;
  readonly #socket: Socket;
  readonly #fields: readonly (readonly [string, string])[];
  readonly #blocks = new HeaderBlocks();
  readonly #calls = new Map<number, Call>();
  /** Streams whose DATA waits for the server's window, in order. */
  readonly #blocked = new Map<number, Call>();
  /** Requests before the server's SETTINGS, or beyond its limit of streams. */
  readonly #waiting: Call[] = [];
  /** null before the server's SETTINGS. */
  #headers: RequestHeaders | null = null;
  #first = true;
  #nextStream = 1;
  #maxStreams = Infinity;
  #initialWindow = h2.DEFAULT_WINDOW;
  #window = h2.DEFAULT_WINDOW;
  #rest: Buffer = Buffer.alloc(0);
  /** A header block that goes on in CONTINUATION frames: stream, flags, parts. */
  #block: { readonly stream: number; readonly flags: number; readonly parts: Buffer[] } | null = null;
  #received = 0;
  #failure = 'the connection was closed';

  constructor(port: number, fields: readonly (readonly [string, string])[]) {
    this.#fields = fields;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.write(
      Buffer.concat([
        Buffer.from(h2.PREFACE, 'latin1'),
        h2.settings([
          [h2.SETTING.enablePush, 0],
          [h2.SETTING.initialWindowSize, h2.MAX_WINDOW],
        ]),
      ]),
    );
    this.#socket.on('data', (chunk) => this.#receive(chunk));
    this.#socket.on('error', (error) => (this.#failure = error.message));
    this.#socket.on('close', () => this.#end());
  }

  send(shot: GrpcShot, done: (answer: Answer) => void): void {
    const call: Call = {
      shot,
      done,
      next: 0,
      window: 0,
      writing: 0,
      answer: null,
      httpStatus: '',
      status: '',
      message: '',
      details: '',
    };
    if (this.#headers === null || this.#calls.size >= this.#maxStreams) this.#waiting.push(call);
    else this.#start(call, this.#headers);
  }

  close(): void {
    this.#socket.destroy();
  }

  #start(call: Call, headers: RequestHeaders): void {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    if (stream >= LAST_STREAM) this.usable = false;
    const { bytes, frameAt } = call.shot;
    for (let f = 0; f < frameAt.length; f++) bytes.writeUInt32BE(stream, frameAt[f] + 5);
    const head = this.#first ? headers.first : headers.later;
    this.#first = false;
    const start = frameAt[0] - head.length;
    head.copy(bytes, start);
    bytes.writeUInt32BE(stream, start + 5);
    call.window = this.#initialWindow;
    this.#calls.set(stream, call);
    this.#write(stream, call, start);
  }

  /** Writes from `start` as many whole frames as the windows allow. */
  #write(stream: number, call: Call, start: number): void {
    const { bytes, frameAt } = call.shot;
    let end = frameAt[call.next];
    while (call.next < frameAt.length) {
      const frameEnd = call.next + 1 < frameAt.length ? frameAt[call.next + 1] : bytes.length;
      const payload = frameEnd - frameAt[call.next] - h2.FRAME_HEAD;
      if (payload > this.#window || payload > call.window) break;
      this.#window -= payload;
      call.window -= payload;
      call.next++;
      end = frameEnd;
    }
    if (call.next < frameAt.length) this.#blocked.set(stream, call);
    else this.#blocked.delete(stream);
    if (end === start) return;
    call.writing++;
    this.#socket.write(bytes.subarray(start, end), () => {
      call.writing--;
      settle(call);
    });
  }

  #unblock(): void {
    for (const [stream, call] of this.#blocked) {
      if (this.#window <= 0) return;
      this.#write(stream, call, call.shot.frameAt[call.next]);
    }
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    try {
      while (bytes.length - at >= h2.FRAME_HEAD) {
        const length = bytes.readUIntBE(at, 3);
        if (length > MAX_FRAME) throw new Error(`a frame of ${length} bytes`);
        const start = at + h2.FRAME_HEAD;
        if (bytes.length < start + length) break;
        this.#frame(
          bytes[at + 3],
          bytes[at + 4],
          bytes.readUInt32BE(at + 5) & 0x7fffffff,
          bytes,
          start,
          start + length,
        );
        at = start + length;
      }
    } catch (failure) {
      this.#socket.destroy(failure as Error);
      return;
    }
    this.#rest = at === bytes.length ? EMPTY : Buffer.from(bytes.subarray(at));
    if (this.#received >= TOP_UP) {
      this.#socket.write(h2.frame(h2.TYPE.windowUpdate, 0, 0, h2.uint32(this.#received)));
      this.#received = 0;
    }
  }

  #frame(type: number, flags: number, stream: number, bytes: Buffer, start: number, end: number): void {
    switch (type) {
      case h2.TYPE.data:
        this.#received += end - start;
        if ((flags & h2.FLAG.endStream) !== 0) this.#answered(stream);
        return;
      case h2.TYPE.headers: {
        const padding = (flags & h2.FLAG.padded) !== 0 ? bytes[start] : 0;
        const from = start + ((flags & h2.FLAG.padded) !== 0 ? 1 : 0) + ((flags & h2.FLAG.priority) !== 0 ? 5 : 0);
        this.#headerBlock(stream, flags, bytes, from, end - padding);
        return;
      }
      case h2.TYPE.continuation: {
        if (this.#block === null) throw new Error('a CONTINUATION frame that continues nothing');
        this.#block.parts.push(Buffer.from(bytes.subarray(start, end)));
        if ((flags & h2.FLAG.endHeaders) === 0) return;
        const { stream: of, flags: first, parts } = this.#block;
        this.#block = null;
        const whole = Buffer.concat(parts);
        this.#headerBlock(of, first | h2.FLAG.endHeaders, whole, 0, whole.length);
        return;
      }
      case h2.TYPE.rstStream:
        this.#reset(stream, bytes.readUInt32BE(start));
        return;
      case h2.TYPE.settings:
        if ((flags & h2.FLAG.ack) === 0) this.#settings(bytes, start, end);
        return;
      case h2.TYPE.ping:
        if ((flags & h2.FLAG.ack) === 0)
          this.#socket.write(h2.frame(h2.TYPE.ping, h2.FLAG.ack, 0, Buffer.from(bytes.subarray(start, end))));
        return;
      case h2.TYPE.goaway:
        this.#goAway(bytes.readUInt32BE(start) & 0x7fffffff, bytes.readUInt32BE(start + 4));
        return;
      case h2.TYPE.windowUpdate:
        this.#widen(stream, bytes.readUInt32BE(start) & 0x7fffffff);
        return;
      default:
        return;
    }
  }

  #headerBlock(stream: number, flags: number, bytes: Buffer, start: number, end: number): void {
    if ((flags & h2.FLAG.endHeaders) === 0) {
      this.#block = { stream, flags, parts: [Buffer.from(bytes.subarray(start, end))] };
      return;
    }
    const call = this.#calls.get(stream);
    this.#blocks.read(bytes, start, end, (name, value) => {
      if (call === undefined) return;
      if (name === 'grpc-status') call.status = value;
      else if (name === ':status') call.httpStatus = value;
      else if (name === 'grpc-message') call.message = value;
      else if (name === 'grpc-status-details-bin') call.details = value;
    });
    if ((flags & h2.FLAG.endStream) !== 0) this.#answered(stream);
  }

  #answered(stream: number): void {
    const call = this.#calls.get(stream);
    if (call !== undefined) this.#finish(stream, call, grpcAnswer(call));
  }

  #reset(stream: number, code: number): void {
    const call = this.#calls.get(stream);
    if (call === undefined) return;
    const text = `the server reset the stream with code ${code}`;
    this.#finish(stream, call, code === REFUSED_STREAM ? { outcome: 'refused', retryable: true, text } : failed(text));
  }

  #finish(stream: number, call: Call, answer: Answer): void {
    this.#calls.delete(stream);
    if (this.#blocked.delete(stream)) this.#socket.write(h2.frame(h2.TYPE.rstStream, 0, stream, h2.uint32(CANCEL))); // answered before it was sent whole
    call.answer = answer;
    settle(call);
    const next =
      this.usable && this.#headers !== null && this.#calls.size < this.#maxStreams ? this.#waiting.shift() : undefined;
    if (next !== undefined && this.#headers !== null) this.#start(next, this.#headers);
    if (!this.usable && this.#calls.size === 0) this.#socket.end();
  }

  #settings(bytes: Buffer, start: number, end: number): void {
    let tableBytes = 4096;
    for (let at = start; at + 6 <= end; at += 6) {
      const value = bytes.readUInt32BE(at + 2);
      switch (bytes.readUInt16BE(at)) {
        case h2.SETTING.headerTableSize:
          tableBytes = value;
          break;
        case h2.SETTING.maxConcurrentStreams:
          this.#maxStreams = value;
          break;
        case h2.SETTING.initialWindowSize:
          if (value < h2.MAX_PAYLOAD) throw new Error(`a window of ${value} bytes: smaller than a frame`);
          for (const call of this.#calls.values()) call.window += value - this.#initialWindow;
          this.#initialWindow = value;
          break;
        default:
      }
    }
    this.#socket.write(h2.frame(h2.TYPE.settings, h2.FLAG.ack, 0, EMPTY));
    this.#headers ??= requestHeaders(this.#fields, tableBytes);
    while (this.#calls.size < this.#maxStreams) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#start(next, this.#headers);
    }
    this.#unblock();
  }

  #widen(stream: number, bytes: number): void {
    if (stream === 0) this.#window += bytes;
    else {
      const call = this.#calls.get(stream);
      if (call === undefined) return;
      call.window += bytes;
    }
    this.#unblock();
  }

  #goAway(last: number, code: number): void {
    this.usable = false;
    this.#failure = `the server said goodbye with code ${code}`;
    for (const [stream, call] of this.#calls) if (stream > last) this.#finish(stream, call, failed(this.#failure));
    for (const call of this.#waiting.splice(0)) call.done(failed(this.#failure));
    if (this.#calls.size === 0) this.#socket.end();
  }

  #end(): void {
    this.usable = false;
    for (const call of [...this.#calls.values(), ...this.#waiting.splice(0)]) {
      call.answer ??= failed(this.#failure);
      call.writing = 0;
      settle(call);
    }
    this.#calls.clear();
    this.#blocked.clear();
  }
}

const EMPTY: Buffer = Buffer.alloc(0);

/** The buffer is free when the answer is there and the kernel has taken what was written of it. */
function settle(call: Call): void {
  if (call.answer === null || call.writing > 0) return;
  const { answer, done } = call;
  call.answer = null;
  done(answer);
}
