import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authorityOf, parseGrpcTarget } from '#net/client/grpc-target.ts';

const GOOD = [
  ['tempo:4317', 'dns', 'tempo', 4317, '', 'tempo:4317'],
  ['tempo', 'dns', 'tempo', 443, '', 'tempo:443'],
  ['10.0.0.1:80', 'dns', '10.0.0.1', 80, '', '10.0.0.1:80'],
  ['[::1]:4317', 'dns', '::1', 4317, '', '[::1]:4317'],
  ['dns:///tempo:4317', 'dns', 'tempo', 4317, '', 'tempo:4317'],
  ['dns:tempo:4317', 'dns', 'tempo', 4317, '', 'tempo:4317'],
  ['dns:4317', 'dns', 'dns', 4317, '', 'dns:4317'],
  ['passthrough:///tempo:4317', 'passthrough', 'tempo', 4317, '', 'tempo:4317'],
  ['http://tempo:4317', 'dns', 'tempo', 4317, 'http', 'tempo:4317'],
  ['https://tempo.example/', 'dns', 'tempo.example', 443, 'https', 'tempo.example:443'],
] as const;

for (const [endpoint, kind, host, port, scheme, authority] of GOOD) {
  test(`${endpoint} is ${kind} ${host} ${port}`, () => {
    const target = parseGrpcTarget(endpoint);
    assert.deepEqual(target, { kind, host, port, scheme });
    assert.equal(authorityOf(target), authority);
  });
}

test('unix sockets', () => {
  assert.deepEqual(parseGrpcTarget('unix:///run/otlp.sock'), { kind: 'unix', path: '/run/otlp.sock', scheme: '' });
  assert.deepEqual(parseGrpcTarget('unix:otlp.sock'), { kind: 'unix', path: 'otlp.sock', scheme: '' });
  assert.equal(authorityOf(parseGrpcTarget('unix:otlp.sock')), 'localhost');
});

for (const endpoint of [
  '',
  'a b:1',
  'unix:',
  'unix://',
  'host:0',
  'host:70000',
  'host:port',
  '::1:4317',
  'dns://8.8.8.8/tempo:4317',
  'http://tempo:4317/path',
  'ftp://tempo:21',
]) {
  test(`"${endpoint}" is refused and quoted`, () => {
    assert.throws(
      () => parseGrpcTarget(endpoint),
      (error: Error) => error.message.startsWith(`"${endpoint}" is not a gRPC endpoint: `),
    );
  });
}
