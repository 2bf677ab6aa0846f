/**
 * What a TLS server asks of its clients' certificates, where that is a choice of its own: Go's five types (crypto/tls
 * ClientAuthType). node:tls knows three of them; of the other two the certificate is looked at after the handshake.
 */
import type { TLSSocket } from 'node:tls';

export const CLIENT_AUTH_TYPES = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;
export type ClientAuthType = (typeof CLIENT_AUTH_TYPES)[number];

/** Options of `tls.createServer`. */
export function clientAuthOptions(type: ClientAuthType): { requestCert: boolean; rejectUnauthorized: boolean } {
  return { requestCert: type !== 'NoClientCert', rejectUnauthorized: type === 'RequireAndVerifyClientCert' };
}

/** Whether a client whose handshake has ended may not go on. */
export function isRefused(type: ClientAuthType, socket: TLSSocket): boolean {
  if (type !== 'RequireAnyClientCert' && type !== 'VerifyClientCertIfGiven') return false;
  const given = socket.getPeerX509Certificate() !== undefined;
  return type === 'RequireAnyClientCert' ? !given : given && !socket.authorized;
}
