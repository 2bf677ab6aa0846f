/**
 * HTTP as detectors use it: short answers of services nearby. Never through a proxy, whatever the environment says: what a metadata
 * service tells through one is about the proxy's host. Redirects are not followed.
 */
import { DEFAULT_CLIENT_TLS } from '#net/client/default-tls.ts';
import { HttpHop, statusText, type HopAnswer } from '#net/client/http-hop.ts';
import { shownUrl } from '#net/client/http-url.ts';
import { NO_PROXY } from '#net/client/proxy.ts';
import type { TlsClientSettings } from '#net/tls/settings.ts';
import { errorText, MillraceError } from '#shared/errors.ts';

/** Of one answer. Metadata documents are some kilobytes. */
export const MAX_ANSWER_BYTES = 1 << 20;

export interface Ask {
  /** GET where it is not said. */
  readonly method?: string;
  /** Lower-cased names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For https; the system's authorities where it is not given. */
  readonly tls?: TlsClientSettings;
  /** Unix socket to connect to instead of the host of the URL. */
  readonly socketPath?: string;
}

/** All reject with a MillraceError that says what was asked, without query, and what went wrong. */
export interface Http {
  /** An answer of any status. */
  answer(url: string, ask?: Ask): Promise<HopAnswer>;
  /** The body of an answer with status 200. */
  text(url: string, ask?: Ask): Promise<string>;
  /** The body of an answer with status 200, parsed. */
  json(url: string, ask?: Ask): Promise<unknown>;
}

/** `signal` ends everything, its reason says why. `placeOf` tells where a URL is really asked: tests have services of their own. */
export class NearbyHttp implements Http {
  readonly #signal: AbortSignal;
  readonly #placeOf: (url: URL) => URL;

  constructor(signal: AbortSignal, placeOf: (url: URL) => URL = (url) => url) {
    this.#signal = signal;
    this.#placeOf = placeOf;
  }

  async answer(text: string, { method = 'GET', headers = {}, tls, socketPath }: Ask = {}): Promise<HopAnswer> {
    const url = URL.parse(text);
    if (url === null || !['http:', 'https:'].includes(url.protocol))
      throw new MillraceError('metadata_url', `${shownUrl(text)} is not an http or https URL`);
    const hop = new HttpHop({
      tls: tls ?? DEFAULT_CLIENT_TLS,
      http2: false,
      proxy: NO_PROXY,
      socketPath,
    });
    try {
      return await hop.send({
        url: this.#placeOf(url),
        method,
        headers,
        body: null,
        maxBytes: MAX_ANSWER_BYTES,
        signal: this.#signal,
      });
    } catch (thrown) {
      throw failed(method, text, errorText(thrown), thrown);
    }
  }

  async text(url: string, ask: Ask = {}): Promise<string> {
    const { status, body } = await this.answer(url, ask);
    if (status !== 200) throw failed(ask.method ?? 'GET', url, `the answer is ${statusText(status)}, not 200 OK`);
    return body.toString('utf8');
  }

  async json(url: string, ask: Ask = {}): Promise<unknown> {
    const text = await this.text(url, ask);
    try {
      return JSON.parse(text) as unknown;
    } catch (thrown) {
      throw failed(ask.method ?? 'GET', url, 'the answer is not JSON', thrown);
    }
  }
}

const failed = (method: string, url: string, why: string, cause?: unknown): MillraceError =>
  new MillraceError('metadata_request', `${method} ${shownUrl(url)}: ${why}`, { cause });
