/** TLS as clients have it when nothing is configured: the system's authorities, the name of the host. */
import type { TlsClientSettings } from '#net/tls/settings.ts';

export const DEFAULT_CLIENT_TLS: TlsClientSettings = {
  ca: null,
  cert: null,
  key: null,
  systemCa: false,
  skipVerify: false,
  serverName: '',
  minVersion: '1.2',
  maxVersion: '1.3',
  cipherSuites: [],
  curves: [],
  reloadMs: 0,
};
