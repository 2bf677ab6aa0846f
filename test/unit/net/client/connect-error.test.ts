import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closedEarly, connectProblem } from '#net/client/connect-error.ts';

const PEER = { name: 'tempo:4317', tls: true, plain: 'write http://tempo:4317' };
const of = (code: string, more: object = {}, message = 'raw text'): string =>
  connectProblem(Object.assign(new Error(message), { code, ...more }), PEER);

const AUTHORITY =
  'the certificate of tempo:4317 is signed by an unknown authority: set ca_file in the tls block to the certificate of that authority';
const NO_TLS = 'tempo:4317 does not speak TLS: for plain text write http://tempo:4317';
const WANTS = 'tempo:4317 wants a client certificate that it trusts: set cert_file and key_file in the tls block';
const CASES: readonly [code: string, text: string, more?: object][] = [
  ['ERR_SSL_WRONG_VERSION_NUMBER', NO_TLS],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', NO_TLS],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', AUTHORITY],
  ['SELF_SIGNED_CERT_IN_CHAIN', AUTHORITY],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', AUTHORITY],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', AUTHORITY],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'the certificate of tempo:4317 is not for "a" but for b, 10.0.0.1: set server_name in the tls block to a name that it holds',
    { host: 'a', cert: { subjectaltname: 'DNS:b, IP Address:10.0.0.1' } },
  ],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'the certificate of tempo:4317 is not for this host: set server_name in the tls block to a name that it holds',
  ],
  ['CERT_HAS_EXPIRED', 'the certificate of tempo:4317 has expired: it must be renewed on the server'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', WANTS],
  ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', WANTS],
  ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', WANTS],
  [
    'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
    'tempo:4317 does not accept the client certificate: check cert_file in the tls block',
  ],
  ['ECONNREFUSED', 'nothing listens on 10.0.0.9:4317 (ECONNREFUSED)', { address: '10.0.0.9', port: 4317 }],
  // Every address of a name refused: an error that holds the others and says nothing itself.
  ['ECONNREFUSED', 'nothing listens on tempo:4317 (ECONNREFUSED)'],
  ['ENOTFOUND', 'the name tempo does not exist (ENOTFOUND)', { hostname: 'tempo' }],
  ['EAI_AGAIN', 'the name tempo cannot be looked up: DNS does not answer (EAI_AGAIN)', { hostname: 'tempo' }],
  ['ETIMEDOUT', 'tempo:4317 does not answer (ETIMEDOUT)'],
  ['ECONNRESET', 'tempo:4317 reset the connection (ECONNRESET)', { syscall: 'read' }],
  [
    'ECONNRESET',
    'tempo:4317 closed the connection during the TLS handshake: it may not speak TLS, or not accept the client certificate',
  ],
  ['UND_ERR_SOCKET', 'tempo:4317 closed the connection before its answer was complete', { socket: { bytesRead: 9 } }],
];
for (const [code, text, more] of CASES) test(`${code}: ${text}`, () => assert.equal(of(code, more), text));

test('of an unknown OpenSSL error only the reason stays', () => {
  const raw =
    '400D42356A7F0000:error:0A000126:SSL routines:ssl3_read_n:unexpected eof while reading:../deps/openssl/ssl/record/rec_layer_s3.c:918:\n';
  assert.equal(of('ERR_SSL_UNEXPECTED_EOF_WHILE_READING', {}, raw), 'unexpected eof while reading');
});
test('anything else is its own text on one line, and never nothing', () => {
  assert.equal(connectProblem(new Error('two\n  lines\n'), PEER), 'two lines');
  assert.equal(connectProblem('thrown text', PEER), 'thrown text');
  assert.equal(of('EWHATEVER', {}, ''), 'no connection to tempo:4317 (EWHATEVER)');
});
test('a silent end hints at TLS, with TLS at the client certificate; an abort tells its reason', () => {
  const early = closedEarly('HTTP/2');
  assert.match(connectProblem(early, { ...PEER, tls: false }), /before it spoke HTTP\/2 \(does it expect TLS\?\)$/);
  assert.match(connectProblem(early, PEER), /\(does it accept the client certificate\?\)$/);
  assert.equal(of('ABORT_ERR', { cause: new Error('no connection within 20000 ms') }), 'no connection within 20000 ms');
});
