import assert from 'node:assert/strict';
import { http as httpBlock, type HttpSettings } from '#main/graph/blocks/http.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { CertificateAuthority } from '#test/support/certs.ts';
import { get as getTls } from 'node:https';
import { Tracer } from '#main/tracing/tracer.ts';
import { FakeMeter } from '#test/support/fake-meter.ts';
import { decodeRequest, type PlainMessage } from '#test/support/otlp-proto.ts';
import { RecordingLog } from '#test/support/recording-log.ts';
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
const { graph } = await load([source(CONFIG)], loadOptions(world().components));
let state: HealthState = 'healthy';
let ready = false;
let problem: string | null = null;
let reloads = 0;
const components = (): ComponentState[] =>
  (graph?.nodes ?? []).map((node) => ({
    node,
    health: { state: node.label === 'out' ? state : 'healthy', message: 'a <b>', updatedMs: 1_700_000_000_000 },
  }));

const http = (text: string): HttpSettings => argsOf(httpBlock.args, text);

const options = (more: Partial<AdminOptions> = {}): AdminOptions => ({
  listenAddr: '127.0.0.1:0',
  uiPathPrefix: '/',
  version: '1.2.3',
  config: 'c.alloy',
  log: createLogger({ level: 'error', format: 'logfmt', write: () => {}, clock: systemClock }),
  clock: systemClock,
  ready: () => ready,
  components,
  modules: () => [],
  settings: http(''),
  tracer: new Tracer({
    version: '1.2.3',
    entry: { has: () => false, offer: () => assert.fail('nothing is traced') },
    clock: systemClock,
    meter: new FakeMeter(),
    log: new RecordingLog(),
  }),
  scrape: () => [gauge('g', 'help', 1)],
  derived: () => [],
  meter: new FakeMeter(),
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

  test('/metrics/derived is brought up to date, then streamed in the format that was asked for', async () => {
    const steps: string[] = [];
    const derivedServer = await startAdmin(
      options({
        beforeDerived: () => Promise.resolve(void steps.push('before')),
        derived: () => {
          steps.push('derived');
          const series = (exemplars: boolean): string[] => [`calls_total 1${exemplars ? ' # {} 1' : ''}\n`];
          return [{ families: () => [{ name: 'calls', type: 'counter', help: '', unit: '', series }] }];
        },
      }),
    );
    const plain = await ask(derivedServer, '/metrics/derived');
    const open = await ask(derivedServer, '/metrics/derived', 'GET', { accept: 'application/openmetrics-text' });
    const head = await ask(derivedServer, '/metrics/derived', 'HEAD');
    const post = await ask(derivedServer, '/metrics/derived', 'POST');
    await derivedServer.stop(0);
    assert.deepEqual(
      [plain.status, plain.headers['content-type'], plain.body],
      [200, 'text/plain; version=0.0.4; charset=utf-8', '# TYPE calls_total counter\ncalls_total 1\n'],
    );
    assert.deepEqual(
      [open.headers['content-type'], open.body],
      [
        'application/openmetrics-text; version=1.0.0; charset=utf-8',
        '# TYPE calls counter\ncalls_total 1 # {} 1\n# EOF\n',
      ],
    );
    assert.deepEqual([head.status, head.body, post.status], [200, '', 405]);
    assert.deepEqual(steps.slice(0, 2), ['before', 'derived']);
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
      dataFlowEdgesTo: ['otelcol.exporter.fake.out'],
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

describe('own spans of requests', () => {
  test('answered requests by their route; paths that lead nowhere are none', async () => {
    const sent: Buffer[] = [];
    const entry = {
      has: () => true,
      offer: (_signal: number, bytes: Buffer, _metadata: unknown, done: (outcome: number, items: number) => void) => {
        sent.push(Buffer.from(bytes));
        done(0, 0);
      },
    };
    const tracer = new Tracer({
      version: '1',
      entry,
      clock: systemClock,
      meter: new FakeMeter(),
      log: new RecordingLog(),
    });
    tracer.configure({
      sampling_fraction: 1,
      write_to: [{ capsule: 'otelcol.Consumer', nodeId: 'a.b.c', accepts: [0] }],
    });
    const server = await startAdmin(options({ tracer, settings: http('auth {\n filter { }\n}') }));
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await ask(server, '/api/v0/web/components/nope', 'GET', { traceparent });
    await ask(server, '/-/reload', 'DELETE', { traceparent: 'x' });
    await ask(server, '/nowhere');
    tracer.stop();
    await server.stop(0);
    const [entrySpans] = decodeRequest(0, sent[0])['resourceSpans'] as PlainMessage[];
    const [scope] = entrySpans['scopeSpans'] as PlainMessage[];
    const spans = (scope['spans'] as PlainMessage[]).map(({ name, traceId, parentSpanId, attributes }) => {
      const status = (attributes as PlainMessage[]).find(({ key }) => key === 'http.response.status_code');
      return [name, traceId, parentSpanId, (status as { value: PlainMessage }).value['intValue']];
    });
    const [first, second, ...others] = spans;
    assert.deepEqual(first, [
      'GET /api/v0/web/components/{id}',
      '4bf92f3577b34da6a3ce929d0e0e4736',
      '00f067aa0ba902b7',
      '404',
    ]);
    assert.deepEqual([second[0], second[2], second[3]], ['DELETE /-/reload', undefined, '405']);
    assert.deepEqual(others, []);
  });
});

describe('the http block', () => {
  test('a password for nobody is told', async () => {
    const log = new RecordingLog();
    const server = await startAdmin(options({ log }));
    const warnings = (): number => log.lines.filter(({ level }) => level === 'warn').length;
    server.update(http(`auth {\n${AUTH}\n}`));
    assert.equal(warnings(), 0);
    server.update(http(`auth {\n${AUTH}\n filter { }\n}`));
    assert.equal(warnings(), 1);
    assert.equal((await ask(server, '/metrics')).status, 200);
    server.update(http(`auth {\n${AUTH}\n filter {\n paths = ["/"]\n authenticate_matching_paths = false\n}\n}`));
    assert.equal(warnings(), 2);
    server.update(http(`auth {\n${AUTH}\n filter {\n paths = ["/-/"]\n authenticate_matching_paths = false\n}\n}`));
    assert.equal(warnings(), 2);
    // A path in disguise is judged as what it is.
    assert.deepEqual(
      [
        (await ask(server, '/-/ready')).status,
        (await ask(server, '/%6detrics')).status,
        (await ask(server, '/nope')).status,
      ],
      [ready ? 200 : 503, 401, 401],
    );
    await server.stop(0);
  });

  const basic = `Basic ${Buffer.from('u:p').toString('base64')}`;
  const AUTH = 'basic {\n username = "u"\n password = "p"\n}';

  test('basic authentication for everything, for some paths, for all but some', async () => {
    const server = await startAdmin(options({ settings: http(`auth {\n${AUTH}\n}`) }));
    const status = async (path: string, authorization?: string): Promise<number> =>
      (await ask(server, path, 'GET', authorization === undefined ? {} : { authorization })).status;
    const refused = await ask(server, '/metrics');
    assert.equal(refused.status, 401);
    assert.equal(refused.headers['www-authenticate'], 'Basic realm="Restricted"');
    assert.equal(await status('/metrics', basic), 200);
    assert.equal(await status('/metrics', `Basic ${Buffer.from('u:q').toString('base64')}`), 401);
    assert.equal(await status('/metrics', 'Basic !'), 401);
    server.update(http(`auth {\n${AUTH}\nfilter {\n paths = ["/metrics"]\n}\n}`));
    assert.deepEqual([await status('/metrics'), await status('/api/v0/web/components')], [401, 200]);
    server.update(http(`auth {\n${AUTH}\nfilter {\n paths = ["/metrics"]\n authenticate_matching_paths = false\n}\n}`));
    assert.deepEqual([await status('/metrics'), await status('/api/v0/web/components')], [200, 401]);
    server.update(http(''));
    assert.deepEqual([await status('/metrics'), await status('/api/v0/web/components')], [200, 200]);
    await server.stop(0);
  });

  test('TLS comes and goes on the same address; what cannot be used changes nothing', async () => {
    const { cert, key } = new CertificateAuthority('admin').issue('127.0.0.1');
    const server = await startAdmin(options());
    const { address } = server;
    assert.throws(() => server.update(http('tls {\n cert_file = "/gone"\n key_file = "/gone"\n}')), /gone/);
    assert.equal((await ask(server, '/metrics')).status, 200);
    server.update(http(`tls {\n cert_pem = ${JSON.stringify(cert)}\n key_pem = ${JSON.stringify(key)}\n}`));
    await until(async () => (await overTls(address)) === 200);
    server.update(http(''));
    await until(async () => (await ask(server, '/metrics').catch(() => null))?.status === 200);
    assert.equal(server.address, address);
    await server.stop(0);
  });
});

async function overTls(address: string): Promise<number | null> {
  return new Promise((resolve) => {
    getTls(`https://${address}/metrics`, { rejectUnauthorized: false, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? null);
    }).on('error', () => resolve(null));
  });
}

/** Asks again and again; what it waits for comes within milliseconds. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}

test('modules: instances among the components, their inside by the id of the module', async () => {
  const loaded = await load(
    [
      source(
        'declare "gw" {\n argument "to" { }\n otelcol.exporter.fake "e" { endpoint = argument.to.value }\n export "input" { value = otelcol.exporter.fake.e.input }\n}\ngw "x" { to = "y" }\n',
      ),
    ],
    loadOptions(world().components),
  );
  const of = (loaded.graph?.nodes ?? []).map((node): ComponentState => ({
    node,
    health: { state: 'healthy', message: 'm', updatedMs: 0 },
  }));
  const server = await startAdmin(
    options({
      components: () => of,
      modules: () => (loaded.graph?.modules ?? []).map((module) => ({ module, health: of[0].health })),
    }),
  );
  const list = async (path: string): Promise<Record<string, unknown>[]> =>
    JSON.parse((await ask(server, path)).body) as Record<string, unknown>[];
  assert.deepEqual(
    (await list('/api/v0/web/components')).map(({ name, localID, moduleID, createdModuleIDs }) => [
      name,
      localID,
      moduleID,
      createdModuleIDs,
    ]),
    [['gw', 'gw.x', '', ['gw.x']]],
  );
  assert.deepEqual(
    (await list('/api/v0/web/modules/gw.x/components')).map(({ localID, moduleID }) => [localID, moduleID]),
    [['otelcol.exporter.fake.e', 'gw.x']],
  );
  const nowhere = await ask(server, '/api/v0/web/modules/nope/components');
  assert.deepEqual([nowhere.status, nowhere.body], [500, 'module not found\n']);
  const detail = JSON.parse((await ask(server, '/api/v0/web/components/gw.x%2Fotelcol.exporter.fake.e')).body) as {
    localID: string;
  };
  assert.equal(detail.localID, 'otelcol.exporter.fake.e');
  const instance = JSON.parse((await ask(server, '/api/v0/web/components/gw.x')).body) as {
    arguments: unknown;
    exports: { name: string }[];
  };
  assert.deepEqual(instance.arguments, [{ name: 'to', type: 'attr', value: { type: 'string', value: 'y' } }]);
  assert.deepEqual(
    instance.exports.map(({ name }) => name),
    ['input'],
  );
  await server.stop(0);
});
