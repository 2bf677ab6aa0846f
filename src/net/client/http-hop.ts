/** One HTTP request and its whole answer, on a connection of its own: for what is asked rarely, so that nothing is left open. */
import { STATUS_CODES } from 'node:http';
import { loadClientTls, type ClientTlsOptions } from '#net/tls/load.ts';
import type { TlsClientSettings } from '#net/tls/settings.ts';
import { MillraceError } from '#shared/errors.ts';
import { connectProblem } from './connect-error.ts';
import { joinHostPort } from './grpc-target.ts';
import { openDispatcher } from './http-dispatcher.ts';
import { bareHost, chosenProxy, type ProxyChoice } from './proxy.ts';
import { USER_AGENT } from './user-agent.ts';

export interface HopSettings {
  /** Its files are read anew for each https request. */
  readonly tls: TlsClientSettings;
  /** Offer HTTP/2 for https URLs. */
  readonly http2: boolean;
  readonly proxy: ProxyChoice;
  /** Unix socket to connect to instead of the host of the URL; `proxy` has to choose none. */
  readonly socketPath?: string | undefined;
}

export interface HopRequest {
  readonly url: URL;
  readonly method: string;
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer | null;
  /** Of the answer. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export interface HopAnswer {
  readonly status: number;
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Empty unless the status is one of 200 to 299. */
  readonly body: Buffer;
}

/** The signal's deadline and not Node's: a poll has one. */
const CONNECT_TIMEOUT_MS = 60_000;

export class HttpHop {
  readonly #settings: HopSettings;
  /** Kept where no file can change it: with the system's authorities it costs milliseconds. */
  #tls: ClientTlsOptions | null = null;

  constructor(settings: HopSettings) {
    this.#settings = settings;
  }

  /** Redirects are answers like others. Rejects with a MillraceError, or with the signal's reason. */
  async send({ url, method, headers, body, maxBytes, signal }: HopRequest): Promise<HopAnswer> {
    signal.throwIfAborted();
    const { http2, proxy: choice, socketPath } = this.#settings;
    const proxy = chosenProxy(choice, url);
    const tls = url.protocol === 'https:';
    const dispatcher = openDispatcher(
      {
        tls: null,
        http2,
        http2PingMs: 0,
        maxConnections: 1,
        idleMs: 0,
        keepAlive: false,
        cookies: false,
        connecting: { timeoutMs: CONNECT_TIMEOUT_MS, signal },
        socketPath,
      },
      tls ? this.#tlsOptions() : null,
      proxy,
    );
    try {
      const answer = await dispatcher.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers: { 'user-agent': USER_AGENT, ...headers } as Record<string, string | string[]>,
        body,
        signal,
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      const { statusCode: status } = answer;
      const wanted = status >= 200 && status <= 299;
      if (!wanted) answer.body.on('error', () => undefined).destroy();
      return {
        status,
        headers: answer.headers,
        body: wanted ? await whole(answer.body, maxBytes) : Buffer.alloc(0),
      };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof MillraceError) throw error;
      const name = socketPath ?? joinHostPort(bareHost(url.hostname), Number(url.port) || (tls ? 443 : 80));
      const peer = proxy === null ? name : `${name} or its proxy ${joinHostPort(proxy.host, proxy.port)}`;
      // The block is called otherwise here than where exporters have it.
      const problem = connectProblem(error, { name: peer, tls, plain: `write http://${name}` });
      throw new MillraceError('http_request', problem.replaceAll('the tls block', 'tls_config'), { cause: error });
    } finally {
      await dispatcher.destroy();
    }
  }

  #tlsOptions(): ClientTlsOptions {
    if (this.#tls !== null) return this.#tls;
    const { tls } = this.#settings;
    const { options } = loadClientTls(tls);
    const fromFiles = [tls.ca, tls.cert, tls.key].some((source) => source !== null && 'file' in source);
    if (!fromFiles) this.#tls = options;
    return options;
  }
}

async function whole(stream: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new MillraceError('http_too_large', `the answer is larger than ${maxBytes / (1024 * 1024)} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

/** `404 Not Found` */
export const statusText = (status: number): string => `${status} ${STATUS_CODES[status] ?? ''}`.trim();
