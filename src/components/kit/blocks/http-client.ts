/**
 * The `client` block of what fetches over HTTP (Prometheus' HTTPClientConfig, as Alloy has it in remote.http and import.http), and
 * the request that it makes.
 */
import process from 'node:process';
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { bool, list, map, oneOf, secret, string, type Secret } from '#config/schema/types.ts';
import { DEFAULT_CLIENT_TLS } from '#net/client/default-tls.ts';
import { fetchText, type TextAnswer } from '#net/client/fetch-text.ts';
import type { PemSource, TlsClientSettings, TlsVersion } from '#net/tls/settings.ts';
import { MillraceError } from '#shared/errors.ts';
import { readBounded } from '../watch/file.ts';

const tlsConfig = body(
  {
    ca_pem: attr(string, { doc: 'PEM text of the authority that signs the certificate of the server.' }),
    ca_file: attr(string, { doc: 'File with that authority.' }),
    cert_pem: attr(string, { doc: 'PEM text of the own certificate.' }),
    cert_file: attr(string, { doc: 'File with the own certificate.' }),
    key_pem: attr(secret, { doc: 'PEM text of the own private key.' }),
    key_file: attr(string, { doc: 'File with the own private key.' }),
    server_name: attr(string, { doc: 'Name to expect in the certificate of the server.' }),
    insecure_skip_verify: attr(bool, { doc: 'Accept any certificate.' }),
    min_version: attr(oneOf('TLS10', 'TLS11', 'TLS12', 'TLS13'), { doc: 'Oldest TLS version that is accepted.' }),
  },
  (args, error) => {
    for (const name of ['ca', 'cert'] as const)
      if (isSet(args[`${name}_pem`]) && isSet(args[`${name}_file`]))
        error(`${name}_pem`, `at most one of ${name}_pem and ${name}_file may be set`);
    if (isSet(args.key_pem?.secret) && isSet(args.key_file))
      error('key_pem', 'at most one of key_pem and key_file may be set');
  },
);

const proxy = {
  proxy_url: attr(string, { doc: 'URL of an HTTP proxy.' }),
  no_proxy: attr(string, { doc: 'Hosts that are not reached through `proxy_url`, separated by commas.' }),
  proxy_from_environment: attr(bool, {
    default: false,
    doc: 'Use the proxies of HTTP_PROXY, HTTPS_PROXY and NO_PROXY.',
  }),
  proxy_connect_header: attr(map(list(secret)), { doc: 'Headers for the proxy. Only Proxy-Authorization is sent.' }),
} as const;

const oauth2 = body(
  {
    client_id: attr(string, { doc: 'Id of the client.' }),
    client_secret: attr(secret, { doc: 'Secret of the client.' }),
    client_secret_file: attr(string, { doc: 'File with the secret of the client.' }),
    scopes: attr(list(string), { doc: 'Scopes of the token.' }),
    token_url: attr(string, { doc: 'Where the token comes from.' }),
    endpoint_params: attr(map(string), { doc: 'Further parameters of the request for the token.' }),
    ...proxy,
    tls_config: block(tlsConfig, { optional: true, doc: 'TLS for the request for the token.' }),
  },
  (args, error) => {
    if (isSet(args.client_secret?.secret) && isSet(args.client_secret_file))
      error('client_secret', 'at most one of client_secret and client_secret_file may be set');
    if (!isSet(args.token_url)) error('token_url', 'oauth2 needs a token_url');
  },
);

export const httpClientBlock = body(
  {
    basic_auth: block(
      body(
        {
          username: attr(string, { doc: 'User.' }),
          password: attr(secret, { doc: 'Password.' }),
          password_file: attr(string, { doc: 'File with the password.' }),
        },
        (args, error) => {
          if (isSet(args.password?.secret) && isSet(args.password_file))
            error('password', 'at most one of password and password_file may be set');
        },
      ),
      { optional: true, doc: 'Basic authentication.' },
    ),
    authorization: block(
      body(
        {
          type: attr(string, { doc: 'Scheme; `Bearer` when not set.' }),
          credentials: attr(secret, { doc: 'What follows the scheme.' }),
          credentials_file: attr(string, { doc: 'File with what follows the scheme.' }),
        },
        (args, error) => {
          if (isSet(args.credentials?.secret) && isSet(args.credentials_file))
            error('credentials', 'at most one of credentials and credentials_file may be set');
          if ((args.type ?? '').toLowerCase() === 'basic') error('type', 'use the block basic_auth for this scheme');
        },
      ),
      { optional: true, doc: 'The Authorization header.' },
    ),
    oauth2: block(oauth2, { optional: true, doc: 'OAuth 2.0 with client credentials.' }),
    bearer_token: attr(secret, { doc: 'Bearer token.' }),
    bearer_token_file: attr(string, { doc: 'File with a bearer token.' }),
    ...proxy,
    tls_config: block(tlsConfig, { optional: true, doc: 'TLS.' }),
    follow_redirects: attr(bool, { default: true, doc: 'Follow redirects.' }),
    enable_http2: attr(bool, { default: true, doc: 'Offer HTTP/2 to servers with TLS.' }),
    http_headers: attr(map(list(secret)), { doc: 'Further headers.' }),
  },
  (args, error) => {
    const ways = [
      args.basic_auth !== undefined,
      args.authorization !== undefined,
      args.oauth2 !== undefined,
      isSet(args.bearer_token?.secret) || isSet(args.bearer_token_file),
    ];
    if (ways.filter(Boolean).length > 1)
      error(
        'authorization',
        'at most one of basic_auth, authorization, oauth2, bearer_token and bearer_token_file may be set',
      );
    if (isSet(args.bearer_token?.secret) && isSet(args.bearer_token_file))
      error('bearer_token', 'at most one of bearer_token and bearer_token_file may be set');
    if (isSet(args.proxy_url) && args.proxy_from_environment)
      error('proxy_url', 'proxy_url must not be set with proxy_from_environment');
    if (isSet(args.no_proxy) && !isSet(args.proxy_url)) error('no_proxy', 'no_proxy needs a proxy_url');
  },
);
export type HttpClientArgs = Infer<typeof httpClientBlock>;

export interface Fetch {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** Fetches a text with the client's settings; files are read anew. Rejects with a MillraceError, also when the answer is not 200. */
export async function fetchWith(client: HttpClientArgs, fetch: Fetch, signal: AbortSignal): Promise<Buffer> {
  const authorization = await authorizationOf(client, fetch, signal);
  const further = Object.entries(client.http_headers ?? {}).map(([name, values]) => [
    name,
    values.map(({ secret }) => secret).join(', '),
  ]);
  const headers = {
    ...Object.fromEntries(further),
    ...(authorization === '' ? {} : { authorization }),
    ...fetch.headers,
  } as Record<string, string>;
  const { status, body: answer } = await ask(client, { ...fetch, headers }, client, signal);
  if (status !== 200)
    throw new MillraceError('http_request', `${withoutPassword(fetch.url)}: HTTP status ${status}, 200 is needed`);
  return answer;
}

type Settings = Pick<HttpClientArgs, 'proxy_url' | 'no_proxy' | 'proxy_from_environment' | 'tls_config'>;

function ask(
  { enable_http2, follow_redirects }: HttpClientArgs,
  fetch: Fetch,
  settings: Settings,
  signal: AbortSignal,
): Promise<TextAnswer> {
  return fetchText(
    {
      ...fetch,
      tls: tlsSettings(settings.tls_config),
      http2: enable_http2,
      followRedirects: follow_redirects,
      proxyUrl: '',
      env: proxyEnvironment(settings),
    },
    signal,
  );
}

/** `proxy_url` and `no_proxy` are the environment's variables for this client alone. */
function proxyEnvironment({
  proxy_url,
  no_proxy,
  proxy_from_environment,
}: Settings): Readonly<Record<string, string | undefined>> | null {
  if (isSet(proxy_url)) return { HTTP_PROXY: proxy_url, HTTPS_PROXY: proxy_url, NO_PROXY: no_proxy ?? '' };
  return proxy_from_environment ? process.env : null;
}

async function authorizationOf(client: HttpClientArgs, fetch: Fetch, signal: AbortSignal): Promise<string> {
  const { basic_auth, authorization, oauth2: oauth, bearer_token, bearer_token_file } = client;
  if (basic_auth !== undefined) {
    const password = await secretText(basic_auth.password, basic_auth.password_file);
    return `Basic ${Buffer.from(`${basic_auth.username ?? ''}:${password}`).toString('base64')}`;
  }
  if (authorization !== undefined) {
    const credentials = await secretText(authorization.credentials, authorization.credentials_file);
    return `${authorization.type || 'Bearer'} ${credentials}`;
  }
  if (oauth !== undefined) return `Bearer ${await token(client, oauth, fetch, signal)}`;
  const bearer = await secretText(bearer_token, bearer_token_file);
  return bearer === '' ? '' : `Bearer ${bearer}`;
}

/** RFC 6749 4.4. A token is fetched for each request: they are minutes apart. */
async function token(
  client: HttpClientArgs,
  oauth: Infer<typeof oauth2>,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<string> {
  const url = oauth.token_url ?? '';
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...oauth.endpoint_params });
  if ((oauth.scopes ?? []).length > 0) form.set('scope', (oauth.scopes ?? []).join(' '));
  const password = await secretText(oauth.client_secret, oauth.client_secret_file);
  const pair = `${encodeURIComponent(oauth.client_id ?? '')}:${encodeURIComponent(password)}`;
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
  };
  const { status, body: answer } = await ask(
    client,
    { ...fetch, url, method: 'POST', headers, body: form.toString() },
    oauth,
    signal,
  );
  if (status !== 200)
    throw new MillraceError('http_request', `${withoutPassword(url)}: HTTP status ${status} instead of a token`);
  try {
    const { access_token } = JSON.parse(answer.toString()) as { access_token?: unknown };
    if (typeof access_token === 'string') return access_token;
  } catch {
    // What is not JSON holds no token.
  }
  throw new MillraceError('http_request', `${withoutPassword(url)}: the answer holds no access_token`);
}

async function secretText(hidden: Secret | undefined, file: string | undefined): Promise<string> {
  if (isSet(file)) return (await readBounded(file)).toString().trim();
  return hidden?.secret ?? '';
}

const VERSIONS: Readonly<Record<string, TlsVersion>> = { TLS10: '1.0', TLS11: '1.1', TLS12: '1.2', TLS13: '1.3' };

function tlsSettings(args: Infer<typeof tlsConfig> | undefined): TlsClientSettings {
  if (args === undefined) return DEFAULT_CLIENT_TLS;
  const source = (file: string | undefined, pem: string | undefined): PemSource | null =>
    isSet(file) ? { file } : isSet(pem) ? { pem } : null;
  return {
    ...DEFAULT_CLIENT_TLS,
    ca: source(args.ca_file, args.ca_pem),
    cert: source(args.cert_file, args.cert_pem),
    key: source(args.key_file, args.key_pem?.secret),
    skipVerify: args.insecure_skip_verify === true,
    serverName: args.server_name ?? '',
    minVersion: VERSIONS[args.min_version ?? 'TLS12'] ?? '1.2',
  };
}

function isSet(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

function withoutPassword(url: string): string {
  return url.replace(/^(https?:\/\/)[^/?#]*@/i, '$1***@');
}
