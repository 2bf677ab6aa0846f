/** Streams of a connection, driven with bytes: requests, answers, resets, trailers, the order of its end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode } from '#net/http2/error.ts';
import { CONTINUATION, DATA, HEADERS, PING, PREFACE, PRIORITY, PUSH_PROMISE } from '#net/http2/frame.ts';
import { encodeHeaders } from '#net/http2/hpack/encoder.ts';
import { Driven, type Request } from '#test/support/http2-connection.ts';
import {
  data,
  frame,
  goAway,
  headers,
  hello,
  ping,
  priority,
  REQUEST,
  reset,
  settings,
  windowUpdate,
  type Fields,
} from '#test/support/http2-frames.ts';

const OK = encodeHeaders([[':status', '200']]);
const TRAILERS = encodeHeaders([['grpc-status', '0']]);
const echo = (request: Request): void => request.stream.respond(OK, request.body, TRAILERS);
const bytes = (text: string): Buffer => Buffer.from(text);

function driven(...begin: Buffer[]): Driven {
  const peer = new Driven();
  peer.receive(hello(), ...begin);
  return peer;
}

/** What the connection says to bytes that end it. */
function fault(...parts: Buffer[]): number | undefined {
  const peer = driven(...parts);
  const [last] = peer.out.goAways;
  assert.equal(peer.reasons.length, last === undefined ? 0 : 1);
  return last?.code;
}

test('a connection begins with our SETTINGS and the window of the connection', () => {
  const peer = new Driven({ windowBytes: 1 << 20, maxFrameBytes: 1 << 18, maxConcurrentStreams: 7 });
  peer.receive(hello());
  assert.deepEqual(Object.fromEntries(peer.out.settings), { 3: 7, 4: 1 << 20, 5: 1 << 18, 6: 65536 });
  assert.equal(peer.out.granted.get(0), (1 << 20) - 65535);
  assert.equal(peer.out.settingsAcks, 1);
  assert.equal(peer.connection.established, true);
  assert.equal(new Driven().connection.established, false);
});

test('a request is answered with headers, data and trailers', () => {
  const peer = driven();
  peer.onRequest = echo;
  peer.receive(headers(1), data(1, bytes('he')), data(1, bytes('llo'), true));
  const answer = peer.out.answer(1);
  assert.deepEqual(
    [answer.headers.get(':status'), answer.body.toString(), answer.trailers.get('grpc-status'), answer.ended],
    ['200', 'hello', '0', true],
  );
  assert.deepEqual([answer.reset, peer.connection.openStreams, peer.idles], [null, 0, 1]);
  assert.equal(peer.requests.get(1)?.stream.head.path, '/test.Service/Echo');
});

test('bodies of every shape: none, padded, padding alone, trailers', () => {
  const peer = driven();
  peer.onRequest = echo;
  peer.receive(
    headers(1, REQUEST, { endStream: true, padding: 3, dependsOn: 0 }),
    headers(3, REQUEST, { padding: 0 }),
    data(3, bytes('ab'), false, 255),
    data(3, bytes(''), false, 255),
    data(3, bytes('c'), true, 0),
    headers(5),
    data(5, bytes('d')),
    headers(5, [['checksum', '1']], { endStream: true }),
    headers(7),
    data(7, bytes(''), true, 9),
  );
  assert.deepEqual(
    [1, 3, 5, 7].map((id) => peer.out.answer(id).body.toString()),
    ['', 'abc', 'd', ''],
  );
  assert.equal(peer.connection.openStreams, 0);
});

test('answers of one turn leave in one write', () => {
  const peer = driven();
  peer.onRequest = echo;
  const before = peer.writes;
  peer.receive(...Array.from({ length: 50 }, (_, i) => headers(2 * i + 1, REQUEST, { endStream: true })));
  assert.equal(peer.writes, before + 1);
  assert.equal(peer.out.answers.size, 50);
});

test('an answer while the request still comes: the rest is read and forgotten', () => {
  const peer = driven(headers(1), data(1, bytes('half')));
  peer.requests.get(1)?.stream.respond(OK, null, null);
  peer.connection.flush();
  assert.deepEqual([peer.out.answer(1).ended, peer.out.answer(1).reset], [true, ErrorCode.NO_ERROR]);
  peer.receive(data(1, bytes('more')), windowUpdate(1, 5), headers(1, [['a', 'b']], { endStream: true }), reset(1));
  assert.deepEqual(peer.out.goAways, []);
  assert.equal(peer.requests.get(1)?.body.toString(), 'half');
});

test('an answer in the middle of a DATA frame', () => {
  const peer = driven();
  const frameBytes = data(1, Buffer.alloc(100), true);
  peer.receive(headers(1), frameBytes.subarray(0, 50));
  peer.requests.get(1)?.stream.respond(OK, bytes('x'), null);
  peer.receive(frameBytes.subarray(50), ping());
  assert.deepEqual([peer.out.answer(1).ended, peer.out.pongs.length, peer.requests.get(1)?.ended], [true, 1, false]);
});

test('answers once; later ones and answers after the end do nothing', () => {
  const peer = driven(headers(1, REQUEST, { endStream: true }), headers(3, REQUEST, { endStream: true }));
  const [one, three] = [peer.requests.get(1), peer.requests.get(3)];
  one?.stream.respond(OK, null, null);
  one?.stream.respond(OK, bytes('again'), null);
  peer.connection.close();
  assert.deepEqual([one?.isGone, three?.isGone], [false, true]);
  const { writes } = peer;
  three?.stream.respond(OK, null, null);
  peer.receive(ping());
  assert.equal(peer.writes, writes);
});

test('a reset tells the receiver, unless it has answered', () => {
  const peer = driven(headers(1), headers(3, REQUEST, { endStream: true }), settings([4, 0]));
  peer.requests.get(3)?.stream.respond(OK, bytes('waits'), TRAILERS);
  peer.receive(reset(1), reset(3));
  assert.deepEqual([peer.requests.get(1)?.isGone, peer.requests.get(3)?.isGone], [true, false]);
  peer.receive(windowUpdate(3, 100), windowUpdate(1, 100), data(1, bytes('late')));
  assert.deepEqual([peer.out.answer(3).body.length, peer.connection.openStreams], [0, 0]);
});

test('content-length is held against the body', () => {
  const counted = (length: string): Fields => [...REQUEST, ['content-length', length]];
  const peer = driven();
  peer.onRequest = echo;
  peer.receive(
    headers(1, counted('3')),
    data(1, bytes('ab'), false, 4),
    data(1, bytes('c'), true),
    headers(3, counted('3')),
    data(3, bytes('ab'), true),
    headers(5, counted('3')),
    data(5, bytes('abcd')),
    headers(7, counted('3')),
    data(7, bytes('abcd'), false, 2),
    headers(9, counted('1'), { endStream: true }),
    headers(11, counted('0'), { endStream: true }),
    headers(13, counted('2')),
    data(13, bytes('a')),
    headers(13, [['x', 'y']], { endStream: true }),
  );
  assert.deepEqual(
    [1, 3, 5, 7, 9, 11, 13].map((id) => peer.out.answer(id).reset),
    [null, 1, 1, 1, 1, null, 1],
  );
  assert.deepEqual(
    [3, 5, 7, 13].map((id) => peer.requests.get(id)?.isGone),
    [true, true, true, true],
  );
});

test('malformed requests are reset and do no harm to others', () => {
  const bad: Fields[] = [
    [
      [':method', 'POST'],
      [':scheme', 'http'],
    ],
    [...REQUEST, [':path', '/late']],
    [...REQUEST, ['Upper', 'x']],
    [...REQUEST, ['connection', 'close']],
    [...REQUEST, ['te', 'gzip']],
    [...REQUEST, ['x', 'a\nb']],
    [...REQUEST, ['content-length', '-1']],
    [[':path', '/x'], ...REQUEST],
  ];
  const peer = driven();
  peer.onRequest = echo;
  bad.forEach((fields, i) => peer.receive(headers(2 * i + 1, fields, { endStream: true })));
  peer.receive(headers(99, REQUEST, { endStream: true }));
  assert.ok(bad.every((_, i) => peer.out.answer(2 * i + 1).reset === ErrorCode.PROTOCOL_ERROR));
  assert.equal(peer.out.answer(99).ended, true);
  assert.equal(peer.requests.size, 1);
});

test('a header list over the limit is reset; the table stays in step', () => {
  const peer = new Driven({ maxHeaderListBytes: 1000 });
  peer.onRequest = echo;
  peer.receive(
    hello(),
    headers(1, [...REQUEST, ['big', 'x'.repeat(2000)]], { endStream: true, split: [500] }),
    headers(3, REQUEST, { endStream: true }),
  );
  assert.deepEqual([peer.out.answer(1).reset, peer.out.answer(3).ended], [ErrorCode.ENHANCE_YOUR_CALM, true]);
});

test('a header block may come in pieces, and nothing may come between them', () => {
  const peer = driven();
  peer.onRequest = echo;
  peer.receive(headers(1, REQUEST, { endStream: true, split: [0, 5, 1, 20], padding: 7, dependsOn: 0 }));
  assert.equal(peer.out.answer(1).ended, true);
  const half = headers(1, REQUEST, { split: [5] }).subarray(0, 14);
  for (const other of [ping(), data(1, bytes('x')), headers(3), frame(CONTINUATION, 4, 3), frame(200, 0, 0), reset(1)])
    assert.equal(fault(half, other), ErrorCode.PROTOCOL_ERROR);
});

test('more streams than announced are refused', () => {
  const peer = new Driven({ maxConcurrentStreams: 2 });
  peer.receive(hello(), headers(1), headers(3), headers(5), data(5, bytes('x'), true));
  assert.equal(peer.out.answer(5).reset, ErrorCode.REFUSED_STREAM);
  peer.receive(reset(1), headers(7));
  assert.deepEqual([...peer.requests.keys()], [1, 3, 7]);
});

test('what ends a connection, and with which code', () => {
  const { PROTOCOL_ERROR, FRAME_SIZE_ERROR, FLOW_CONTROL_ERROR, STREAM_CLOSED, COMPRESSION_ERROR } = ErrorCode;
  const ended = [headers(1, REQUEST, { endStream: true }), reset(1)];
  const cases: [number, ...Buffer[]][] = [
    [PROTOCOL_ERROR, data(0, bytes('x'))],
    [PROTOCOL_ERROR, data(1, bytes('x'))],
    [PROTOCOL_ERROR, headers(0)],
    [PROTOCOL_ERROR, headers(2)],
    [STREAM_CLOSED, headers(5, REQUEST, { endStream: true }), headers(3)],
    [STREAM_CLOSED, ...ended, headers(1)],
    [PROTOCOL_ERROR, headers(1, REQUEST, { dependsOn: 1 })],
    [PROTOCOL_ERROR, frame(HEADERS, 0x4 | 0x8, 1, Buffer.of(9, 1, 2))],
    [PROTOCOL_ERROR, frame(HEADERS, 0x4 | 0x8, 1)],
    [PROTOCOL_ERROR, frame(HEADERS, 0x4 | 0x20, 1, Buffer.of(0, 0))],
    [COMPRESSION_ERROR, headers(1, Buffer.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff))],
    [PROTOCOL_ERROR, frame(CONTINUATION, 4, 1)],
    [PROTOCOL_ERROR, reset(0)],
    [PROTOCOL_ERROR, reset(1)],
    [FRAME_SIZE_ERROR, headers(1), frame(3, 0, 1, Buffer.alloc(3))],
    [PROTOCOL_ERROR, frame(PUSH_PROMISE, 4, 1, Buffer.alloc(4))],
    [PROTOCOL_ERROR, frame(PING, 0, 1, Buffer.alloc(8))],
    [FRAME_SIZE_ERROR, frame(PING, 0, 0, Buffer.alloc(7))],
    [PROTOCOL_ERROR, frame(4, 0, 1)],
    [FRAME_SIZE_ERROR, frame(4, 0, 0, Buffer.alloc(5))],
    [FRAME_SIZE_ERROR, frame(4, 1, 0, Buffer.alloc(6))],
    [PROTOCOL_ERROR, settings([2, 2])],
    [FLOW_CONTROL_ERROR, settings([4, 0x80000000])],
    [PROTOCOL_ERROR, settings([5, 16383])],
    [PROTOCOL_ERROR, settings([5, 1 << 24])],
    [PROTOCOL_ERROR, windowUpdate(0, 0)],
    [PROTOCOL_ERROR, windowUpdate(1, 1)],
    [FRAME_SIZE_ERROR, frame(8, 0, 0, Buffer.alloc(5))],
    [FLOW_CONTROL_ERROR, windowUpdate(0, 0x7fffffff)],
    [PROTOCOL_ERROR, priority(0, 3)],
    [PROTOCOL_ERROR, frame(7, 0, 1, Buffer.alloc(8))],
    [PROTOCOL_ERROR, headers(1), frame(DATA, 0x8, 1, Buffer.of(5, 1))],
    [FRAME_SIZE_ERROR, headers(1), frame(DATA, 0x8, 1)],
  ];
  for (const [code, ...parts] of cases) assert.equal(fault(...parts), code, parts.at(-1)?.toString('hex'));
  const early = new Driven();
  early.receive(PREFACE, ping());
  assert.equal(early.out.goAways[0]?.code, PROTOCOL_ERROR);
});

test('what does not end it: unknown frames and settings, priorities, GOAWAY, frames on ended streams', () => {
  const ended = headers(1, REQUEST, { endStream: true });
  assert.equal(
    fault(
      frame(99, 0xff, 77, bytes('extension')),
      settings([99, 1]),
      priority(7, 3),
      goAway(),
      ended,
      windowUpdate(1, 1),
      reset(1),
      reset(1),
      windowUpdate(1, 1),
      frame(PRIORITY, 0, 1, Buffer.of(0, 0, 0, 0, 1)),
    ),
    undefined,
  );
});

test('DATA on a stream that has ended resets that stream', () => {
  const peer = driven(headers(1, REQUEST, { endStream: true }), data(1, bytes('x')), headers(3), ping());
  assert.deepEqual([peer.out.answer(1).reset, peer.requests.get(1)?.isGone], [ErrorCode.STREAM_CLOSED, true]);
  const answered = driven();
  answered.onRequest = echo;
  answered.receive(headers(1, REQUEST, { endStream: true }), data(1, Buffer.alloc(0), true));
  assert.equal(answered.out.answer(1).reset, ErrorCode.STREAM_CLOSED);
});

test('the end in order: first a GOAWAY that excludes nothing, then one that names the last stream', () => {
  const peer = driven(headers(1));
  peer.connection.announceEnd();
  peer.connection.ping(bytes('draining'));
  peer.receive(headers(3, REQUEST, { endStream: true }), ping('draining', true));
  assert.deepEqual(peer.pongs, ['draining']);
  peer.connection.stopAccepting();
  peer.receive(headers(5), data(5, Buffer.alloc(3), true));
  assert.deepEqual(
    peer.out.goAways.map(({ lastId, code }) => [lastId, code]),
    [
      [0x7fffffff, 0],
      [3, 0],
    ],
  );
  assert.deepEqual([...peer.requests.keys()], [1, 3]);
  assert.equal(peer.out.answers.has(5), false);
  peer.onRequest = echo;
  peer.receive(data(1, bytes('end'), true));
  assert.equal(peer.out.answer(1).body.toString(), 'end');
});

test('after a fault nothing is read and nothing is written; open requests are told', () => {
  const peer = driven(headers(1));
  peer.receive(data(0, bytes('x')), headers(3));
  assert.deepEqual([peer.requests.size, peer.requests.get(1)?.isGone, peer.idles], [1, true, 0]);
  const { writes } = peer;
  peer.receive(headers(5));
  peer.requests.get(1)?.stream.respond(OK, null, null);
  peer.connection.fail(2, 'again');
  peer.connection.flush();
  assert.deepEqual([peer.writes, peer.reasons.length, peer.requests.size], [writes, 1, 1]);
});

test('pings are answered; one too many ends the connection', () => {
  const peer = driven(ping('12345678'), ping('87654321', true));
  assert.deepEqual([peer.out.pongs, peer.pongs], [['12345678'], ['87654321']]);
  peer.pingsAllowed = 1;
  peer.receive(ping(), ping());
  assert.deepEqual(
    peer.out.goAways.map(({ code, debug }) => [code, debug]),
    [[ErrorCode.ENHANCE_YOUR_CALM, 'too_many_pings']],
  );
});

test('a request with END_STREAM on its HEADERS is answered within the call', () => {
  const peer = driven();
  peer.onStream = (stream) => stream.respond(OK, null, null);
  peer.receive(headers(1, REQUEST, { endStream: true }));
  assert.deepEqual([peer.out.answer(1).ended, peer.out.answer(1).reset], [true, null]);
});

test('a header block may fill a frame as large as announced, up to the bound of a block', () => {
  const peer = driven();
  peer.onRequest = echo;
  const token = 'x'.repeat(60_000);
  peer.receive(headers(1, [...REQUEST, ['token', token]], { endStream: true, padding: 255, dependsOn: 0 }));
  assert.deepEqual([peer.out.goAways, peer.out.answer(1).ended], [[], true]);
  assert.equal(peer.requests.get(1)?.stream.head.fields.at(-1)?.value, token);
  assert.equal(fault(headers(1, [...REQUEST, ['token', token + token]])), ErrorCode.FRAME_SIZE_ERROR);
});

test('streams above the last one of a GOAWAY are ignored whole, trailers too, and a later fault does not raise that id', () => {
  const peer = driven(headers(1));
  peer.connection.stopAccepting();
  peer.receive(headers(3), data(3, bytes('x')), headers(3, [['a', 'b']], { endStream: true }), reset(3), headers(5));
  assert.deepEqual(peer.out.goAways.length, 1);
  peer.receive(data(0, bytes('x')));
  assert.deepEqual(
    peer.out.goAways.map(({ lastId }) => lastId),
    [1, 1],
  );
});

test('a peer that goes on opening streams after a GOAWAY is sent away', () => {
  const peer = driven(headers(1));
  peer.connection.stopAccepting();
  for (let id = 3; id < 40_000 && peer.reasons.length === 0; id += 2) peer.receive(headers(id));
  assert.deepEqual(peer.reasons, ['too many frames without a request or data']);
});

test('a malformed PRIORITY on an idle stream ends the connection: RST_STREAM must not name it', () => {
  assert.equal(fault(priority(7, 7)), ErrorCode.PROTOCOL_ERROR);
  assert.equal(fault(frame(PRIORITY, 0, 7, Buffer.alloc(4))), ErrorCode.FRAME_SIZE_ERROR);
  const peer = driven(headers(7), priority(7, 7));
  assert.equal(peer.out.answer(7).reset, ErrorCode.PROTOCOL_ERROR);
});

test('a receiver whose stream is answered hears nothing more, also while the answer waits for a window', () => {
  const peer = driven(settings([4, 0]), headers(1), headers(3), data(1, bytes('a')));
  for (const id of [1, 3]) peer.requests.get(id)?.stream.respond(OK, bytes('waits'), TRAILERS);
  peer.receive(data(1, bytes('b'), true), data(3, bytes('c')), reset(3));
  assert.deepEqual(
    [1, 3].map((id) => [
      peer.requests.get(id)?.body.toString(),
      peer.requests.get(id)?.ended,
      peer.requests.get(id)?.isGone,
    ]),
    [
      ['a', false, false],
      ['', false, false],
    ],
  );
  peer.out.initialWindow = 100;
  peer.receive(settings([4, 100]));
  assert.deepEqual([peer.out.answer(1).body.toString(), peer.out.answer(1).reset], ['waits', null]);
});
