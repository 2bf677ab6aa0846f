/**
 * Access tokens by client credentials (RFC 6749 4.4), kept until shortly before they expire.
 *
 *     POST token_url     grant_type=client_credentials&scope=...   and the parameters of the configuration
 *     200                {"access_token": "...", "token_type": "bearer", "expires_in": 3600}
 *
 * The client shows its id and secret by Basic auth (2.3.1) and, when the server does not take that, in the body, as Go's
 * client finds out.
 */
import type { Clock } from '#shared/clock.ts';
import { MillraceError } from '#shared/errors.ts';
import { basicHeader } from './basic-auth.ts';
import { readCredential, type Credential } from './credential.ts';
import type { Authorizer } from './http-auth.ts';
import { sendable } from './http-headers.ts';
import { HttpHop, statusText, type HopAnswer } from './http-hop.ts';
import { parseHttpUrl, shownUrl } from './http-url.ts';
import type { ProxyChoice } from './proxy.ts';
import type { TlsClientSettings } from '#net/tls/settings.ts';

export interface OAuth2Settings {
  readonly clientId: string;
  readonly clientSecret: Credential;
  readonly tokenUrl: string;
  readonly scopes: readonly string[];
  readonly endpointParams: Readonly<Record<string, string>>;
  readonly proxy: ProxyChoice;
  readonly tls: TlsClientSettings;
}

const MAX_BODY_BYTES = 1024 * 1024;
/** A token is not used any more so long before it expires, as in Go. */
const EARLY_MS = 10_000;

interface Token {
  readonly header: string;
  /** By the monotonic clock. */
  readonly untilMs: number;
  /** It was given for this one: another secret needs another token. */
  readonly secret: string;
}

export class OAuth2Tokens implements Authorizer {
  readonly #settings: OAuth2Settings;
  readonly #clock: Clock;
  readonly #hop: HttpHop;
  #token: Token | null = null;
  /** How the client shows its secret; null: not known yet. */
  #style: 'header' | 'body' | null = null;

  constructor(settings: OAuth2Settings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#hop = new HttpHop({ tls: settings.tls, http2: true, proxy: settings.proxy });
  }

  async header(signal: AbortSignal): Promise<string> {
    const secret = await readCredential(this.#settings.clientSecret, 'client_secret_file');
    const token = this.#token;
    if (token !== null && token.secret === secret && this.#clock.monotonicMs() < token.untilMs) return token.header;
    this.#token = await this.#fetch(secret, signal);
    return this.#token.header;
  }

  refused(): void {
    this.#token = null;
  }

  async #fetch(secret: string, signal: AbortSignal): Promise<Token> {
    const styles = this.#style === null ? (['header', 'body'] as const) : [this.#style];
    let answer: HopAnswer | null = null;
    for (const style of styles) {
      answer = await this.#ask(style, secret, signal);
      if (answer.status < 200 || answer.status > 299) continue;
      const token = this.#read(answer, secret);
      this.#style = style;
      return token;
    }
    // Nothing of the answer's text: it may repeat what was sent.
    throw this.#problem(`answered ${statusText(answer?.status ?? 0)}`);
  }

  #ask(style: 'header' | 'body', secret: string, signal: AbortSignal): Promise<HopAnswer> {
    const { clientId, tokenUrl, scopes, endpointParams } = this.#settings;
    const form = new URLSearchParams({ grant_type: 'client_credentials' });
    if (scopes.length > 0) form.set('scope', scopes.join(' '));
    for (const [name, value] of Object.entries(endpointParams)) form.set(name, value);
    const headers: Record<string, string> = {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    };
    if (style === 'header') headers['authorization'] = basicHeader(formText(clientId), formText(secret));
    else {
      form.set('client_id', clientId);
      form.set('client_secret', secret);
    }
    const body = Buffer.from(form.toString());
    const { url } = parseHttpUrl(tokenUrl);
    return this.#hop.send({ url, method: 'POST', headers, body, maxBytes: MAX_BODY_BYTES, signal });
  }

  #read({ body }: HopAnswer, secret: string): Token {
    const said = parsed(body.toString());
    const { access_token: access, token_type: type, expires_in: expires } = said;
    if (typeof access !== 'string' || access === '') throw this.#problem('gave no access_token');
    const kind = typeof type === 'string' && type !== '' && type.toLowerCase() !== 'bearer' ? type : 'Bearer';
    const seconds = Number(expires);
    const lastsMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 - EARLY_MS : Infinity;
    return {
      header: sendable(`${kind} ${access}`, 'the token of oauth2'),
      untilMs: this.#clock.monotonicMs() + lastsMs,
      secret,
    };
  }

  #problem(what: string): MillraceError {
    return new MillraceError('oauth2', `the token_url ${shownUrl(this.#settings.tokenUrl)} ${what}`);
  }
}

/** Id and secret are written as in a form before they become user and password (RFC 6749 2.3.1). */
const formText = (text: string): string => new URLSearchParams({ t: text }).toString().slice(2);

/** JSON, or a form as old servers send it. */
function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return Object.fromEntries(new URLSearchParams(text));
  }
}
