import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { loadClientTls, loadServerTls } from '#net/tls/load.ts';
import { cipherFault, opensslCiphers, opensslCurves } from '#net/tls/names.ts';
import type { TlsClientSettings, TlsServerSettings } from '#net/tls/settings.ts';
import { CertificateAuthority } from '#test/support/certs.ts';

const dir = mkdtempSync(join(tmpdir(), 'millrace-tls-'));
after(() => rmSync(dir, { recursive: true }));
const file = (name: string, text: string): string => {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
};

const ca = new CertificateAuthority();
const own = ca.issue();
const base = {
  cert: { pem: own.cert },
  key: { pem: own.key },
  minVersion: '1.2',
  maxVersion: '1.3',
  cipherSuites: [],
  curves: [],
  systemCa: false,
  reloadMs: 0,
} as const;
const serverSettings: TlsServerSettings = { ...base, clientCa: null };
const clientSettings: TlsClientSettings = {
  ...base,
  cert: null,
  key: null,
  ca: { pem: ca.cert },
  skipVerify: false,
  serverName: '',
};

/** One handshake; resolves with what both sides agreed on, rejects with the client's error. */
async function handshake(
  server: TlsServerSettings,
  client: TlsClientSettings,
): Promise<{ protocol: string; cipher: string; curve: string; clientName: string }> {
  const listener = createServer({ ...loadServerTls(server).options });
  listener.on('tlsClientError', () => {}); // the client reports it
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const socket = connect({
    host: '127.0.0.1',
    port: (listener.address() as AddressInfo).port,
    ...loadClientTls(client).options,
  });
  try {
    const [peer] = (await Promise.race([
      once(listener, 'secureConnection'),
      once(socket, 'error').then(([error]) => Promise.reject(error as Error)),
    ])) as [TLSSocket];
    if (!socket.authorized && !client.skipVerify) await once(socket, 'secureConnect');
    const ephemeral = socket.getEphemeralKeyInfo() as { name?: string };
    const subject = peer.getPeerCertificate().subject as { CN?: string } | undefined;
    return {
      protocol: socket.getProtocol() ?? '',
      cipher: socket.getCipher().standardName,
      curve: ephemeral.name ?? '',
      clientName: subject?.CN ?? '',
    };
  } finally {
    socket.destroy();
    listener.close();
    await once(listener, 'close');
  }
}

test('a client that trusts the authority connects, by file and by text', async () => {
  const byFile = { ...serverSettings, cert: { file: file('a.pem', own.cert) }, key: { file: file('a.key', own.key) } };
  assert.equal(
    (await handshake(byFile, { ...clientSettings, ca: { file: file('ca.pem', ca.cert) } })).protocol,
    'TLSv1.3',
  );
});

test('a client that does not trust it is refused, unless it skips the check or the name is wrong', async () => {
  const stranger = { ...clientSettings, ca: { pem: new CertificateAuthority('stranger').cert } };
  await assert.rejects(handshake(serverSettings, stranger), /certificate/);
  await assert.rejects(
    handshake(serverSettings, { ...clientSettings, ca: null }),
    /certificate/,
    'the system does not know the authority',
  );
  assert.equal((await handshake(serverSettings, { ...stranger, skipVerify: true })).protocol, 'TLSv1.3');
  await assert.rejects(handshake(serverSettings, { ...clientSettings, serverName: 'other.example' }), /other\.example/);
  assert.equal((await handshake(serverSettings, { ...clientSettings, serverName: 'localhost' })).protocol, 'TLSv1.3');
});

test('client_ca_file asks every client for a certificate of that authority', async () => {
  const mtls = { ...serverSettings, maxVersion: '1.2', clientCa: { pem: ca.cert } } as const;
  await assert.rejects(handshake(mtls, clientSettings), /handshake|certificate|reset|disconnected/i);
  const foreign = new CertificateAuthority('other').issue();
  await assert.rejects(
    handshake(mtls, { ...clientSettings, cert: { pem: foreign.cert }, key: { pem: foreign.key } }),
    /alert|certificate|reset|disconnected/i,
  );
  const known = ca.issue('agent-7');
  assert.equal(
    (await handshake(mtls, { ...clientSettings, cert: { pem: known.cert }, key: { pem: known.key } })).clientName,
    'agent-7',
  );
});

test('versions bound the handshake from both sides', async () => {
  assert.equal((await handshake({ ...serverSettings, maxVersion: '1.2' }, clientSettings)).protocol, 'TLSv1.2');
  await assert.rejects(
    handshake({ ...serverSettings, minVersion: '1.3' }, { ...clientSettings, maxVersion: '1.2' }),
    /version/i,
  );
  assert.equal(
    (
      await handshake(
        { ...serverSettings, minVersion: '1.0' },
        { ...clientSettings, minVersion: '1.0', maxVersion: '1.1' },
      )
    ).protocol,
    'TLSv1.1',
  );
  assert.equal(
    (await handshake({ ...serverSettings, minVersion: '1.1' }, clientSettings)).protocol,
    'TLSv1.3',
    'an old minimum does not lower the maximum',
  );
});

test('cipher suites by their Go names; TLS 1.3 keeps its own', async () => {
  const suite = 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384';
  const agreed = await handshake({ ...serverSettings, cipherSuites: [suite], maxVersion: '1.2' }, clientSettings);
  assert.equal(agreed.cipher, suite);
  assert.equal((await handshake({ ...serverSettings, cipherSuites: [suite] }, clientSettings)).protocol, 'TLSv1.3');
  assert.equal(opensslCiphers([]), undefined);
  assert.equal(cipherFault(suite, false), null);
  assert.match(cipherFault('TLS_RSA_WITH_AES_128_CBC_SHA', false) ?? '', /include_insecure_cipher_suites/);
  assert.equal(cipherFault('TLS_RSA_WITH_AES_128_CBC_SHA', true), null);
  assert.match(cipherFault('TLS_RSA_WITH_RC4_128_SHA', true) ?? '', /not part of this runtime/);
  assert.match(cipherFault('AES128', true) ?? '', /unknown cipher suite "AES128"/);
  assert.throws(() => opensslCiphers(['AES128']), /unknown cipher suite/);
});

test('every suite that is offered exists in this OpenSSL', () => {
  for (const suite of [
    'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
    'TLS_RSA_WITH_AES_256_GCM_SHA384',
    'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256',
  ]) {
    assert.ok(loadServerTls({ ...serverSettings, cipherSuites: [suite], maxVersion: '1.2' }));
  }
});

test('curves in order of preference', async () => {
  assert.equal((await handshake({ ...serverSettings, curves: ['P384'] }, clientSettings)).curve, 'secp384r1');
  assert.equal(opensslCurves(['X25519', 'P256', 'P521']), 'X25519:prime256v1:secp521r1');
  assert.throws(() => opensslCurves(['P224']), /unknown curve "P224"; use one of X25519, P256/);
});

test('errors name the file and what to do', () => {
  const path = join(dir, 'missing.pem');
  assert.throws(
    () => loadServerTls({ ...serverSettings, cert: { file: path } }),
    (error: Error) => {
      assert.match(error.message, /cannot read the TLS cert_file .*missing\.pem: .*ENOENT.*check the path/);
      return error.name === 'MillraceError';
    },
  );
  assert.throws(
    () => loadServerTls({ ...serverSettings, cert: { file: file('junk.pem', 'junk') } }),
    /: the TLS cert_file .*junk\.pem is not a PEM certificate: no start line$/,
  );
  assert.throws(
    () => loadServerTls({ ...serverSettings, key: { file: file('junk.key', 'junk') } }),
    /: the TLS key_file .*junk\.key is not an unencrypted PEM private key/,
  );
  assert.throws(
    () => loadServerTls({ ...serverSettings, key: { pem: ca.issue().key } }),
    /: the TLS key_pem does not belong to the certificate of the TLS cert_pem$/,
  );
  assert.throws(
    () => loadServerTls({ ...serverSettings, clientCa: { file: file('empty.pem', '') } }),
    /: the TLS client_ca_file .*empty\.pem holds no PEM certificate/,
  );
  assert.throws(() => loadClientTls({ ...clientSettings, ca: { pem: 'junk' } }), /: the TLS ca_pem holds no PEM/);
  assert.throws(() => loadServerTls({ ...serverSettings, cert: null, key: null }), /needs a certificate/);
  assert.throws(
    () => loadClientTls({ ...clientSettings, cert: { pem: own.cert } }),
    /certificate is set without its key/,
  );
});

test('include_system_ca_certs_pool adds to the configured authority', async () => {
  assert.equal((await handshake(serverSettings, { ...clientSettings, systemCa: true })).protocol, 'TLSv1.3');
});

test('a file that has no end, a pipe that nobody writes, a folder: an error, at once', (t) => {
  const pipe = join(dir, 'pipe');
  const made = spawnSync('mkfifo', [pipe]).status === 0;
  if (!made || process.platform === 'win32') return t.skip('mkfifo is not there');
  for (const [path, why] of [
    ['/dev/zero', 'more than 4194304 bytes'],
    [pipe, 'is not a PEM certificate'],
    [dir, 'EISDIR'],
  ])
    assert.throws(
      () => loadServerTls({ ...serverSettings, cert: { file: path } }),
      (error: Error) => error.name === 'MillraceError' && error.message.includes(path) && error.message.includes(why),
      path,
    );
});
