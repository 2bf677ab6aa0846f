/** One HTTP request for a text: what polls configuration from elsewhere. Connections are not kept. */
import { loadClientTls } from '#net/tls/load.ts';
import type { TlsClientSettings } from '#net/tls/settings.ts';
import { errorText, MillraceError } from '#shared/errors.ts';
import { openDispatcher } from './http-dispatcher.ts';
import { parseHttpUrl } from './http-url.ts';
import { bareHost, parseProxy, proxyFromEnvironment, type Environment, type Proxy } from './proxy.ts';

export interface TextRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty: none. */
  readonly body: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly tls: TlsClientSettings;
  readonly http2: boolean;
  readonly followRedirects: boolean;
  /** URL of a proxy for everything; empty: none. */
  readonly proxyUrl: string;
  /** Proxies by the environment; null: not asked for. */
  readonly env: Environment | null;
}

export interface TextAnswer {
  readonly status: number;
  readonly body: Buffer;
}

const MAX_REDIRECTS = 10;

/** Rejects with a MillraceError that names the URL without its password. Ends early when `signal` is aborted. */
export async function fetchText(request: TextRequest, signal: AbortSignal): Promise<TextAnswer> {
  const whole = AbortSignal.any([signal, AbortSignal.timeout(request.timeoutMs)]);
  let { url, authorization } = parseHttpUrl(request.url);
  let { method, body } = request;
  let headers: Record<string, string> = { ...request.headers };
  for (let redirects = 0; ; redirects++) {
    const sent = authorization === '' ? headers : { authorization, ...headers };
    const { status, location, answer } = await exchange(request, url, method, sent, body, whole);
    if (!request.followRedirects || location === null) return { status, body: answer };
    if (redirects === MAX_REDIRECTS)
      throw new MillraceError('http_request', `${url.href}: more than ${MAX_REDIRECTS} redirects`);
    const next = parseHttpUrl(new URL(location, url).href);
    if (next.url.origin !== url.origin) {
      // Credentials are for the one who was asked.
      headers = Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(authorization|cookie)$/i.test(name)));
      authorization = '';
    }
    authorization = next.authorization || authorization;
    url = next.url;
    if (status === 303 || ((status === 301 || status === 302) && method === 'POST')) [method, body] = ['GET', ''];
  }
}

async function exchange(
  request: TextRequest,
  url: URL,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly location: string | null; readonly answer: Buffer }> {
  const options = url.protocol === 'https:' ? loadClientTls(request.tls).options : null;
  const dispatcher = openDispatcher(
    {
      tls: request.tls,
      http2: request.http2,
      http2PingMs: 0,
      maxConnections: 1,
      idleMs: 1,
      keepAlive: false,
      cookies: false,
    },
    options,
    proxyFor(request, url),
  );
  try {
    const {
      statusCode,
      headers: answered,
      body: stream,
    } = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: method,
      headers,
      body: body === '' ? null : body,
      signal,
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > request.maxBytes)
        throw new MillraceError('http_request', `the answer is larger than ${request.maxBytes} bytes`);
      chunks.push(chunk);
    }
    const { location } = answered;
    const isRedirect = [301, 302, 303, 307, 308].includes(statusCode) && typeof location === 'string';
    return { status: statusCode, location: isRedirect ? location : null, answer: Buffer.concat(chunks) };
  } catch (thrown) {
    const timedOut = signal.aborted && (signal.reason as Error | undefined)?.name === 'TimeoutError';
    const why = timedOut ? `no answer within ${request.timeoutMs} ms` : errorText(thrown);
    throw new MillraceError('http_request', `${url.href}: ${why}`, { cause: thrown });
  } finally {
    await dispatcher.destroy();
  }
}

function proxyFor({ proxyUrl, env }: TextRequest, url: URL): Proxy | null {
  if (proxyUrl !== '') return parseProxy(proxyUrl, 'proxy_url');
  if (env === null) return null;
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  return proxyFromEnvironment(scheme, bareHost(url.hostname), Number(url.port) || (scheme === 'https' ? 443 : 80), env);
}
