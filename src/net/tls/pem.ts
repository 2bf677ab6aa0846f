/**
 * Certificates and keys in PEM text. Every check throws a {@link MillraceError} that begins with `what`: the name of the
 * argument, with the path if it names a file.
 */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { MillraceError } from '#shared/errors.ts';
import { readableText } from './openssl-text.ts';

/** The certificates of a text that may hold several; at least one. */
export function parseAuthorities(text: string, what: string): readonly string[] {
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (found === null) throw new MillraceError('tls_pem', `${what} holds no PEM certificate`);
  for (const pem of found) parseCertificate(pem, what);
  return found;
}

/** The first certificate of a chain. */
export function parseCertificate(pem: string, what: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new MillraceError('tls_pem', `${what} is not a PEM certificate: ${readableText(error)}`, { cause: error });
  }
}

export function parsePrivateKey(pem: string, what: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new MillraceError('tls_pem', `${what} is not an unencrypted PEM private key: ${readableText(error)}`, {
      cause: error,
    });
  }
}

export function checkPair(cert: string, certName: string, key: string, keyName: string): void {
  const leaf = parseCertificate(cert, certName);
  if (!leaf.checkPrivateKey(parsePrivateKey(key, keyName)))
    throw new MillraceError('tls_pair', `${keyName} does not belong to the certificate of ${certName}`);
}
