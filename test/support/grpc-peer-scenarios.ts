/**
 * What every gRPC client must be able to do with the collector, whatever language it is written in. Called once per client by
 * the files in test/interop.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { CertificateAuthority } from './certs.ts';
import { FRAME, startFrameTap, type FrameTap } from './frame-tap.ts';
import {
  GrpcPeer,
  NODE_PEER,
  SharedPeer,
  type PeerAnswer,
  type PeerCommand,
  type PeerOptions,
  type PeerStep,
} from './grpc-peer.ts';
import { testStop } from './grpc-peer-stop.ts';
import {
  AGING,
  arrived,
  assertSame,
  DEADLINE_EXCEEDED,
  expectCodes,
  METADATA,
  MUTUAL,
  NARROW,
  OK,
  PATIENT,
  PLAIN,
  RESOURCE_EXHAUSTED,
  SHARED_PORTS,
  sharedConfig,
  start,
  TLS,
  UNAVAILABLE,
  UNIMPLEMENTED,
  WAITING,
  type Stage,
} from './grpc-stage.ts';
import { metric } from './scrape.ts';

export interface PeerKind {
  readonly name: string;
  readonly command: PeerCommand;
  /** Why its tests cannot run here, or false. */
  readonly skip: string | false;
  /** Whether it knows `sdk` steps. */
  readonly sdk: boolean;
  /** The shortest keepalive that it allows. Where it is long, pings are left to the other clients. */
  readonly minKeepaliveMs: number;
}

const ENHANCE_YOUR_CALM = 11;
const MIB = 1 << 20;
const KEEPALIVE_MS = 100;
/** Of one test; the slowest takes a few seconds. */
const timeout = 30_000;

export function testGrpcPeer(kind: PeerKind): void {
  describe(kind.name, { skip: kind.skip }, () => {
    const client = new SharedPeer(kind.command);
    after(() => client.close());
    testOneCollector(kind, client);
    testStop(client);
  });
}

/** Scenarios that share one collector with several receivers. Its destination must have everything once at the end. */
function testOneCollector(kind: PeerKind, client: SharedPeer): void {
  const authority = new CertificateAuthority();
  const server = authority.issue();
  let stage: Stage;
  let directory: string;
  /** Numbers of the spans of calls that were answered OK. */
  const sent: number[] = [];
  let next = 1;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'millrace-interop-'));
    const clientCa = join(directory, 'client-ca.pem');
    writeFileSync(clientCa, authority.cert);
    stage = await start((ports, sink) => sharedConfig(ports, sink, server, clientCa), SHARED_PORTS);
  });
  after(async () => {
    await stage.collector[Symbol.asyncDispose]();
    await stage.sink.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Runs a client behind a frame tap that leads to the receiver number `receiver`. */
  async function withPeer(
    t: TestContext,
    receiver: number,
    options: Partial<PeerOptions>,
    run: (send: Send, tap: FrameTap) => Promise<void>,
  ): Promise<void> {
    const tap = await startFrameTap(stage.collector.ports[receiver]);
    try {
      await client.use(t, { port: tap.port, ...options }, (peer) =>
        run(async (step) => {
          const { calls = 1, spans = 1 } = step;
          const first = next;
          next += calls * spans;
          const answer = await peer.run({ ...step, first });
          answer.codes.forEach((code, i) => {
            if (code === OK) for (let j = 0; j < spans; j++) sent.push(first + i * spans + j);
          });
          return answer;
        }, tap),
      );
    } finally {
      await tap.close();
    }
  }

  /** A batch processor keeps apart what has other metadata, and counts the combinations. */
  function metadataCombinations(): Promise<number> {
    const labels = { component_id: 'otelcol.processor.batch.by_metadata' };
    return metric(stage.collector, 'otelcol_processor_batch_metadata_cardinality', labels);
  }

  test('200 calls one after the other on one connection, and every ping is answered', { timeout }, (t) =>
    withPeer(t, PLAIN, {}, async (send, tap) => {
      expectCodes(await send({ calls: 200 }), OK, 200);
      assert.equal(tap.connections, 1);
      // Several clients send pings to measure the line (BDP probes); the server must not take them for an attack.
      await tap.waitUntil(() => tap.pongs === tap.pings);
      assert.deepEqual(tap.goaways, []);
    }),
  );

  test('200 calls, 16 at once', { timeout }, (t) =>
    withPeer(t, PLAIN, {}, async (send, tap) => {
      expectCodes(await send({ calls: 200, concurrency: 16, spans: 5 }), OK, 200);
      assert.equal(tap.connections, 1);
    }),
  );

  test('messages of 3 MB, one by one and 4 at once', { timeout }, (t) =>
    withPeer(t, PLAIN, {}, async (send, tap) => {
      expectCodes(await send({ calls: 2, spans: 3000, padding: 1000 }), OK, 2);
      expectCodes(await send({ calls: 4, concurrency: 4, spans: 3, padding: 1_000_000 }), OK, 4);
      assert.equal(tap.connections, 1);
      assert.ok(tap.dataBytes > 18_000_000, `${tap.dataBytes} bytes`);
      assert.ok(tap.count('client', FRAME.data) > 18, 'in many frames');
    }),
  );

  test('gzip', { timeout }, (t) =>
    withPeer(t, PLAIN, { gzip: true }, async (send, tap) => {
      expectCodes(await send({ calls: 20, concurrency: 4 }), OK, 20);
      expectCodes(await send({ calls: 2, spans: 300, padding: 10_000 }), OK, 2);
      assert.ok(tap.dataBytes < MIB, `${tap.dataBytes} bytes: nothing was compressed`);
      expectCodes(await send({ spans: 500, padding: 10_000 }), RESOURCE_EXHAUSTED, 1);
      expectCodes(await send({}), OK, 1);
      assert.equal(tap.connections, 1);
    }),
  );

  test('messages over 4 MiB are refused and the connection goes on', { timeout }, (t) =>
    withPeer(t, PLAIN, {}, async (send, tap) => {
      for (let i = 0; i < 3; i++) expectCodes(await send({ spans: 5, padding: MIB }), RESOURCE_EXHAUSTED, 1);
      // Unless what was refused was given back to the flow-control window, these would wait for ever.
      expectCodes(await send({ calls: 2, spans: 3, padding: MIB }), OK, 2);
      assert.equal(tap.connections, 1);
    }),
  );

  test('an unknown method is Unimplemented and the connection goes on', { timeout }, (t) =>
    withPeer(t, PLAIN, {}, async (send, tap) => {
      const service = '/opentelemetry.proto.collector.trace.v1.TraceService';
      for (const method of [`${service}/Import`, '/nothing.Known/Export']) {
        expectCodes(await send({ calls: 4, concurrency: 2, method }), UNIMPLEMENTED, 4);
        // A large message must not be in the way of the answer either.
        expectCodes(await send({ spans: 3, padding: MIB, method }), UNIMPLEMENTED, 1);
      }
      expectCodes(await send({ calls: 2, spans: 3, padding: MIB }), OK, 2);
      assert.equal(tap.connections, 1);
    }),
  );

  test('a deadline that passes is DeadlineExceeded; the next call works', { timeout }, (t) =>
    withPeer(t, WAITING, {}, async (send, tap) => {
      expectCodes(await send({}), OK, 1);
      let release = (): void => {};
      const until = new Promise<void>((resolve) => (release = resolve));
      const seen = stage.sink.requests.length;
      stage.sink.answerer = () => ({ kind: 'held', until });
      try {
        const late = await send({ calls: 3, concurrency: 3, deadlineMs: 300 });
        expectCodes(late, DEADLINE_EXCEEDED, 3);
        // A deadline does not take back what the pipeline has already got.
        await stage.sink.waitForRequests(seen + 3);
        sent.push(next - 3, next - 2, next - 1);
      } finally {
        stage.sink.answerer = () => ({ kind: 'ok' });
        release();
      }
      expectCodes(await send({ calls: 5 }), OK, 5);
      assert.equal(tap.connections, 1);
    }),
  );

  test('metadata arrives: repeated keys, binary values', { timeout }, async (t) => {
    const combinations: [string, string][][] = [
      [],
      [['x-tenant', 'a']],
      [
        ['x-tenant', 'a'],
        ['x-tenant', 'b'],
      ],
      [
        ['x-tenant', 'b'],
        ['x-tenant', 'a'],
      ],
      [['x-token-bin', 'AP8Q']],
      [['x-token-bin', 'AP8=']],
      [['x-token-bin', 'AP4=']],
      [
        ['x-token-bin', 'AP8='],
        ['x-token-bin', 'AP4='],
      ],
    ];
    for (const repeat of ['1', '2']) {
      await withPeer(t, METADATA, {}, async (send) => {
        for (const metadata of combinations) {
          expectCodes(await send({ calls: 2, metadata: [...metadata, ['x-other', repeat]] }), OK, 2);
        }
      });
      assert.equal(await metadataCombinations(), combinations.length);
    }
    // Clients differ in how they write repeated and binary values; what they mean is the same.
    await using other = new GrpcPeer(NODE_PEER);
    other.connect({ port: stage.collector.ports[METADATA] });
    for (const metadata of combinations) {
      sent.push(next);
      expectCodes(await other.run({ first: next++, metadata }), OK, 1);
    }
    assert.equal(await metadataCombinations(), combinations.length);
  });

  test('metadata of any characters and lengths, other values in each call', { timeout }, async (t) => {
    const before = await metadataCombinations();
    const lengths = [1, 2, 10, 100, 1000, 6000, 3, 30, 300, 3000];
    await withPeer(t, METADATA, {}, async (send, tap) => {
      for (let i = 0; i < 50; i++) {
        const metadata: [string, string][] = [
          ['x-tenant', `${i}${printable(lengths[i % 10], i)}.`],
          [`x-name-${i}`, printable(50, i + 1)],
        ];
        expectCodes(await send({ calls: 2, metadata }), OK, 2);
      }
      assert.equal(tap.connections, 1);
    });
    assert.equal((await metadataCombinations()) - before, 50);
  });

  test('16 calls at once where the server permits 3', { timeout }, (t) =>
    withPeer(t, NARROW, {}, async (send, tap) => {
      // The first call waits for the settings; before they are known, a client may open as many streams as it likes.
      expectCodes(await send({}), OK, 1);
      expectCodes(await send({ calls: 100, concurrency: 16, padding: 10_000 }), OK, 100);
      assert.deepEqual(tap.resets.server, []);
    }),
  );

  test('connections that the server ends because of their age: no call fails', { timeout }, (t) =>
    withPeer(t, AGING, {}, async (send, tap) => {
      while (tap.connections < 8) expectCodes(await send({ calls: 50, concurrency: 8 }), OK, 50);
      assert.deepEqual([...new Set(tap.goaways)], [0], 'error codes of GOAWAY frames');
    }),
  );

  if (kind.minKeepaliveMs <= KEEPALIVE_MS) {
    test('pings at the permitted rate keep the connection', { timeout }, (t) =>
      withPeer(t, PATIENT, { keepaliveMs: KEEPALIVE_MS }, async (send, tap) => {
        expectCodes(await send({}), OK, 1);
        const before = tap.pings;
        await tap.waitUntil(() => tap.pings >= before + 4 && tap.pongs === tap.pings);
        expectCodes(await send({}), OK, 1);
        assert.equal(tap.connections, 1);
        assert.deepEqual(tap.goaways, []);
      }),
    );

    test('too many pings: the connection is ended with ENHANCE_YOUR_CALM; the next call works', { timeout }, (t) =>
      withPeer(t, PLAIN, { keepaliveMs: KEEPALIVE_MS }, async (send, tap) => {
        expectCodes(await send({}), OK, 1);
        await tap.waitUntil(() => tap.connections > 0 && tap.open === 0);
        assert.ok(tap.goaways.includes(ENHANCE_YOUR_CALM), `GOAWAY ${tap.goaways.join(', ')}`);
        expectCodes(await send({}), OK, 1);
      }),
    );
  }

  test('TLS', { timeout }, (t) =>
    withPeer(t, TLS, { ca: authority.cert }, async (send) => {
      expectCodes(await send({ calls: 20, concurrency: 4 }), OK, 20);
      expectCodes(await send({ calls: 2, spans: 3, padding: MIB }), OK, 2);
    }),
  );

  test('TLS with a server that another authority has signed is Unavailable', { timeout }, (t) =>
    withPeer(t, TLS, { ca: new CertificateAuthority().cert }, async (send) => {
      expectCodes(await send({}), UNAVAILABLE, 1);
    }),
  );

  test('TLS with client certificates', { timeout }, async (t) => {
    await withPeer(t, MUTUAL, { ca: authority.cert, ...authority.issue('client') }, async (send) => {
      expectCodes(await send({ calls: 20, concurrency: 4 }), OK, 20);
    });
    await withPeer(t, MUTUAL, { ca: authority.cert }, async (send) => {
      expectCodes(await send({}), UNAVAILABLE, 1);
    });
    await withPeer(t, MUTUAL, { ca: authority.cert, ...new CertificateAuthority().issue() }, async (send) => {
      expectCodes(await send({}), UNAVAILABLE, 1);
    });
  });

  if (kind.sdk) {
    test('the exporter of the OpenTelemetry SDK: plain, gzip, TLS', { timeout }, async (t) => {
      const cases: [number, Partial<PeerOptions>][] = [
        [PLAIN, {}],
        [PLAIN, { gzip: true }],
        [MUTUAL, { ca: authority.cert, ...authority.issue('client') }],
      ];
      for (const [receiver, options] of cases) {
        await withPeer(t, receiver, options, async (send) => expectCodes(await send({ sdk: true, spans: 700 }), OK, 1));
      }
    });
  }

  test('every span of every call answered OK has arrived once, and nothing else', { timeout }, async () => {
    assert.deepEqual(await stage.collector.stop(), { code: 0, signal: null }, stage.collector.output());
    assertSame(arrived(stage.sink), sent);
  });
}

type Send = (step: Partial<Omit<PeerStep, 'first'>>) => Promise<PeerAnswer>;

/** `length` printable ASCII characters, other ones for each seed. */
function printable(length: number, seed: number): string {
  let state = seed + 1;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return String.fromCharCode(0x20 + ((state >>> 16) % 95));
  }).join('');
}
