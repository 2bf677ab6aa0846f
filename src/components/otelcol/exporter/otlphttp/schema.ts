/** Arguments of otelcol.exporter.otlphttp (semantics 18.1). */
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { bool, capsuleLater, duration, int, map, oneOf, size, string } from '#config/schema/types.ts';
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { httpUrlProblem, proxyUrlProblem } from '#components/kit/blocks/endpoint.ts';
import { httpHeaderProblems } from '#components/kit/blocks/headers.ts';
import { queueBlock } from '#components/kit/blocks/queue.ts';
import { retryBlock } from '#components/kit/blocks/retry.ts';
import { tlsClientBlock } from '#components/kit/blocks/tls.ts';

const compressionParamsBlock = body({
  level: attr(int, { required: true, doc: 'Compression level: -2 to 9 for gzip, zlib and deflate, any for zstd.' }),
});

const cookiesBlock = body({
  enabled: attr(bool, { default: false, doc: 'Whether cookies that the server sets are kept and sent back.' }),
});

const clientBlock = body(
  {
    endpoint: attr(string, {
      required: true,
      otelcol: { default: '' },
      doc: 'The target URL to send telemetry data to.',
    }),
    proxy_url: attr(string, { doc: 'URL of an HTTP proxy. From the environment when not set.' }),
    compression: attr(oneOf('gzip', 'zlib', 'deflate', 'snappy', 'zstd', 'none', ''), {
      default: 'gzip',
      doc: 'Compression of requests.',
    }),
    compression_params: block(compressionParamsBlock, { optional: true, doc: 'Configures the compression.' }),
    tls: block(tlsClientBlock, { doc: 'TLS for the connections.' }),
    read_buffer_size: attr(size, {
      otelcol: { unitBytes: 1 },
      default: 0,
      doc: 'Size of the read buffer of the client. Accepted without effect.',
    }),
    write_buffer_size: attr(size, {
      otelcol: { unitBytes: 1 },
      default: 512 * 1024,
      doc: 'Size of the write buffer of the client. Accepted without effect.',
    }),
    timeout: attr(duration, {
      default: 30_000,
      doc: 'Time to wait before marking a request as failed; 0 means no limit.',
    }),
    headers: attr(map(string), { default: {}, doc: 'Additional headers to send with each request.' }),
    max_idle_conns: attr(int, { default: 100, doc: 'Most idle connections. Accepted without effect.' }),
    max_idle_conns_per_host: attr(int, { default: 0, doc: 'Most idle connections per host. Accepted without effect.' }),
    max_conns_per_host: attr(int, { default: 0, doc: 'Most connections per host; 0 means 128.' }),
    idle_conn_timeout: attr(duration, {
      default: 90_000,
      doc: 'Time after which an idle connection is closed; 0 means never.',
    }),
    disable_keep_alives: attr(bool, { default: false, doc: 'Use a new connection for each request.' }),
    http2_read_idle_timeout: attr(duration, {
      default: 0,
      doc: 'Interval of HTTP/2 health checks by ping; 0 means none.',
    }),
    http2_ping_timeout: attr(duration, {
      default: 15_000,
      otelcol: { default: 0 },
      doc: 'Time to wait for the answer to a ping. Accepted without effect.',
    }),
    force_attempt_http2: attr(bool, { default: true, doc: 'Offer HTTP/2 to servers with TLS.' }),
    auth: attr(capsuleLater('otelcol.Handler', 'otelcol.auth.* components are not available yet'), {
      otelcol: { key: 'auth.authenticator', extension: 'handler' },
      doc: 'Handler from an `otelcol.auth` component to authenticate requests with.',
    }),
    cookies: block(cookiesBlock, { doc: 'Stores and sends cookies.' }),
  },
  (args, error) => {
    for (const key of [
      'timeout',
      'idle_conn_timeout',
      'http2_read_idle_timeout',
      'http2_ping_timeout',
      'max_conns_per_host',
      'max_idle_conns',
      'max_idle_conns_per_host',
    ] as const) {
      if (args[key] < 0) error(key, `${key} must not be negative`);
    }
    const url = args.endpoint === '' ? null : httpUrlProblem(args.endpoint);
    if (url !== null) error('endpoint', `endpoint ${url}`);
    const proxy = (args.proxy_url ?? '') === '' ? null : proxyUrlProblem(args.proxy_url ?? '', 'proxy_url');
    if (proxy !== null) error('proxy_url', proxy);
    for (const problem of httpHeaderProblems(args.headers)) error('headers', problem);
    const level = args.compression_params?.level;
    if (level === undefined) return;
    // As the Collector's configcompression validates it.
    if (['gzip', 'zlib', 'deflate'].includes(args.compression)) {
      if (level < -2 || level > 9) error('compression_params', `level must be from -2 to 9 with ${args.compression}`);
    } else if (args.compression !== 'zstd' && level !== 0) {
      error('compression_params', `compression "${args.compression}" has no levels`);
    }
  },
  { collectorOnly: ['middlewares'] },
);

const SIGNAL_ENDPOINTS = ['traces_endpoint', 'metrics_endpoint', 'logs_endpoint'] as const;

export const args = body(
  {
    client: block(clientBlock, {
      required: true,
      otelcol: { key: '' },
      doc: 'Configures the HTTP client to send telemetry data to.',
    }),
    sending_queue: block(queueBlock, { doc: 'Configures batching of data before sending.' }),
    retry_on_failure: block(retryBlock, { doc: 'Configures retry mechanism for failed requests.' }),
    debug_metrics: debugMetricsBlock,
    encoding: attr(oneOf('proto', 'json'), { default: 'proto', doc: 'The encoding of messages.' }),
    traces_endpoint: attr(string, { doc: 'URL to send traces to, instead of `client.endpoint` + `/v1/traces`.' }),
    metrics_endpoint: attr(string, { doc: 'URL to send metrics to, instead of `client.endpoint` + `/v1/metrics`.' }),
    logs_endpoint: attr(string, { doc: 'URL to send logs to, instead of `client.endpoint` + `/v1/logs`.' }),
  },
  (a, error) => {
    let any = a.client.endpoint !== '';
    for (const key of SIGNAL_ENDPOINTS) {
      const url = a[key];
      if (url === undefined || url === '') continue;
      any = true;
      const problem = httpUrlProblem(url);
      if (problem !== null) error(key, `${key} ${problem}`);
    }
    if (!any) error('client', 'set endpoint, or at least one of traces_endpoint, metrics_endpoint and logs_endpoint');
  },
  { collectorOnly: ['profiles_endpoint'] },
);
export type Args = Infer<typeof args>;
