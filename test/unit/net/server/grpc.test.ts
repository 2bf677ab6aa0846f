/** The gRPC server against clients that are not ours: grpc-js, and frames written by hand over node:http2. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client, credentials, Metadata, type ChannelCredentials, type ServiceError } from '@grpc/grpc-js';
import { compress } from '#net/compression/compress.ts';
import { Http2GrpcServer } from '#net/server/grpc/server.ts';
import type { GrpcCall, GrpcHandler, GrpcServerOptions } from '#net/server/grpc.ts';
import { parseAddress } from '#net/server/listen.ts';
import { DEFAULT_RECEIVE_BYTES, ReceiveMemory } from '#net/server/receive-memory.ts';
import { GRPC } from '#shared/outcome.ts';
import { systemClock } from '#shared/clock.ts';
import { CertificateAuthority } from '#test/support/certs.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { rawCall, rawSession } from '#test/support/http-raw-grpc.ts';
import { RecordingLog } from '#test/support/recording-log.ts';

const PATH = '/test.Service/Echo';
const echo: GrpcHandler = (request, call) => call.reply(Buffer.from(request));
const KEEPALIVE = {
  maxConnectionIdleMs: 0,
  maxConnectionAgeMs: 0,
  maxConnectionAgeGraceMs: 0,
  timeMs: 0,
  timeoutMs: 0,
  minTimeMs: 0,
  permitWithoutStream: false,
};

async function serve(
  handler: GrpcHandler,
  run: (address: string, server: Http2GrpcServer) => Promise<void>,
  options: Partial<GrpcServerOptions> = {},
): Promise<void> {
  const server = new Http2GrpcServer({
    who: 'otelcol.receiver.otlp.test',
    address: parseAddress('127.0.0.1:0'),
    tls: null,
    methods: new Map([[PATH, handler]]),
    maxMessageBytes: 100_000,
    maxConcurrentStreams: 0,
    keepalive: KEEPALIVE,
    memory: new ReceiveMemory(DEFAULT_RECEIVE_BYTES, systemClock),
    onRefused: () => {},
    log: new RecordingLog(),
    clock: systemClock,
    ...options,
  });
  const address = await server.start();
  try {
    await run(address, server);
  } finally {
    await server.stop(0);
  }
}

type Answer = {
  readonly code: number;
  readonly details: string;
  readonly body: Buffer | null;
  readonly metadata: Metadata | null;
};

function call(client: Client, message: Buffer, path = PATH, metadata = new Metadata()): Promise<Answer> {
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path,
      (b: Buffer) => b,
      (b: Buffer) => b,
      message,
      metadata,
      (error: ServiceError | null, body?: Buffer) =>
        resolve({
          code: error?.code ?? 0,
          details: error?.details ?? '',
          body: body ?? null,
          metadata: error?.metadata ?? null,
        }),
    );
  });
}

async function withClient(
  address: string,
  run: (client: Client) => Promise<void>,
  creds: ChannelCredentials = credentials.createInsecure(),
  options: object = {},
): Promise<void> {
  const client = new Client(address, creds, options);
  try {
    await run(client);
  } finally {
    client.close();
  }
}

async function withSession(address: string, run: (session: ClientHttp2Session) => Promise<void>): Promise<void> {
  const session = rawSession(address);
  try {
    await run(session);
  } finally {
    session.destroy();
  }
}

test('a grpc-js client is answered, also on several calls at once', async () => {
  await serve(echo, (address) =>
    withClient(address, async (client) => {
      const messages = Array.from({ length: 20 }, (_, i) => Buffer.alloc(i * 3000, i));
      const answers = await Promise.all(messages.map((message) => call(client, message)));
      assert.deepEqual(
        answers.map((a) => a.body),
        messages,
      );
    }),
  );
});

test('a grpc-js client that compresses with gzip or deflate is understood', async () => {
  for (const algorithm of [1, 2]) {
    await serve(echo, (address) =>
      withClient(
        address,
        async (client) => {
          const message = Buffer.alloc(50_000, 'attribute');
          assert.deepEqual((await call(client, message)).body, message);
        },
        credentials.createInsecure(),
        { 'grpc.default_compression_algorithm': algorithm },
      ),
    );
  }
});

for (const [name, encoding] of [
  ['gzip', 'gzip'],
  ['deflate', 'zlib'],
  ['zstd', 'zstd'],
  ['snappy', 'x-snappy-framed'],
] as const) {
  test(`grpc-encoding ${name} is inflated and offered to clients`, async () => {
    await serve(echo, (address) =>
      withSession(address, async (session) => {
        const message = Buffer.alloc(90_000, 'attribute');
        const reply = await rawCall(session, PATH, compress(encoding, message), name);
        assert.equal(reply.status, 0);
        assert.deepEqual(reply.body.subarray(5), message);
        assert.ok(reply.acceptEncoding.split(',').includes(name), reply.acceptEncoding);
        assert.equal((await rawCall(session, PATH, message, name, 0)).status, 0, 'a message may stay uncompressed');
      }),
    );
  });

  test(`grpc-encoding ${name}: bombs and corrupt data are refused, the next call is unharmed`, async () => {
    let refused = 0;
    await serve(
      echo,
      (address) =>
        withSession(address, async (session) => {
          const bomb = await rawCall(session, PATH, compress(encoding, Buffer.alloc(1_000_000)), name);
          assert.deepEqual(
            [bomb.status, bomb.message],
            [GRPC.RESOURCE_EXHAUSTED, 'inflated data is larger than 100000 bytes'],
          );
          const corrupt = await rawCall(session, PATH, Buffer.from('no such format, really'), name);
          assert.equal(corrupt.status, GRPC.INTERNAL);
          assert.match(corrupt.message, /cannot inflate the message/);
          assert.equal((await rawCall(session, PATH, compress(encoding, Buffer.from('ok')), name)).status, 0);
          assert.equal(refused, 2);
        }),
      { onRefused: () => refused++ },
    );
  });
}

test('an encoding that nobody knows is Unimplemented, and the answer says what is known', async () => {
  await serve(echo, (address) =>
    withSession(address, async (session) => {
      for (const name of ['br', 'x-snappy-framed', 'zlib', 'lz4']) {
        const reply = await rawCall(session, PATH, Buffer.from('x'), name);
        assert.deepEqual(
          [reply.status, reply.message, reply.acceptEncoding],
          [GRPC.UNIMPLEMENTED, `compression "${name}" is not supported`, 'identity,gzip,deflate,zstd,snappy'],
        );
      }
      assert.equal((await rawCall(session, PATH, Buffer.from('x'), '', 1)).status, GRPC.INTERNAL);
    }),
  );
});

test('a message at the limit is taken, one byte more is ResourceExhausted', async () => {
  await serve(echo, (address) =>
    withClient(address, async (client) => {
      assert.equal((await call(client, Buffer.alloc(100_000))).code, 0);
      assert.equal((await call(client, Buffer.alloc(100_001))).code, GRPC.RESOURCE_EXHAUSTED);
      assert.equal((await call(client, Buffer.alloc(10))).code, 0);
    }),
  );
});

test('unknown services and methods are Unimplemented', async () => {
  await serve(echo, (address) =>
    withClient(address, async (client) => {
      assert.equal((await call(client, Buffer.alloc(0), '/test.Service/Other')).code, GRPC.UNIMPLEMENTED);
      assert.equal((await call(client, Buffer.alloc(0), '/other.Service/Echo')).code, GRPC.UNIMPLEMENTED);
    }),
  );
});

test('failures carry code, message and details', async () => {
  const failing: GrpcHandler = (request, call) =>
    request.length === 0 ? call.fail(14, 'später: 100%') : call.fail(8, 'wait', Buffer.from([8, 8]));
  await serve(failing, (address) =>
    withClient(address, async (client) => {
      const plain = await call(client, Buffer.alloc(0));
      assert.deepEqual(
        [plain.code, plain.details, plain.metadata?.get('grpc-status-details-bin')],
        [14, 'später: 100%', []],
      );
      const detailed = await call(client, Buffer.alloc(1));
      assert.deepEqual([detailed.code, detailed.metadata?.get('grpc-status-details-bin')], [8, [Buffer.from([8, 8])]]);
    }),
  );
});

test('metadata: lower-case names, all values, the authority as host, nothing of the transport', async () => {
  const seen: Map<string, readonly string[]>[] = [];
  await serve(
    (_request, call) => (seen.push(call.metadata()), call.reply(Buffer.alloc(0))),
    (address) =>
      withClient(address, async (client) => {
        const metadata = new Metadata();
        metadata.add('X-Tenant', 'a');
        metadata.add('x-tenant', 'b');
        await call(client, Buffer.alloc(0), PATH, metadata);
        const [got] = seen;
        // Repeated metadata may be joined on the way (RFC 9110, 5.3).
        assert.equal(got?.get('x-tenant')?.join(', '), 'a, b');
        assert.deepEqual(got?.get('host'), [address]);
        assert.equal(got?.has('grpc-accept-encoding'), false);
      }),
  );
});

test('the flow-control window lets a client send a megabyte ahead', async () => {
  await serve(echo, (address) =>
    withSession(address, async (session) => {
      if (session.remoteSettings.initialWindowSize === undefined || session.connecting)
        await once(session, 'remoteSettings');
      assert.equal(session.remoteSettings.initialWindowSize, 1 << 20);
      await rawCall(session, PATH, Buffer.alloc(0));
      assert.ok(
        (session.state.remoteWindowSize ?? 0) >= (1 << 20) - 1000,
        `connection window ${session.state.remoteWindowSize}`,
      );
    }),
  );
});

test('max_concurrent_streams is announced', async () => {
  await serve(
    echo,
    (address) =>
      withSession(address, async (session) => {
        await once(session, 'remoteSettings');
        assert.equal(session.remoteSettings.maxConcurrentStreams, 7);
      }),
    { maxConcurrentStreams: 7 },
  );
});

test('clients that ping too often are sent away, unless a call comes between or the policy allows it', async () => {
  const ping = (session: ClientHttp2Session): Promise<boolean> =>
    new Promise((resolve) => session.ping((error) => resolve(error === null)));
  await serve(echo, (address) =>
    withSession(address, async (session) => {
      const goaway = once(session, 'goaway');
      for (let i = 0; i < 6; i++) {
        await rawCall(session, PATH, Buffer.alloc(0));
        assert.ok(await ping(session));
      }
      for (let i = 0; i < 4 && !session.destroyed; i++) await ping(session);
      const [code, , data] = (await goaway) as [number, number, Buffer];
      assert.deepEqual([code, data.toString()], [11, 'too_many_pings']);
    }),
  );
  await serve(
    echo,
    (address) =>
      withSession(address, async (session) => {
        await once(session, 'connect');
        for (let i = 0; i < 6; i++) assert.ok(await ping(session));
      }),
    { keepalive: { ...KEEPALIVE, permitWithoutStream: true, minTimeMs: 1e-9 } },
  );
});

test('stop answers calls in flight and takes no new connection', async () => {
  const waiting: GrpcCall[] = [];
  await serve(
    (_request, call) => waiting.push(call),
    (address, server) =>
      withClient(address, async (client) => {
        const flying = call(client, Buffer.alloc(5));
        while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
        let stopped = false;
        const stopping = server.stop(60_000).then(() => (stopped = true));
        const late = connect(Number(address.split(':')[1]), '127.0.0.1');
        await assert.rejects(once(late, 'connect'), /ECONNREFUSED/);
        assert.equal(stopped, false);
        waiting[0]?.reply(Buffer.from('done'));
        assert.equal((await flying).body?.toString(), 'done');
        await stopping;
      }),
  );
});

test('stop cuts calls, and connections that never spoke, at its deadline', async () => {
  const clock = new FakeClock();
  let calls = 0;
  await serve(
    () => calls++,
    (address, server) =>
      withClient(address, async (client) => {
        const silent = connect(Number(address.split(':')[1]), '127.0.0.1');
        silent.on('error', () => {}); // it is cut
        silent.resume();
        await once(silent, 'connect');
        const flying = call(client, Buffer.alloc(5));
        while (calls === 0) await new Promise((resolve) => setImmediate(resolve));
        const stopping = server.stop(5_000);
        await clock.advance(5_000);
        await stopping;
        assert.notEqual((await flying).code, 0);
        if (!silent.closed) await once(silent, 'close');
        assert.equal(clock.pending, 0);
      }),
    { clock },
  );
});

test('the address is free when stop returns, and a second stop can end earlier', async () => {
  const clock = new FakeClock();
  let calls = 0;
  await serve(
    () => calls++,
    (address, server) =>
      withClient(address, async (client) => {
        const flying = call(client, Buffer.alloc(5));
        while (calls === 0) await new Promise((resolve) => setImmediate(resolve));
        const first = server.stop(60_000);
        const other = createServer().listen(Number(address.split(':')[1]), '127.0.0.1');
        await once(other, 'listening');
        other.close();
        const second = server.stop(5_000);
        await clock.advance(5_000);
        await Promise.all([first, second]);
        assert.notEqual((await flying).code, 0);
        assert.equal(clock.pending, 0);
      }),
    { clock },
  );
});

test('stop does not wait for clients that keep an idle connection open', async () => {
  const clock = new FakeClock();
  await serve(
    echo,
    async (address, server) => {
      const silent = connect({ port: Number(address.split(':')[1]), host: '127.0.0.1', allowHalfOpen: true });
      silent.on('error', () => {}); // it is cut
      silent.resume();
      const ended = once(silent, 'end');
      await once(silent, 'connect');
      await withSession(address, async (session) =>
        assert.equal((await rawCall(session, PATH, Buffer.of(1))).status, 0),
      );
      const stopping = server.stop(60_000);
      await ended;
      while (clock.nextDelayMs !== 500) await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(500);
      await stopping;
      assert.equal(clock.pending, 0);
      silent.destroy();
    },
    { clock },
  );
});

test('mTLS with reload: new connections see the new certificate, clients without one are refused', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-grpc-'));
  const ca = new CertificateAuthority();
  const first = ca.issue('first');
  const second = ca.issue('second');
  const cert = join(dir, 'cert.pem');
  const key = join(dir, 'key.pem');
  writeFileSync(cert, first.cert);
  writeFileSync(key, first.key);
  const clock = new FakeClock();
  const log = new RecordingLog();
  const { lines } = log;
  const known = ca.issue('agent');
  const subject = async (address: string): Promise<string> => {
    const session = connectHttp2(`https://${address}`, {
      ca: ca.cert,
      cert: known.cert,
      key: known.key,
      servername: 'localhost',
    });
    await once(session, 'connect');
    const name = (
      session.socket as unknown as { getPeerCertificate(): { subject: { CN: string } } }
    ).getPeerCertificate().subject.CN;
    session.destroy();
    return name;
  };
  const tls = {
    cert: { file: cert },
    key: { file: key },
    minVersion: '1.2',
    maxVersion: '1.3',
    cipherSuites: [],
    curves: [],
    systemCa: false,
    reloadMs: 60_000,
    clientCa: { pem: ca.cert },
  } as const;
  await serve(
    echo,
    async (address) => {
      const mutual = credentials.createSsl(Buffer.from(ca.cert), Buffer.from(known.key), Buffer.from(known.cert));
      const named = { 'grpc.ssl_target_name_override': 'localhost' };
      await withClient(
        address,
        async (client) => assert.equal((await call(client, Buffer.from('hi'))).body?.toString(), 'hi'),
        mutual,
        named,
      );
      await withClient(
        address,
        async (client) => assert.equal((await call(client, Buffer.from('hi'))).code, GRPC.UNAVAILABLE),
        credentials.createSsl(Buffer.from(ca.cert)),
        named,
      );
      assert.equal(await subject(address), 'first');
      writeFileSync(cert, second.cert);
      await clock.advance(60_000);
      assert.equal(await subject(address), 'first', 'a certificate without its key is not taken');
      assert.match(String(lines.find((l) => l.level === 'error')?.fields['err']), /does not belong/);
      writeFileSync(key, second.key);
      await clock.advance(60_000);
      assert.equal(await subject(address), 'second');
    },
    { tls, clock, log },
  );
  assert.equal(clock.pending, 0);
  rmSync(dir, { recursive: true });
});
