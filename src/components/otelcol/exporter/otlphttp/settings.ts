/** From the arguments to the settings of the HTTP client and to where each signal goes. */
import { tlsClientSettings } from '#components/kit/blocks/tls.ts';
import { DEFAULT_CLIENT_TLS } from '#net/client/default-tls.ts';
import type { Destination } from '#net/client/http.ts';
import type { HttpSettings } from '#net/client/http-dispatcher.ts';
import { checkHeaders } from '#net/client/http-headers.ts';
import { parseHttpUrl } from '#net/client/http-url.ts';
import { bareHost, parseProxy, proxyFromEnvironment, type Environment } from '#net/client/proxy.ts';
import { USER_AGENT } from '#net/client/user-agent.ts';
import type { Args } from './schema.ts';

/** Plain data, compared to see whether an update needs new connections. */
export function httpSettings({ client }: Args, { destinations }: Routing): HttpSettings {
  const secure = destinations.some((to) => to?.url.protocol === 'https:');
  return {
    // The URL's scheme decides about TLS; `insecure` has no meaning for an https URL, as in the Collector.
    tls: secure ? (tlsClientSettings(client.tls) ?? DEFAULT_CLIENT_TLS) : null,
    http2: client.force_attempt_http2,
    http2PingMs: client.http2_read_idle_timeout,
    maxConnections: client.max_conns_per_host,
    idleMs: client.idle_conn_timeout,
    keepAlive: !client.disable_keep_alives,
    cookies: client.cookies.enabled,
  };
}

/** What one worker sends with, apart from its connections. */
export interface Routing {
  /** By signal; null: this signal has no URL. */
  readonly destinations: readonly (Destination | null)[];
  /** Without Content-Encoding. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Throws a MillraceError for a URL, proxy or header that cannot be used. */
export function routing(args: Args, env: Environment): Routing {
  checkHeaders(args.client.headers);
  const headers: Record<string, string> = {
    'content-type': args.encoding === 'json' ? 'application/json' : 'application/x-protobuf',
    'user-agent': USER_AGENT,
  };
  for (const [name, value] of Object.entries(args.client.headers)) headers[name.toLowerCase()] = value;
  const to = (own: string | undefined, path: string): Destination | null => {
    const base = args.client.endpoint;
    const text =
      own !== undefined && own !== '' ? own : base === '' ? '' : (base.endsWith('/') ? base.slice(0, -1) : base) + path;
    return text === '' ? null : destination(text, args.client.proxy_url ?? '', env);
  };
  return {
    destinations: [
      to(args.traces_endpoint, '/v1/traces'),
      to(args.metrics_endpoint, '/v1/metrics'),
      to(args.logs_endpoint, '/v1/logs'),
    ],
    headers,
  };
}

function destination(text: string, proxyUrl: string, env: Environment): Destination {
  const target = parseHttpUrl(text);
  if (proxyUrl !== '') return { ...target, proxy: parseProxy(proxyUrl, 'proxy_url') };
  const { url } = target;
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const port = url.port === '' ? (scheme === 'https' ? 443 : 80) : Number(url.port);
  return { ...target, proxy: proxyFromEnvironment(scheme, bareHost(url.hostname), port, env) };
}
