import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { component } from '#components/remote/http/component.ts';
import { create } from '#components/remote/http/provider.ts';
import type { Exports } from '#components/remote/http/schema.ts';
import type { Provider } from '#components/kit/component.ts';
import { CertificateAuthority } from '#test/support/certs.ts';
import { argsOf, decodeArgs } from '#test/support/decode-args.ts';
import { providerContext, temporaryFolder, until, type TestProviderContext } from '#test/support/provider-context.ts';
import { startConnectProxy } from '#test/support/relay.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

interface Site {
  readonly url: string;
  readonly port: number;
  /** METHOD PATH and headers, in order. */
  readonly requests: { readonly line: string; readonly headers: IncomingMessage['headers']; readonly body: string }[];
  answer: Answer;
}

async function site(t: TestContext, answer: Answer, tls?: { cert: string; key: string }): Promise<Site> {
  const listener: RequestListener = (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      made.requests.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
      made.answer(request, response, body);
    });
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => (server.closeAllConnections(), server.close()));
  const { port } = server.address() as AddressInfo;
  const scheme = tls === undefined ? 'http' : 'https';
  const made: Site = { url: `${scheme}://127.0.0.1:${port}`, port, requests: [], answer };
  return made;
}

const says =
  (text: string | Buffer, status = 200, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    response.writeHead(status, headers).end(text);

interface World {
  readonly ctx: TestProviderContext<Exports>;
  readonly provider: Provider<Exports>;
}
function world(t: TestContext, text: string): World {
  const ctx = providerContext<Exports>('remote.http.x');
  const provider = create(argsOf(component.args, text), ctx);
  t.after(() => provider.stop());
  return { ctx, provider };
}
const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

test('exports the body without blanks around it; sends method, headers and body', async (t) => {
  const http = await site(t, says(' hello\n'));
  const { provider, ctx } = world(
    t,
    `url = "${http.url}/a?b=c"\nmethod = "POST"\nheaders = { "X-One" = "1" }\nbody = "ask"\nis_secret = true`,
  );
  assert.deepEqual(await provider.start(), { content: { secret: 'hello' } });
  const [{ line, headers, body }] = http.requests;
  assert.deepEqual([line, headers['x-one'], body], ['POST /a?b=c', '1', 'ask']);
  assert.match(headers['user-agent'] ?? '', /^millrace\//);
  assert.deepEqual(ctx.reported, [{ state: 'healthy', message: 'polled endpoint' }]);
});

test('a later failure keeps the content, and the next success is published', async (t) => {
  const http = await site(t, says('one'));
  const { provider, ctx } = world(t, `url = "${http.url}"`);
  await provider.start();
  http.answer = says('', 503);
  await ctx.clock.advance(60_000);
  await until(ctx.clock, () => ctx.state() === 'unhealthy');
  assert.match(
    ctx.reported.at(-1)!.message,
    /^GET http:\/\/127.0.0.1:\d+: the answer is 503 Service Unavailable, not 200/,
  );
  assert.deepEqual(ctx.published, []);
  http.answer = says('two');
  await ctx.clock.advance(60_000);
  await until(ctx.clock, () => ctx.published.length > 0);
  assert.deepEqual([ctx.published, ctx.state()], [[{ content: 'two' }], 'healthy']);
  await provider.stop();
  assert.equal(ctx.clock.pending, 0);
});

const FAILURES: readonly (readonly [name: string, answer: Answer, message: RegExp])[] = [
  ['another status', says('', 204), /the answer is 204 No Content, not 200 OK/],
  ['a body that is too long', says(Buffer.alloc(10 * 1024 * 1024 + 1, 'x')), /the answer is larger than 10 MiB/],
  ['a body that is no text', says(Buffer.from([0xff])), /is not UTF-8 text/],
  ['a connection that ends', (_request, response) => response.destroy(), /closed the connection/],
  ['redirects without end', says('', 302, { location: '/again' }), /more than 10 redirects/],
  ['a redirect to a file', says('', 302, { location: 'file:///etc/passwd' }), /is no http or https URL/],
];
for (const [name, answer, message] of FAILURES) {
  test(`${name} at the start is an error that does not tell password and query`, async (t) => {
    const http = await site(t, answer);
    const { provider } = world(t, `url = "http://user:hush@127.0.0.1:${http.port}/p?token=hush"`);
    await assert.rejects(provider.start(), (error: Error) => {
      assert.match(error.message, message);
      assert.ok(!error.message.includes('hush'), error.message);
      return error.name === 'MillraceError';
    });
  });
}

test('an answer that does not come is waited for so long; a stop does not wait for it', async (t) => {
  const http = await site(t, () => undefined);
  const first = world(t, `url = "${http.url}"`);
  const late = assert.rejects(first.provider.start(), { message: /no answer within 10000 ms/ });
  await until(first.ctx.clock, () => http.requests.length === 1);
  await first.ctx.clock.advance(10_000);
  await late;
  const second = world(t, `url = "${http.url}"`);
  const ended = assert.rejects(second.provider.start());
  await until(second.ctx.clock, () => http.requests.length === 2);
  await second.provider.stop();
  await ended;
  assert.equal(second.ctx.clock.pending, 0);
});

test('who the client is: basic_auth, authorization, bearer tokens, the URL; files are read anew', async (t) => {
  const http = await site(t, says('x'));
  const file = join(await temporaryFolder(t), 'token');
  await writeFile(file, ' first\n');
  const sent = async (client: string, url = http.url, more = ''): Promise<string | undefined> => {
    await world(t, `url = "${url}"\n${more}\nclient {\n${client}\n}`).provider.start();
    return http.requests.at(-1)!.headers.authorization;
  };
  assert.equal(await sent('basic_auth {\nusername = "u"\npassword = "p"\n}'), basic('u:p'));
  assert.equal(await sent(`basic_auth {\nusername = "u"\npassword_file = "${file}"\n}`), basic('u:first'));
  assert.equal(await sent('authorization {\ntype = "Key"\ncredentials = "c"\n}'), 'Key c');
  assert.equal(await sent('bearer_token = "t"'), 'Bearer t');
  assert.equal(await sent('bearer_token = "t"', http.url.replace('//', '//a:b@')), basic('a:b'));
  assert.equal(await sent('bearer_token = "t"', http.url, 'headers = { Authorization = "own" }'), 'own');
  assert.equal(await sent('http_headers = { "X-Key" = ["1", "2"] }'), undefined);
  assert.equal(http.requests.at(-1)!.headers['x-key'], '1, 2');
  const { provider, ctx } = world(t, `url = "${http.url}"\nclient {\nbearer_token_file = "${file}"\n}`);
  await provider.start();
  await writeFile(file, 'second');
  const before = http.requests.length;
  await ctx.clock.advance(60_000);
  await until(ctx.clock, () => http.requests.length > before);
  assert.equal(http.requests.at(-1)!.headers.authorization, 'Bearer second');
});

test('a redirect within the host keeps what is sent; to another host it goes without credentials', async (t) => {
  const other = await site(t, says('there'));
  const http = await site(t, (request, response) =>
    response.writeHead(302, { location: request.url === '/' ? '/next' : `http://localhost:${other.port}/there` }).end(),
  );
  const { provider } = world(
    t,
    `url = "${http.url}/"\nmethod = "POST"\nbody = "b"\nheaders = { "X-Open" = "o", Cookie = "c" }
     client {\nbearer_token = "t"\nhttp_headers = { "X-Key" = ["k"] }\n}`,
  );
  assert.deepEqual(await provider.start(), { content: 'there' });
  assert.deepEqual(
    http.requests.map(({ line, headers, body }) => [line, headers.authorization, headers['x-key'], body]),
    [
      ['POST /', 'Bearer t', 'k', 'b'],
      ['GET /next', 'Bearer t', 'k', ''],
    ],
  );
  const { headers } = other.requests[0];
  assert.deepEqual(
    [headers.authorization, headers['x-key'], headers.cookie, headers['x-open']],
    [undefined, undefined, undefined, 'o'],
  );
  const stays = world(t, `url = "${http.url}/"\nclient {\nfollow_redirects = false\n}`);
  await assert.rejects(stays.provider.start(), /302 Found, not 200 OK \(a redirect, which is not followed\)/);
});

test('oauth2: a token is fetched, kept, and fetched anew after a 401 and when it has expired', async (t) => {
  let given = 0;
  const tokens = await site(t, (request, response) => {
    // Takes the secret only in the body.
    if (request.headers.authorization !== undefined) response.writeHead(401).end();
    else
      response
        .writeHead(200)
        .end(JSON.stringify({ access_token: `t${++given}`, token_type: 'bearer', expires_in: 600 }));
  });
  const http = await site(t, says('x'));
  const { provider, ctx } = world(
    t,
    `url = "${http.url}"\npoll_timeout = "5s"\nclient {\noauth2 {\nclient_id = "id"\nclient_secret = "hush"\nscopes = ["a", "b"]
     endpoint_params = { resource = "r" }\ntoken_url = "${tokens.url}/token"\n}\n}`,
  );
  await provider.start();
  assert.equal(http.requests[0].headers.authorization, 'Bearer t1');
  assert.equal(tokens.requests[0].headers.authorization, basic('id:hush'));
  assert.deepEqual(Object.fromEntries(new URLSearchParams(tokens.requests[1].body)), {
    grant_type: 'client_credentials',
    scope: 'a b',
    resource: 'r',
    client_id: 'id',
    client_secret: 'hush',
  });
  const poll = async (): Promise<string | undefined> => {
    const before = http.requests.length;
    // The poll before has ended, with its time limit.
    await until(ctx.clock, () => (ctx.clock.nextDelayMs ?? 0) > 5000);
    await ctx.clock.advance(60_000);
    await until(ctx.clock, () => http.requests.length > before);
    return http.requests.at(-1)!.headers.authorization;
  };
  assert.equal(await poll(), 'Bearer t1');
  http.answer = says('', 401);
  assert.equal(await poll(), 'Bearer t1');
  http.answer = says('x');
  assert.equal(await poll(), 'Bearer t2');
  for (let minute = 0; minute < 9; minute++) assert.equal(await poll(), 'Bearer t2');
  assert.equal(await poll(), 'Bearer t3');
});

test('oauth2: what goes wrong is told without the secret', async (t) => {
  const tokens = await site(t, says('{"error":"hush"}', 400));
  const { provider } = world(
    t,
    `url = "http://127.0.0.1:1"\nclient {\noauth2 {\nclient_id = "id"\nclient_secret = "hush"\ntoken_url = "${tokens.url}/t?k=hush"\n}\n}`,
  );
  await assert.rejects(provider.start(), (error: Error) => {
    assert.match(error.message, /the token_url http:\/\/127.0.0.1:\d+\/t answered 400 Bad Request$/);
    return true;
  });
});

test('tls_config: the authority, a client certificate and the name; files are read anew', async (t) => {
  const authority = new CertificateAuthority();
  const https = await site(t, says('safe'), authority.issue());
  const file = join(await temporaryFolder(t), 'ca.pem');
  await writeFile(file, new CertificateAuthority('another').cert);
  const { provider } = world(t, `url = "${https.url}"\nclient {\ntls_config {\nca_file = "${file}"\n}\n}`);
  await assert.rejects(provider.start(), /signed by an unknown authority: set ca_file in tls_config/);
  await writeFile(file, authority.cert);
  const again = world(t, `url = "${https.url}"\nclient {\ntls_config {\nca_file = "${file}"\n}\n}`);
  assert.deepEqual(await again.provider.start(), { content: 'safe' });
  const skip = world(t, `url = "${https.url}"\nclient {\ntls_config {\ninsecure_skip_verify = true\n}\n}`);
  assert.deepEqual(await skip.provider.start(), { content: 'safe' });
  const wrong = `ca_file = "${file}"\nserver_name = "other.example"`;
  const named = world(t, `url = "${https.url}"\nclient {\ntls_config {\n${wrong}\n}\n}`);
  await assert.rejects(named.provider.start(), /is not for "other.example"/);
});

test('proxy_url: a tunnel for https with its headers; no_proxy spares a host', async (t) => {
  const authority = new CertificateAuthority();
  const https = await site(t, says('safe'), authority.issue());
  const proxy = await startConnectProxy();
  t.after(() => proxy.close());
  const tls = 'tls_config {\ninsecure_skip_verify = true\n}';
  const client = `proxy_url = "http://u:p@127.0.0.1:${proxy.port}"\nproxy_connect_header = { "X-Proxy" = ["yes"] }\n${tls}`;
  const { provider } = world(t, `url = "${https.url}"\nclient {\n${client}\n}`);
  assert.deepEqual(await provider.start(), { content: 'safe' });
  assert.match(proxy.heads[0], /^CONNECT 127\.0\.0\.1:/);
  assert.match(proxy.heads[0], /x-proxy: yes/i);
  assert.match(proxy.heads[0], new RegExp(`proxy-authorization: ${basic('u:p')}`, 'i'));
  const direct = world(t, `url = "${https.url}"\nclient {\n${client}\nno_proxy = "127.0.0.0/8"\n}`);
  await direct.provider.start();
  assert.equal(proxy.heads.length, 1);
});

test('arguments that contradict each other are diagnostics, as Prometheus has them', () => {
  const problems = (text: string): string =>
    decodeArgs(component.args, `url = "http://x"\n${text}`).problems.join('\n');
  const client = (text: string): string => problems(`client {\n${text}\n}`);
  assert.match(client('bearer_token = "a"\nbasic_auth { }'), /at most one of basic_auth, authorization, oauth2/);
  assert.match(client('basic_auth {\npassword = "a"\npassword_file = "b"\n}'), /at most one of basic_auth password/);
  assert.match(client('authorization {\ntype = "Basic"\n}'), /use "basic_auth" block instead/);
  assert.match(client('oauth2 { }'), /client_id must be configured/);
  assert.match(client('no_proxy = "x"'), /if no_proxy is configured, proxy_url must also be configured/);
  assert.match(client('proxy_from_environment = true\nproxy_url = "http://p"'), /proxy_url must not be configured/);
  assert.match(client('proxy_connect_header = { a = ["b"] }'), /proxy_url or proxy_from_environment must also/);
  assert.match(client('http_headers = { Authorization = ["hush"] }'), /setting header "Authorization" is not allowed/);
  assert.match(client('tls_config {\ncert_file = "c"\n}'), /exactly one of key_pem or key_file/);
  assert.match(problems('poll_timeout = "2m"'), /poll_timeout must be less than poll_frequency/);
  assert.match(problems('method = "GE T"'), /method "GE T" cannot be sent/);
  assert.match(decodeArgs(component.args, 'url = "ftp://x"').problems.join(), /must be a URL that starts with http/);
});
