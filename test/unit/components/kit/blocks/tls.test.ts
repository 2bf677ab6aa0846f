import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  tlsClientBlock,
  tlsClientSettings,
  tlsServerBlock,
  tlsServerSettings,
  type TlsClientArgs,
  type TlsServerArgs,
} from '#components/kit/blocks/tls.ts';
import { defaults } from '#config/schema/schema.ts';
import { secret } from '#config/schema/types.ts';
import type { Secret } from '#config/schema/types.ts';
import { CertificateAuthority } from '#test/support/certs.ts';

const client = (changes: Partial<TlsClientArgs> = {}): TlsClientArgs => ({ ...defaults(tlsClientBlock), ...changes });
const server = (changes: Partial<TlsServerArgs> = {}): TlsServerArgs => ({
  ...defaults(tlsServerBlock),
  cert_file: 'c.pem',
  key_file: 'k.pem',
  ...changes,
});
const AUTHORITY = new CertificateAuthority();
const PAIR = AUTHORITY.issue();
const hidden = secret.decode(PAIR.key) as Secret;

function clientProblems(changes: Partial<TlsClientArgs>): string[] {
  const found: string[] = [];
  tlsClientBlock.validate?.(client(changes), (key) => found.push(key));
  return found;
}
function serverProblems(changes: Partial<TlsServerArgs>): string[] {
  const found: string[] = [];
  tlsServerBlock.validate?.(server(changes), (key) => found.push(key));
  return found;
}

describe('tls blocks', () => {
  it('are valid by default; a server needs a certificate', () => {
    assert.deepEqual(clientProblems({}), []);
    assert.deepEqual(serverProblems({}), []);
    assert.deepEqual(serverProblems({ cert_file: '', key_file: undefined }), ['cert_file']);
  });
  it('take each thing from a file or as text, not both, and key and certificate together', () => {
    assert.deepEqual(clientProblems({ ca_pem: AUTHORITY.cert, ca_file: 'y' }), ['ca_pem']);
    assert.deepEqual(clientProblems({ cert_pem: PAIR.cert, cert_file: 'y', key_file: 'k' }), ['cert_pem']);
    assert.deepEqual(clientProblems({ cert_pem: PAIR.cert, key_pem: hidden, key_file: 'k' }), ['key_pem']);
    assert.deepEqual(clientProblems({ cert_pem: PAIR.cert }), ['cert_pem']);
    assert.deepEqual(clientProblems({ key_pem: hidden }), ['key_pem']);
    assert.deepEqual(clientProblems({ key_file: 'k' }), ['key_file']);
  });
  it('read PEM text, and say what it is not', () => {
    const found: string[] = [];
    const check = (changes: Partial<TlsClientArgs>): void =>
      tlsClientBlock.validate?.(client(changes), (key, message) => found.push(`${key}: ${message}`));
    check({ ca_pem: AUTHORITY.cert, cert_pem: PAIR.cert, key_pem: hidden });
    check({ ca_pem: '', cert_pem: '', key_pem: secret.decode('') as Secret });
    assert.equal(found.length, 0);
    check({ ca_pem: 'garbage', cert_pem: 'garbage', key_pem: secret.decode('sesame') as Secret });
    check({ cert_pem: AUTHORITY.issue().cert, key_pem: hidden });
    assert.deepEqual(
      found.map((text) => text.replace(/(private key): .*/, '$1')),
      [
        'ca_pem: ca_pem holds no PEM certificate',
        'cert_pem: cert_pem is not a PEM certificate: no start line',
        'key_pem: key_pem is not an unencrypted PEM private key',
        'key_pem: key_pem does not belong to the certificate of cert_pem',
      ],
    );
    assert.doesNotMatch(found.join(), /sesame|\.c:/);
  });
  it('check versions and cipher suites', () => {
    assert.deepEqual(clientProblems({ min_version: '1.3', max_version: '1.2' }), ['min_version']);
    assert.deepEqual(clientProblems({ cipher_suites: ['TLS_RSA_WITH_AES_128_CBC_SHA', 'NONE'] }), [
      'cipher_suites',
      'cipher_suites',
    ]);
    assert.deepEqual(
      clientProblems({ cipher_suites: ['TLS_RSA_WITH_AES_128_CBC_SHA'], include_insecure_cipher_suites: true }),
      [],
    );
    assert.deepEqual(clientProblems({ reload_interval: -1 }), ['reload_interval']);
  });
  it('refuse a trusted platform module that is switched on', () => {
    const found: string[] = [];
    const { tpm } = tlsServerBlock.shape;
    tpm.body.validate?.({ enabled: true, path: '', owner_auth: '', auth: '' }, (key: string, message: string) =>
      found.push(key, message),
    );
    assert.deepEqual([found[0], /not supported/.test(found[1] ?? '')], ['enabled', true]);
  });
  it('become settings; an empty string is "not set"', () => {
    assert.deepEqual(
      tlsServerSettings(
        server({ client_ca_file: 'ca.pem', ca_file: '', reload_interval: 5000, curve_preferences: ['P256'] }),
      ),
      {
        cert: { file: 'c.pem' },
        key: { file: 'k.pem' },
        minVersion: '1.2',
        maxVersion: '1.3',
        cipherSuites: [],
        curves: ['P256'],
        systemCa: false,
        reloadMs: 5000,
        clientCa: { file: 'ca.pem' },
      },
    );
    const settings = tlsClientSettings(
      client({ ca_pem: 'CA', cert_pem: 'CERT', key_pem: hidden, server_name: 'x', insecure_skip_verify: true }),
    );
    assert.deepEqual(
      [settings?.ca, settings?.cert, settings?.key, settings?.serverName, settings?.skipVerify],
      [{ pem: 'CA' }, { pem: 'CERT' }, { pem: PAIR.key }, 'x', true],
    );
  });
  it('insecure means no TLS, unless a certificate authority is configured', () => {
    assert.equal(tlsClientSettings(client({ insecure: true })), null);
    assert.notEqual(tlsClientSettings(client({ insecure: true, ca_file: 'ca.pem' })), null);
    assert.equal(tlsClientSettings(client())?.ca, null);
  });
});
