import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { bind, bindError, parseAddress, warnIfOpen } from '#net/server/listen.ts';
import { RecordingLog } from '#test/support/recording-log.ts';

test('addresses', () => {
  const tcp = (host: string, port: number) => ({ kind: 'tcp', host, port });
  assert.deepEqual(parseAddress('127.0.0.1:4317'), tcp('127.0.0.1', 4317));
  assert.deepEqual(parseAddress('localhost:0'), tcp('localhost', 0));
  assert.deepEqual(parseAddress('[::1]:65535'), tcp('::1', 65535));
  for (const everywhere of [':4317', '0.0.0.0:4317', '[::]:4317'])
    assert.deepEqual(parseAddress(everywhere), tcp('', 4317), everywhere);
  assert.deepEqual(parseAddress('/run/otlp.sock', 'unix'), { kind: 'unix', path: '/run/otlp.sock' });
});

test('what is no address says how to write one', () => {
  for (const bad of [
    '',
    'localhost',
    '4317',
    '::1:4317',
    'host:',
    'host:65536',
    'host:x',
    'http://host:4317',
    '[::1]',
  ]) {
    assert.throws(() => parseAddress(bad), /is not an address to listen on; write host:port/, bad);
  }
  assert.throws(() => parseAddress('', 'unix'), /needs a path/);
});

test('localhost is the IPv4 address; the bound address is told', async () => {
  const server = createServer();
  assert.match(await bind(server, parseAddress('localhost:0'), 'me'), /^127\.0\.0\.1:\d+$/);
  server.close();
});

test('a host without an address, and reasons of the system, are explained', async () => {
  await assert.rejects(
    bind(createServer(), parseAddress('no-such-host.invalid:1'), 'me'),
    /^MillraceError: me cannot listen on no-such-host\.invalid:1: the host's name has no address/,
  );
  const because = (code: string): string =>
    bindError(Object.assign(new Error('raw text'), { code }), ':1', 'me').message;
  assert.match(because('EACCES'), /me cannot listen on :1: permission denied; choose a port above 1023/);
  assert.match(because('EADDRNOTAVAIL'), /this machine has no such address/);
  assert.match(because('EWHAT'), /raw text/);
});

test('only open listeners are warned about', () => {
  const log = new RecordingLog();
  warnIfOpen(parseAddress('127.0.0.1:1'), false, log);
  warnIfOpen(parseAddress('0.0.0.0:1'), true, log);
  warnIfOpen(parseAddress('/x', 'unix'), false, log);
  assert.equal(log.lines.length, 0);
  warnIfOpen(parseAddress(':1'), false, log);
  assert.deepEqual(
    log.lines.map((l) => l.level),
    ['warn'],
  );
});
