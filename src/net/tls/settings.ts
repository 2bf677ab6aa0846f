/**
 * TLS settings as plain data (structured clone keeps them), for either side of a connection. They come from the `tls` blocks
 * of the configuration (`#components/kit/blocks/tls.ts`); `load.ts` turns them into node:tls options.
 */
export type TlsVersion = '1.0' | '1.1' | '1.2' | '1.3';

/** PEM text, or the path of a file that holds it. Only files can be reloaded. */
export type PemSource = { readonly file: string } | { readonly pem: string };

export interface TlsSettings {
  readonly cert: PemSource | null;
  readonly key: PemSource | null;
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** IANA names as Go writes them; empty = the runtime's default list. TLS 1.3 suites are always on, as in Go. */
  readonly cipherSuites: readonly string[];
  /** `X25519`, `P256`, `P384`, `P521` in order of preference; empty = the runtime's default. */
  readonly curves: readonly string[];
  /** Trust the system's certificate authorities besides the configured ones. */
  readonly systemCa: boolean;
  /** Milliseconds between two looks at the files; 0 = never. */
  readonly reloadMs: number;
}

export interface TlsServerSettings extends TlsSettings {
  /** Authorities that sign client certificates. Present: every client must show a valid one (mTLS). */
  readonly clientCa: PemSource | null;
}

export interface TlsClientSettings extends TlsSettings {
  /** Authorities that sign the server's certificate; null = the system's. */
  readonly ca: PemSource | null;
  /** Accept any certificate. */
  readonly skipVerify: boolean;
  /** Name to expect in the certificate and to send as SNI; empty = the host that is dialled. */
  readonly serverName: string;
}
