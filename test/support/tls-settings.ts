/** Client TLS settings for tests to vary: trusts the given authority, nothing else configured. */
import { DEFAULT_CLIENT_TLS } from '#net/client/default-tls.ts';
import type { TlsClientSettings } from '#net/tls/settings.ts';

export function tlsSettings(caPem: string | null, change: Partial<TlsClientSettings> = {}): TlsClientSettings {
  return { ...DEFAULT_CLIENT_TLS, ca: caPem === null ? null : { pem: caPem }, ...change };
}
