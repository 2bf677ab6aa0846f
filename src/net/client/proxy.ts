/**
 * Which proxy a destination is reached through, by the environment as Go programs read it (golang.org/x/net/http/httpproxy),
 * which both Collector exporters follow: grpc-go asks with scheme https whatever its own security (delegatingresolver),
 * confighttp with the URL's scheme.
 *
 *     HTTPS_PROXY, https_proxy     for https; HTTP_PROXY, http_proxy for http. No scheme in the value: http.
 *     NO_PROXY, no_proxy           comma-separated: `*`, IP, CIDR, `example.com` (subdomains too), `.example.com`
 *                                  (subdomains only), each with an optional :PORT
 *
 * localhost and loopback addresses are never proxied.
 */
import { BlockList, isIP } from 'node:net';
import { MillraceError } from '#shared/errors.ts';
import { basicAuthorization } from './basic-auth.ts';

export interface Proxy {
  readonly host: string;
  readonly port: number;
  /** The connection to the proxy itself uses TLS. */
  readonly tls: boolean;
  /** Value of Proxy-Authorization; '' = none. */
  readonly authorization: string;
  /** Sent to it with CONNECT. */
  readonly connectHeaders?: Readonly<Record<string, readonly string[]>>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** null: connect directly. Throws a {@link MillraceError} when the variable does not hold a proxy URL. */
export function proxyFromEnvironment(
  scheme: 'http' | 'https',
  host: string,
  port: number,
  env: Environment,
): Proxy | null {
  const name = scheme === 'https' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const value = env[name] || env[name.toLowerCase()] || '';
  if (value === '' || isLoopback(host) || excluded(host, port, env['NO_PROXY'] || env['no_proxy'] || '')) return null;
  return parseProxy(value, name);
}

/** `what` names the setting in the error. */
export function parseProxy(text: string, what: string): Proxy {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new MillraceError('proxy_url', `${what} is not the URL of an HTTP proxy; write http://HOST:PORT`);
  }
  const tls = url.protocol === 'https:';
  return {
    host: bareHost(url.hostname),
    port: url.port === '' ? (tls ? 443 : 80) : Number(url.port),
    tls,
    authorization: basicAuthorization(url, what),
  };
}

/** How the configuration chooses a proxy, as the Prometheus HTTP client does (prometheus/common `ProxyConfig`). */
export interface ProxyChoice {
  /** '' = none. For every destination, also on this machine, unless `noProxy` is set. */
  readonly url: string;
  /** As NO_PROXY. */
  readonly noProxy: string;
  /** null: the environment does not count. */
  readonly environment: Environment | null;
  readonly connectHeaders: Readonly<Record<string, readonly string[]>>;
}

export const NO_PROXY: ProxyChoice = { url: '', noProxy: '', environment: null, connectHeaders: {} };

/** null: connect directly. Throws a {@link MillraceError}. */
export function chosenProxy({ url, noProxy, environment, connectHeaders }: ProxyChoice, to: URL): Proxy | null {
  const scheme = to.protocol === 'https:' ? 'https' : 'http';
  const port = Number(to.port) || (scheme === 'https' ? 443 : 80);
  const chosen = (): Proxy | null => {
    if (environment !== null) return proxyFromEnvironment(scheme, bareHost(to.hostname), port, environment);
    if (url === '') return null;
    if (noProxy === '') return parseProxy(url, 'proxy_url');
    const env = { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: noProxy };
    return proxyFromEnvironment(scheme, bareHost(to.hostname), port, env);
  };
  const proxy = chosen();
  // A request that is not tunnelled would carry them to the destination.
  return proxy === null || scheme === 'http' ? proxy : { ...proxy, connectHeaders };
}

/** Without the brackets of an IPv6 address. */
export const bareHost = (host: string): string => (host.startsWith('[') ? host.slice(1, -1) : host);

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

function isLoopback(host: string): boolean {
  return host === 'localhost' || (isIP(host) !== 0 && LOOPBACK.check(host, family(host)));
}
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

function excluded(host: string, port: number, list: string): boolean {
  const name = host.toLowerCase();
  return list.split(',').some((entry) => matches(entry.trim().toLowerCase(), name, port));
}

function matches(entry: string, host: string, port: number): boolean {
  if (entry === '') return false;
  if (entry === '*') return true;
  const slash = entry.indexOf('/');
  if (slash > 0) {
    const network = entry.slice(0, slash);
    const bits = Number(entry.slice(slash + 1));
    if (
      isIP(network) === 0 ||
      isIP(host) !== isIP(network) ||
      !Number.isInteger(bits) ||
      bits < 0 ||
      bits > (isIP(network) === 6 ? 128 : 32)
    )
      return false;
    const block = new BlockList();
    block.addSubnet(network, bits, family(network));
    return block.check(host, family(host));
  }
  const withPort = isIP(entry) === 6 ? null : /^(.*):(\d+)$/.exec(entry);
  if (withPort !== null && Number(withPort[2]) !== port) return false;
  const pattern = bareHost(withPort?.[1] ?? entry);
  if (isIP(pattern) !== 0) return pattern === host;
  const domain = pattern.replace(/^\*?\./, '.');
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}
