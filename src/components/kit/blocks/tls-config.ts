/** `tls_config { ... }`: TLS of Prometheus' HTTP client. Exporters and receivers have another block, `tls` (`tls.ts`). */
import { attr, body, type Infer } from '#config/schema/schema.ts';
import { bool, oneOf, secret, string } from '#config/schema/types.ts';
import type { TlsClientSettings, TlsVersion } from '#net/tls/settings.ts';
import { DEFAULT_CLIENT_TLS } from '#net/client/default-tls.ts';
import { checkAuthorities, checkCertificate, isSet, pemSource } from './pem.ts';

const VERSIONS: Readonly<Record<string, TlsVersion>> = { TLS10: '1.0', TLS11: '1.1', TLS12: '1.2', TLS13: '1.3' };

export const tlsConfigBlock = body(
  {
    ca_pem: attr(string, { doc: "PEM text of the certificate authority that signs the server's certificate." }),
    ca_file: attr(string, { doc: "File with the certificate authority that signs the server's certificate." }),
    cert_pem: attr(string, { doc: 'PEM text of the own certificate.' }),
    cert_file: attr(string, { doc: 'File with the own certificate.' }),
    key_pem: attr(secret, { doc: 'PEM text of the own private key.' }),
    key_file: attr(string, { doc: 'File with the own private key.' }),
    server_name: attr(string, { doc: "Name to expect in the server's certificate instead of the host's name." }),
    insecure_skip_verify: attr(bool, { default: false, doc: 'Accept any certificate.' }),
    min_version: attr(oneOf('TLS10', 'TLS11', 'TLS12', 'TLS13'), {
      doc: 'Oldest TLS version that is accepted, `TLS12` when not set.',
    }),
  },
  (args, error) => {
    const { ca_pem, cert_pem } = args;
    const key_pem = args.key_pem?.secret;
    if (isSet(ca_pem) && isSet(args.ca_file)) error('ca_file', 'at most one of ca_pem and ca_file must be configured');
    if (isSet(cert_pem) && isSet(args.cert_file))
      error('cert_file', 'at most one of cert_pem and cert_file must be configured');
    if (isSet(key_pem) && isSet(args.key_file))
      error('key_file', 'at most one of key_pem and key_file must be configured');
    const hasCert = isSet(cert_pem) || isSet(args.cert_file);
    const hasKey = isSet(key_pem) || isSet(args.key_file);
    if (hasCert && !hasKey)
      error(
        isSet(cert_pem) ? 'cert_pem' : 'cert_file',
        'exactly one of key_pem or key_file must be configured when a client certificate is configured',
      );
    if (hasKey && !hasCert)
      error(
        isSet(key_pem) ? 'key_pem' : 'key_file',
        'exactly one of cert_pem or cert_file must be configured when a client key is configured',
      );
    checkAuthorities('ca_pem', args.ca_pem, error);
    checkCertificate(args, error);
  },
);
export type TlsConfigArgs = Infer<typeof tlsConfigBlock>;

export const tlsConfigSettings = (args: TlsConfigArgs): TlsClientSettings => ({
  ...DEFAULT_CLIENT_TLS,
  ca: pemSource(args.ca_file, args.ca_pem),
  cert: pemSource(args.cert_file, args.cert_pem),
  key: pemSource(args.key_file, args.key_pem?.secret),
  skipVerify: args.insecure_skip_verify,
  serverName: args.server_name ?? '',
  minVersion: VERSIONS[args.min_version ?? 'TLS12'],
});
