/** Arguments of otelcol.exporter.otlp (semantics 18.1). */
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { bool, capsuleLater, duration, map, oneOf, size, string } from '#config/schema/types.ts';
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { grpcEndpointProblem } from '#components/kit/blocks/endpoint.ts';
import { grpcHeaderProblems } from '#components/kit/blocks/headers.ts';
import { queueBlock } from '#components/kit/blocks/queue.ts';
import { retryBlock } from '#components/kit/blocks/retry.ts';
import { tlsClientBlock } from '#components/kit/blocks/tls.ts';

const keepaliveBlock = body(
  {
    ping_wait: attr(duration, {
      otelcol: { key: 'time' },
      doc: 'Time without anything from the server after which it is pinged; at least 10 seconds. No pings when not set.',
    }),
    ping_response_timeout: attr(duration, {
      otelcol: { key: 'timeout' },
      doc: 'Time to wait for the answer to a ping before the connection is closed; 20 seconds when not set.',
    }),
    ping_without_stream: attr(bool, {
      otelcol: { key: 'permit_without_stream' },
      doc: 'Send pings while no request is under way, too.',
    }),
  },
  (args, error) => {
    if ((args.ping_wait ?? 0) < 0) error('ping_wait', 'ping_wait must not be negative');
    if ((args.ping_response_timeout ?? 0) < 0)
      error('ping_response_timeout', 'ping_response_timeout must not be negative');
  },
);

const clientBlock = body(
  {
    endpoint: attr(string, { required: true, doc: '`host:port` to send telemetry data to.' }),
    compression: attr(oneOf('gzip', 'zlib', 'deflate', 'snappy', 'zstd', 'none', ''), {
      default: 'gzip',
      doc: 'Compression of requests.',
    }),
    tls: block(tlsClientBlock, { doc: 'TLS for the connections.' }),
    keepalive: block(keepaliveBlock, { optional: true, doc: 'Keepalive pings.' }),
    read_buffer_size: attr(size, {
      otelcol: { unitBytes: 1 },
      doc: 'Size of the read buffer of the client. Accepted without effect.',
    }),
    write_buffer_size: attr(size, {
      otelcol: { unitBytes: 1 },
      default: 512 * 1024,
      doc: 'Size of the write buffer of the client. Accepted without effect.',
    }),
    wait_for_ready: attr(bool, {
      default: false,
      doc: 'Whether a request waits for a connection until its timeout instead of failing.',
    }),
    headers: attr(map(string), { default: {}, doc: 'Additional headers to send with each request.' }),
    balancer_name: attr(oneOf('pick_first', 'round_robin'), {
      default: 'round_robin',
      doc: 'How requests are spread over the addresses of `endpoint`.',
    }),
    authority: attr(string, { doc: 'Overrides the default `:authority` header in gRPC requests.' }),
    auth: attr(capsuleLater('otelcol.Handler', 'otelcol.auth.* components are not available yet'), {
      otelcol: { key: 'auth.authenticator', extension: 'handler' },
      doc: 'Handler from an `otelcol.auth` component to authenticate requests with.',
    }),
  },
  (args, error) => {
    // The Collector's own check (exporter/otlpexporter, Validate): not empty, and a numeric port at its end.
    if (args.endpoint === '') error('endpoint', 'endpoint must not be empty');
    else if (!args.endpoint.startsWith('unix:') && !/:\d{1,5}\/?$/.test(args.endpoint))
      error('endpoint', `endpoint "${args.endpoint}" must end in a port, as in "host:4317"`);
    else {
      const problem = grpcEndpointProblem(args.endpoint);
      if (problem !== null) error('endpoint', problem);
    }
    for (const problem of grpcHeaderProblems(args.headers)) error('headers', problem);
  },
  { collectorOnly: ['user_agent', 'middlewares'] },
);

export const args = body(
  {
    timeout: attr(duration, {
      default: 5_000,
      doc: 'Time to wait before marking a request as failed; 0 means no limit.',
    }),
    sending_queue: block(queueBlock, { doc: 'Configures batching of data before sending.' }),
    retry_on_failure: block(retryBlock, { doc: 'Configures retry mechanism for failed requests.' }),
    debug_metrics: debugMetricsBlock,
    client: block(clientBlock, {
      required: true,
      otelcol: { key: '' },
      doc: 'Configures the gRPC client to send telemetry data to.',
    }),
  },
  (a, error) => {
    if (a.timeout < 0) error('timeout', 'timeout must not be negative');
  },
);
export type Args = Infer<typeof args>;
