/** The `http` block: who may use the admin server, and its TLS. Facts: grafana/alloy v1.18 `internal/service/http`. */
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { bool, list, oneOf, secret, string } from '#config/schema/types.ts';
import { cipherFault } from '#net/tls/names.ts';
import type { PemSource, TlsServerSettings, TlsVersion } from '#net/tls/settings.ts';
import { configBlock } from './config-block.ts';

const basic = body({
  username: attr(string, { required: true, doc: 'User.' }),
  password: attr(secret, { required: true, doc: 'Password.' }),
});
const filter = body({
  paths: attr(list(string), { default: [], doc: 'Beginnings of paths.' }),
  authenticate_matching_paths: attr(bool, {
    default: true,
    doc: 'Whether the paths that match need authentication (true), or all others (false).',
  }),
});
const auth = body({
  basic: block(basic, { optional: true, doc: 'Basic authentication.' }),
  filter: block(filter, { optional: true, doc: 'Which paths need authentication; without it all do.' }),
});

const version = oneOf('', 'TLS10', 'TLS11', 'TLS12', 'TLS13');
const CURVES: Readonly<Record<string, string>> = {
  CurveP256: 'P256',
  CurveP384: 'P384',
  CurveP521: 'P521',
  X25519: 'X25519',
};
const certificateFilter = body({});

const tls = body(
  {
    cert_pem: attr(string, { default: '', doc: 'PEM text of the certificate.' }),
    cert_file: attr(string, { default: '', doc: 'File with the certificate.' }),
    key_pem: attr(secret, { doc: 'PEM text of the private key.' }),
    key_file: attr(string, { default: '', doc: 'File with the private key.' }),
    client_ca_pem: attr(string, { default: '', doc: 'PEM text of the authority of clients.' }),
    client_ca_file: attr(string, { default: '', doc: 'File with the authority of clients.' }),
    client_auth_type: attr(
      oneOf(
        'NoClientCert',
        'RequestClientCert',
        'RequireAnyClientCert',
        'VerifyClientCertIfGiven',
        'RequireAndVerifyClientCert',
      ),
      {
        default: 'NoClientCert',
        doc: 'Whether clients must show a certificate: NoClientCert or RequireAndVerifyClientCert. The others are not offered.',
      },
    ),
    cipher_suites: attr(list(string), {
      default: [],
      doc: "Cipher suites by Go's names; empty means the default list.",
    }),
    curve_preferences: attr(list(oneOf('CurveP256', 'CurveP384', 'CurveP521', 'X25519')), {
      default: [],
      doc: 'Curves for the key exchange; empty means the default list.',
    }),
    min_version: attr(version, { default: '', doc: 'Oldest TLS version; TLS12 when not set.' }),
    max_version: attr(version, { default: '', doc: 'Newest TLS version; TLS13 when not set.' }),
    windows_certificate_filter: block(certificateFilter, {
      optional: true,
      doc: 'Certificates of Windows. Not offered.',
    }),
  },
  (args, error) => {
    const key = args.key_pem?.secret ?? '';
    if (args.windows_certificate_filter !== undefined)
      error('windows_certificate_filter', 'windows_certificate_filter is for Windows only and not offered');
    if ((args.cert_pem === '') === (args.cert_file === ''))
      error('cert_pem', 'exactly one of cert_pem and cert_file must be set');
    if ((key === '') === (args.key_file === '')) error('key_pem', 'exactly one of key_pem and key_file must be set');
    if (args.client_ca_pem !== '' && args.client_ca_file !== '')
      error('client_ca_pem', 'at most one of client_ca_pem and client_ca_file may be set');
    const hasCa = args.client_ca_pem !== '' || args.client_ca_file !== '';
    if (args.client_auth_type === 'RequireAndVerifyClientCert') {
      if (!hasCa) error('client_auth_type', 'RequireAndVerifyClientCert needs client_ca_pem or client_ca_file');
    } else if (args.client_auth_type !== 'NoClientCert')
      error(
        'client_auth_type',
        `${args.client_auth_type} is not offered: use NoClientCert or RequireAndVerifyClientCert`,
      );
    for (const name of args.cipher_suites) {
      const fault = cipherFault(name, false);
      if (fault !== null) error('cipher_suites', fault);
    }
  },
);

const args = body({
  auth: block(auth, { optional: true, doc: 'Authentication.' }),
  tls: block(tls, { optional: true, doc: 'TLS; without it the admin server speaks plain HTTP.' }),
});

export const http = configBlock({
  name: 'http',
  stability: 'generally-available',
  summary: 'Authentication and TLS of the admin server: its page, API, metrics and health.',
  args,
});
export type HttpSettings = Infer<typeof args>;

const VERSIONS: Readonly<Record<string, TlsVersion>> = { TLS10: '1.0', TLS11: '1.1', TLS12: '1.2', TLS13: '1.3' };

/** null: plain HTTP. */
export function adminTls({ tls: given }: HttpSettings): TlsServerSettings | null {
  if (given === undefined) return null;
  const source = (file: string, pem: string): PemSource | null =>
    file !== '' ? { file } : pem !== '' ? { pem } : null;
  return {
    cert: source(given.cert_file, given.cert_pem),
    key: source(given.key_file, given.key_pem?.secret ?? ''),
    clientCa: given.client_auth_type === 'NoClientCert' ? null : source(given.client_ca_file, given.client_ca_pem),
    minVersion: VERSIONS[given.min_version] ?? '1.2',
    maxVersion: VERSIONS[given.max_version] ?? '1.3',
    cipherSuites: given.cipher_suites,
    curves: given.curve_preferences.map((curve) => CURVES[curve]),
    systemCa: false,
    reloadMs: 0,
  };
}
