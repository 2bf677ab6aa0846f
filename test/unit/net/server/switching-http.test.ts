import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { request as requestTls, type RequestOptions } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { HttpExchange } from '#net/server/http.ts';
import { parseAddress } from '#net/server/listen.ts';
import { ReceiveMemory } from '#net/server/receive-memory.ts';
import { SwitchingHttpServer, type SwitchedTls } from '#net/server/switching-http.ts';
import type { ClientAuthType } from '#net/tls/client-auth.ts';
import type { TlsServerSettings } from '#net/tls/settings.ts';
import { systemClock } from '#shared/clock.ts';
import { CertificateAuthority, type Certificate } from '#test/support/certs.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { RecordingLog } from '#test/support/recording-log.ts';

const authority = new CertificateAuthority();
const foreign = new CertificateAuthority('another authority');
const certificate = authority.issue();

const secure = (change: Partial<TlsServerSettings> = {}, clientAuth: ClientAuthType = 'NoClientCert'): SwitchedTls => ({
  settings: {
    cert: { pem: certificate.cert },
    key: { pem: certificate.key },
    clientCa: null,
    minVersion: '1.2',
    maxVersion: '1.3',
    cipherSuites: [],
    curves: [],
    systemCa: false,
    reloadMs: 0,
    ...change,
  },
  clientAuth,
});

interface Started {
  readonly server: SwitchingHttpServer;
  readonly port: number;
  readonly log: RecordingLog;
  /** Requests that wait for their answer, where they are held. */
  readonly held: HttpExchange[];
}

async function start(
  t: TestContext,
  tls: SwitchedTls | null = null,
  { hold = false, readHeaderMs = 10_000, clock = systemClock } = {},
): Promise<Started> {
  const held: HttpExchange[] = [];
  const log = new RecordingLog();
  const server = new SwitchingHttpServer({
    who: 'the test',
    address: parseAddress('127.0.0.1:0'),
    timeouts: { idleMs: 60_000, readHeaderMs, readMs: 30_000, writeMs: 30_000 },
    keepAlives: true,
    memory: new ReceiveMemory(0, clock),
    handler: (exchange) => void (hold ? held.push(exchange) : exchange.answer(200, [], exchange.path)),
    log,
    clock,
  });
  const address = await server.start(tls);
  t.after(() => server.stop(0));
  return { server, port: Number(address.split(':').at(-1)), log, held };
}

interface Answer {
  readonly body: string;
  readonly connection: string | undefined;
  /** Common name of the server's certificate. */
  readonly common: string | undefined;
}

function ask(port: number, tls: RequestOptions | null, agent: Agent | false = false): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/a' };
    const asked =
      tls === null
        ? request({ ...options, agent })
        : requestTls({ ...options, agent: false, ca: authority.cert, ...tls });
    asked.on('response', (response) => {
      let body = '';
      const common = (response.socket as Partial<TLSSocket>).getPeerCertificate?.().subject.CN;
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () =>
        resolve({ body, connection: response.headers.connection, common: common as string | undefined }),
      );
    });
    asked.on('error', reject).end();
  });
}

const isRefused = (asked: Promise<Answer>): Promise<boolean> =>
  asked.then(
    () => false,
    () => true,
  );

describe('switching', () => {
  test('plain text, TLS and plain text again on one address', async (t) => {
    const { server, port } = await start(t);
    assert.equal((await ask(port, null)).body, '/a');
    assert.equal(await isRefused(ask(port, {})), true);
    assert.equal(server.switchTo(secure()), true);
    assert.equal((await ask(port, {})).body, '/a');
    assert.equal(await isRefused(ask(port, null)), true);
    assert.equal(server.switchTo(null), true);
    assert.equal((await ask(port, null)).body, '/a');
  });

  test('the same settings again change nothing', async (t) => {
    const { server } = await start(t, secure());
    assert.equal(server.switchTo(secure()), false);
    assert.equal(server.switchTo(secure({ minVersion: '1.3' })), true);
  });

  test('a request under way is answered, and its connection ends', async (t) => {
    const { server, port, held } = await start(t, null, { hold: true });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    const answered = ask(port, null, agent);
    while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
    server.switchTo(secure());
    held[0]?.answer(200, [], 'late');
    const { body, connection } = await answered;
    assert.deepEqual([body, connection], ['late', 'close']);
  });

  test('idle connections and such that never said anything end with the switch', async (t) => {
    const { server, port } = await start(t);
    const used = connect(port, '127.0.0.1');
    used.write('GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(used, 'data');
    const silent = connect(port, '127.0.0.1');
    await once(silent, 'connect');
    // The server has seen it when it has answered somebody who came later.
    await ask(port, null);
    const ended = Promise.all([once(used, 'close'), once(silent, 'close')]);
    used.resume();
    silent.on('error', () => {}).resume();
    server.switchTo(secure());
    await ended;
  });

  test('settings that cannot be used change nothing', async (t) => {
    const { server, port } = await start(t, secure());
    const wrong = secure({ key: { pem: authority.issue().key } });
    assert.throws(() => server.switchTo(wrong), { name: 'MillraceError', code: 'tls_pair' });
    assert.throws(() => server.switchTo(secure({ cert: { file: '/nowhere/cert' } })), { code: 'tls_file' });
    assert.equal((await ask(port, {})).body, '/a');
  });

  test('files are read again by a switch and by themselves; bad ones leave the present certificate in use', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const write = ({ cert, key }: Certificate): void => {
      writeFileSync(join(folder, 'cert'), cert);
      writeFileSync(join(folder, 'key'), key);
    };
    const fromFiles = secure({
      cert: { file: join(folder, 'cert') },
      key: { file: join(folder, 'key') },
      reloadMs: 1000,
    });
    const clock = new FakeClock();
    write(authority.issue('first'));
    const { server, port, log } = await start(t, fromFiles, { clock });
    const common = async (): Promise<string | undefined> =>
      (await ask(port, { checkServerIdentity: () => undefined })).common;
    assert.equal(await common(), 'first');
    write(authority.issue('second'));
    await clock.advance(1000);
    assert.equal(await common(), 'second');
    write(authority.issue('third'));
    assert.equal(server.switchTo(fromFiles), true);
    assert.equal(await common(), 'third');
    write({ cert: 'x', key: 'y' });
    await clock.advance(3000);
    assert.equal(await common(), 'third');
    assert.equal(log.lines.filter(({ level }) => level === 'error').length, 1);
  });
});

describe('certificates of clients', () => {
  const mine = authority.issue('client');
  const stranger = foreign.issue('stranger');
  // Who may come in: without a certificate, with one of another authority, with one of ours.
  const table: [ClientAuthType, boolean, boolean, boolean][] = [
    ['NoClientCert', true, true, true],
    ['RequestClientCert', true, true, true],
    ['RequireAnyClientCert', false, true, true],
    ['VerifyClientCertIfGiven', true, false, true],
    ['RequireAndVerifyClientCert', false, false, true],
  ];
  for (const [type, none, another, ours] of table)
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
      test(`${type}, ${version}`, async (t) => {
        const { port } = await start(t, secure({ clientCa: { pem: authority.cert } }, type));
        const comesIn = async (client: Partial<Certificate>): Promise<boolean> =>
          !(await isRefused(ask(port, { ...client, minVersion: version, maxVersion: version })));
        assert.deepEqual([await comesIn({}), await comesIn(stranger), await comesIn(mine)], [none, another, ours]);
      });
});

describe('bad input and the end', () => {
  test('plain text and noise on a TLS port end their connections and nothing else', async (t) => {
    const { port } = await start(t, secure());
    for (const bytes of ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', '\x16\x03\x01\xff\xff', Buffer.alloc(5000, 0xff)]) {
      const socket = connect(port, '127.0.0.1').on('error', () => {});
      socket.end(bytes);
      socket.resume();
      await once(socket, 'close');
    }
    assert.equal((await ask(port, {})).body, '/a');
  });

  for (const tls of [null, secure()])
    test(`a client that takes its time with its headers is cut${tls === null ? '' : ', over TLS'}`, async (t) => {
      const { port } = await start(t, tls, { readHeaderMs: 100 });
      const socket =
        tls === null
          ? connect(port, '127.0.0.1')
          : connectTls({ port, host: '127.0.0.1', ca: authority.cert, servername: 'localhost' });
      socket.on('error', () => {}).resume();
      socket.write('GET / HTTP/1.1\r\nHo');
      await once(socket, 'close');
    });

  test('a handshake that does not end is cut', async (t) => {
    const { port } = await start(t, secure(), { readHeaderMs: 100 });
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.resume().write('\x16');
    await once(socket, 'close');
  });

  test('a stop ends what is idle or silent, over TLS too', async (t) => {
    const { server, port } = await start(t, secure());
    const used = connectTls({ port, host: '127.0.0.1', ca: authority.cert, servername: 'localhost' });
    used.write('GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(used, 'data');
    const silent = connect(port, '127.0.0.1').on('error', () => {});
    await once(silent, 'connect');
    await ask(port, {});
    const ended = Promise.all([once(used.resume(), 'close'), once(silent.resume(), 'close')]);
    await server.stop(60_000);
    await ended;
  });

  test('a request that nobody answers holds a stop until its deadline only', async (t) => {
    const { server, port, held } = await start(t, null, { hold: true });
    const asked = isRefused(ask(port, null));
    while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await server.stop(10);
    assert.equal(await asked, true);
  });

  test('a bad certificate or a taken port at the start is one error, and nothing is left', async (t) => {
    const { port } = await start(t);
    const make = (): SwitchingHttpServer =>
      new SwitchingHttpServer({
        who: 'the test',
        address: parseAddress(`127.0.0.1:${port}`),
        timeouts: { idleMs: 0, readHeaderMs: 0, readMs: 0, writeMs: 0 },
        keepAlives: true,
        memory: new ReceiveMemory(0, systemClock),
        handler: () => {},
        log: new RecordingLog(),
        clock: systemClock,
      });
    await assert.rejects(make().start(secure({ key: null })), { code: 'tls_pair' });
    await assert.rejects(make().start(null), { name: 'MillraceError', message: /^the test cannot listen on/ });
  });
});
