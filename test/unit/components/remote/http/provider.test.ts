import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { create } from '#components/remote/http/provider.ts';
import { args as schema, type Args, type Exports } from '#components/remote/http/schema.ts';
import { secretOf } from '#components/kit/secret.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { providerContext } from '#test/support/provider-context.ts';

let server: Server;
let url: string;
let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
let seen: {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}[];

beforeEach(async () => {
  seen = [];
  answer = (_request, response) => void response.end('content');
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      seen.push({ method: request.method, path: request.url, headers: request.headers, body });
      answer(request, response, body);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((done) => server.close(done).closeAllConnections()));

const made = (text: string): Args => argsOf(schema, text);
async function fetched(text: string): Promise<Exports> {
  const provider = create(made(text), providerContext<Exports>().ctx);
  try {
    return await provider.start();
  } finally {
    await provider.stop();
  }
}

test('sends what is configured, exports the body, and follows changes', async () => {
  const clock = new FakeClock();
  const { ctx, published, health, until } = providerContext<Exports>(clock);
  const provider = create(
    made(`url = "${url}/a?b=c"\nmethod = "POST"\nbody = "q"\nheaders = { "X-A" = "b" }\nis_secret = true`),
    ctx,
  );
  assert.deepEqual(await provider.start(), { content: secretOf('content') });
  assert.deepEqual(
    [seen[0]?.method, seen[0]?.path, seen[0]?.headers['x-a'], seen[0]?.body],
    ['POST', '/a?b=c', 'b', 'q'],
  );
  answer = (_request, response) => void response.writeHead(500).end();
  await clock.advance(60_000);
  await until(() => health.at(-1)?.startsWith('unhealthy') === true);
  assert.match(health.at(-1) ?? '', /HTTP status 500, 200 is needed/);
  answer = (_request, response) => void response.end('later');
  await clock.advance(60_000);
  await until(() => published.length > 0);
  assert.deepEqual(published, [{ content: secretOf('later') }]);
  await provider.stop();
});

describe('what fails', () => {
  test('a status, no answer in time, nobody there, too much, a redirect in circles', async () => {
    answer = (_request, response) => void response.writeHead(404).end();
    await assert.rejects(fetched(`url = "${url.replace('//', '//user:hunter2@')}/x"`), (error: Error) => {
      assert.match(error.message, /\/x: HTTP status 404/);
      assert.ok(!error.message.includes('hunter2'));
      return true;
    });
    answer = () => {};
    await assert.rejects(fetched(`url = "${url}"\npoll_timeout = "20ms"`), /no answer within 20 ms/);
    answer = (_request, response) => void response.writeHead(302, { location: '/again' }).end();
    await assert.rejects(fetched(`url = "${url}"`), /more than 10 redirects/);
    answer = (_request, response) => void response.end(Buffer.alloc(11 * 1024 * 1024));
    await assert.rejects(fetched(`url = "${url}"`), /larger than/);
    await assert.rejects(fetched('url = "http://127.0.0.1:1/"'), /ECONNREFUSED/);
  });
});

describe('authentication', () => {
  const sentAuthorization = async (client: string): Promise<string | undefined> => {
    await fetched(`url = "${url}"\nclient {\n${client}\n}`);
    return seen.at(-1)?.headers.authorization;
  };

  test('basic, bearer, a scheme, files, user and password of the URL', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-http-'));
    await writeFile(join(folder, 'token'), 'from-file\n');
    assert.equal(await sentAuthorization('basic_auth { username = "u"\n password = "p" }'), 'Basic dTpw');
    assert.equal(await sentAuthorization('bearer_token = "t"'), 'Bearer t');
    assert.equal(await sentAuthorization(`bearer_token_file = "${folder}/token"`), 'Bearer from-file');
    assert.equal(await sentAuthorization('authorization { type = "Token"\n credentials = "x" }'), 'Token x');
    await fetched(`url = "${url.replace('//', '//u:p@')}"`);
    assert.equal(seen.at(-1)?.headers.authorization, 'Basic dTpw');
    await rm(folder, { recursive: true });
  });

  test('OAuth 2.0 client credentials', async () => {
    answer = (request, response, body) => {
      if (request.url !== '/token') return void response.end('ok');
      assert.equal(new URLSearchParams(body).get('grant_type'), 'client_credentials');
      assert.equal(new URLSearchParams(body).get('scope'), 'a b');
      assert.equal(request.headers.authorization, `Basic ${Buffer.from('id:hush').toString('base64')}`);
      response.end('{"access_token":"tok"}');
    };
    assert.equal(
      await sentAuthorization(
        `oauth2 { client_id = "id"\n client_secret = "hush"\n token_url = "${url}/token"\n scopes = ["a", "b"] }`,
      ),
      'Bearer tok',
    );
  });

  test('credentials do not follow a redirect to another server', async () => {
    const other = createServer((request, response) => response.end(String(request.headers.authorization)));
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const to = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    answer = (_request, response) => void response.writeHead(307, { location: to }).end();
    assert.deepEqual(await fetched(`url = "${url}"\nclient { bearer_token = "t" }`), { content: 'undefined' });
    other.close();
  });

  test('through a proxy', async () => {
    const proxied = createServer((request, response) => response.end(`proxied ${request.url}`));
    await new Promise<void>((done) => proxied.listen(0, '127.0.0.1', done));
    const via = `http://127.0.0.1:${(proxied.address() as AddressInfo).port}`;
    const { content } = await fetched(`url = "http://example.invalid/x"\nclient { proxy_url = "${via}" }`).finally(() =>
      proxied.close(),
    );
    assert.match(String(content), /^proxied .*\/x$/);
  });
});
