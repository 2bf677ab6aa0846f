import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { startAdmin, type AdminOptions, type AdminServer } from '#main/admin/server.ts';
import { gauge } from '#main/admin/families.ts';
import type { ComponentState } from '#main/graph/controller.ts';
import type { HealthState } from '#main/graph/health.ts';
import { load } from '#main/graph/load.ts';
import { systemClock } from '#shared/clock.ts';
import { createLogger } from '#shared/log-writer.ts';
import { loadOptions, source, world } from '../graph/fakes.ts';

const CONFIG = `
otelcol.receiver.fake "in" {
  address = "127.0.0.1:4317"
  token   = "hunter2"
  output { traces = [otelcol.exporter.fake.out.input] }
}
otelcol.exporter.fake "out" { endpoint = "<x>" }
`;
const { graph } = load([source(CONFIG)], loadOptions(world().components));
let state: HealthState = 'healthy';
let ready = false;
let problem: string | null = null;
let reloads = 0;
const components = (): ComponentState[] =>
  (graph?.nodes ?? []).map((node) => ({
    node,
    health: { state: node.label === 'out' ? state : 'healthy', message: 'a <b>', updatedMs: 1_700_000_000_000 },
  }));

const options = (more: Partial<AdminOptions> = {}): AdminOptions => ({
  listenAddr: '127.0.0.1:0',
  uiPathPrefix: '/',
  version: '1.2.3',
  config: 'c.alloy',
  log: createLogger({ level: 'error', format: 'logfmt', write: () => {}, clock: systemClock }),
  clock: systemClock,
  ready: () => ready,
  components,
  scrape: () => [gauge('g', 'help', 1)],
  reload: () => Promise.resolve((reloads++, problem)),
  ...more,
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

function ask(server: AdminServer, path: string, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const port = server.address.split(':').at(-1);
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    asked.on('error', reject).end();
  });
}

describe('endpoints over a real port', () => {
  let server: AdminServer;
  before(async () => {
    server = await startAdmin(options());
  });
  after(() => server.stop(0));
  const get = (path: string, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> =>
    ask(server, path, method, headers);

  test('/-/ready tells 503 until it is', async () => {
    ready = false;
    const not = await get('/-/ready');
    assert.deepEqual([not.status, not.body], [503, 'Alloy is not ready.\n']);
    ready = true;
    const yes = await get('/-/ready');
    assert.deepEqual(
      [yes.status, yes.body, yes.headers['content-type']],
      [200, 'Alloy is ready.\n', 'text/plain; charset=utf-8'],
    );
  });

  test('/-/healthy names the components that are unhealthy, by component name', async () => {
    state = 'healthy';
    const all = await get('/-/healthy');
    assert.deepEqual([all.status, all.body], [200, 'All Alloy components are healthy.\n']);
    state = 'unhealthy';
    const some = await get('/-/healthy');
    assert.deepEqual([some.status, some.body], [500, 'unhealthy components: otelcol.exporter.fake\n']);
    state = 'exited';
    assert.equal((await get('/-/healthy')).status, 200);
    state = 'healthy';
  });

  test('/-/reload by GET and POST; 400 with the reason', async () => {
    problem = null;
    const before = reloads;
    for (const method of ['GET', 'POST']) {
      const answer = await get('/-/reload', method);
      assert.deepEqual([answer.status, answer.body], [200, 'config reloaded\n']);
    }
    assert.equal(reloads - before, 2);
    problem = 'c.alloy:1:1: no';
    const refused = await get('/-/reload', 'POST');
    assert.deepEqual([refused.status, refused.body], [400, 'c.alloy:1:1: no\n']);
  });

  test('/metrics in the format that is asked for', async () => {
    const text = await get('/metrics');
    assert.deepEqual([text.status, text.body], [200, '# HELP g help\n# TYPE g gauge\ng 1\n']);
    const open = await get('/metrics', 'GET', { accept: 'application/openmetrics-text' });
    assert.match(open.body, /# EOF\n$/);
  });

  test("the component list is Alloy's JSON, without values", async () => {
    const { status, headers, body } = await get('/api/v0/web/components');
    assert.deepEqual([status, headers['content-type']], [200, 'application/json']);
    assert.deepEqual(JSON.parse(body)[1], {
      name: 'otelcol.receiver.fake',
      type: 'block',
      localID: 'otelcol.receiver.fake.in',
      moduleID: '',
      label: 'in',
      referencesTo: ['otelcol.exporter.fake.out'],
      referencedBy: [],
      health: { state: 'healthy', message: 'a <b>', updatedTime: '2023-11-14T22:13:20.000Z' },
      original: '',
      arguments: [],
      exports: [],
      debugInfo: [],
      liveDebuggingEnabled: false,
    });
  });

  test('a component has its arguments, its exports, and no secret', async () => {
    const { status, body } = await get('/api/v0/web/components/otelcol.receiver.fake.in');
    assert.equal(status, 200);
    assert.ok(!body.includes('hunter2'));
    const { arguments: args } = JSON.parse(body) as {
      arguments: { name: string; type: string; value?: unknown; body?: unknown }[];
    };
    assert.deepEqual(
      args.map((a) => [a.name, a.type]),
      [
        ['address', 'attr'],
        ['token', 'attr'],
        ['output', 'block'],
      ],
    );
    assert.deepEqual(args[1]?.value, { type: 'capsule', value: '(secret)' });
    const exporter = JSON.parse((await get('/api/v0/web/components/otelcol.exporter.fake.out')).body) as {
      exports: unknown;
    };
    assert.deepEqual(exporter.exports, [
      { name: 'input', type: 'attr', value: { type: 'capsule', value: 'capsule("otelcol.Consumer")' } },
    ]);
    assert.equal((await get('/api/v0/web/components/nope')).status, 404);
  });

  test('the page lists components and escapes what they say', async () => {
    const { status, headers, body } = await get('/');
    assert.deepEqual([status, headers['content-type']], [200, 'text/html; charset=utf-8']);
    assert.match(headers['content-security-policy'] as string, /default-src 'none'/);
    assert.ok(body.includes('otelcol.receiver.fake.in') && body.includes('a &lt;b&gt;') && !body.includes('a <b>'));
  });

  test('unknown paths, wrong methods, HEAD, and targets that are none', async () => {
    const unknown = await get('/nope');
    assert.deepEqual(
      [unknown.status, unknown.body, unknown.headers['content-type']],
      [404, '404 page not found\n', 'text/plain; charset=utf-8'],
    );
    const wrong = await get('/metrics', 'POST');
    assert.deepEqual([wrong.status, wrong.headers['allow']], [405, 'GET, HEAD']);
    assert.equal((await get('/-/reload', 'DELETE')).status, 405);
    const head = await get('/-/ready', 'HEAD');
    assert.deepEqual([head.status, head.body, head.headers['content-length']], [200, '', '16']);
    assert.equal((await get('/%zz')).status, 404);
    assert.equal((await get('/metrics?x=%')).status, 200);
  });
});

test('a UI prefix moves the page and its API, nothing else', async () => {
  const server = await startAdmin(options({ uiPathPrefix: '/ui' }));
  try {
    assert.equal((await ask(server, '/ui/')).status, 200);
    const moved = await ask(server, '/ui');
    assert.deepEqual([moved.status, moved.headers['location']], [302, '/ui/']);
    assert.equal((await ask(server, '/ui/api/v0/web/components')).status, 200);
    assert.equal((await ask(server, '/api/v0/web/components')).status, 404);
    assert.equal((await ask(server, '/')).status, 404);
    assert.equal((await ask(server, '/-/ready')).status, 200);
  } finally {
    await server.stop(0);
  }
});

test('a handler that throws is a 500 and one log line, and the next request is answered', async () => {
  const lines: string[] = [];
  const log = createLogger({ level: 'error', format: 'logfmt', write: (line) => lines.push(line), clock: systemClock });
  const server = await startAdmin(
    options({
      log,
      scrape: () => {
        throw new Error('boom');
      },
    }),
  );
  try {
    const answer = await ask(server, '/metrics');
    assert.deepEqual([answer.status, answer.body], [500, 'internal error\n']);
    assert.equal(lines.length, 1);
    assert.equal((await ask(server, '/-/healthy')).status, 200);
  } finally {
    await server.stop(0);
  }
});

test('a taken port is one error with the address', async () => {
  const first = await startAdmin(options());
  try {
    const listenAddr = first.address;
    await assert.rejects(startAdmin(options({ listenAddr })), {
      name: 'MillraceError',
      code: 'address_in_use',
      message: new RegExp(`^the admin server .*cannot listen on ${listenAddr}: the address is in use`),
    });
  } finally {
    await first.stop(0);
  }
});
