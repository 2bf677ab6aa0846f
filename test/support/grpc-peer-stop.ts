/** Scenarios of `grpc-peer-scenarios.ts` in which the collector is told to stop while a client is busy. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { FRAME, startFrameTap, type FrameTap } from './frame-tap.ts';
import type { GrpcPeer, SharedPeer } from './grpc-peer.ts';
import {
  arrived,
  assertSame,
  batched,
  expectCodes,
  OK,
  range,
  start,
  UNAVAILABLE,
  waiting,
  type Stage,
} from './grpc-stage.ts';

/** Of one test; it takes a few seconds. */
const timeout = 30_000;

export function testStop(client: SharedPeer): void {
  async function withStage(
    t: TestContext,
    config: (port: number, to: string) => string,
    run: (peer: GrpcPeer, tap: FrameTap, stage: Stage) => Promise<void>,
  ): Promise<void> {
    const stage = await start(([port], to) => config(port, to), 1);
    const tap = await startFrameTap(stage.collector.ports[0]);
    try {
      await client.use(t, { port: tap.port }, (peer) => run(peer, tap, stage));
    } finally {
      await tap.close();
      await stage.collector[Symbol.asyncDispose]();
      await stage.sink.close();
    }
  }

  test('calls under way at SIGTERM are answered, later ones are Unavailable, exit code 0', { timeout }, (t) =>
    withStage(t, waiting, async (peer, tap, { collector, sink }) => {
      let release = (): void => {};
      const until = new Promise<void>((resolve) => (release = resolve));
      sink.answerer = () => ({ kind: 'held', until });
      const answered = peer.run({ first: 1, calls: 16, concurrency: 16 });
      await sink.waitForRequests(16);
      const stopped = collector.stop();
      await tap.waitUntil(() => tap.goaways.length > 0);
      release();
      expectCodes(await answered, OK, 16);
      expectCodes(await peer.run({ first: 17 }), UNAVAILABLE, 1);
      assert.deepEqual(await stopped, { code: 0, signal: null }, collector.output());
      assert.deepEqual([...new Set(tap.goaways)], [0], 'error codes of GOAWAY frames');
      assertSame(arrived(sink), range(1, 16));
    }),
  );

  test('SIGTERM among many calls: those answered OK have arrived once, nothing else has', { timeout }, (t) =>
    withStage(t, batched, async (peer, tap, { collector, sink }) => {
      const calls = 4000;
      const answered = peer.run({ first: 1, calls, concurrency: 8 });
      await tap.waitUntil(() => tap.count('client', FRAME.headers) >= 100);
      const stopped = collector.stop();
      const { codes, message } = await answered;
      assert.deepEqual(
        [...new Set(codes)].sort((a, b) => a - b),
        [OK, UNAVAILABLE],
        message,
      );
      assert.deepEqual(await stopped, { code: 0, signal: null }, collector.output());
      assertSame(
        arrived(sink),
        range(1, calls).filter((number) => codes[number - 1] === OK),
      );
    }),
  );
}
