/**
 * A unary gRPC client on node:http2 with its own framing: for messages that are bytes already it costs about a quarter of
 * @grpc/grpc-js. It keeps one connection per address of the destination (`round_robin`) or one in all (`pick_first`), makes
 * them at the first call and again after they were lost, and turns every failure into a {@link GrpcResult}.
 *
 * Nothing is queued here beyond calls that wait for a connection: callers bound their number.
 */
import { lookup } from 'node:dns';
import type { OutgoingHttpHeaders } from 'node:http2';
import { compress } from '#net/compression/compress.ts';
import type { Encoding } from '#net/compression/encoding.ts';
import { loadClientTls, type ClientTlsOptions } from '#net/tls/load.ts';
import { reloadTls, type TlsReload } from '#net/tls/reload.ts';
import type { TlsClientSettings } from '#net/tls/settings.ts';
import type { Clock } from '#shared/clock.ts';
import { errorText } from '#shared/errors.ts';
import type { Logger } from '#shared/log.ts';
import { GRPC } from '#shared/outcome.ts';
import { DEFAULT_CLIENT_TLS } from './default-tls.ts';
import { dial, type Place } from './dial.ts';
import { failed, grpcTimeout, type CallResult, type GrpcResult } from './grpc-call.ts';
import { GrpcConnection } from './grpc-connection.ts';
import { metadataHeaders } from './grpc-headers.ts';
import { Addresses, type Resolve } from './grpc-addresses.ts';
import type { Keepalive } from './grpc-session.ts';
import { authorityOf, parseGrpcTarget, type GrpcTarget } from './grpc-target.ts';
import type { Proxy } from './proxy.ts';

export type { GrpcResult } from './grpc-call.ts';
export type { Keepalive } from './grpc-session.ts';

export interface GrpcSettings {
  /** See `grpc-target.ts`. */
  readonly endpoint: string;
  /** null: no TLS. An endpoint with http:// or https:// decides against this. */
  readonly tls: TlsClientSettings | null;
  /** `:authority`, and the name to verify unless the TLS settings name one; '' = the TLS settings' name or the endpoint. */
  readonly authority: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: '' | 'none' | 'gzip' | 'zlib' | 'deflate' | 'snappy' | 'zstd';
  readonly balancer: 'pick_first' | 'round_robin';
  /** true: a call waits for a connection until its deadline. false: it fails once every connection attempt has failed. */
  readonly waitForReady: boolean;
  readonly keepalive: Keepalive | null;
  readonly proxy: Proxy | null;
  readonly userAgent: string;
}

/** What a client asks of the system; tests bring their own. */
export interface GrpcSystem {
  readonly resolve: Resolve;
  readonly random: () => number;
}

const SYSTEM: GrpcSystem = {
  resolve: (host) =>
    new Promise((resolve, reject) => {
      lookup(host, { all: true }, (error, found) =>
        error === null ? resolve(found.map((a) => a.address)) : reject(error),
      );
    }),
  random: Math.random,
};

export class GrpcClient {
  readonly #settings: GrpcSettings;
  readonly #target: GrpcTarget;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #headers: OutgoingHttpHeaders;
  readonly #encoding: Encoding | '';
  readonly #addresses: Addresses;
  readonly #reload: TlsReload | null = null;
  #tls: ClientTlsOptions | null = null;
  /** closing: no new calls, those under way finish. closed: those that wait for a connection fail, too. */
  #state: 'open' | 'closing' | 'closed' = 'open';
  #calls = 0;
  #onIdle: () => void = () => undefined;
  /** Calls that wait for a connection. */
  readonly #waiting = new Set<() => void>();
  /** The last reason that was logged, so that a lasting failure is one line. */
  #logged = '';

  /** Reads TLS files and checks endpoint and headers: throws a MillraceError. Connects with the first call. */
  constructor(settings: GrpcSettings, log: Logger, clock: Clock, system: GrpcSystem = SYSTEM) {
    this.#settings = settings;
    this.#log = log;
    this.#clock = clock;
    this.#target = parseGrpcTarget(settings.endpoint);
    const { headers, ignored } = metadataHeaders(settings.headers);
    if (ignored.length > 0)
      log.warn('gRPC sets these headers itself; the configured ones are left out', { headers: ignored.join(', ') });

    const scheme = this.#target.scheme;
    const tls = scheme === 'http' ? null : scheme === 'https' ? (settings.tls ?? DEFAULT_CLIENT_TLS) : settings.tls;
    if (tls !== null) {
      const loaded = loadClientTls(tls);
      this.#tls = loaded.options;
      this.#reload = reloadTls(
        loaded,
        () => loadClientTls(tls),
        (options) => this.#renew(options),
        tls.reloadMs,
        clock,
        log,
      );
    }
    this.#encoding = wireEncoding(settings.compression);
    this.#headers = {
      ':method': 'POST',
      ':scheme': tls === null ? 'http' : 'https',
      // As grpc-go: a configured authority, else the name that TLS expects, else the endpoint.
      ':authority': settings.authority || tls?.serverName || authorityOf(this.#target),
      te: 'trailers',
      'content-type': 'application/grpc',
      'user-agent': settings.userAgent,
      ...(this.#encoding === ''
        ? {}
        : { 'grpc-encoding': this.#encoding === 'x-snappy-framed' ? 'snappy' : this.#encoding }),
      'grpc-accept-encoding': 'identity,gzip,deflate,snappy,zstd',
      ...headers,
    };
    this.#addresses = new Addresses(
      this.#target,
      settings.balancer,
      settings.proxy !== null,
      {
        resolve: system.resolve,
        connection: (place) => this.#connection(place, system.random),
        changed: () => this.#wake(),
      },
      clock,
    );
  }

  /**
   * One call of `path` (`/package.Service/Method`). `message` is the request without compression, its pieces one behind the
   * other; they must not change until the promise has settled, nor after it unless the result says `bytesDone`. `timeoutMs` covers waiting and sending, 0 = no limit. Never rejects. A call that the server has
   * certainly not looked at (refused stream, lost before it left) is made once more at once, as gRPC prescribes.
   */
  async call(path: string, message: readonly Buffer[], timeoutMs: number): Promise<GrpcResult> {
    if (this.#state !== 'open') return failed(GRPC.UNAVAILABLE, 'the client was closed', true);
    this.#calls++;
    const result = await this.#call(path, message, timeoutMs);
    if (--this.#calls === 0) this.#onIdle();
    return result;
  }

  async #call(path: string, message: readonly Buffer[], timeoutMs: number): Promise<GrpcResult> {
    const deadline = timeoutMs > 0 ? this.#clock.monotonicMs() + timeoutMs : Infinity;
    let encoded: readonly Buffer[] | null = null;
    let bytesDone = true;
    for (let attempt = 1; ; attempt++) {
      const found = this.#pick() ?? (await this.#whenReady(deadline));
      if (!(found instanceof GrpcConnection)) return { ...found, bytesDone };
      const leftMs = deadline - this.#clock.monotonicMs();
      if (leftMs <= 0) return failed(GRPC.DEADLINE_EXCEEDED, `no answer within ${Math.round(timeoutMs)} ms`, bytesDone);
      try {
        encoded ??= this.#encode(message);
      } catch (error) {
        return failed(GRPC.INTERNAL, `the message cannot be compressed: ${errorText(error)}`, true);
      }
      const result = await this.#send(found, path, encoded, leftMs === Infinity ? 0 : leftMs);
      // An attempt that ended early may still be sending, whatever becomes of the next one.
      bytesDone &&= result.bytesDone || encoded !== message;
      if (!result.unprocessed || attempt === 2) return { ...result, bytesDone };
    }
  }

  /** Takes no new calls (they fail with UNAVAILABLE); resolves when those under way have ended. */
  async close(): Promise<void> {
    if (this.#state === 'open') this.#state = 'closing';
    this.#reload?.stop();
    if (this.#calls > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    await this.#end();
  }

  /** As close, but the calls under way fail. */
  async destroy(): Promise<void> {
    this.#reload?.stop();
    const ended = this.#end();
    this.#addresses.destroy();
    this.#wake();
    await ended;
  }

  #end(): Promise<void> {
    this.#state = 'closed';
    return this.#addresses.close();
  }

  /** The pieces themselves without compression. */
  #encode(message: readonly Buffer[]): readonly Buffer[] {
    if (this.#encoding === '') return message;
    return [compress(this.#encoding, message.length === 1 ? message[0] : Buffer.concat(message))];
  }

  #send(connection: GrpcConnection, path: string, message: readonly Buffer[], timeoutMs: number): Promise<CallResult> {
    const headers: OutgoingHttpHeaders = { ...this.#headers, ':path': path };
    if (timeoutMs > 0) headers['grpc-timeout'] = grpcTimeout(timeoutMs);
    return new Promise((resolve) =>
      connection.call({ headers, message, compressed: this.#encoding !== '', timeoutMs }, resolve),
    );
  }

  /** A connection, or the failure of a call; null: neither yet. */
  #pick(): GrpcConnection | CallResult | null {
    if (this.#state === 'closed') return failed(GRPC.UNAVAILABLE, 'the client was closed', true);
    const found = this.#addresses.pick();
    if (found instanceof GrpcConnection || found === null) return found;
    return this.#settings.waitForReady
      ? null
      : failed(GRPC.UNAVAILABLE, `cannot connect to ${this.#settings.endpoint}: ${found.failure}`, true);
  }

  async #whenReady(deadline: number): Promise<GrpcConnection | CallResult> {
    for (;;) {
      const leftMs = deadline - this.#clock.monotonicMs();
      if (leftMs <= 0) {
        const why = this.#addresses.failure;
        return failed(
          GRPC.DEADLINE_EXCEEDED,
          `no connection to ${this.#settings.endpoint} in time${why === '' ? '' : `: ${why}`}`,
          true,
        );
      }
      await this.#change(leftMs);
      const found = this.#pick();
      if (found !== null) return found;
    }
  }

  #change(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#waiting.delete(wake);
        resolve();
      };
      const cancel = timeoutMs === Infinity ? () => undefined : this.#clock.after(timeoutMs, wake);
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  #connection(place: Place, random: () => number): GrpcConnection {
    const where = 'path' in place ? place.path : `${place.host}:${place.port}`;
    const name = (this.#headers[':authority'] as string).replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
    const target = this.#target;
    const peer = target.kind === 'unix' ? target.path : authorityOf(target);
    return new GrpcConnection(
      {
        dial: (signal) =>
          dial({
            place,
            proxy: this.#settings.proxy,
            signal,
            tls: this.#tls === null ? null : { options: this.#tls, name, protocol: 'h2' },
          }),
        peer: {
          name: peer,
          tls: this.#tls !== null,
          plain: plainAdvice(target),
        },
      },
      this.#settings.keepalive,
      {
        changed: () => this.#changed(),
        lost: (reason, failed) => this.#lost(where, reason, failed),
      },
      this.#clock,
      random,
    );
  }

  #changed(): void {
    if (this.#addresses.anyReady) this.#logged = '';
    this.#wake();
  }

  #lost(where: string, reason: string, failed: boolean): void {
    const facts = { endpoint: this.#settings.endpoint, address: where, reason };
    if (!failed) this.#log.debug('gRPC connection ended', facts);
    else if (reason !== this.#logged) {
      this.#logged = reason;
      this.#log.warn('cannot connect to the gRPC server', facts);
    }
    this.#addresses.refresh();
  }

  #renew(options: ClientTlsOptions): void {
    this.#tls = options;
    this.#addresses.renew();
  }
}

/** A scheme in the endpoint decides about TLS, `insecure` otherwise. */
function plainAdvice(target: GrpcTarget): string {
  const insecure = 'set insecure = true in the tls block';
  if (target.kind === 'unix') return insecure;
  const url = `write http://${authorityOf(target)}`;
  return target.scheme === 'https' ? url : `${insecure}, or ${url}`;
}

/** The Collector's gRPC exporter knows gzip, snappy (framed) and zstd; gRPC's deflate is the zlib format, so both names mean it. */
function wireEncoding(compression: GrpcSettings['compression']): Encoding | '' {
  switch (compression) {
    case '':
    case 'none':
      return '';
    case 'zlib':
      return 'deflate';
    case 'snappy':
      return 'x-snappy-framed';
    default:
      return compression;
  }
}
