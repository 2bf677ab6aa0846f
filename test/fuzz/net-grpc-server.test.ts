/**
 * Scenario: several clients at once, each with many streams, small windows, answers that come at once or later or never fit, clients
 * that stop reading, reset, drain, hang up. Guarantee: every request that a client sent whole is answered exactly once, with its
 * own content or as refused; windows and memory come back to where they began; no timer is left.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DATA, WINDOW_UPDATE } from '#net/http2/frame.ts';
import { GRPC } from '#shared/outcome.ts';
import { FakeClient, FakeServer } from '#test/support/grpc-connection.ts';
import { OWN } from '#test/support/http2-connection.ts';
import { hello, INITIAL_WINDOW_SIZE, message, settings, windowUpdate } from '#test/support/http2-frames.ts';
import { Random } from './codec-wire.ts';
import { chunks, plan, type Plan } from './net-http2-traffic.ts';

const STREAMS = 12;

/** A client that keeps to the rules: reads answers, gives windows when it likes. */
class ModelClient {
  readonly #random: Random;
  readonly #client: FakeClient;
  readonly plans: Plan[] = [];
  readonly #frames: Buffer[] = [];
  /** Chunks that were made and not sent yet, the next one last. */
  #unsent: Buffer[] = [];
  readonly #owed = new Map<number, number>();
  #seen = 0;

  constructor(random: Random, server: FakeServer) {
    this.#random = random;
    this.#client = new FakeClient(server.context);
    const { out } = this.#client;
    out.initialWindow = random.pick([0, 1, 10, 1000, 65_535, 1 << 20]);
    this.#frames.push(hello([INITIAL_WINDOW_SIZE, out.initialWindow]));
    const open: Frames[] = [];
    for (let started = 0; started < STREAMS || open.length > 0;) {
      if (started < STREAMS && (open.length === 0 || random.chance(40))) {
        const next = plan(random, 2 * started++ + 1, 60_000);
        this.plans.push(next);
        // Its HEADERS at once: streams open in the order of their ids.
        this.#frames.push(next.frames[0]);
        if (next.frames.length > 1) open.push(next.frames.slice(1));
      } else {
        const frames = random.pick(open);
        this.#frames.push(frames.shift() as Buffer);
        if (frames.length === 0) open.splice(open.indexOf(frames), 1);
      }
    }
  }

  get connection(): FakeClient {
    return this.#client;
  }

  get done(): boolean {
    return this.#frames.length === 0 && this.#unsent.length === 0;
  }

  /** Sends something. */
  async step(): Promise<void> {
    const random = this.#random;
    if (this.#unsent.length === 0) {
      const some = this.#frames.splice(0, 1 + random.below(6));
      for (const bytes of some) this.#noteWindow(bytes);
      if (random.chance(10)) some.push(this.#changeWindow(random.below(100_000)));
      this.#unsent = chunks(random, Buffer.concat(some)).reverse();
    }
    for (let n = 1 + random.below(1000); n > 0 && this.#unsent.length > 0; n--)
      this.#client.socket.receive(this.#unsent.pop() as Buffer);
    if (random.chance(5)) this.#client.socket.stuck = true;
    if (random.chance(30)) this.#client.socket.unstick();
    if (this.#unsent.length === 0 && random.chance(50)) await this.give(random.below(30_000));
    if (random.chance(30)) await this.#client.send();
  }

  /** Gives back the windows of what has come, at most `bytes` of each, and what answers wait for. */
  async give(bytes: number): Promise<void> {
    const { out } = this.#client;
    for (const { type, streamId, payload } of out.frames.slice(this.#seen)) {
      if (type !== DATA) continue;
      for (const id of [0, streamId]) this.#owed.set(id, (this.#owed.get(id) ?? 0) + payload.length);
    }
    this.#seen = out.frames.length;
    const parts: Buffer[] = [];
    const widen = (id: number, by: number): void => {
      if (id === 0) out.connectionWindow += by;
      else out.streamWindows.set(id, out.streamWindow(id) + by);
      parts.push(windowUpdate(id, by));
    };
    for (const [id, owed] of this.#owed) {
      const by = Math.min(owed, bytes);
      if (by > 0) widen(id, by);
      this.#owed.set(id, owed - by);
    }
    for (const [id, { ended, reset }] of out.answers)
      if (!ended && reset === null && out.streamWindow(id) <= 0 && bytes > 0) widen(id, bytes);
    await this.#client.send(...parts);
  }

  /** Plans have WINDOW_UPDATEs of their own. */
  #noteWindow(bytes: Buffer): void {
    if (bytes[3] !== WINDOW_UPDATE) return;
    const { out } = this.#client;
    const id = bytes.readUInt32BE(5);
    out.streamWindows.set(id, out.streamWindow(id) + bytes.readUInt32BE(9));
  }

  /** Reads everything there is. */
  async finish(): Promise<void> {
    this.#client.socket.unstick();
    await this.#client.send(this.#changeWindow(1 << 21));
    for (let n = 0; n < 20; n++) await this.give(1 << 20);
  }

  #changeWindow(next: number): Buffer {
    const { out } = this.#client;
    // What it may send until it has read this: the larger of both.
    const change = Math.max(0, next - out.initialWindow);
    for (const [id, window] of out.streamWindows) out.streamWindows.set(id, window + change);
    out.initialWindow = Math.max(next, out.initialWindow);
    return settings([INITIAL_WINDOW_SIZE, out.initialWindow]);
  }
}

type Frames = Buffer[];

function check(client: ModelClient, drained: boolean, limited: boolean): number {
  const { out } = client.connection;
  let answered = 0;
  for (const { id, content, resets } of client.plans) {
    const answer = out.answers.get(id);
    if (resets) continue;
    if (drained && id > (out.goAways.at(-1)?.lastId ?? Infinity)) {
      assert.equal(answer, undefined);
      continue;
    }
    assert.ok(answer?.ended, `stream ${id} has no answer`);
    answered++;
    if (limited && answer.grpcStatus === GRPC.UNAVAILABLE) continue;
    if (content === null) assert.ok([GRPC.INTERNAL, GRPC.UNIMPLEMENTED].includes(answer.grpcStatus as 12 | 13));
    else {
      assert.equal(answer.grpcStatus, GRPC.OK, answer.grpcMessage);
      assert.ok(answer.body.equals(message(content)), `stream ${id} got another answer`);
    }
  }
  const sent = client.plans.reduce((sum, { bytes }) => sum + bytes, 0);
  if (!drained) {
    const window = 65_535 + (out.granted.get(0) ?? 0) - sent;
    assert.ok(window > OWN.windowBytes / 2 && window <= OWN.windowBytes, `a window of ${window}`);
  }
  return answered;
}

it('answers every request once and gives everything back', async () => {
  let answered = 0;
  let refused = 0;
  for (let seed = 0; seed < 150; seed++) {
    const random = new Random(seed);
    const limited = random.chance(30);
    const server = new FakeServer({ memoryBytes: limited ? 100_000 : 1 << 26 });
    const waiting: (() => void)[] = [];
    server.handler = (request, call) => {
      const content = Buffer.from(request);
      if (random.chance(50)) call.reply(content);
      else waiting.push(() => call.reply(content));
    };
    const clients = Array.from({ length: 1 + random.below(4) }, () => new ModelClient(random, server));
    const gone = new Set<ModelClient>();
    const drained = new Set<ModelClient>();
    const label = `seed ${seed}`;
    while (clients.some((client) => !client.done && !gone.has(client))) {
      const client = random.pick(clients);
      if (gone.has(client)) continue;
      if (!client.done) await client.step();
      if (random.chance(20)) waiting.splice(random.below(waiting.length), 1)[0]?.();
      if (random.below(1000) < 1) {
        client.connection.socket.destroy();
        await client.connection.send();
        gone.add(client);
      }
      if (random.below(1000) < 1) {
        client.connection.connection.drain();
        drained.add(client);
      }
    }
    for (const answer of waiting) answer();
    for (const client of clients) {
      if (gone.has(client)) continue;
      await client.finish();
      answered += check(client, drained.has(client), limited);
      assert.equal(client.connection.connection.openCalls, 0, label);
    }
    refused += server.refused;
    assert.equal(server.memory.usedBytes, 0, label);
    for (const { connection } of clients) {
      if (!connection.socket.destroyed) connection.socket.destroy();
      await connection.send();
    }
    await server.clock.advance(1000);
    assert.equal(server.clock.pending, 0, label);
  }
  assert.ok(answered > 500 && refused > 50, `${answered} answered, ${refused} refused`);
});
