/** Certificates and keys that a block names as text or as a file (`ca_pem` or `ca_file`, ...): what `tls` and `tls_config` share. */
import type { Secret } from '#config/schema/types.ts';
import { checkPair, parseAuthorities, parseCertificate, parsePrivateKey } from '#net/tls/pem.ts';
import type { PemSource } from '#net/tls/settings.ts';
import { problemOf } from './problem.ts';

export interface PemArgs {
  readonly ca_pem?: string | undefined;
  readonly cert_pem?: string | undefined;
  readonly key_pem?: Secret | undefined;
}

/** Text in the configuration can be read when that is checked; files only when they are needed. */
export function checkPem(args: PemArgs, error: (key: keyof PemArgs, message: string) => void): void {
  const { ca_pem, cert_pem } = args;
  const key_pem = args.key_pem?.secret;
  const ca = isSet(ca_pem) ? problemOf(() => parseAuthorities(ca_pem, 'ca_pem')) : null;
  const cert = isSet(cert_pem) ? problemOf(() => parseCertificate(cert_pem, 'cert_pem')) : null;
  const key = isSet(key_pem) ? problemOf(() => parsePrivateKey(key_pem, 'key_pem')) : null;
  if (ca !== null) error('ca_pem', ca);
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
