/** Flow control in both directions (RFC 9113, 5.2 and 6.9). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode } from '#net/http2/error.ts';
import { encodeHeaders } from '#net/http2/hpack/encoder.ts';
import { Driven } from '#test/support/http2-connection.ts';
import {
  data,
  HEADER_TABLE_SIZE,
  headers,
  hello,
  INITIAL_WINDOW_SIZE,
  MAX_FRAME_SIZE,
  REQUEST,
  reset,
  settings,
  windowUpdate,
} from '#test/support/http2-frames.ts';

const WINDOW = 1 << 16;
const OK = encodeHeaders([[':status', '200']]);
const TRAILERS = encodeHeaders([['grpc-status', '0']]);
const whole = { endStream: true };

function driven(...begin: Buffer[]): Driven {
  const peer = new Driven({ windowBytes: WINDOW });
  peer.receive(hello(), ...begin);
  return peer;
}

/** What the client may send on the connection, given what it has sent. */
const left = (peer: Driven, sent: number): number => 65535 + (peer.out.granted.get(0) ?? 0) - sent;

test('received data is acknowledged at half a window, for its stream and for the connection', () => {
  const peer = driven(headers(1));
  peer.receive(data(1, Buffer.alloc(WINDOW / 2 - 1)));
  assert.equal(peer.out.granted.has(1), false);
  peer.receive(data(1, Buffer.alloc(1)));
  assert.equal(peer.out.granted.get(1), WINDOW / 2);
  assert.equal(left(peer, WINDOW / 2), WINDOW);
});

test('the connection window comes back for padding, early answers, resets, refused and malformed streams', () => {
  const peer = new Driven({ windowBytes: WINDOW, maxConcurrentStreams: 3 });
  peer.receive(hello());
  let sent = 0;
  let id = 1;
  const body = (streamId: number, length: number, end = false, padding?: number): Buffer => {
    const made = data(streamId, Buffer.alloc(length), end, padding);
    sent += made.length - 9;
    return made;
  };
  const steps: ((streamId: number) => Buffer[])[] = [
    (s) => [headers(s), body(s, 5000, true, 255)],
    (s) => [headers(s), body(s, 5000), reset(s), body(s, 3000)],
    (s) => [headers(s, [...REQUEST, ['bad', 'a\nb']]), body(s, 5000, true)],
    (s) => [headers(s, [...REQUEST, ['content-length', '10']]), body(s, 11), body(s, 5000)],
    (s) => [
      headers(s),
      headers(s + 2),
      headers(s + 4),
      headers(s + 6),
      body(s + 6, 6000),
      reset(s),
      reset(s + 2),
      reset(s + 4),
      reset(s + 6),
    ],
  ];
  for (let round = 0; round < 40; round++, id += 8) {
    const parts = steps[round % steps.length](id);
    const answered = round % 3 === 0;
    for (const part of parts) {
      peer.receive(part);
      if (answered) peer.requests.get(id)?.stream.respond(OK, null, null);
      peer.receive();
    }
    if (!answered) peer.receive(reset(id));
    assert.deepEqual(peer.out.goAways, [], `round ${round}`);
    assert.ok(left(peer, sent) > WINDOW / 2, `${left(peer, sent)} left in round ${round}`);
  }
  assert.equal(peer.connection.openStreams, 0);
  assert.ok(sent > 2 * WINDOW);
});

test('more than the window of the connection ends it; more than that of a stream resets the stream', () => {
  const peer = driven(headers(1));
  // Half of what a stream sends is acknowledged for the connection by what others send.
  const half = Buffer.alloc(WINDOW / 2 - 1);
  const own = new Driven({ windowBytes: 1000 });
  own.receive(hello(), headers(1), data(1, Buffer.alloc(499)));
  own.receive(headers(3), data(3, Buffer.alloc(499)), data(1, Buffer.alloc(502)), data(3, Buffer.alloc(10)));
  assert.deepEqual([own.out.answer(1).reset, own.out.answer(3).reset], [ErrorCode.FLOW_CONTROL_ERROR, null]);
  peer.receive(data(1, half).subarray(0, 20), data(1, half).subarray(20), data(1, Buffer.alloc(WINDOW)));
  assert.deepEqual(
    peer.out.goAways.map(({ code }) => code),
    [ErrorCode.FLOW_CONTROL_ERROR],
  );
});

test('an answer waits for the windows of its stream and of the connection', () => {
  const peer = driven(settings([INITIAL_WINDOW_SIZE, 10]));
  peer.out.initialWindow = 10;
  peer.onRequest = ({ stream }) => stream.respond(OK, Buffer.alloc(25, 7), TRAILERS);
  peer.receive(headers(1, REQUEST, whole), headers(3, REQUEST, whole));
  const [one, three] = [peer.out.answer(1), peer.out.answer(3)];
  assert.deepEqual([one.body.length, one.ended, three.body.length], [10, false, 10]);
  const widen = (id: number, by: number): void => {
    if (id === 0) peer.out.connectionWindow += by;
    else peer.out.streamWindows.set(id, peer.out.streamWindow(id) + by);
    peer.receive(windowUpdate(id, by));
  };
  widen(3, 20);
  assert.deepEqual([three.body.length, three.ended, one.body.length], [25, true, 10]);
  widen(1, 15);
  assert.deepEqual([one.body.length, one.trailers.get('grpc-status'), one.ended], [25, '0', true]);
  peer.onRequest = ({ stream }) => stream.respond(OK, Buffer.alloc(70_000, 1), null);
  peer.out.streamWindows.set(5, 1_000_010);
  peer.receive(headers(5), windowUpdate(5, 1_000_000), data(5, Buffer.alloc(1), true));
  assert.deepEqual([peer.out.connectionWindow, peer.out.answer(5).ended], [0, false]);
  widen(0, 100_000);
  assert.deepEqual([peer.out.answer(5).body.length, peer.out.answer(5).ended], [70_000, true]);
});

test('a smaller initial window can make a window negative; a larger one sets answers going', () => {
  const peer = driven(settings([INITIAL_WINDOW_SIZE, 100]));
  peer.onRequest = ({ stream }) => stream.respond(OK, Buffer.alloc(150), null);
  peer.receive(headers(1, REQUEST, whole), settings([INITIAL_WINDOW_SIZE, 20]), windowUpdate(1, 79));
  assert.equal(peer.out.answer(1).body.length, 100);
  peer.receive(windowUpdate(1, 2));
  assert.equal(peer.out.answer(1).body.length, 101);
  peer.receive(settings([INITIAL_WINDOW_SIZE, 60]), settings([INITIAL_WINDOW_SIZE, 69]));
  assert.deepEqual([peer.out.answer(1).body.length, peer.out.answer(1).ended], [150, true]);
});

test('windows above 2^31-1 are refused', () => {
  const grown = driven(headers(1), windowUpdate(1, 0x7fffffff), headers(3, REQUEST, whole));
  assert.equal(grown.out.answer(1).reset, ErrorCode.FLOW_CONTROL_ERROR);
  const zero = driven(headers(1), windowUpdate(1, 0));
  assert.equal(zero.out.answer(1).reset, ErrorCode.PROTOCOL_ERROR);
  const set = driven(headers(1), windowUpdate(1, 0x7fffffff - 65535), settings([INITIAL_WINDOW_SIZE, 65536]));
  assert.equal(set.out.goAways[0]?.code, ErrorCode.FLOW_CONTROL_ERROR);
});

test("frames keep to the peer's size", () => {
  const peer = driven(settings([MAX_FRAME_SIZE, 20_000]));
  peer.out.maxFrameBytes = 20_000;
  peer.onRequest = ({ stream }) => stream.respond(OK, Buffer.alloc(50_000), null);
  peer.receive(headers(1, REQUEST, whole));
  assert.deepEqual(
    peer.out.frames.filter(({ type }) => type === 0).map(({ payload }) => payload.length),
    [20_000, 20_000, 10_000],
  );
});

test('a peer that made its header table smaller gets the update in front of the next header block', () => {
  const peer = driven();
  peer.onRequest = ({ stream }) => stream.respond(OK, null, null);
  peer.receive(settings([HEADER_TABLE_SIZE, 0]), headers(1, REQUEST, whole), headers(3, REQUEST, whole));
  assert.deepEqual(
    peer.out.frames.filter(({ type }) => type === 1).map(({ payload }) => payload[0]),
    [0x20, OK[0]],
  );
});

test('the update of the header table stands in front of trailers too, when they are the next header block', () => {
  const peer = driven(settings([INITIAL_WINDOW_SIZE, 0]));
  peer.onRequest = ({ stream }) => stream.respond(OK, Buffer.alloc(5), TRAILERS);
  peer.receive(headers(1, REQUEST, whole), settings([HEADER_TABLE_SIZE, 0]), windowUpdate(1, 5));
  assert.deepEqual(
    peer.out.frames.filter(({ type }) => type === 1).map(({ payload }) => payload[0]),
    [OK[0], 0x20],
  );
  assert.equal(peer.out.answer(1).trailers.get('grpc-status'), '0');
});

test('an answer with an empty body and no trailers ends', () => {
  const peer = driven();
  peer.onRequest = ({ stream }) => stream.respond(OK, Buffer.alloc(0), null);
  peer.receive(headers(1, REQUEST, whole));
  assert.equal(peer.out.answer(1).ended, true);
});

test('a wide window of a stream that has ended does not count', () => {
  const peer = driven(headers(1), windowUpdate(1, 0x7fffffff - 65535), reset(1), headers(3), windowUpdate(3, 1000));
  peer.receive(settings([INITIAL_WINDOW_SIZE, 1 << 24]));
  assert.equal(peer.out.goAways.length, 0);
  peer.receive(settings([INITIAL_WINDOW_SIZE, 0x7fffffff - 999]));
  assert.equal(peer.out.goAways[0]?.code, ErrorCode.FLOW_CONTROL_ERROR);
});
