/** Peers that make us work for nothing (RFC 9113, 10.5) are sent away, busy ones are not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionError, ErrorCode } from '#net/http2/error.ts';
import { FloodGuard } from '#net/http2/flood-guard.ts';
import { encodeHeaders } from '#net/http2/hpack/encoder.ts';
import { Driven } from '#test/support/http2-connection.ts';
import {
  data,
  frame,
  headers,
  hello,
  ping,
  priority,
  REQUEST,
  reset,
  settings,
  windowUpdate,
} from '#test/support/http2-frames.ts';

const OK = encodeHeaders([[':status', '200']]);
const END = { endStream: true };

/** Sends `make(0)`, `make(1)`, ... until the connection ends; how many it took, and why it ended. */
function flood(make: (n: number) => Buffer, peer = new Driven(), upTo = 30_000): { sent: number; why: string } {
  peer.receive(hello(), headers(1));
  let sent = 0;
  while (sent < upTo && peer.reasons.length === 0) peer.receive(make(sent++));
  assert.equal(peer.out.goAways[0]?.code ?? ErrorCode.ENHANCE_YOUR_CALM, ErrorCode.ENHANCE_YOUR_CALM);
  return { sent, why: peer.reasons[0] ?? '' };
}

for (const [name, make] of [
  ['SETTINGS', () => settings()],
  ['SETTINGS acknowledgements', () => frame(4, 1, 0)],
  ['PING', () => ping()],
  ['PING answers', () => ping('whatever', true)],
  ['WINDOW_UPDATE of the connection', () => windowUpdate(0, 1)],
  ['WINDOW_UPDATE of a stream', () => windowUpdate(1, 1)],
  ['PRIORITY', (n) => priority(2 * n + 3, 1)],
  ['empty DATA', () => data(1, Buffer.alloc(0))],
  ['unknown frames', () => frame(77, 0, 0)],
  ['RST_STREAM for one that has ended', () => reset(1)],
] as [string, (n: number) => Buffer][]) {
  test(`nothing but ${name}`, () => {
    const { sent, why } = flood(make);
    assert.equal(why, 'too many frames without a request or data');
    assert.ok(sent > 5000 && sent < 20_000, `${sent}`);
  });
}

test('CONTINUATION frames without end', () => {
  const large = flood((n) =>
    n === 0 ? headers(3, REQUEST, { split: [40] }).subarray(0, 49) : frame(9, 0, 3, Buffer.alloc(4000, 0)),
  );
  assert.equal(large.why, 'header block too large');
  assert.ok(large.sent <= 67, `${large.sent}`);
});

test('rapid reset: streams that the peer resets before they are answered', () => {
  const { sent, why } = flood((n) => Buffer.concat([headers(2 * n + 3), reset(2 * n + 3)]));
  assert.deepEqual([sent, why], [1001, 'too many streams are reset']);
});

test('made you reset: streams that the peer makes us reset', () => {
  const wrong: ((id: number) => Buffer)[] = [
    (id) => Buffer.concat([headers(id), windowUpdate(id, 0)]),
    (id) => Buffer.concat([headers(id), windowUpdate(id, 0x7fffffff)]),
    (id) => Buffer.concat([headers(id, REQUEST, END), data(id, Buffer.alloc(1))]),
    (id) => Buffer.concat([headers(id), frame(2, 0, id, Buffer.alloc(4))]),
    (id) => headers(id, [...REQUEST, ['x', '\n']]),
  ];
  for (const make of wrong) {
    const { sent, why } = flood((n) => make(2 * n + 3));
    assert.deepEqual([sent, why], [1001, 'too many streams are reset']);
  }
});

test('resets grow back with time, and those of answered streams are free', () => {
  const peer = new Driven();
  const { sent } = flood((n) => ((peer.now += 40), Buffer.concat([headers(2 * n + 3), reset(2 * n + 3)])), peer, 5000);
  assert.equal(sent, 5000);
  const answered = new Driven();
  answered.onRequest = ({ stream }) => stream.respond(OK, null, null);
  assert.equal(
    flood((n) => Buffer.concat([headers(2 * n + 3, REQUEST, END), reset(2 * n + 3)]), answered, 5000).sent,
    5000,
  );
});

test('the guard: a request or data in between forgives idle frames', () => {
  const guard = new FloodGuard(() => 0);
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 10_000; i++) guard.idleFrame();
    guard.progress();
  }
  for (let i = 0; i < 10_000; i++) guard.idleFrame();
  assert.throws(() => guard.idleFrame(), ConnectionError);
});

test('a header block in very many pieces', () => {
  const many = flood((n) => (n === 0 ? headers(3, REQUEST, { split: [40] }).subarray(0, 49) : frame(9, 0, 3)));
  assert.equal(many.why, 'header block in too many pieces');
  assert.ok(many.sent < 100, `${many.sent}`);
});

test('a peer that asks and leaves its answers waiting for a window', () => {
  const peer = new Driven();
  peer.receive(hello([4, 0]));
  peer.onRequest = ({ stream }) => stream.respond(OK, Buffer.alloc(5), null);
  for (let id = 1; id < 20_000 && peer.reasons.length === 0; id += 2) peer.receive(headers(id, REQUEST, END));
  assert.deepEqual(peer.reasons, ['too many answers wait for a window']);
  assert.ok(peer.requests.size > 500 && peer.requests.size < 5000, `${peer.requests.size}`);
  assert.equal(peer.connection.openStreams, 0);
});

test('the bound on waiting answers ends a connection only when it asks again, never within an answer', () => {
  const peer = new Driven();
  peer.receive(
    hello([4, 0]),
    ...Array.from({ length: 1500 }, (_, i) => headers(2 * i + 1, REQUEST, END)),
    headers(3001),
  );
  for (const { stream } of peer.requests.values()) if (stream.id < 3000) stream.respond(OK, Buffer.alloc(5), null);
  assert.deepEqual([peer.reasons, peer.connection.openStreams], [[], 1501]);
  peer.receive(data(3001, Buffer.alloc(9), true));
  assert.deepEqual([peer.requests.get(3001)?.ended, peer.reasons], [true, []]);
  peer.receive(headers(3003));
  assert.deepEqual(peer.reasons, ['too many answers wait for a window']);
});

test('requests that were answered early and go on are no flood, thousands of them', () => {
  const peer = new Driven();
  peer.onStream = (stream) => stream.respond(OK, null, null);
  const ids = Array.from({ length: 3000 }, (_, i) => 2 * i + 1);
  peer.receive(hello(), ...ids.map((id) => headers(id)));
  peer.receive(...ids.map((id) => data(id, Buffer.alloc(100), true)));
  assert.deepEqual(peer.reasons, []);
  assert.ok(ids.every((id) => peer.out.answer(id).reset === ErrorCode.NO_ERROR));
});

test('WINDOW_UPDATEs that an answer waits for are no flood', () => {
  const peer = new Driven();
  peer.receive(hello([4, 0]));
  peer.out.initialWindow = 0;
  peer.onRequest = ({ stream }) => stream.respond(OK, Buffer.alloc(20_000), null);
  peer.receive(headers(1, REQUEST, END));
  for (let i = 1; i <= 20_000; i++) {
    peer.out.streamWindows.set(1, 1);
    peer.receive(windowUpdate(1, 1));
  }
  assert.deepEqual([peer.reasons, peer.out.answer(1).ended], [[], true]);
});
