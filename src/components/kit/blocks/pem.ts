/** Certificates and keys that a block names as text or as a file (`ca_pem` or `ca_file`, ...): what the blocks with TLS settings share. */
import type { Secret } from '#config/schema/types.ts';
import { checkPair, parseAuthorities, parseCertificate, parsePrivateKey } from '#net/tls/pem.ts';
import type { PemSource } from '#net/tls/settings.ts';
import { problemOf } from './problem.ts';

// Text in the configuration can be read when that is checked; files only when they are needed.

/** `key` is the attribute that holds the text. */
export function checkAuthorities<K extends string>(
  key: K,
  pem: string | undefined,
  error: (key: K, message: string) => void,
): void {
  const fault = isSet(pem) ? problemOf(() => parseAuthorities(pem, key)) : null;
  if (fault !== null) error(key, fault);
}

/** Each for itself, and whether they belong together. */
export function checkCertificate(
  args: { readonly cert_pem?: string | undefined; readonly key_pem?: Secret | undefined },
  error: (key: 'cert_pem' | 'key_pem', message: string) => void,
): void {
  const { cert_pem } = args;
  const key_pem = args.key_pem?.secret;
  const cert = isSet(cert_pem) ? problemOf(() => parseCertificate(cert_pem, 'cert_pem')) : null;
  const key = isSet(key_pem) ? problemOf(() => parsePrivateKey(key_pem, 'key_pem')) : null;
  if (cert !== null) error('cert_pem', cert);
  if (key !== null) error('key_pem', key);
  if (!isSet(cert_pem) || !isSet(key_pem) || cert !== null || key !== null) return;
  const pair = problemOf(() => checkPair(cert_pem, 'cert_pem', key_pem, 'key_pem'));
  if (pair !== null) error('key_pem', pair);
}

/** Alloy takes an empty string for "not set". */
export const isSet = (text: string | undefined): text is string => text !== undefined && text !== '';

export function pemSource(file: string | undefined, pem: string | undefined): PemSource | null {
  if (isSet(file)) return { file };
  return isSet(pem) ? { pem } : null;
}
