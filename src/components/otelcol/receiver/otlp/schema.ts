/** Arguments of otelcol.receiver.otlp, as in Alloy 1.18. */
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { listenProblem } from '#components/kit/blocks/endpoint.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';
import { tlsServerBlock } from '#components/kit/blocks/tls.ts';
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { bool, capsuleLater, duration, int, list, oneOf, size, string, uint32 } from '#config/schema/types.ts';

const auth = capsuleLater('otelcol.Handler', 'cannot be used yet: otelcol.auth.* components are not available');

const keepalive = body({
  server_parameters: block(
    body(
      {
        max_connection_idle: attr(duration, {
          doc: 'Close a connection that has had no call for so long; unset means never.',
        }),
        max_connection_age: attr(duration, {
          doc: 'Close a connection of this age, give or take a tenth; unset means never.',
        }),
        max_connection_age_grace: attr(duration, {
          doc: 'Time that calls in flight get after max_connection_age; unset means no bound.',
        }),
        time: attr(duration, {
          default: 2 * 3600_000,
          otelcol: { unset: true },
          doc: 'Ping a client that has been silent for so long.',
        }),
        timeout: attr(duration, {
          default: 20_000,
          otelcol: { unset: true },
          doc: 'Close the connection when the ping is not answered for so long.',
        }),
      },
      (args, error) => {
        for (const key of [
          'max_connection_idle',
          'max_connection_age',
          'max_connection_age_grace',
          'time',
          'timeout',
        ] as const) {
          if ((args[key] ?? 0) < 0) error(key, `${key} must not be negative`);
        }
      },
    ),
    { otelcol: { always: true }, doc: 'Keepalive settings of the server.' },
  ),
  enforcement_policy: block(
    body({
      min_time: attr(duration, {
        default: 300_000,
        otelcol: { unset: true },
        doc: 'Clients that ping more often than this are disconnected.',
      }),
      permit_without_stream: attr(bool, { default: false, doc: 'Clients may ping while they have no call.' }),
    }),
    { otelcol: { always: true }, doc: 'What keepalive pings clients may send.' },
  ),
});

const grpcBlock = body(
  {
    endpoint: attr(string, {
      default: '0.0.0.0:4317',
      otelcol: { default: 'localhost:4317' },
      doc: '`host:port` to listen on, or the path of a socket.',
    }),
    transport: attr(oneOf('tcp', 'unix'), { default: 'tcp', doc: 'Transport of the listener.' }),
    tls: block(tlsServerBlock, { optional: true, doc: 'TLS of the listener; without it the listener is plaintext.' }),
    max_recv_msg_size: attr(size, {
      default: 4 << 20,
      otelcol: { key: 'max_recv_msg_size_mib', unitBytes: 1 << 20, unset: true },
      doc: 'Largest message that is taken, as received and inflated; `0` means the default.',
    }),
    max_concurrent_streams: attr(uint32, { doc: 'Calls at once on one connection; unset means no bound.' }),
    read_buffer_size: attr(size, {
      default: 512 << 10,
      otelcol: { unitBytes: 1 },
      doc: 'Accepted for compatibility; the runtime sizes its own read buffers.',
    }),
    write_buffer_size: attr(size, {
      otelcol: { unitBytes: 1 },
      doc: 'Accepted for compatibility; the runtime sizes its own write buffers.',
    }),
    keepalive: block(keepalive, { doc: 'Keepalive of connections.' }),
    auth: attr(auth, {
      otelcol: { key: 'auth.authenticator', extension: 'handler' },
      doc: 'An otelcol.auth component that authenticates clients. Not available yet.',
    }),
    include_metadata: attr(bool, { default: false, doc: "Hand the client's metadata on to later components." }),
  },
  (args, error) => {
    const problem = listenProblem(args.endpoint, args.transport);
    if (problem !== null) error('endpoint', problem);
  },
  { collectorOnly: ['dialer', 'middlewares'] },
);

const corsBlock = body({
  allowed_origins: attr(list(string), {
    default: [],
    doc: 'Origins that browsers may send from; `*` stands for any characters. Empty switches CORS off.',
  }),
  allowed_headers: attr(list(string), {
    default: ['X-Requested-With'],
    otelcol: { unset: true },
    doc: 'Request headers that browsers may send, besides Accept, Accept-Language, Content-Type and Content-Language; `*` means all.',
  }),
  exposed_headers: attr(list(string), { default: [], doc: 'Response headers that browsers may show to scripts.' }),
  max_age: attr(int, { doc: 'Seconds for which browsers may keep the answer to a preflight.' }),
});

/** Content-Encoding values that can be switched on. */
const ALGORITHMS = ['', 'gzip', 'zstd', 'zlib', 'snappy', 'deflate', 'lz4', 'x-snappy-framed'];

const httpBlock = body(
  {
    endpoint: attr(string, {
      default: '0.0.0.0:4318',
      otelcol: { default: 'localhost:4318' },
      doc: '`host:port` to listen on.',
    }),
    tls: block(tlsServerBlock, { optional: true, doc: 'TLS of the listener; without it the listener is plaintext.' }),
    cors: block(corsBlock, { doc: 'Cross-origin requests of browsers.' }),
    auth: attr(auth, {
      otelcol: { key: 'auth.authenticator', extension: 'handler' },
      doc: 'An otelcol.auth component that authenticates clients. Not available yet.',
    }),
    max_request_body_size: attr(size, {
      default: 20 << 20,
      otelcol: { unitBytes: 1, unset: true },
      doc: 'Largest request body, as received and inflated; `0` means the default.',
    }),
    include_metadata: attr(bool, { default: false, doc: "Hand the client's headers on to later components." }),
    compression_algorithms: attr(list(string), {
      default: ALGORITHMS.slice(0, 7),
      doc: 'Content-Encoding values that are taken; `""` stands for uncompressed. An empty list takes every body as it is.',
    }),
    keep_alives_enabled: attr(bool, { default: true, doc: 'Keep connections open between requests.' }),
    idle_timeout: attr(duration, {
      default: 60_000,
      otelcol: { default: 0 },
      doc: 'Time after which an idle connection is closed.',
    }),
    read_timeout: attr(duration, { doc: 'Longest time to read a request; unset means no bound.' }),
    write_timeout: attr(duration, {
      default: 30_000,
      otelcol: { default: 0 },
      doc: 'Time after which a connection on which nothing moves during a request is closed.',
    }),
    read_header_timeout: attr(duration, {
      default: 60_000,
      otelcol: { default: 0 },
      doc: 'Longest time to read the headers of a request.',
    }),
    traces_url_path: attr(string, { default: '/v1/traces', doc: 'Path that takes traces.' }),
    metrics_url_path: attr(string, { default: '/v1/metrics', doc: 'Path that takes metrics.' }),
    logs_url_path: attr(string, { default: '/v1/logs', doc: 'Path that takes logs.' }),
  },
  (args, error) => {
    const problem = listenProblem(args.endpoint);
    if (problem !== null) error('endpoint', problem);
    const paths = ['traces_url_path', 'metrics_url_path', 'logs_url_path'] as const;
    for (const key of paths) if (args[key] === '') error(key, `${key} cannot be empty`);
    for (const [i, key] of paths.entries()) {
      const twin = paths.slice(0, i).find((other) => args[other] === args[key]);
      if (twin !== undefined) error(key, `${key} must differ from ${twin}`);
    }
    for (const name of args.compression_algorithms) {
      if (!ALGORITHMS.includes(name))
        error(
          'compression_algorithms',
          `unknown compression ${JSON.stringify(name)}; use ${ALGORITHMS.map((a) => JSON.stringify(a)).join(', ')}`,
        );
    }
    for (const key of ['idle_timeout', 'read_timeout', 'read_header_timeout', 'write_timeout'] as const) {
      if ((args[key] ?? 0) < 0) error(key, `${key} must not be negative`);
    }
  },
  { collectorOnly: ['transport', 'dialer', 'middlewares', 'response_headers'] },
);

export const args = body({
  grpc: block(grpcBlock, {
    optional: true,
    otelcol: { key: 'protocols.grpc', emptyIsSet: true },
    doc: 'Receive OTLP over gRPC.',
  }),
  http: block(httpBlock, {
    optional: true,
    otelcol: { key: 'protocols.http', emptyIsSet: true },
    doc: 'Receive OTLP over HTTP.',
  }),
  debug_metrics: debugMetricsBlock,
  output: outputBlock,
});

export type Args = Infer<typeof args>;
export type GrpcArgs = Infer<typeof grpcBlock>;
export type HttpArgs = Infer<typeof httpBlock>;
export type CorsArgs = Infer<typeof corsBlock>;
