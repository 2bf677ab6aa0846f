/** Chunks of any size in, frames out; what is no frame of HTTP/2 is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionError, ErrorCode } from '#net/http2/error.ts';
import { DATA, FLAG_END_STREAM, HEADERS, PING, PREFACE, SETTINGS } from '#net/http2/frame.ts';
import { FrameReader, type FrameSink } from '#net/http2/frame-reader.ts';
import { data, frame, hello, ping, settings } from '#test/support/http2-frames.ts';

class Recorder implements FrameSink {
  readonly events: string[] = [];
  #piece = '';
  frame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    this.events.push(`${type} ${flags} ${streamId} ${bytes.toString('latin1', start, end)}`);
  }
  dataStart(flags: number, streamId: number, length: number): void {
    this.events.push(`data ${flags} ${streamId} ${length}`);
    this.#piece = '';
  }
  dataPiece(bytes: Buffer, start: number, end: number): void {
    this.#piece += bytes.toString('latin1', start, end);
  }
  dataEnd(): void {
    this.events.push(`end ${this.#piece}`);
  }
}

function read(chunks: readonly Buffer[], maxDataBytes = 1 << 20): string[] {
  const sink = new Recorder();
  const reader = new FrameReader(sink, maxDataBytes);
  for (const chunk of chunks) {
    const shared = Buffer.from(chunk);
    reader.push(shared);
    shared.fill(0xee); // as the next read does
  }
  return sink.events;
}

const refusal = (code: number) => (error: unknown) => error instanceof ConnectionError && error.code === code;

test('frames come out the same however they are cut', () => {
  const bytes = Buffer.concat([
    hello(),
    data(1, Buffer.from('hello')),
    ping(),
    data(1, Buffer.alloc(0), true),
    settings(),
  ]);
  const whole = read([bytes]);
  assert.deepEqual(whole, [
    `${SETTINGS} 0 0 `,
    'data 0 1 5',
    'end hello',
    `${PING} 0 0 pingpong`,
    `data ${FLAG_END_STREAM} 1 0`,
    'end ',
    `${SETTINGS} 0 0 `,
  ]);
  assert.deepEqual(read([...bytes].map((byte) => Buffer.of(byte))), whole);
  for (let at = 0; at <= bytes.length; at++) assert.deepEqual(read([bytes.subarray(0, at), bytes.subarray(at)]), whole);
});

test('the reserved bit of a stream id is ignored', () => {
  const bytes = frame(HEADERS, 0, 0x80000005, Buffer.from('x'));
  assert.deepEqual(read([PREFACE, bytes]), [`${HEADERS} 0 5 x`]);
});

test('what does not begin with the preface is refused at its first wrong byte', () => {
  for (const text of ['GET / HTTP/1.1\r\n', 'PRI * HTTP/1', '\x16\x03\x01'])
    assert.throws(() => read([Buffer.from(text, 'latin1')]), refusal(ErrorCode.PROTOCOL_ERROR));
  assert.deepEqual(read([PREFACE.subarray(0, 23)]), []);
});

test('frames larger than announced are refused by their header alone', () => {
  const header = (type: number, length: number): Buffer => frame(type, 0, 1, Buffer.alloc(length)).subarray(0, 9);
  assert.deepEqual(read([PREFACE, header(DATA, 20_000)], 20_000), ['data 0 1 20000']);
  assert.throws(() => read([PREFACE, header(DATA, 20_001)], 20_000), refusal(ErrorCode.FRAME_SIZE_ERROR));
  assert.throws(() => read([PREFACE, header(PING, 1 << 20)]), refusal(ErrorCode.FRAME_SIZE_ERROR));
});

test('a stopped reader reads nothing more, not even of its chunk', () => {
  const events: number[] = [];
  const reader: FrameReader = new FrameReader(
    {
      frame: (type) => {
        events.push(type);
        reader.stop();
      },
      dataStart: () => assert.fail(),
      dataPiece: () => assert.fail(),
      dataEnd: () => assert.fail(),
    },
    1 << 20,
  );
  reader.push(Buffer.concat([hello(), ping(), data(1, Buffer.alloc(3))]));
  reader.push(ping());
  assert.deepEqual(events, [SETTINGS]);
});
