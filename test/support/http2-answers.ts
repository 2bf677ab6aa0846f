/**
 * What a client makes of the frames of a server: answers by stream, resets, GOAWAYs, windows. Refuses what RFC 9113 forbids a
 * server to send, so a test that reads through it also checks that.
 */
import assert from 'node:assert/strict';
import {
  CONTINUATION,
  DATA,
  DEFAULT_MAX_FRAME_BYTES,
  FLAG_ACK,
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  GOAWAY,
  HEADERS,
  INITIAL_WINDOW_BYTES,
  PING,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from '#net/http2/frame.ts';
import { HpackDecoder } from '#net/http2/hpack/decoder.ts';
import { cut, type Frame } from './http2-frames.ts';

export class Answer {
  readonly headers = new Map<string, string>();
  readonly trailers = new Map<string, string>();
  body: Buffer = Buffer.alloc(0);
  ended = false;
  /** Code of the RST_STREAM. */
  reset: number | null = null;

  get grpcStatus(): number {
    return Number(this.trailers.get('grpc-status') ?? this.headers.get('grpc-status') ?? 'NaN');
  }

  get grpcMessage(): string {
    return decodeURIComponent(this.headers.get('grpc-message') ?? '');
  }
}

export interface GoAway {
  readonly lastId: number;
  readonly code: number;
  readonly debug: string;
}

export class AnswerReader {
  readonly answers = new Map<number, Answer>();
  readonly goAways: GoAway[] = [];
  readonly pings: string[] = [];
  readonly pongs: string[] = [];
  readonly frames: Frame[] = [];
  readonly settings = new Map<number, number>();
  settingsAcks = 0;
  /** Sum of the WINDOW_UPDATEs by stream; 0 is the connection. */
  readonly granted = new Map<number, number>();
  /** How much the server may still send. A test that widens windows adds to them. */
  connectionWindow = INITIAL_WINDOW_BYTES;
  initialWindow = INITIAL_WINDOW_BYTES;
  readonly streamWindows = new Map<number, number>();
  maxFrameBytes = DEFAULT_MAX_FRAME_BYTES;
  readonly #hpack = new HpackDecoder({ tableBytes: 4096, maxListBytes: 1 << 20 });
  #rest: Buffer = Buffer.alloc(0);
  #expectSettings = true;

  /** The highest id that the client has opened; answers to others are a fault. */
  opened = Infinity;

  push(bytes: Buffer): void {
    const { frames, rest } = cut(Buffer.concat([this.#rest, bytes]));
    this.#rest = rest;
    for (const frame of frames) this.#take(frame);
  }

  answer(streamId: number): Answer {
    let answer = this.answers.get(streamId);
    if (answer === undefined) this.answers.set(streamId, (answer = new Answer()));
    return answer;
  }

  streamWindow(streamId: number): number {
    return this.streamWindows.get(streamId) ?? this.initialWindow;
  }

  /** Returns and forgets the frames so far. */
  takeFrames(): Frame[] {
    return this.frames.splice(0);
  }

  #take(frame: Frame): void {
    this.frames.push(frame);
    const { type, flags, streamId, payload } = frame;
    assert.ok(payload.length <= this.maxFrameBytes, `a frame of ${payload.length} bytes`);
    if (this.#expectSettings) assert.equal(type, SETTINGS, 'the server begins with SETTINGS');
    this.#expectSettings = false;
    assert.ok(streamId <= this.opened, `a frame of type ${type} on stream ${streamId}, which is idle`);
    if (type === DATA) return this.#onData(streamId, flags, payload);
    if (type === HEADERS) return this.#onHeaders(streamId, flags, payload);
    if (type === RST_STREAM) {
      const answer = this.answer(streamId);
      assert.equal(answer.reset, null, 'reset twice');
      answer.reset = payload.readUInt32BE(0);
    } else if (type === SETTINGS) {
      if ((flags & FLAG_ACK) !== 0) this.settingsAcks++;
      else
        for (let p = 0; p < payload.length; p += 6)
          this.settings.set(payload.readUInt16BE(p), payload.readUInt32BE(p + 2));
    } else if (type === PING) ((flags & FLAG_ACK) === 0 ? this.pings : this.pongs).push(payload.toString('latin1'));
    else if (type === WINDOW_UPDATE) {
      assert.ok(payload.readUInt32BE(0) > 0);
      this.granted.set(streamId, (this.granted.get(streamId) ?? 0) + payload.readUInt32BE(0));
    } else if (type === GOAWAY) {
      const next = {
        lastId: payload.readUInt32BE(0),
        code: payload.readUInt32BE(4),
        debug: payload.toString('utf8', 8),
      };
      assert.ok(next.lastId <= (this.goAways.at(-1)?.lastId ?? Infinity), 'the last stream of a GOAWAY grew');
      this.goAways.push(next);
    } else assert.fail(`a server sends no frame of type ${type}${type === CONTINUATION ? ' here' : ''}`);
  }

  #onData(streamId: number, flags: number, payload: Buffer): void {
    const answer = this.#open(streamId);
    assert.ok(answer.headers.size > 0, 'DATA before HEADERS');
    this.connectionWindow -= payload.length;
    this.streamWindows.set(streamId, this.streamWindow(streamId) - payload.length);
    if (payload.length > 0) {
      assert.ok(this.connectionWindow >= 0, 'more than the connection window');
      assert.ok(this.streamWindow(streamId) >= 0, 'more than the stream window');
    }
    answer.body = Buffer.concat([answer.body, payload]);
    if ((flags & FLAG_END_STREAM) !== 0) answer.ended = true;
  }

  #onHeaders(streamId: number, flags: number, payload: Buffer): void {
    assert.ok((flags & FLAG_END_HEADERS) !== 0);
    const answer = this.#open(streamId);
    const trailers = answer.headers.size > 0;
    if (trailers) assert.ok((flags & FLAG_END_STREAM) !== 0, 'trailers that do not end the stream');
    const { fields } = this.#hpack.decode(payload, 0, payload.length);
    for (const { name, value } of fields) (trailers ? answer.trailers : answer.headers).set(name, value);
    if ((flags & FLAG_END_STREAM) !== 0) answer.ended = true;
  }

  #open(streamId: number): Answer {
    const answer = this.answer(streamId);
    assert.ok(!answer.ended && answer.reset === null, `more on stream ${streamId} after its end`);
    return answer;
  }
}
