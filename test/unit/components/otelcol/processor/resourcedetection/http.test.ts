import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { MAX_ANSWER_BYTES, NearbyHttp } from '#components/otelcol/processor/resourcedetection/http.ts';
import { surroundings, type Surround } from '#components/otelcol/processor/resourcedetection/surroundings.ts';
import { CertificateAuthority } from '#test/support/certs.ts';
import { detect, plain, surroundedBy } from '#test/support/detecting.ts';
import { temporaryFolder } from '#test/support/provider-context.ts';
import { RecordingLog } from '#test/support/recording-log.ts';

async function serve(t: TestContext, listener: RequestListener, at?: string): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) =>
    at === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(at, resolve),
  );
  t.after(() => (server.closeAllConnections(), server.close()));
  return at ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const client = (signal = new AbortController().signal): NearbyHttp => new NearbyHttp(signal);

describe('http of detectors', () => {
  test('a status that is not 200 is named, with the URL but without its query', async (t) => {
    const url = await serve(t, (_request, response) => response.writeHead(404).end('secret'));
    await assert.rejects(client().text(`${url}/a?token=x`), (error: Error) => {
      assert.equal(error.message, `GET ${url}/a: the answer is 404 Not Found, not 200 OK`);
      return true;
    });
  });

  test('a redirect is an answer like another one', async (t) => {
    const url = await serve(t, (_request, response) =>
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    );
    await assert.rejects(client().text(url), /302 Found/);
  });

  test('an answer beyond the bound is refused', async (t) => {
    const url = await serve(t, (_request, response) => response.end(Buffer.alloc(MAX_ANSWER_BYTES + 1, 0x20)));
    await assert.rejects(client().json(url), /larger than 1 MiB/);
  });

  test('what is not JSON is said to be none', async (t) => {
    const url = await serve(t, (_request, response) => response.end('<html>'));
    await assert.rejects(client().json(url), /the answer is not JSON/);
  });

  test('no server, no URL', async () => {
    await assert.rejects(client().text('http://127.0.0.1:1/x'), /GET http:\/\/127\.0\.0\.1:1\/x: nothing listens/);
    await assert.rejects(client().text('ftp://127.0.0.1/'), /is not an http or https URL/);
  });

  test('the signal ends a question that nobody answers, for its reason', async (t) => {
    const asked = Promise.withResolvers<void>();
    const url = await serve(t, () => asked.resolve());
    const end = new AbortController();
    const answer = client(end.signal).text(url);
    await asked.promise;
    end.abort(new Error('time is over'));
    await assert.rejects(answer, /time is over/);
  });

  test('no proxy, whatever the environment says', async (t) => {
    const url = await serve(t, (_request, response) => response.end('direct'));
    const before = process.env['HTTP_PROXY'];
    process.env['HTTP_PROXY'] = 'http://127.0.0.1:1';
    t.after(() => {
      if (before === undefined) delete process.env['HTTP_PROXY'];
      else process.env['HTTP_PROXY'] = before;
    });
    assert.equal(await client().text(url), 'direct');
  });
});

/** The real surroundings, but for some variables and files. */
const around =
  (variables: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}): Surround =>
  (signal, clock, log) => ({
    ...surroundings(signal, clock, log),
    variables,
    file: async (path) => files[path] ?? null,
  });

describe('ways to a source', () => {
  test('docker is asked over its Unix socket', async (t) => {
    const socket = join(await temporaryFolder(t), 'docker.sock');
    const asked: string[] = [];
    await serve(
      t,
      (request, response) => {
        asked.push(`${request.method} ${request.url}`);
        response.end('{"Name":"host-1","OSType":"windows"}');
      },
      socket,
    );
    const world = { surround: around({ DOCKER_HOST: `unix://${socket}` }), log: new RecordingLog() };
    assert.deepEqual(plain(await detect(world, 'detectors = ["docker"]')), {
      'host.name': 'host-1',
      'os.type': 'windows',
    });
    assert.deepEqual(asked, ['GET /info']);
  });

  test('a socket that is not there is named', async (t) => {
    const socket = join(await temporaryFolder(t), 'docker.sock');
    const world = { surround: around({ DOCKER_HOST: `unix://${socket}` }), log: new RecordingLog() };
    const text = 'detectors = ["docker"]\nfail_on_missing_metadata = true\ntimeout = "1ms"';
    const { failures } = await detect(world, text);
    assert.match(failures[0].why, /docker\.sock|1 ms/);
  });

  test('a service account trusts the authority of its cluster, and no other', async (t) => {
    const authority = new CertificateAuthority();
    const { cert, key } = authority.issue('localhost');
    const server = createTlsServer({ cert, key }, (request, response) =>
      response.end(JSON.stringify({ metadata: { name: request.headers.authorization, uid: request.url } })),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => (server.closeAllConnections(), server.close()));
    const variables = {
      KUBERNETES_SERVICE_HOST: 'localhost',
      KUBERNETES_SERVICE_PORT: String((server.address() as AddressInfo).port),
      K8S_NODE_NAME: 'n 1',
    };
    const account = '/var/run/secrets/kubernetes.io/serviceaccount';
    const text = (auth: string): string =>
      `detectors = ["kubernetes_node"]\nfail_on_missing_metadata = true\ntimeout = "900ms"\nkubernetes_node { auth_type = "${auth}" }`;
    const log = new RecordingLog();
    const files = { [`${account}/token`]: 'tok', [`${account}/ca.crt`]: authority.cert };
    const known = await detect({ surround: around(variables, files), log }, text('serviceAccount'));
    assert.deepEqual(plain(known), { 'k8s.node.name': 'Bearer tok', 'k8s.node.uid': '/api/v1/nodes/n%201' });

    const other = { ...files, [`${account}/ca.crt`]: new CertificateAuthority('somebody else').cert };
    const unknown = await detect({ surround: around(variables, other), log }, text('serviceAccount'));
    assert.match(unknown.failures[0].why, /signed by an unknown authority/);

    // Without authentication any certificate is taken, and no token is shown.
    const none = await detect({ surround: around(variables), log }, text('none'));
    assert.equal(none.attributes.get('k8s.node.uid'), '/api/v1/nodes/n%201');
    assert.equal(none.attributes.has('k8s.node.name'), false);
  });

  test('the metadata service of another cloud is not the one of Google', async (t) => {
    const routes = { 'GET http://169.254.169.254/computeMetadata/v1/': 'ok' };
    const text = 'detectors = ["gcp"]\nfail_on_missing_metadata = true\ntimeout = "1s"';
    const { failures } = await detect(await surroundedBy(t, { routes }), text);
    assert.match(failures[0].why, /not the one of Google Cloud/);
  });
});
