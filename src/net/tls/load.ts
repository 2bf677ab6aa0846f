/**
 * TLS settings to node:tls options: reads the files, checks that certificate and key fit, names the argument and its file in each
 * error.
 * Synchronous: the files are small and are read at start and every `reloadMs`.
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { createSecureContext, getCACertificates, rootCertificates } from 'node:tls';
import type { SecureContext, SecureContextOptions, SecureVersion } from 'node:tls';
import { errorText, MillraceError } from '#shared/errors.ts';
import { opensslCiphers, opensslCurves } from './names.ts';
import { readableText } from './openssl-text.ts';
import { checkPair, parseAuthorities } from './pem.ts';
import type { PemSource, TlsClientSettings, TlsServerSettings, TlsSettings, TlsVersion } from './settings.ts';

/** Options plus a digest of everything that was read, to see whether a reload changed anything. */
export interface Loaded<O> {
  readonly options: O;
  readonly digest: string;
}

export interface ServerTlsOptions extends SecureContextOptions {
  requestCert: boolean;
  rejectUnauthorized: boolean;
}

/** Spread into `tls.connect`, `http2.connect` or undici's `connect`. The context is made once: it is costly with system authorities. */
export interface ClientTlsOptions {
  readonly secureContext: SecureContext;
  readonly rejectUnauthorized: boolean;
  /** Absent when the dialled host's name is to be used. */
  readonly servername?: string;
}

/** For `tls.createServer` and `server.setSecureContext`. Throws a {@link MillraceError}. */
export function loadServerTls(settings: TlsServerSettings): Loaded<ServerTlsOptions> {
  const reading = new Reading();
  const options: ServerTlsOptions = { ...common(settings, reading), requestCert: false, rejectUnauthorized: false };
  if (options.cert === undefined)
    throw new MillraceError('tls_no_cert', 'a TLS server needs a certificate and its key');
  if (settings.clientCa !== null) {
    options.ca = authorities(settings.clientCa, 'client_ca', settings.systemCa, reading);
    options.requestCert = true;
    options.rejectUnauthorized = true;
  }
  secureContext(options);
  return { options, digest: reading.digest() };
}

/** For a client's connections. Throws a {@link MillraceError}. */
export function loadClientTls(settings: TlsClientSettings): Loaded<ClientTlsOptions> {
  const reading = new Reading();
  const material = common(settings, reading);
  if (!settings.skipVerify) {
    material.ca =
      settings.ca === null ? systemAuthorities() : authorities(settings.ca, 'ca', settings.systemCa, reading);
  }
  const verify = { secureContext: secureContext(material), rejectUnauthorized: !settings.skipVerify };
  const options = settings.serverName === '' ? verify : { ...verify, servername: settings.serverName };
  return { options, digest: reading.digest() };
}

function secureContext(options: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    throw new MillraceError('tls_settings', `these TLS settings cannot be used: ${readableText(error)}`, {
      cause: error,
    });
  }
}

/** More than any chain or bundle of authorities has. */
const MAX_FILE_BYTES = 4 << 20;

/** A file that has no end, or that waits for somebody to write it, must not stop the thread. */
function readText(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const pieces: Buffer[] = [];
    for (let bytes = 0; bytes <= MAX_FILE_BYTES;) {
      const piece = Buffer.allocUnsafe(64 * 1024);
      const read = readSync(file, piece);
      if (read === 0) return Buffer.concat(pieces, bytes).toString();
      pieces.push(piece.subarray(0, read));
      bytes += read;
    }
    throw new Error(`it has more than ${MAX_FILE_BYTES} bytes`);
  } finally {
    closeSync(file);
  }
}

/** What one load has read so far. */
class Reading {
  readonly #hash = createHash('sha256');

  /** `name` is the argument without `_file` or `_pem`. */
  text(source: PemSource, name: string): string {
    let text: string;
    if ('pem' in source) text = source.pem;
    else {
      try {
        text = readText(source.file);
      } catch (error) {
        throw new MillraceError(
          'tls_file',
          `cannot read ${argument(name, source)}: ${errorText(error)}; check the path and that this user may read it`,
          { cause: error },
        );
      }
    }
    this.#hash.update(`${text.length}:`).update(text);
    return text;
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}

function common(settings: TlsSettings, reading: Reading): SecureContextOptions {
  const options: SecureContextOptions = {
    minVersion: nodeVersion(settings.minVersion),
    maxVersion: nodeVersion(settings.maxVersion),
  };
  const ciphers = opensslCiphers(settings.cipherSuites);
  // OpenSSL 3 refuses the SHA-1 signatures of TLS 1.0 and 1.1 above security level 0.
  const old = settings.minVersion === '1.0' || settings.minVersion === '1.1';
  if (old) options.ciphers = `${ciphers ?? 'DEFAULT'}:@SECLEVEL=0`;
  else if (ciphers !== undefined) options.ciphers = ciphers;
  const curves = opensslCurves(settings.curves);
  if (curves !== undefined) options.ecdhCurve = curves;

  const { cert, key } = settings;
  if ((cert === null) !== (key === null)) {
    throw new MillraceError(
      'tls_pair',
      `a TLS ${cert === null ? 'key' : 'certificate'} is set without its ${cert === null ? 'certificate' : 'key'}`,
    );
  }
  if (cert !== null && key !== null) {
    options.cert = reading.text(cert, 'cert');
    options.key = reading.text(key, 'key');
    checkPair(options.cert, argument('cert', cert), options.key, argument('key', key));
  }
  return options;
}

function authorities(source: PemSource, name: string, systemToo: boolean, reading: Reading): string[] {
  const found = parseAuthorities(reading.text(source, name), argument(name, source));
  return systemToo ? [...found, ...systemAuthorities()] : [...found];
}

/** The authorities the system trusts; Node's own copy of Mozilla's where the system has none. */
function systemAuthorities(): string[] {
  const system = getCACertificates('system');
  return system.length > 0 ? system : [...rootCertificates];
}

/** As the configuration writes it: `the TLS ca_pem`, `the TLS ca_file PATH`. */
const argument = (name: string, source: PemSource): string =>
  'file' in source ? `the TLS ${name}_file ${source.file}` : `the TLS ${name}_pem`;
const nodeVersion = (version: TlsVersion): SecureVersion => (version === '1.0' ? 'TLSv1' : `TLSv${version}`);
