/**
 * The `tls` blocks that servers and clients share, and their way to `#net/tls` settings. Alloy documents them with
 * otelcol.receiver.otlp and otelcol.exporter.otlp.
 */
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { bool, duration, list, oneOf, secret, string } from '#config/schema/types.ts';
import { cipherFault } from '#net/tls/names.ts';
import type { TlsClientSettings, TlsServerSettings, TlsSettings } from '#net/tls/settings.ts';
import { checkAuthorities, checkCertificate, isSet, pemSource } from './pem.ts';

const tpmBlock = body(
  {
    enabled: attr(bool, {
      default: false,
      doc: 'Take the private key from a trusted platform module. Not available here.',
    }),
    path: attr(string, { default: '', doc: "Path of the module's device or Unix socket." }),
    owner_auth: attr(string, { default: '', doc: 'Owner password of the module.' }),
    auth: attr(string, { default: '', doc: 'Password of the key.' }),
  },
  (args, error) => {
    if (args.enabled)
      error('enabled', 'keys in a trusted platform module are not supported; give the key with key_file or key_pem');
  },
);

const version = oneOf('1.0', '1.1', '1.2', '1.3');

const shared = {
  ca_pem: attr(string, {
    doc: "PEM text of the certificate authority that signs the peer's certificate. Servers use `client_ca_file` instead.",
  }),
  ca_file: attr(string, {
    doc: "File with the certificate authority that signs the peer's certificate. Servers use `client_ca_file` instead.",
  }),
  cert_pem: attr(string, { doc: 'PEM text of the own certificate.' }),
  cert_file: attr(string, { doc: 'File with the own certificate.' }),
  key_pem: attr(secret, { doc: 'PEM text of the own private key.' }),
  key_file: attr(string, { doc: 'File with the own private key.' }),
  min_version: attr(version, { default: '1.2', otelcol: { unset: true }, doc: 'Oldest TLS version that is accepted.' }),
  max_version: attr(version, { default: '1.3', otelcol: { unset: true }, doc: 'Newest TLS version that is accepted.' }),
  reload_interval: attr(duration, { default: 0, doc: 'How often the files are read again; `"0s"` means never.' }),
  cipher_suites: attr(list(string), {
    default: [],
    doc: 'Cipher suites for TLS 1.2 and older, by their names in Go; empty means the default list.',
  }),
  include_insecure_cipher_suites: attr(bool, { default: false, doc: 'Allow insecure suites in `cipher_suites`.' }),
  include_system_ca_certs_pool: attr(bool, {
    default: false,
    doc: "Trust the system's certificate authorities besides the configured one.",
  }),
  curve_preferences: attr(list(oneOf('X25519', 'P521', 'P256', 'P384')), {
    default: [],
    doc: 'Curves for the key exchange, in order of preference; empty means the default list.',
  }),
  tpm: block(tpmBlock, { doc: 'Trusted platform module that holds the private key.' }),
} as const;

/** `tls` of a server. Present = TLS is on. Use with `block(tlsServerBlock, { optional: true, ... })`. */
export const tlsServerBlock = body(
  {
    ...shared,
    client_ca_file: attr(string, {
      doc: 'File with the certificate authority of the clients; when set, every client must show a certificate signed by it.',
    }),
  },
  (args, error) => {
    checkShared(args, error);
    if (!isSet(args.cert_pem) && !isSet(args.cert_file))
      error('cert_file', 'a TLS server needs a certificate: set cert_file or cert_pem, and key_file or key_pem');
  },
);

/** `tls` of a client. Absent = TLS with the system's authorities. Use with `block(tlsClientBlock, { ... })`. */
export const tlsClientBlock = body(
  {
    ...shared,
    insecure: attr(bool, { default: false, doc: 'Connect without TLS, unless a certificate authority is configured.' }),
    insecure_skip_verify: attr(bool, { default: false, doc: 'Use TLS, but accept any certificate.' }),
    server_name: attr(string, { doc: "Name to expect in the server's certificate instead of the host's name." }),
  },
  (args, error) => checkShared(args, error),
);

export type TlsServerArgs = Infer<typeof tlsServerBlock>;
export type TlsClientArgs = Infer<typeof tlsClientBlock>;

export function tlsServerSettings(args: TlsServerArgs): TlsServerSettings {
  return { ...settings(args), clientCa: pemSource(args.client_ca_file, undefined) };
}

/** null: the connection does without TLS (`insecure` without a certificate authority, as the Collector's configtls decides). */
export function tlsClientSettings(args: TlsClientArgs): TlsClientSettings | null {
  const ca = pemSource(args.ca_file, args.ca_pem);
  if (args.insecure && ca === null) return null;
  return { ...settings(args), ca, skipVerify: args.insecure_skip_verify, serverName: args.server_name ?? '' };
}

type SharedArgs = Pick<TlsServerArgs, keyof typeof shared>;

function settings(args: SharedArgs): TlsSettings {
  return {
    cert: pemSource(args.cert_file, args.cert_pem),
    key: pemSource(args.key_file, args.key_pem?.secret),
    minVersion: args.min_version,
    maxVersion: args.max_version,
    cipherSuites: args.cipher_suites,
    curves: args.curve_preferences,
    systemCa: args.include_system_ca_certs_pool,
    reloadMs: args.reload_interval,
  };
}

function checkShared(args: SharedArgs, error: (key: keyof typeof shared, message: string) => void): void {
  const key = args.key_pem?.secret;
  if (isSet(args.ca_pem) && isSet(args.ca_file)) error('ca_pem', 'at most one of ca_pem and ca_file may be set');
  if (isSet(args.cert_pem) && isSet(args.cert_file))
    error('cert_pem', 'at most one of cert_pem and cert_file may be set');
  if (isSet(key) && isSet(args.key_file)) error('key_pem', 'at most one of key_pem and key_file may be set');
  const hasCert = isSet(args.cert_pem) || isSet(args.cert_file);
  const hasKey = isSet(key) || isSet(args.key_file);
  if (hasCert && !hasKey)
    error(isSet(args.cert_pem) ? 'cert_pem' : 'cert_file', 'a certificate needs its key: set key_file or key_pem');
  if (hasKey && !hasCert)
    error(isSet(key) ? 'key_pem' : 'key_file', 'a key needs its certificate: set cert_file or cert_pem');
  checkAuthorities('ca_pem', args.ca_pem, error);
  checkCertificate(args, error);
  if (args.min_version > args.max_version) error('min_version', 'min_version must not be newer than max_version');
  if (args.reload_interval < 0) error('reload_interval', 'reload_interval must not be negative');
  for (const name of args.cipher_suites) {
    const fault = cipherFault(name, args.include_insecure_cipher_suites);
    if (fault !== null) error('cipher_suites', fault);
  }
}
