/** OTLP/HTTP by the table of the semantics sheet, sections 2.2 to 2.7: real sockets, an entry that records. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import type { Args } from '#components/otelcol/receiver/otlp/schema.ts';
import { protoToJson } from '#codec/otlp/json/write.ts';
import { decodeStatus } from '#codec/rpc/status.ts';
import { compress } from '#net/compression/compress.ts';
import { ENCODINGS } from '#net/compression/encoding.ts';
import { Outcome, withDownstream, withRetryAfter } from '#shared/outcome.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import {
  counted,
  receiverArgs,
  withReceiver,
  type Overrides,
  type RunningReceiver,
} from '#test/support/http-receiver.ts';
import { makeLogs, makeMetrics, makeTraces } from '#test/support/payloads.ts';

const PROTO = 'application/x-protobuf';
const JSON_TYPE = 'application/json';
const traces = bytesOf(makeTraces({ spans: 5 }));
const metrics = bytesOf(makeMetrics({ items: 6 }));
const logs = bytesOf(makeLogs({ items: 7 }));

function bytesOf(payload: unknown): Buffer {
  return Buffer.isBuffer(payload) ? payload : (payload as { readonly bytes: Buffer }).bytes;
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

function send(
  address: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string | string[]>>,
  body: Buffer | string = '',
): Promise<Reply> {
  const [host, port] = address.split(':');
  return new Promise((resolve, reject) => {
    const req = request(
      {
        host: host,
        port: port,
        method,
        path,
        headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)) },
        agent: false,
      },
      (res) => {
        const parts: Buffer[] = [];
        res.on('data', (part: Buffer) => parts.push(part));
        res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(parts) }));
      },
    );
    req.on('error', reject);
    req.end(body);
  });
}

const post = (
  address: string,
  type: string,
  body: Buffer | string,
  encoding = '',
  path = '/v1/traces',
): Promise<Reply> =>
  send(
    address,
    'POST',
    path,
    { ...(type === '' ? {} : { 'Content-Type': type }), ...(encoding === '' ? {} : { 'Content-Encoding': encoding }) },
    body,
  );

const scenario = (
  name: string,
  http: Overrides<NonNullable<Args['http']>>,
  run: (receiver: RunningReceiver) => Promise<void>,
): void => void test(name, () => withReceiver({ ...receiverArgs({ http }), grpc: undefined }, run));

scenario('all three signals are taken, in protobuf and JSON, at their paths', {}, async ({ http, entry, meter }) => {
  for (const [signal, path, payload] of [
    [TRACES, '/v1/traces', traces],
    [METRICS, '/v1/metrics', metrics],
    [LOGS, '/v1/logs', logs],
  ] as const) {
    const proto = await post(http, PROTO, payload, '', path);
    assert.deepEqual([proto.status, proto.headers['content-type'], proto.body.length], [200, PROTO, 0]);
    const json = await post(http, `${JSON_TYPE}; charset=utf-8`, protoToJson(signal, payload), '', `${path}?x=1`);
    assert.deepEqual(
      [json.status, json.headers['content-type'], json.body.toString()],
      [200, JSON_TYPE, '{"partialSuccess":{}}'],
    );
    const [first, second] = entry.offers.splice(0);
    assert.deepEqual([first?.signal, second?.signal], [signal, signal]);
    assert.deepEqual(first?.bytes, payload);
    assert.equal(protoToJson(signal, second?.bytes), protoToJson(signal, payload));
  }
  assert.deepEqual(counted(meter), {
    'accepted_spans_total http': 10,
    'accepted_metric_points_total http': 2 * 6,
    'accepted_log_records_total http': 14,
    'requests_total http success': 6,
  });
});

/** The status body of an early failure, by the request's format. */
function statusIn(reply: Reply): { readonly code: number; readonly message: string } {
  const { code, message } =
    reply.headers['content-type'] === JSON_TYPE
      ? (JSON.parse(reply.body.toString()) as { code: number; message: string })
      : decodeStatus(reply.body);
  return { code, message };
}

scenario(
  'statuses and bodies of requests that are no good',
  { max_request_body_size: 10_000 },
  async ({ http, entry, lines }) => {
    const plain = async (reply: Promise<Reply>): Promise<unknown[]> => {
      const { status, headers, body } = await reply;
      return [status, headers['content-type'], body.toString()];
    };
    const NO_METHOD = [405, 'text/plain', '405 method not allowed, supported: [POST]'];
    const NO_TYPE = [
      415,
      'text/plain',
      '415 unsupported media type, supported: [application/json, application/x-protobuf]',
    ];
    const NO_PATH = [404, 'text/plain; charset=utf-8', '404 page not found\n'];
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS'])
      assert.deepEqual(await plain(send(http, method, '/v1/traces', {})), NO_METHOD, method);
    for (const type of ['', 'text/plain', 'application/protobuf', 'application/x-protobuf2', ';'])
      assert.deepEqual(await plain(post(http, type, traces)), NO_TYPE, type);
    for (const path of ['/', '/v1/traces/', '/v1', '/v1/Traces', '/v1development/profiles'])
      assert.deepEqual(await plain(post(http, PROTO, traces, '', path)), NO_PATH, path);

    const bad = async (reply: Promise<Reply>, type: string, message: RegExp | string): Promise<void> => {
      const got = await reply;
      assert.deepEqual([got.status, got.headers['content-type']], [400, type]);
      const { code, message: text } = statusIn(got);
      assert.equal(code, 3);
      if (typeof message === 'string') assert.equal(text, message);
      else assert.match(text, message);
    };
    for (const encoding of ['br', 'identity', 'none', 'GZIP', 'gzip, gzip', 'x-snappy-framed']) {
      const message = `unsupported Content-Encoding: ${encoding}`;
      await bad(post(http, PROTO, traces, encoding), PROTO, message);
      await bad(post(http, JSON_TYPE, '{}', encoding), JSON_TYPE, message);
      await bad(post(http, '', traces, encoding), JSON_TYPE, message);
      await bad(send(http, 'GET', '/v1/traces', { 'Content-Encoding': encoding }), JSON_TYPE, message);
      await bad(send(http, 'GET', '/nowhere', { 'Content-Encoding': encoding }), JSON_TYPE, message);
      assert.deepEqual(await plain(post(http, 'text/plain', traces, encoding)), [
        500,
        JSON_TYPE,
        '{"code": 13, "message": "failed to marshal error message"}',
      ]);
    }
    await bad(post(http, PROTO, Buffer.alloc(10_001)), PROTO, 'http: request body too large');
    await bad(post(http, JSON_TYPE, Buffer.alloc(10_001, ' ')), JSON_TYPE, 'http: request body too large');
    await bad(post(http, JSON_TYPE, ''), JSON_TYPE, /./);
    await bad(post(http, JSON_TYPE, '{"resourceSpans": 5}'), JSON_TYPE, /./);
    await bad(post(http, PROTO, 'not protobuf at all'), PROTO, /^malformed OTLP payload: .* at byte \d+/);
    await bad(
      post(http, PROTO, traces.subarray(0, traces.length - 1)),
      PROTO,
      /^malformed OTLP payload: .* at byte \d+/,
    );
    await bad(post(http, PROTO, traces, 'gzip'), PROTO, /./);
    await bad(post(http, PROTO, compress('gzip', traces).subarray(0, 100), 'gzip'), PROTO, /./);
    assert.deepEqual(entry.offers, []);
    assert.equal((await post(http, PROTO, traces)).status, 200, 'the next good request is unharmed');
    assert.deepEqual(
      lines.filter((line) => line.level !== 'info'),
      [],
      'nothing is logged per request',
    );
  },
);

scenario('bad requests are counted as failed, those for unknown paths are not', {}, async ({ http, meter }) => {
  await post(http, PROTO, 'junk');
  await post(http, 'text/plain', traces);
  await send(http, 'GET', '/v1/traces', {});
  await post(http, PROTO, traces, 'br');
  await post(http, PROTO, traces, 'zstd');
  await post(http, PROTO, traces, '', '/nowhere');
  assert.deepEqual(counted(meter), { 'requests_total http failure': 5 });
});

scenario('empty requests succeed and count nothing', {}, async ({ http, meter }) => {
  assert.deepEqual([(await post(http, PROTO, '')).status, (await post(http, JSON_TYPE, '{}')).status], [200, 200]);
  assert.deepEqual(counted(meter), {});
});

scenario(
  'every compression is inflated, its bombs are refused',
  { max_request_body_size: 50_000, compression_algorithms: ['', ...ENCODINGS] },
  async ({ http, entry }) => {
    for (const encoding of ENCODINGS) {
      assert.equal((await post(http, PROTO, compress(encoding, traces), encoding)).status, 200, encoding);
      assert.deepEqual(entry.offers.pop()?.bytes, traces, encoding);
      const bomb = await post(http, PROTO, compress(encoding, Buffer.alloc(50_001)), encoding);
      assert.deepEqual(
        [bomb.status, statusIn(bomb)],
        [400, { code: 3, message: 'http: request body too large' }],
        encoding,
      );
    }
    assert.equal(
      (await post(http, PROTO, compress('x-snappy-framed', traces), 'snappy')).status,
      200,
      'older Collectors send frames as "snappy"',
    );
    assert.equal(
      (await post(http, JSON_TYPE, compress('zstd', Buffer.from(protoToJson(TRACES, traces))), 'zstd')).status,
      200,
    );
  },
);

scenario('compression_algorithms narrows what is taken', { compression_algorithms: ['gzip'] }, async ({ http }) => {
  assert.equal((await post(http, PROTO, compress('gzip', traces), 'gzip')).status, 200);
  assert.equal((await post(http, PROTO, traces)).status, 400, 'uncompressed is not in the list');
  assert.equal((await post(http, PROTO, compress('zstd', traces), 'zstd')).status, 400);
});

scenario(
  'an empty compression_algorithms takes every body as it is',
  { compression_algorithms: [] },
  async ({ http, entry }) => {
    assert.equal((await post(http, PROTO, traces, 'gzip')).status, 200);
    assert.deepEqual(entry.offers[0]?.bytes, traces);
  },
);

scenario(
  'outcomes of the pipeline become statuses, in the format of the request',
  {},
  async ({ http, entry, meter }) => {
    const cases: readonly (readonly [Outcome, number, number, string | undefined])[] = [
      [Outcome.ringFull, 503, 14, undefined],
      [Outcome.queueFull, 503, 14, undefined],
      [Outcome.stopping, 503, 14, undefined],
      [Outcome.downstreamRejected, 500, 13, undefined],
      [withDownstream(Outcome.downstream, 8, 7), 429, 8, '7'],
      [withDownstream(Outcome.downstream, 14, 3), 503, 14, '3'],
      [withDownstream(Outcome.downstreamRejected, 3, 0), 400, 3, undefined],
      [withDownstream(Outcome.downstreamRejected, 16, 0), 401, 16, undefined],
      [withDownstream(Outcome.downstreamRejected, 7, 5), 403, 7, undefined],
      [withDownstream(Outcome.downstreamRejected, 12, 0), 404, 12, undefined],
      [withDownstream(Outcome.downstreamRejected, 5, 0), 500, 5, undefined],
    ];
    for (const [outcome, status, code, retryAfter] of cases) {
      entry.outcome = outcome;
      for (const [type, body] of [
        [PROTO, traces],
        [JSON_TYPE, protoToJson(TRACES, traces)],
      ] as const) {
        const reply = await post(http, type, body);
        assert.deepEqual(
          [reply.status, statusIn(reply).code, reply.headers['retry-after'], reply.headers['content-type']],
          [status, code, retryAfter, type],
        );
      }
    }
    entry.outcome = withDownstream(Outcome.downstream, 14, 3);
    assert.equal(decodeStatus((await post(http, PROTO, traces)).body).retryDelayMs, 3000);
    const requests = 2 * cases.length + 1;
    assert.deepEqual(counted(meter), {
      'refused_spans_total http': 5 * requests,
      'requests_total http refused': requests,
    });
  },
);

scenario('an answer waits for the pipeline', {}, async ({ http, entry }) => {
  entry.hold = true;
  const reply = post(http, PROTO, traces);
  while (entry.offers.length === 0) await new Promise((resolve) => setImmediate(resolve));
  entry.offers[0]?.done(Outcome.queueFull);
  assert.equal((await reply).status, 503);
});

scenario('a signal without a consumer has no path', {}, async ({ http, entry }) => {
  entry.signals = [TRACES];
  assert.equal((await post(http, PROTO, metrics, '', '/v1/metrics')).status, 404);
  assert.equal((await post(http, PROTO, traces)).status, 200);
});

scenario(
  'paths can be chosen; one that ends with a slash takes what is below it',
  { traces_url_path: '/in/', logs_url_path: 'l%20ogs' },
  async ({ http, entry }) => {
    for (const path of ['/in/', '/in/a/b']) assert.equal((await post(http, PROTO, traces, '', path)).status, 200, path);
    for (const path of ['/in', '/v1/traces'])
      assert.equal((await post(http, PROTO, traces, '', path)).status, 404, path);
    assert.equal((await post(http, PROTO, metrics, '', '/v1/metrics')).status, 200);
    assert.equal(entry.offers.length, 3);
  },
);

scenario('metadata is handed on only when asked for', {}, async ({ http, entry }) => {
  await post(http, PROTO, traces);
  assert.equal(entry.offers[0]?.metadata, null);
});

scenario(
  'include_metadata: lower-case names, all values, the host',
  { include_metadata: true },
  async ({ http, entry }) => {
    await send(http, 'POST', '/v1/traces', { 'Content-Type': PROTO, 'X-Scope-OrgID': ['a', 'b'] }, traces);
    const metadata = entry.offers[0]?.metadata;
    assert.deepEqual(metadata?.get('x-scope-orgid'), ['a', 'b']);
    assert.deepEqual(metadata?.get('host'), [http]);
  },
);

const cors = {
  allowed_origins: ['https://*.example.com', 'http://app.test'],
  allowed_headers: ['X-Token'],
  exposed_headers: ['X-Trace'],
  max_age: 600,
};
const preflight = (origin: string, method = 'POST', headers = 'content-type'): Readonly<Record<string, string>> => ({
  Origin: origin,
  'Access-Control-Request-Method': method,
  'Access-Control-Request-Headers': headers,
  'Content-Encoding': 'br',
});

scenario('CORS: a preflight is answered before every other check', { cors }, async ({ http }) => {
  const good = await send(
    http,
    'OPTIONS',
    '/v1/traces',
    preflight('https://shop.example.com', 'POST', 'content-type,x-token'),
  );
  assert.deepEqual([good.status, good.body.length], [204, 0]);
  assert.equal(good.headers['access-control-allow-origin'], 'https://shop.example.com');
  assert.equal(good.headers['access-control-allow-methods'], 'POST');
  assert.equal(good.headers['access-control-allow-headers'], 'content-type,x-token');
  assert.equal(good.headers['access-control-allow-credentials'], 'true');
  assert.equal(good.headers['access-control-max-age'], '600');
  for (const refused of [
    preflight('https://example.com.evil'),
    preflight('http://app.test', 'DELETE'),
    preflight('http://app.test', 'POST', 'x-other'),
  ]) {
    const reply = await send(http, 'OPTIONS', '/v1/traces', refused);
    assert.deepEqual([reply.status, reply.headers['access-control-allow-origin']], [204, undefined]);
  }
});

scenario('CORS: answers and errors carry the headers for allowed origins', { cors }, async ({ http }) => {
  const from = (origin: string, encoding = ''): Promise<Reply> =>
    send(
      http,
      'POST',
      '/v1/traces',
      { 'Content-Type': PROTO, Origin: origin, ...(encoding === '' ? {} : { 'Content-Encoding': encoding }) },
      traces,
    );
  const good = await from('HTTP://APP.test');
  assert.deepEqual(
    [
      good.status,
      good.headers['access-control-allow-origin'],
      good.headers['access-control-expose-headers'],
      good.headers['vary'],
    ],
    [200, 'HTTP://APP.test', 'X-Trace', 'Origin'],
  );
  const bad = await from('http://app.test', 'br');
  assert.deepEqual([bad.status, bad.headers['access-control-allow-origin']], [400, 'http://app.test']);
  const other = await from('http://other.test');
  assert.deepEqual(
    [other.status, other.headers['access-control-allow-origin']],
    [200, undefined],
    'the request itself is taken',
  );
});

scenario('CORS is off without allowed origins', {}, async ({ http }) => {
  const reply = await send(http, 'OPTIONS', '/v1/traces', { ...preflight('http://app.test'), 'Content-Encoding': '' });
  assert.equal(reply.status, 405);
});

scenario('what would be refused anyway is refused before its body is read', {}, async ({ http, entry, meter }) => {
  entry.turnsAway = withRetryAfter(Outcome.memoryLimit, 3);
  for (const [type, length] of [
    [PROTO, '100000'],
    [JSON_TYPE, '5'],
  ] as const) {
    const [host, port] = http.split(':');
    const headers = { 'Content-Type': type, 'Content-Length': length };
    const req = request({ host, port, method: 'POST', path: '/v1/traces', headers, agent: false });
    req.on('error', () => {});
    // One byte of the body, and never the rest.
    req.write('x');
    const reply = await new Promise<Reply>((resolve) =>
      req.on('response', (res) => {
        const parts: Buffer[] = [];
        res.on('data', (part: Buffer) => parts.push(part));
        res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(parts) }));
      }),
    );
    req.destroy();
    assert.deepEqual([reply.status, reply.headers['retry-after']], [503, '3']);
    assert.deepEqual(statusIn(reply), { code: 14, message: 'data refused due to high memory usage' });
  }
  assert.deepEqual(counted(meter), { 'requests_total http refused': 2 });
  assert.deepEqual(entry.offers, []);
  entry.turnsAway = Outcome.accepted;
  assert.equal((await post(http, PROTO, traces)).status, 200);
});
