/** The HTTP server on node:http and node:https: the default door. */
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import { loadServerTls } from '#net/tls/load.ts';
import { reloadTls, type TlsReload } from '#net/tls/reload.ts';
import type { BodyResult, Headers, HttpServer, HttpServerOptions, HttpTimeouts, StreamingExchange } from './http.ts';
import { bind, unbind } from './listen.ts';
import { decodedPath } from './path.ts';
import { RequestBody, type Shortage } from './request-body.ts';
import { SilentSockets } from './silent-sockets.ts';

/** Node's own bound of 16 KiB is small for tokens and cookies that proxies add. */
const MAX_HEADER_BYTES = 64 * 1024;
/** What is still read of a body that nobody wants before the connection is cut. */
const MAX_DISCARD_BYTES = 1 << 20;

export class NodeHttpServer implements HttpServer {
  readonly #options: HttpServerOptions;
  #server: Server | SecureServer | null = null;
  readonly #sockets = new SilentSockets();
  #reload: TlsReload | null = null;
  #stopping = false;
  /** Set by the first `stop`: the last connection has ended. */
  #ended: Promise<void> | null = null;
  /** Whether a connection ends with its answer. */
  readonly #closes = (): boolean => this.#stopping || !this.#options.keepAlives;

  constructor(options: HttpServerOptions) {
    this.#options = options;
  }

  async start(): Promise<string> {
    const { tls, address, who, timeouts } = this.#options;
    const server = tls === null ? createServer(serverOptions(timeouts)) : this.#secure(tls);
    this.#server = server;
    // Not an option of the constructor. Between requests keepAliveTimeout rules instead.
    server.timeout = timeouts.writeMs;
    server.on('request', (req: IncomingMessage, res: ServerResponse) => {
      this.#options.handler(new NodeExchange(req, res, this.#closes, this.#options));
    });
    this.#sockets.watch(server);
    return bind(server, address, who);
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#reload?.stop();
    const server = this.#server;
    this.#stopping = true;
    if (server === null || (this.#ended === null && !server.listening)) return;
    const cancel = this.#options.clock.after(deadlineMs, () => {
      server.closeAllConnections();
      this.#sockets.destroyAll();
    });
    // Connections that never sent a request are not idle to Node: nothing is in flight on them.
    this.#sockets.destroySilent();
    // Closing ends idle connections too; the others end with their answer.
    this.#ended ??= new Promise((resolve) => unbind(server, resolve));
    await this.#ended;
    cancel();
  }

  #secure(tls: NonNullable<HttpServerOptions['tls']>): SecureServer {
    const { timeouts, clock, log } = this.#options;
    const loaded = loadServerTls(tls);
    const server = createSecureServer({ ...serverOptions(timeouts), ...loaded.options, ALPNProtocols: ['http/1.1'] });
    this.#reload = reloadTls(
      loaded,
      () => loadServerTls(tls),
      (options) => server.setSecureContext(options),
      tls.reloadMs,
      clock,
      log,
    );
    return server;
  }
}

export function serverOptions(timeouts: HttpTimeouts): ServerOptions {
  const { idleMs, readMs } = timeouts;
  // Go: without a header timeout, and without an idle timeout, the read timeout counts (net/http Server).
  const headerMs = timeouts.readHeaderMs > 0 ? timeouts.readHeaderMs : readMs;
  const bounds = [headerMs, readMs].filter((ms) => ms > 0);
  return {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: readMs > 0 ? Math.min(headerMs, readMs) : headerMs,
    requestTimeout: readMs,
    keepAliveTimeout: idleMs > 0 ? idleMs : readMs,
    // How late these two may be found.
    connectionsCheckingInterval: Math.min(30_000, Math.max(100, Math.min(...bounds, 60_000) / 2)),
  };
}

type ExchangeOptions = Pick<HttpServerOptions, 'memory' | 'clock'>;

export class NodeExchange implements StreamingExchange {
  readonly method: string;
  readonly path: string;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #closes: () => boolean;
  readonly #options: ExchangeOptions;
  #reading = false;

  constructor(req: IncomingMessage, res: ServerResponse, closes: () => boolean, options: ExchangeOptions) {
    this.#req = req;
    this.#res = res;
    this.#closes = closes;
    this.#options = options;
    this.method = req.method ?? '';
    this.path = decodedPath(req.url ?? '');
  }

  header(name: string): string {
    const value = this.#req.headers[name];
    return value === undefined ? '' : typeof value === 'string' ? value : value.join(', ');
  }

  metadata(): Map<string, readonly string[]> {
    const all = new Map<string, string[]>();
    const raw = this.#req.rawHeaders;
    for (let i = 0; i < raw.length; i += 2) {
      const name = raw[i].toLowerCase();
      const value = raw[i + 1];
      const values = all.get(name);
      if (values === undefined) all.set(name, [value]);
      else values.push(value);
    }
    return all;
  }

  readBody(limitBytes: number, done: (result: BodyResult) => void): void {
    this.#reading = true;
    const declared = this.#req.headers['content-length'];
    if (declared !== undefined && Number(declared) > limitBytes) {
      this.#discard();
      done('too_large');
      return;
    }
    this.#read(limitBytes, declared === undefined ? -1 : Number(declared), done);
  }

  #read(limitBytes: number, declaredBytes: number, done: (result: BodyResult) => void): void {
    const req = this.#req;
    const { memory, clock } = this.#options;
    /** A body that came in one piece needs no copy. node:http holds the sender to the length it declared. */
    let whole: Buffer | null = null;
    const refuse = (shortage: Shortage): void => {
      req.off('data', take);
      req.off('end', end);
      body.release();
      this.#discard();
      done(shortage);
    };
    const body = new RequestBody(
      memory,
      limitBytes,
      declaredBytes,
      () => clock.monotonicMs(),
      () => refuse('no_memory'),
    );
    const take = (chunk: Buffer): void => {
      if (chunk.length === declaredBytes) {
        whole = chunk;
        return;
      }
      const shortage = body.add(chunk);
      if (shortage !== null) refuse(shortage);
    };
    const end = (): void => {
      done(whole ?? body.bytes());
      body.release();
    };
    req.on('data', take);
    req.on('end', end);
    // Also of a client that goes away.
    req.on('close', () => body.release());
  }

  answer(status: number, headers: Headers, body: Buffer | string): void {
    if (!this.#begin(status, headers)) return;
    const res = this.#res;
    res.setHeader('Content-Length', Buffer.byteLength(body));
    // Without a body node:http writes once, with an empty one twice.
    if (body.length === 0) res.end();
    else res.end(body);
  }

  stream(status: number, headers: Headers, next: () => string | null): void {
    if (!this.#begin(status, headers)) return;
    const res = this.#res;
    if (this.method === 'HEAD') {
      res.end();
      return;
    }
    const go = (): void => {
      if (res.destroyed) return;
      let piece: string | null;
      try {
        piece = next();
      } catch {
        res.destroy();
        return;
      }
      if (piece === null) res.end();
      else if (piece === '' || res.write(piece)) setImmediate(go);
      // A socket that takes all at once says so in the same turn.
      else res.once('drain', () => setImmediate(go));
    };
    go();
  }

  /** False: nobody waits for an answer any more. */
  #begin(status: number, headers: Headers): boolean {
    const res = this.#res;
    if (res.destroyed || res.headersSent) return false;
    if (!this.#reading) this.#discard();
    for (const [name, value] of headers) res.appendHeader(name, value);
    res.statusCode = status;
    if (this.#closes()) res.shouldKeepAlive = false;
    return true;
  }

  /**
   * Reads on for a while, so that a client that sends first and reads then sees the answer. A connection that may be cut
   * because of it is announced as closing, so that the client does not use it for its next request.
   */
  #discard(): void {
    let left = MAX_DISCARD_BYTES;
    const declared = this.#req.headers['content-length'];
    const bodiless = declared === undefined && this.#req.headers['transfer-encoding'] === undefined;
    if (!bodiless && !(Number(declared) <= left)) this.#res.shouldKeepAlive = false;
    this.#req.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) this.#req.socket.destroy();
    });
  }
}
