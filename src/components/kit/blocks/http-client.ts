/**
 * `client { ... }`: the HTTP client of Prometheus (grafana/alloy `internal/component/common/config`), and its way to the settings
 * of `#net/client/http-fetch.ts`.
 */
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { bool, list, map, secret, string, type Secret } from '#config/schema/types.ts';
import type { Credential } from '#net/client/credential.ts';
import type { HttpAuth } from '#net/client/http-auth.ts';
import type { FetchSettings } from '#net/client/http-fetch.ts';
import type { Environment, ProxyChoice } from '#net/client/proxy.ts';
import { httpUrlProblem, proxyUrlProblem } from './endpoint.ts';
import { httpHeaderProblems } from './headers.ts';
import { tlsConfigBlock, tlsConfigSettings } from './tls-config.ts';

const secretLists = map(list(secret));

const proxyArguments = {
  proxy_url: attr(string, { doc: 'URL of an HTTP proxy for every request.' }),
  no_proxy: attr(string, {
    doc: 'Hosts, domains and networks that are reached without `proxy_url`, as in `NO_PROXY`.',
  }),
  proxy_from_environment: attr(bool, {
    default: false,
    doc: 'Take the proxy from `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`.',
  }),
  proxy_connect_header: attr(secretLists, { doc: 'Headers for the proxy, sent with `CONNECT`.' }),
} as const;

const basicAuthBlock = body(
  {
    username: attr(string, { doc: 'User name.' }),
    password: attr(secret, { doc: 'Password.' }),
    password_file: attr(string, { doc: 'File with the password; read at each request.' }),
  },
  (args, error) => {
    if (isSet(args.password) && isSet(args.password_file))
      error('password_file', 'at most one of basic_auth password & password_file must be configured');
  },
);

const authorizationBlock = body(
  {
    type: attr(string, { doc: 'The scheme, `Bearer` when not set.' }),
    credentials: attr(secret, { doc: 'What follows the scheme.' }),
    credentials_file: attr(string, { doc: 'File with the credentials; read at each request.' }),
  },
  (args, error) => {
    if (isSet(args.credentials) && isSet(args.credentials_file))
      error('credentials_file', 'at most one of authorization credentials & credentials_file must be configured');
    if ((args.type ?? '').trim().toLowerCase() === 'basic')
      error('type', 'authorization type cannot be set to "basic", use "basic_auth" block instead');
  },
);

const oauth2Block = body(
  {
    client_id: attr(string, { doc: 'Id of the client.' }),
    client_secret: attr(secret, { doc: 'Secret of the client.' }),
    client_secret_file: attr(string, { doc: 'File with the secret of the client; read at each request.' }),
    scopes: attr(list(string), { doc: 'Scopes to ask for.' }),
    token_url: attr(string, { doc: 'URL that gives the token.' }),
    endpoint_params: attr(map(string), { doc: 'Further parameters for the token URL.' }),
    ...proxyArguments,
    tls_config: block(tlsConfigBlock, { doc: 'TLS for the connection to the token URL.' }),
  },
  (args, error) => {
    if (!isSet(args.client_id)) error('client_id', 'oauth2 client_id must be configured');
    if (!isSet(args.client_secret) && !isSet(args.client_secret_file))
      error('client_secret', 'either oauth2 client_secret or client_secret_file must be configured');
    if (isSet(args.client_secret) && isSet(args.client_secret_file))
      error('client_secret_file', 'at most one of oauth2 client_secret & client_secret_file must be configured');
    const url = isSet(args.token_url) ? httpUrlProblem(args.token_url) : 'oauth2 token_url must be configured';
    if (url !== null) error('token_url', isSet(args.token_url) ? `token_url ${url}` : url);
    checkProxy(args, error);
  },
);

export const httpClientBlock = body(
  {
    basic_auth: block(basicAuthBlock, { optional: true, doc: 'User and password.' }),
    authorization: block(authorizationBlock, { optional: true, doc: 'Any other kind of authorization.' }),
    oauth2: block(oauth2Block, { optional: true, doc: 'Tokens by OAuth 2.0 client credentials.' }),
    bearer_token: attr(secret, { doc: 'Token for `Authorization: Bearer`.' }),
    bearer_token_file: attr(string, { doc: 'File with the token; read at each request.' }),
    ...proxyArguments,
    tls_config: block(tlsConfigBlock, { doc: 'TLS for the connection.' }),
    follow_redirects: attr(bool, { default: true, doc: 'Whether redirects are followed, at most 10.' }),
    enable_http2: attr(bool, { default: true, doc: 'Offer HTTP/2 to servers with TLS.' }),
    http_headers: attr(secretLists, { doc: 'Further headers, each with its values; they are not shown.' }),
  },
  (args, error) => {
    const ways = (['basic_auth', 'authorization', 'oauth2', 'bearer_token', 'bearer_token_file'] as const).filter(
      (key) => isSet(args[key]),
    );
    if (ways.length > 1)
      error(
        ways[1],
        'at most one of basic_auth, authorization, oauth2, bearer_token & bearer_token_file must be configured',
      );
    checkProxy(args, error);
    checkHeaders(args.http_headers, error);
  },
);
export type HttpClientArgs = Infer<typeof httpClientBlock>;

/** `env` is read where proxy_from_environment is set. */
export function fetchSettings(args: HttpClientArgs, env: Environment): FetchSettings {
  return {
    tls: tlsConfigSettings(args.tls_config),
    http2: args.enable_http2,
    proxy: proxyChoice(args, env),
    auth: authOf(args, env),
    followRedirects: args.follow_redirects,
    secretHeaders: plainLists(args.http_headers),
  };
}

function authOf(args: HttpClientArgs, env: Environment): HttpAuth {
  const { basic_auth: basic, authorization, oauth2 } = args;
  if (basic !== undefined) {
    const password = credential(basic.password, basic.password_file);
    return { kind: 'basic', username: basic.username ?? '', password };
  }
  if (oauth2 !== undefined)
    return {
      kind: 'oauth2',
      oauth2: {
        clientId: oauth2.client_id ?? '',
        clientSecret: credential(oauth2.client_secret, oauth2.client_secret_file) ?? { text: '' },
        tokenUrl: oauth2.token_url ?? '',
        scopes: oauth2.scopes ?? [],
        endpointParams: oauth2.endpoint_params ?? {},
        proxy: proxyChoice(oauth2, env),
        tls: tlsConfigSettings(oauth2.tls_config),
      },
    };
  if (authorization !== undefined) {
    const credentials = credential(authorization.credentials, authorization.credentials_file);
    return { kind: 'scheme', scheme: (authorization.type ?? '').trim() || 'Bearer', credentials };
  }
  const token = credential(args.bearer_token, args.bearer_token_file);
  return token === null ? { kind: 'none' } : { kind: 'scheme', scheme: 'Bearer', credentials: token };
}

type ProxyArgs = Pick<HttpClientArgs, keyof typeof proxyArguments>;

const proxyChoice = (args: ProxyArgs, env: Environment): ProxyChoice => ({
  url: args.proxy_url ?? '',
  noProxy: args.no_proxy ?? '',
  environment: args.proxy_from_environment ? env : null,
  connectHeaders: plainLists(args.proxy_connect_header),
});

function checkProxy(args: ProxyArgs, error: (key: keyof ProxyArgs, message: string) => void): void {
  const { proxy_from_environment: fromEnvironment } = args;
  const headers = Object.keys(args.proxy_connect_header ?? {}).length > 0;
  if (headers && !fromEnvironment && !isSet(args.proxy_url))
    error(
      'proxy_connect_header',
      'if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured',
    );
  if (fromEnvironment && isSet(args.proxy_url))
    error('proxy_url', 'if proxy_from_environment is configured, proxy_url must not be configured');
  if (fromEnvironment && isSet(args.no_proxy))
    error('no_proxy', 'if proxy_from_environment is configured, no_proxy must not be configured');
  if (!fromEnvironment && !isSet(args.proxy_url) && isSet(args.no_proxy))
    error('no_proxy', 'if no_proxy is configured, proxy_url must also be configured');
  const problem = isSet(args.proxy_url) ? proxyUrlProblem(args.proxy_url, 'proxy_url') : null;
  if (problem !== null) error('proxy_url', problem);
  for (const wrong of listProblems(args.proxy_connect_header)) error('proxy_connect_header', wrong);
}

/** prometheus/common `config/headers.go`: set by other arguments, or by HTTP itself. */
const RESERVED: ReadonlySet<string> = new Set([
  'authorization',
  'host',
  'content-encoding',
  'content-length',
  'content-type',
  'user-agent',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'www-authenticate',
  'accept-encoding',
  'x-prometheus-remote-write-version',
  'x-prometheus-remote-read-version',
  'x-prometheus-scrape-timeout-seconds',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-content-sha256',
]);

function checkHeaders(
  headers: HttpClientArgs['http_headers'],
  error: (key: 'http_headers', message: string) => void,
): void {
  for (const name of Object.keys(headers ?? {}))
    if (RESERVED.has(name.toLowerCase())) error('http_headers', `setting header "${name}" is not allowed`);
  for (const wrong of listProblems(headers)) error('http_headers', wrong);
}

const listProblems = (headers: HttpClientArgs['http_headers']): readonly string[] =>
  Object.entries(headers ?? {}).flatMap(([name, values]) =>
    values.flatMap((value) => httpHeaderProblems({ [name]: value.secret })),
  );

const plainLists = (headers: HttpClientArgs['http_headers']): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, values]) => [name, values.map((one) => one.secret)]));

// Alloy takes an empty string for "not set".
function isSet<T>(value: T | undefined): value is T {
  if (value === undefined || value === '') return false;
  return !(typeof value === 'object' && value !== null && 'secret' in value && value.secret === '');
}

function credential(text: Secret | undefined, file: string | undefined): Credential | null {
  if (isSet(file)) return { file };
  return isSet(text) ? { text: text.secret } : null;
}
