/**
 * Go's names of cipher suites and curves, which configurations use, and OpenSSL's, which node:tls takes.
 * Facts: Go crypto/tls CipherSuites and InsecureCipherSuites; the OpenSSL manual page ciphers(1).
 */
import { MillraceError } from '#shared/errors.ts';

/** Always offered: neither Go nor we let a configuration narrow TLS 1.3. */
const TLS13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

const SECURE: ReadonlyMap<string, string> = new Map([
  ...TLS13.map((name): [string, string] => [name, name]),
  ['TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA', 'ECDHE-ECDSA-AES128-SHA'],
  ['TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA', 'ECDHE-ECDSA-AES256-SHA'],
  ['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', 'ECDHE-RSA-AES128-SHA'],
  ['TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA', 'ECDHE-RSA-AES256-SHA'],
  ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
  ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
  ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ['TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
]);

/** Allowed only with `include_insecure_cipher_suites`. RC4 and 3DES suites are in no OpenSSL that Node ships. */
const INSECURE: ReadonlyMap<string, string> = new Map([
  ['TLS_RSA_WITH_AES_128_CBC_SHA', 'AES128-SHA'],
  ['TLS_RSA_WITH_AES_256_CBC_SHA', 'AES256-SHA'],
  ['TLS_RSA_WITH_AES_128_CBC_SHA256', 'AES128-SHA256'],
  ['TLS_RSA_WITH_AES_128_GCM_SHA256', 'AES128-GCM-SHA256'],
  ['TLS_RSA_WITH_AES_256_GCM_SHA384', 'AES256-GCM-SHA384'],
  ['TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256', 'ECDHE-ECDSA-AES128-SHA256'],
  ['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256', 'ECDHE-RSA-AES128-SHA256'],
]);

const UNAVAILABLE: ReadonlySet<string> = new Set([
  'TLS_RSA_WITH_RC4_128_SHA',
  'TLS_RSA_WITH_3DES_EDE_CBC_SHA',
  'TLS_ECDHE_ECDSA_WITH_RC4_128_SHA',
  'TLS_ECDHE_RSA_WITH_RC4_128_SHA',
  'TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA',
]);

const CURVES: ReadonlyMap<string, string> = new Map([
  ['X25519', 'X25519'],
  ['P256', 'prime256v1'],
  ['P384', 'secp384r1'],
  ['P521', 'secp521r1'],
]);
export const CURVE_NAMES: readonly string[] = [...CURVES.keys()];

/** Why `name` cannot be used as a cipher suite, or null when it can. */
export function cipherFault(name: string, includeInsecure: boolean): string | null {
  if (SECURE.has(name)) return null;
  if (INSECURE.has(name)) {
    return includeInsecure ? null : `cipher suite "${name}" is insecure; set include_insecure_cipher_suites to use it`;
  }
  if (UNAVAILABLE.has(name)) return `cipher suite "${name}" is not part of this runtime's OpenSSL`;
  return `unknown cipher suite "${name}"; use the names of Go's crypto/tls, such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`;
}

/** The `ciphers` option of node:tls for a list of Go names, or undefined for an empty list. */
export function opensslCiphers(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const out = new Set(TLS13);
  for (const name of names) {
    const openssl = SECURE.get(name) ?? INSECURE.get(name);
    if (openssl === undefined) throw new MillraceError('tls_cipher', cipherFault(name, true) ?? name);
    out.add(openssl);
  }
  return [...out].join(':');
}

/** The `ecdhCurve` option of node:tls, or undefined for an empty list. */
export function opensslCurves(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const out = names.map((name) => {
    const openssl = CURVES.get(name);
    if (openssl === undefined) {
      throw new MillraceError('tls_curve', `unknown curve "${name}"; use one of ${CURVE_NAMES.join(', ')}`);
    }
    return openssl;
  });
  return out.join(':');
}
