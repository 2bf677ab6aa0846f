/**
 * The server's side of one HTTP/2 connection (RFC 9113) between a {@link FrameReader} and the application: streams, flow
 * control in both directions, header blocks, SETTINGS, PING, GOAWAY, and the bounds that keep a peer from making us work or
 * hold memory for nothing. Knows no socket, no timer and no gRPC.
 *
 * What the peer sends ahead is bounded by the windows of {@link OwnSettings}; received DATA is acknowledged at once, so who
 * keeps it bounds its memory.
 */
import { Answers } from './answers.ts';
import { ConnectionError, ErrorCode } from './error.ts';
import { FloodGuard } from './flood-guard.ts';
import { FrameReader, type FrameSink } from './frame-reader.ts';
import {
  CONTINUATION,
  FLAG_ACK,
  FLAG_END_STREAM,
  FLAG_PADDED,
  GOAWAY,
  HEADERS,
  INITIAL_WINDOW_BYTES,
  MAX_STREAM_ID,
  MAX_WINDOW_BYTES,
  PING,
  PRIORITY,
  PUSH_PROMISE,
  readUint31,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
  writeUint32,
} from './frame.ts';
import { HEADER_TABLE_BYTES, HeaderBlocks } from './header-blocks.ts';
import type { HeaderBlock } from './hpack/decoder.ts';
import { Output } from './output.ts';
import { RecentIds } from './recent-ids.ts';
import { areTrailers, type RequestHead } from './request-head.ts';
import { encodeSettings, PeerSettings, type OwnSettings } from './settings.ts';
import { Stream, type RequestReceiver, type StreamOwner } from './stream.ts';

const NO_BYTES = Buffer.alloc(0);
/** Answers that wait for windows of a peer that goes on asking. */
const MAX_WAITING_ANSWERS = 1000;

export interface ConnectionHost {
  /** Sends bytes, which it owns then. */
  write(bytes: Buffer): void;
  /** A request begins; `remoteEnded` of its stream says that it has no body. The receiver gets its body, null: the stream is answered already. */
  request(stream: Stream): RequestReceiver | null;
  /** An answer begins. */
  answered(): void;
  /** A PING of the peer, before it is answered. false: it pings too often and is sent away. */
  pinged(): boolean;
  /** The answer to our PING with this payload. */
  pong(payload: Buffer): void;
  /** The last open stream has ended. */
  idle(): void;
  /** The connection broke a rule: GOAWAY has been written, nothing more will be. `reason` is for logs. */
  failed(reason: string): void;
  nowMs(): number;
}

export class Connection implements FrameSink, StreamOwner {
  readonly #host: ConnectionHost;
  readonly #own: OwnSettings;
  readonly #reader: FrameReader;
  readonly #output: Output;
  readonly #headers: HeaderBlocks;
  readonly #answers: Answers;
  readonly #peer = new PeerSettings();
  readonly #guard: FloodGuard;
  readonly #streams = new Map<number, Stream>();
  /** Streams that we ended while the peer was still sending: what comes for them is read and forgotten. */
  readonly #forgiven = new RecentIds();
  /** Highest stream id that the peer has opened. */
  #lastId = 0;
  /** Streams above are not served any more. */
  #acceptUpTo = MAX_STREAM_ID;
  #closed = false;
  #settingsSeen = false;

  #receiveWindow: number;
  #unacknowledged = 0;

  /** At least the largest `sendWindow` of the open streams. */
  #widest = 0;

  /** The present DATA frame: its stream (null: thrown away), and what is left of its content. */
  #dataStream: Stream | null = null;
  #dataBytes = 0;
  #dataFlags = 0;
  #contentLeft = 0;
  #paddingUnknown = false;

  constructor(own: OwnSettings, host: ConnectionHost) {
    this.#own = own;
    this.#host = host;
    this.#reader = new FrameReader(this, own.maxFrameBytes);
    this.#output = new Output((bytes) => host.write(bytes));
    this.#headers = new HeaderBlocks(own.maxHeaderListBytes);
    this.#answers = new Answers(this.#output, this.#peer, (stream) => this.#localEnd(stream));
    this.#guard = new FloodGuard(() => host.nowMs());
    this.#receiveWindow = own.windowBytes;
    this.#output.frame(SETTINGS, 0, 0, encodeSettings(own));
    if (own.windowBytes > INITIAL_WINDOW_BYTES)
      this.#output.uint32Frame(WINDOW_UPDATE, 0, own.windowBytes - INITIAL_WINDOW_BYTES);
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  /** What {@link ConnectionHost.request} gave for the open streams that are not answered. Streams may end meanwhile. */
  *receivers(): Iterable<RequestReceiver> {
    for (const { receiver } of this.#streams.values()) if (receiver !== null) yield receiver;
  }

  /** Whether the peer has spoken HTTP/2 so far. */
  get established(): boolean {
    return this.#settingsSeen;
  }

  /** Takes bytes from the peer; nothing of `chunk` is kept. */
  receive(chunk: Buffer): void {
    if (this.#closed) return;
    try {
      this.#reader.push(chunk);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      this.fail(error.code, error.message);
    }
  }

  /** Announces that no further streams are served: first those that may be on their way still are, see {@link stopAccepting}. */
  announceEnd(): void {
    this.#goAway(MAX_STREAM_ID, ErrorCode.NO_ERROR, NO_BYTES);
  }

  /** Serves no stream that is not open already. */
  stopAccepting(): void {
    this.#acceptUpTo = this.#lastId;
    this.#goAway(this.#lastId, ErrorCode.NO_ERROR, NO_BYTES);
  }

  ping(payload: Buffer): void {
    this.#output.frame(PING, 0, 0, payload);
  }

  /** Ends the connection because of what the peer did. */
  fail(code: number, reason: string): void {
    if (this.#closed) return;
    this.#goAway(Math.min(this.#lastId, this.#acceptUpTo), code, Buffer.from(reason, 'utf8'));
    this.#output.flush();
    this.close();
    this.#host.failed(reason);
  }

  /** The connection is gone or given up: open requests are told so, and nothing is written any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#reader.stop();
    this.#output.close();
    const open = [...this.#streams.values()];
    this.#streams.clear();
    this.#dataStream = null;
    for (const stream of open) this.#gone(stream);
  }

  flush(): void {
    this.#output.flush();
  }

  // What the frame reader calls.

  frame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    if (this.#headers.incomplete && (type !== CONTINUATION || streamId !== this.#headers.streamId))
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'a header block was interrupted');
    if (!this.#settingsSeen && type !== SETTINGS)
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'the first frame is not SETTINGS');
    switch (type) {
      case HEADERS:
        return this.#onHeaders(flags, streamId, bytes, start, end);
      case CONTINUATION:
        return this.#onContinuation(flags, bytes, start, end);
      case WINDOW_UPDATE:
        return this.#onWindowUpdate(streamId, bytes, start, end);
      case RST_STREAM:
        return this.#onReset(streamId, end - start);
      case SETTINGS:
        return this.#onSettings(flags, streamId, bytes, start, end);
      case PING:
        return this.#onPing(flags, streamId, bytes, start, end);
      case PRIORITY:
        return this.#onPriority(streamId, bytes, start, end);
      case GOAWAY:
        if (streamId !== 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'GOAWAY on a stream');
        // The client opens nothing more and ends the connection when it has its answers.
        return this.#guard.idleFrame();
      case PUSH_PROMISE:
        throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'PUSH_PROMISE from a client');
      default:
        // Unknown types are extensions (section 5.5).
        this.#guard.idleFrame();
    }
  }

  dataStart(flags: number, streamId: number, length: number): void {
    if (streamId === 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'DATA on stream 0');
    if (this.#headers.incomplete) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'a header block was interrupted');
    if (length > 0) this.#guard.progress();
    else if ((flags & FLAG_END_STREAM) === 0) this.#guard.idleFrame();
    this.#receiveWindow -= length;
    if (this.#receiveWindow < 0)
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'more DATA than the connection window');
    this.#dataBytes = length;
    this.#dataFlags = flags;
    this.#paddingUnknown = (flags & FLAG_PADDED) !== 0;
    if (this.#paddingUnknown && length === 0)
      throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'padding is missing');
    this.#contentLeft = length;
    this.#dataStream = this.#streamForData(streamId, length);
    if (this.#dataStream !== null && !this.#paddingUnknown) this.#checkLength(this.#dataStream);
  }

  dataPiece(bytes: Buffer, start: number, end: number): void {
    if (this.#paddingUnknown) {
      this.#paddingUnknown = false;
      const padding = bytes[start++];
      if (padding >= this.#contentLeft)
        throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'more padding than payload');
      this.#contentLeft -= 1 + padding;
      if (this.#dataStream !== null) this.#checkLength(this.#dataStream);
    }
    const stop = Math.min(end, start + this.#contentLeft);
    this.#contentLeft -= stop - start;
    const stream = this.#dataStream;
    if (stream === null || stop === start) return;
    const last = this.#contentLeft === 0 && (this.#dataFlags & FLAG_END_STREAM) !== 0;
    if (last) stream.remoteEnded = true;
    stream.receiver?.data(bytes, start, stop, last);
  }

  dataEnd(): void {
    this.#unacknowledged += this.#dataBytes;
    if (this.#unacknowledged >= this.#own.windowBytes / 2) {
      this.#output.uint32Frame(WINDOW_UPDATE, 0, this.#unacknowledged);
      this.#receiveWindow += this.#unacknowledged;
      this.#unacknowledged = 0;
    }
    const stream = this.#dataStream;
    this.#dataStream = null;
    if (stream === null) return;
    if ((this.#dataFlags & FLAG_END_STREAM) !== 0) return this.#remoteEnd(stream);
    stream.unacknowledged += this.#dataBytes;
    if (stream.answered || stream.unacknowledged < this.#own.windowBytes / 2) return;
    this.#output.uint32Frame(WINDOW_UPDATE, stream.id, stream.unacknowledged);
    stream.receiveWindow += stream.unacknowledged;
    stream.unacknowledged = 0;
  }

  // What streams call.

  respond(stream: Stream, headers: Buffer, body: Buffer | null, trailers: Buffer | null): void {
    if (this.#closed) return;
    stream.receiver = null;
    this.#host.answered();
    this.#answers.start(stream, headers, body, trailers);
  }

  /** We have ended the stream. A request that is still coming is told to stop (section 8.1). */
  #localEnd(stream: Stream): void {
    if (!stream.remoteEnded) {
      this.#output.uint32Frame(RST_STREAM, stream.id, ErrorCode.NO_ERROR);
      this.#forgiven.add(stream.id);
    }
    this.#forget(stream);
  }

  #forget(stream: Stream): void {
    if (this.#dataStream === stream) this.#dataStream = null;
    if (this.#streams.delete(stream.id) && this.#streams.size === 0 && !this.#closed) this.#host.idle();
  }

  #gone(stream: Stream): void {
    const tell = !stream.answered;
    stream.answered = true;
    this.#answers.forget(stream);
    if (tell) stream.receiver?.gone();
  }

  /** Resets a stream because of what the peer sent on it. */
  #streamError(id: number, code: number): void {
    this.#guard.reset();
    this.#output.uint32Frame(RST_STREAM, id, code);
    this.#forgiven.add(id);
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    this.#gone(stream);
    this.#forget(stream);
  }

  #streamForData(id: number, length: number): Stream | null {
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      if (id > this.#lastId) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'DATA on a stream that is not open');
      if (!this.#forgiven.has(id) && id <= this.#acceptUpTo) this.#streamError(id, ErrorCode.STREAM_CLOSED);
      return null;
    }
    stream.receiveWindow -= length;
    if (!stream.remoteEnded && stream.receiveWindow >= 0) return stream;
    this.#streamError(id, stream.remoteEnded ? ErrorCode.STREAM_CLOSED : ErrorCode.FLOW_CONTROL_ERROR);
    return null;
  }

  /** Counts the present frame's content and holds it against content-length (section 8.1.1). */
  #checkLength(stream: Stream): void {
    const declared = stream.head.contentLength;
    stream.bodyBytes += this.#contentLeft;
    if (declared < 0) return;
    const ends = (this.#dataFlags & FLAG_END_STREAM) !== 0;
    if (ends ? stream.bodyBytes === declared : stream.bodyBytes <= declared) return;
    this.#streamError(stream.id, ErrorCode.PROTOCOL_ERROR);
    this.#dataStream = null;
  }

  #remoteEnd(stream: Stream): void {
    // A last piece of data has told the receiver, which may have answered already.
    if (stream.remoteEnded) return;
    stream.remoteEnded = true;
    stream.receiver?.end();
  }

  #onHeaders(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (id === 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'HEADERS on stream 0');
    const block = this.#headers.begin(flags, id, bytes, start, end);
    if (block !== null) this.#onBlock(id, block);
  }

  #onContinuation(flags: number, bytes: Buffer, start: number, end: number): void {
    this.#guard.idleFrame();
    const block = this.#headers.continue(flags, bytes, start, end);
    if (block !== null) this.#onBlock(this.#headers.streamId, block);
  }

  #onBlock(id: number, block: HeaderBlock): void {
    const stream = this.#streams.get(id);
    if (stream !== undefined) return this.#onTrailers(stream, block);
    // The peer has been told, or is being told, that these are not served: it sends them elsewhere.
    const unserved = id > this.#acceptUpTo;
    if (id <= this.#lastId) {
      if (unserved || this.#forgiven.has(id)) return this.#guard.idleFrame();
      throw new ConnectionError(ErrorCode.STREAM_CLOSED, 'HEADERS on a stream that has ended');
    }
    if ((id & 1) === 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'a client opens streams of odd number');
    this.#lastId = id;
    if (unserved) return this.#guard.idleFrame();
    const { maxConcurrentStreams } = this.#own;
    if (maxConcurrentStreams > 0 && this.#streams.size >= maxConcurrentStreams)
      return this.#streamError(id, ErrorCode.REFUSED_STREAM);
    const head = this.#headers.request(block);
    if (head === null || (this.#headers.endsStream && head.contentLength > 0))
      return this.#streamError(id, block.tooLarge ? ErrorCode.ENHANCE_YOUR_CALM : ErrorCode.PROTOCOL_ERROR);
    this.#open(id, head);
  }

  #open(id: number, head: RequestHead): void {
    if (this.#answers.waiting > MAX_WAITING_ANSWERS)
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'too many answers wait for a window');
    this.#guard.progress();
    const { endsStream } = this.#headers;
    const stream = new Stream(id, head, this, this.#own.windowBytes);
    this.#streams.set(id, stream);
    if (endsStream) stream.remoteEnded = true;
    const receiver = this.#host.request(stream);
    if (!stream.answered) stream.receiver = receiver;
    if (endsStream) stream.receiver?.end();
  }

  #onTrailers(stream: Stream, block: HeaderBlock): void {
    if (stream.remoteEnded) return this.#streamError(stream.id, ErrorCode.STREAM_CLOSED);
    const { contentLength } = stream.head;
    const short = contentLength >= 0 && stream.bodyBytes !== contentLength;
    if (!this.#headers.endsStream || short || block.tooLarge || !areTrailers(block.fields))
      return this.#streamError(stream.id, ErrorCode.PROTOCOL_ERROR);
    this.#remoteEnd(stream);
  }

  #onReset(id: number, length: number): void {
    if (length !== 4) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'RST_STREAM that is not 4 bytes');
    if (id === 0 || id > this.#lastId) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'RST_STREAM on no stream');
    const stream = this.#streams.get(id);
    if (stream === undefined) return this.#guard.idleFrame();
    if (!stream.answered) this.#guard.reset();
    this.#gone(stream);
    this.#forget(stream);
  }

  #onWindowUpdate(id: number, bytes: Buffer, start: number, end: number): void {
    if (end - start !== 4) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'WINDOW_UPDATE that is not 4 bytes');
    const before = this.#answers.sentBytes;
    this.#widen(id, readUint31(bytes, start));
    if (this.#answers.sentBytes > before) this.#guard.progress();
    else this.#guard.idleFrame();
  }

  #widen(id: number, increment: number): void {
    if (id === 0) {
      if (increment === 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'WINDOW_UPDATE of 0');
      if (!this.#answers.widen(increment))
        throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'connection window too large');
      return this.#answers.proceedAll();
    }
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      if (id > this.#lastId) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'WINDOW_UPDATE on no stream');
      return;
    }
    stream.sendWindow += increment;
    this.#widest = Math.max(this.#widest, stream.sendWindow);
    if (increment === 0) this.#streamError(id, ErrorCode.PROTOCOL_ERROR);
    else if (this.#peer.windowBytes + stream.sendWindow > MAX_WINDOW_BYTES)
      this.#streamError(id, ErrorCode.FLOW_CONTROL_ERROR);
    else this.#answers.proceed(stream);
  }

  #onSettings(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (id !== 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'SETTINGS on a stream');
    this.#guard.idleFrame();
    if ((flags & FLAG_ACK) !== 0) {
      if (end > start) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'SETTINGS acknowledgement with a payload');
      return;
    }
    this.#settingsSeen = true;
    const before = this.#peer.windowBytes;
    this.#peer.apply(bytes, start, end);
    if (this.#peer.headerTableBytes < HEADER_TABLE_BYTES) this.#answers.tableUpdateDue = true;
    this.#output.frame(SETTINGS, FLAG_ACK, 0, NO_BYTES);
    if (this.#peer.windowBytes <= before) return;
    this.#checkWindows();
    this.#answers.proceedAll();
  }

  /** The initial window has grown: no window may be larger than there may be. Looks at streams only if one of them might be. */
  #checkWindows(): void {
    const most = MAX_WINDOW_BYTES - this.#peer.windowBytes;
    if (this.#widest <= most) return;
    this.#widest = 0;
    for (const stream of this.#streams.values()) this.#widest = Math.max(this.#widest, stream.sendWindow);
    if (this.#widest > most) throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'stream window too large');
  }

  #onPing(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (id !== 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'PING on a stream');
    if (end - start !== 8) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'PING that is not 8 bytes');
    this.#guard.idleFrame();
    if ((flags & FLAG_ACK) !== 0) return this.#host.pong(bytes.subarray(start, end));
    if (!this.#host.pinged()) throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'too_many_pings');
    this.#output.frame(PING, FLAG_ACK, 0, bytes, start, end);
  }

  /** Priorities are not used (section 5.3.2), but checked. */
  #onPriority(id: number, bytes: Buffer, start: number, end: number): void {
    if (id === 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'PRIORITY on stream 0');
    this.#guard.idleFrame();
    let code: number = ErrorCode.NO_ERROR;
    if (end - start !== 5) code = ErrorCode.FRAME_SIZE_ERROR;
    else if (readUint31(bytes, start) === id) code = ErrorCode.PROTOCOL_ERROR;
    if (code === ErrorCode.NO_ERROR) return;
    // An idle stream cannot be reset (section 6.4).
    if (id > this.#lastId) throw new ConnectionError(code, 'a malformed PRIORITY');
    this.#streamError(id, code);
  }

  #goAway(lastId: number, code: number, debug: Buffer): void {
    const payload = Buffer.allocUnsafe(8 + debug.length);
    debug.copy(payload, writeUint32(payload, writeUint32(payload, 0, lastId), code));
    this.#output.frame(GOAWAY, 0, 0, payload);
  }
}
