/**
 * Scenario: one connection gets valid traffic cut into chunks of any size, then damaged traffic and noise. Guarantee: chunks do
 * not matter; whatever comes, nothing is thrown, a fault ends in one GOAWAY after which nothing is written, and when the
 * connection is closed every request was told once and nothing is held.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Connection, type ConnectionHost } from '#net/http2/connection.ts';
import { GOAWAY, SETTINGS } from '#net/http2/frame.ts';
import { encodeHeaders } from '#net/http2/hpack/encoder.ts';
import type { OwnSettings } from '#net/http2/settings.ts';
import type { RequestReceiver, Stream } from '#net/http2/stream.ts';
import { GRPC } from '#shared/outcome.ts';
import { echo, FakeServer } from '#test/support/grpc-connection.ts';
import { OWN, Request } from '#test/support/http2-connection.ts';
import { cut, hello, type Frame } from '#test/support/http2-frames.ts';
import { Random } from './codec-wire.ts';
import { chunks, traffic } from './net-http2-traffic.ts';

const OK = encodeHeaders([[':status', '200']]);
const TRAILERS = encodeHeaders([['grpc-status', '0']]);

/** Answers every other request at once, others in the order of their ids when the bytes are all there. */
class Recorder implements ConnectionHost {
  readonly connection: Connection;
  readonly written: Buffer[] = [];
  readonly requests: Request[] = [];
  readonly events: string[] = [];

  constructor(own: Partial<OwnSettings>) {
    this.connection = new Connection({ ...OWN, ...own }, this);
  }

  receive(chunk: Buffer): void {
    const shared = Buffer.from(chunk);
    this.connection.receive(shared);
    shared.fill(0xee);
  }

  request(stream: Stream): RequestReceiver {
    this.events.push(`${stream.id} ${stream.head.path}`);
    const request = new Request(stream, (ended) => {
      this.events.push(`${stream.id} ends ${ended.body.toString('hex')}`);
      if (stream.id % 4 === 1) stream.respond(OK, ended.body, TRAILERS);
    });
    this.requests.push(request);
    if (stream.id % 20 === 11) stream.respond(OK, null, null);
    return request;
  }

  finish(): { readonly output: Buffer; readonly events: readonly string[] } {
    for (const { stream } of this.requests) stream.respond(OK, Buffer.from('late'), TRAILERS);
    this.connection.flush();
    this.connection.close();
    this.connection.flush();
    assert.equal(this.connection.openStreams, 0);
    return { output: Buffer.concat(this.written), events: this.events };
  }

  write(bytes: Buffer): void {
    this.written.push(bytes);
  }
  answered(): void {}
  pinged(): boolean {
    return true;
  }
  pong(payload: Buffer): void {
    this.events.push(`pong ${payload.toString('hex')}`);
  }
  idle(): void {
    this.events.push('idle');
  }
  failed(reason: string): void {
    this.events.push(`failed ${reason}`);
  }
  nowMs(): number {
    return 0;
  }
}

const SETTINGS_OF: readonly Partial<OwnSettings>[] = [
  {},
  { windowBytes: 65_535, maxFrameBytes: 16_384 + 8192 },
  { maxConcurrentStreams: 2 },
  { maxHeaderListBytes: 300 },
];

/** Bytes changed, lost, doubled or moved, mostly in frame headers. */
function damage(random: Random, bytes: Buffer): Buffer {
  let bad = Buffer.from(bytes);
  for (let n = 1 + random.below(4); n > 0; n--) {
    const { frames } = cut(bad.subarray(24));
    let at = 24;
    for (const { payload } of frames.slice(0, random.below(frames.length + 1))) at += 9 + payload.length;
    at = Math.min(random.chance(70) ? at + random.below(12) : random.below(bad.length), bad.length - 1);
    const kind = random.below(10);
    if (kind < 5)
      bad[at] = random.pick([random.below(256), bad[at] ^ (1 << random.below(8)), 0, 0xff, random.below(10)]);
    else if (kind < 7) bad = Buffer.concat([bad.subarray(0, at), bad.subarray(at + 1 + random.below(30))]);
    else if (kind < 9) {
      const again = bad.subarray(at, at + random.below(200));
      bad = Buffer.concat([bad.subarray(0, at), again, bad.subarray(at)]);
    } else bad = Buffer.concat([bad.subarray(0, at), random.bytes(random.below(40)), bad.subarray(at)]);
    if (bad.length < 40) return bad;
  }
  return bad;
}

/** Whole frames, SETTINGS first, nothing behind a GOAWAY that tells of a fault. */
function checkOutput(output: Buffer): readonly Frame[] {
  const { frames, rest } = cut(output);
  assert.equal(rest.length, 0);
  if (frames.length > 0) assert.equal(frames[0].type, SETTINGS);
  const end = frames.findIndex(({ type, payload }) => type === GOAWAY && payload.readUInt32BE(4) !== 0);
  if (end >= 0) assert.equal(end, frames.length - 1, 'frames after the end');
  return frames;
}

describe('an HTTP/2 connection', () => {
  it('does the same for the same bytes in any chunks, also damaged ones', () => {
    let faults = 0;
    let whole = 0;
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(...SETTINGS_OF), fc.boolean(), (seed, own, damaged) => {
        const random = new Random(seed);
        let { bytes } = traffic(random, 1 + random.below(12), 20_000);
        if (damaged) bytes = damage(random, bytes);
        const one = new Recorder(own);
        one.receive(bytes);
        const expected = one.finish();
        const frames = checkOutput(expected.output);
        const many = new Recorder(own);
        for (const chunk of chunks(random, bytes)) many.receive(chunk);
        const actual = many.finish();
        assert.deepEqual(actual.events, expected.events);
        assert.ok(actual.output.equals(expected.output));
        if (frames.at(-1)?.type === GOAWAY) faults++;
        else whole++;
      }),
      { numRuns: 300 },
    );
    assert.ok(faults > 50 && whole > 100, `${faults} faults, ${whole} without`);
  });

  it('takes noise behind a right beginning', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = new Random(seed);
        const recorder = new Recorder({});
        recorder.receive(hello());
        for (let n = 0; n < 20; n++) {
          const payload = random.bytes(random.pick([0, 1, 4, 5, 8, 8, 9, 30, 300]));
          const header = Buffer.alloc(9);
          header.writeUIntBE(random.chance(95) ? payload.length : random.below(1 << 24), 0, 3);
          header[3] = random.chance(95) ? random.below(10) : random.below(256);
          header[4] = random.pick([0, 1, 4, 5, 8, 0x0d, 0x20, random.below(256)]);
          header.writeUInt32BE(random.pick([0, 1, 1, 3, 3, 5, 2, random.below(2 ** 31)]), 5);
          recorder.receive(Buffer.concat([header, payload]));
        }
        checkOutput(recorder.finish().output);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a gRPC connection', () => {
  it('throws nothing and holds nothing, whatever comes', async () => {
    let served = 0;
    let ended = 0;
    for (let seed = 0; seed < 250; seed++) {
      const random = new Random(seed);
      const server = new FakeServer({ memoryBytes: random.pick([100_000, 1 << 26]), maxMessageBytes: 30_000 });
      server.handler = (request, call) => {
        served++;
        if (random.chance(50)) echo(request, call);
        else server.calls.push({ request, call });
      };
      const client = await server.connect();
      // Its reader would hold the windows that damaged frames changed against us.
      const written: Buffer[] = [...client.socket.written];
      client.socket.onWrite = (bytes) => written.push(bytes);
      const { bytes } = traffic(random, 1 + random.below(15));
      const body = bytes.subarray(hello().length);
      const bad = random.chance(80) ? damage(random, Buffer.concat([hello(), body])).subarray(hello().length) : body;
      for (const chunk of chunks(random, bad)) {
        client.socket.receive(chunk);
        if (random.chance(5)) server.calls.pop()?.call.fail(GRPC.UNAVAILABLE, 'later');
        if (random.chance(1)) await server.clock.advance(10_000);
      }
      await client.send();
      if (random.chance(30)) client.connection.drain();
      await server.clock.advance(1000);
      checkOutput(Buffer.concat(written));
      if (client.socket.ended) ended++;
      client.socket.destroy();
      await client.send();
      for (const { call } of server.calls) call.reply(Buffer.alloc(3));
      assert.equal(server.memory.usedBytes, 0, `seed ${seed}`);
      await server.clock.advance(250);
      assert.equal(server.clock.pending, 0, `seed ${seed}`);
    }
    assert.ok(served > 300 && ended > 30, `${served} served, ${ended} ended`);
  });
});
