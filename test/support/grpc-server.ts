/** Our gRPC server on a free port of 127.0.0.1, plain or TLS, for tests that need real sockets. */
import type { GrpcHandler, GrpcServerOptions } from '#net/server/grpc.ts';
import { Http2GrpcServer } from '#net/server/grpc/server.ts';
import { parseAddress } from '#net/server/listen.ts';
import { DEFAULT_RECEIVE_BYTES, ReceiveMemory } from '#net/server/receive-memory.ts';
import type { TlsServerSettings } from '#net/tls/settings.ts';
import { systemClock } from '#shared/clock.ts';
import { CertificateAuthority } from './certs.ts';
import { KEEPALIVE } from './grpc-connection.ts';
import { PATH } from './http2-frames.ts';
import { RecordingLog } from './recording-log.ts';

const made = new CertificateAuthority().issue();
export const TLS: TlsServerSettings = {
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

export interface Served {
  readonly port: number;
  readonly address: string;
  readonly memory: ReceiveMemory;
  readonly server: Http2GrpcServer;
}

/** Serves {@link PATH} with `handler` while `run` runs. */
export async function serve(
  handler: GrpcHandler,
  run: (served: Served) => Promise<void>,
  options: Partial<GrpcServerOptions> = {},
): Promise<void> {
  const memory = options.memory ?? new ReceiveMemory(DEFAULT_RECEIVE_BYTES, systemClock);
  const server = new Http2GrpcServer({
    who: 'otelcol.receiver.otlp.test',
    address: parseAddress('127.0.0.1:0'),
    tls: null,
    methods: new Map([[PATH, handler]]),
    maxMessageBytes: 4 << 20,
    maxConcurrentStreams: 0,
    keepalive: KEEPALIVE,
    memory,
    onRefused: () => {},
    log: new RecordingLog(),
    clock: systemClock,
    ...options,
  });
  const address = await server.start();
  try {
    await run({ port: Number(address.split(':')[1]), address, memory, server });
  } finally {
    await server.stop(0);
  }
}
