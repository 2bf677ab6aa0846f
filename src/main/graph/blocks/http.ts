/**
 * The `http` block. Facts: grafana/alloy v1.18 `internal/service/http` tls.go, auth.go, http.go.
 */
import { checkAuthorities, checkCertificate, isSet, pemSource } from '#components/kit/blocks/pem.ts';
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { bool, duration, list, oneOf, secret, string } from '#config/schema/types.ts';
import type { SwitchedTls } from '#net/server/switching-http.ts';
import { CLIENT_AUTH_TYPES } from '#net/tls/client-auth.ts';
import { loadServerTls } from '#net/tls/load.ts';
import { cipherFault } from '#net/tls/names.ts';
import type { TlsVersion } from '#net/tls/settings.ts';
import { configBlock } from './config-block.ts';

/** Alloy reads the files at every handshake; this is how late a new certificate may be found here. */
const RELOAD_MS = 10_000;

const VERSIONS = { TLS10: '1.0', TLS11: '1.1', TLS12: '1.2', TLS13: '1.3' } as const satisfies Record<
  string,
  TlsVersion
>;
const CURVES = { CurveP256: 'P256', CurveP384: 'P384', CurveP521: 'P521', X25519: 'X25519' } as const;

// Alloy takes an empty string for "not set".
const version = oneOf('', 'TLS10', 'TLS11', 'TLS12', 'TLS13');

const windowsFilterBlock = body({
  server: block(
    body({
      store: attr(string, { default: '', doc: 'Store with the certificate.' }),
      system_store: attr(string, { default: '', doc: 'System store with the certificate.' }),
      issuer_common_names: attr(list(string), { default: [], doc: 'Common names of its issuer.' }),
      template_id: attr(string, { default: '', doc: 'Its template.' }),
      refresh_interval: attr(duration, { default: 300_000, doc: 'How often to look for a new one.' }),
    }),
    { doc: 'How to find the certificate of the server.' },
  ),
  client: block(
    body({
      issuer_common_names: attr(list(string), { default: [], doc: 'Common names of its issuer.' }),
      subject_regex: attr(string, { default: '', doc: 'What its subject must match.' }),
      template_id: attr(string, { default: '', doc: 'Its template.' }),
    }),
    { doc: "How to check a client's certificate." },
  ),
});

const tlsBlock = body(
  {
    cert_pem: attr(string, { default: '', doc: 'PEM text of the certificate.' }),
    cert_file: attr(string, { default: '', doc: 'File with the certificate.' }),
    key_pem: attr(secret, { doc: 'PEM text of the private key.' }),
    key_file: attr(string, { default: '', doc: 'File with the private key.' }),
    client_ca_pem: attr(string, {
      default: '',
      doc: 'PEM text of the authority that signs the certificates of clients.',
    }),
    client_ca_file: attr(string, {
      default: '',
      doc: 'File with the authority that signs the certificates of clients.',
    }),
    client_auth_type: attr(oneOf(...CLIENT_AUTH_TYPES), {
      default: 'NoClientCert',
      doc: 'Whether clients show a certificate, and whether it is verified.',
    }),
    cipher_suites: attr(list(string), {
      default: [],
      doc: 'Cipher suites for TLS 1.2 and older, by their names in Go; empty means the default list.',
    }),
    curve_preferences: attr(list(oneOf('CurveP256', 'CurveP384', 'CurveP521', 'X25519')), {
      default: [],
      doc: 'Curves for the key exchange, in order of preference; empty means the default list.',
    }),
    min_version: attr(version, { default: '', doc: 'Oldest TLS version that is accepted; empty means TLS12.' }),
    max_version: attr(version, { default: '', doc: 'Newest TLS version that is accepted; empty means TLS13.' }),
    windows_certificate_filter: block(windowsFilterBlock, {
      optional: true,
      doc: 'Takes the certificate from the Windows certificate store. Not available here.',
    }),
  },
  (args, error) => {
    if (args.windows_certificate_filter !== undefined) {
      error('windows_certificate_filter', 'the Windows certificate store is available only on Windows');
      return;
    }
    const key = args.key_pem?.secret;
    const both = 'and its file cannot both be set';
    if (args.client_ca_pem !== '' && args.client_ca_file !== '') error('client_ca_pem', `client_ca_pem ${both}`);
    if (args.cert_pem !== '' && args.cert_file !== '') error('cert_pem', `cert_pem ${both}`);
    if (isSet(key) && args.key_file !== '') error('key_pem', `key_pem ${both}`);
    if (args.cert_pem === '' && args.cert_file === '')
      error('cert_file', 'TLS needs a certificate: set cert_file or cert_pem');
    if (!isSet(key) && args.key_file === '') error('key_file', 'TLS needs a private key: set key_file or key_pem');
    const ca = args.client_ca_pem !== '' ? 'client_ca_pem' : 'client_ca_file';
    if (args[ca] !== '' && args.client_auth_type === 'NoClientCert')
      error(ca, `${ca} has no meaning while client_auth_type is "NoClientCert": set client_auth_type`);
    if (versionOf(args.min_version, '1.2') > versionOf(args.max_version, '1.3'))
      error('min_version', 'min_version must not be newer than max_version');
    for (const name of args.cipher_suites) {
      const fault = cipherFault(name, true);
      if (fault !== null) error('cipher_suites', fault);
    }
    checkAuthorities('client_ca_pem', args.client_ca_pem, error);
    checkCertificate(args, error);
  },
);

const authBlock = body({
  basic: block(
    body({
      username: attr(string, { required: true, doc: 'The name that a client must give.' }),
      password: attr(secret, { required: true, doc: 'The password that a client must give.' }),
    }),
    { optional: true, doc: 'Asks for a name and a password (HTTP Basic).' },
  ),
  filter: block(
    body({
      paths: attr(list(string), { default: [], doc: 'Beginnings of paths.' }),
      authenticate_matching_paths: attr(bool, {
        default: true,
        doc: 'true: only these paths need authentication. false: all others do.',
      }),
    }),
    { optional: true, doc: 'Which paths need authentication; without this block all of them do.' },
  ),
});

export const http = configBlock({
  name: 'http',
  stability: 'generally-available',
  summary: 'TLS and authentication of the admin server: its UI, API, metrics, health and reload.',
  args: body({
    tls: block(tlsBlock, { optional: true, doc: 'Serves over TLS.' }),
    auth: block(authBlock, { optional: true, doc: 'Asks clients who they are.' }),
  }),
  check: ({ tls }) => {
    if (tls !== undefined) loadServerTls(adminTls(tls).settings);
  },
});

export type HttpSettings = Infer<typeof http.args>;
export type AuthArgs = NonNullable<HttpSettings['auth']>;
type TlsArgs = Infer<typeof tlsBlock>;

export function adminTls(args: TlsArgs): SwitchedTls {
  return {
    settings: {
      cert: pemSource(args.cert_file, args.cert_pem),
      key: pemSource(args.key_file, args.key_pem?.secret),
      clientCa: pemSource(args.client_ca_file, args.client_ca_pem),
      minVersion: versionOf(args.min_version, '1.2'),
      maxVersion: versionOf(args.max_version, '1.3'),
      cipherSuites: args.cipher_suites,
      curves: args.curve_preferences.map((name) => CURVES[name]),
      systemCa: false,
      reloadMs: RELOAD_MS,
    },
    clientAuth: args.client_auth_type,
  };
}

const versionOf = (written: keyof typeof VERSIONS | '', otherwise: TlsVersion): TlsVersion =>
  written === '' ? otherwise : VERSIONS[written];
