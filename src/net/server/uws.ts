/**
 * The HTTP server on uWebSockets.js: the fast door, where that package is installed. It is an optional peer dependency: its
 * binaries are not on the npm registry and need glibc 2.38.
 *
 * Rules of the package that this file keeps: a request object lives until its handler returns; a chunk's ArrayBuffer is
 * detached after its callback; an exchange without an onAborted handler must not be answered later; an aborted response must
 * not be touched; late answers are corked. Ending a thread with open sockets aborts the process, so `stop` closes the app.
 *
 * TLS listeners use the other door: this one can neither reload certificates nor take them from memory. Of the timeouts only
 * its own idle timeout of 10 s exists.
 */
import { errorText, MillraceError } from '#shared/errors.ts';
import type { BodyResult, Headers, HttpExchange, HttpServer, HttpServerOptions } from './http.ts';
import { bindError, hostPort } from './listen.ts';
import { decodedPath } from './path.ts';

/** The part of the package that is used here. */
export interface UwsModule {
  App(): UwsApp;
  us_listen_socket_close(socket: object): void;
  us_socket_local_port(socket: object): number;
}
export interface UwsApp {
  any(pattern: string, handler: (res: UwsResponse, req: UwsRequest) => void): UwsApp;
  listen(host: string, port: number, done: (socket: object | false) => void): UwsApp;
  listen(port: number, done: (socket: object | false) => void): UwsApp;
  close(): void;
}
export interface UwsRequest {
  getCaseSensitiveMethod(): string;
  getUrl(): string;
  getHeader(lowerCaseName: string): string;
  forEach(each: (name: string, value: string) => void): void;
}
export interface UwsResponse {
  onAborted(handler: () => void): UwsResponse;
  onData(handler: (chunk: ArrayBuffer, isLast: boolean) => void): UwsResponse;
  cork(write: () => void): UwsResponse;
  writeStatus(status: string): UwsResponse;
  writeHeader(name: string, value: string): UwsResponse;
  end(body: Uint8Array | string, closeConnection: boolean): UwsResponse;
}

/** The package, or the reason why it cannot be used. */
export async function loadUws(): Promise<UwsModule | string> {
  const name = 'uWebSockets.js';
  try {
    const module = (await import(name)) as { default?: UwsModule } & UwsModule;
    return module.default ?? module;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND'
      ? 'uWebSockets.js is not installed'
      : errorText(error);
  }
}

export class UwsHttpServer implements HttpServer {
  readonly #uws: UwsModule;
  readonly #options: HttpServerOptions;
  readonly #inFlight = new Set<UwsExchange>();
  #app: UwsApp | null = null;
  #listening: object | null = null;
  #stopping = false;
  #drained: (() => void) | null = null;

  constructor(uws: UwsModule, options: HttpServerOptions) {
    this.#uws = uws;
    this.#options = options;
  }

  start(): Promise<string> {
    const { address, who, handler } = this.#options;
    if (address.kind === 'unix') throw new MillraceError('listen', `${who}: unix sockets need the node driver`);
    const app = this.#uws.App();
    this.#app = app;
    app.any('/*', (res, req) => {
      const exchange = new UwsExchange(
        res,
        req,
        (done) => this.#done(done),
        () => this.#stopping || !this.#options.keepAlives,
      );
      this.#inFlight.add(exchange);
      handler(exchange);
      exchange.handlerReturned();
    });
    return new Promise((resolve, reject) => {
      const { host, port } = address;
      const listened = (socket: object | false): void => {
        if (socket === false) {
          // The package does not say why; a taken port is by far the most likely reason.
          reject(
            bindError(
              Object.assign(new Error('listen failed'), { code: 'EADDRINUSE' }),
              hostPort(host === '' ? '::' : host, port),
              who,
            ),
          );
          return;
        }
        this.#listening = socket;
        resolve(hostPort(host === '' ? '::' : host, this.#uws.us_socket_local_port(socket)));
      };
      if (host === '') app.listen(port, listened);
      else app.listen(host, port, listened);
    });
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#stopping = true;
    if (this.#listening !== null) this.#uws.us_listen_socket_close(this.#listening);
    this.#listening = null;
    if (this.#inFlight.size > 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.#options.clock.after(deadlineMs, resolve);
        this.#drained = () => {
          cancel();
          resolve();
        };
      });
    }
    this.#app?.close();
    this.#app = null;
  }

  #done(exchange: UwsExchange): void {
    this.#inFlight.delete(exchange);
    if (this.#inFlight.size === 0) this.#drained?.();
  }
}

class UwsExchange implements HttpExchange {
  readonly method: string;
  readonly path: string;
  readonly #res: UwsResponse;
  readonly #finished: (exchange: UwsExchange) => void;
  readonly #close: () => boolean;
  /** null once the handler has returned. */
  #req: UwsRequest | null;
  #over = false;
  #bodyEnded: boolean;

  constructor(res: UwsResponse, req: UwsRequest, finished: (exchange: UwsExchange) => void, close: () => boolean) {
    this.#res = res;
    this.#req = req;
    this.#finished = finished;
    this.#close = close;
    this.method = req.getCaseSensitiveMethod();
    this.path = decodedPath(req.getUrl());
    this.#bodyEnded = req.getHeader('content-length') === '' && req.getHeader('transfer-encoding') === '';
    res.onAborted(() => this.#end());
  }

  handlerReturned(): void {
    this.#req = null;
  }

  header(name: string): string {
    return this.#request().getHeader(name);
  }

  metadata(): Map<string, readonly string[]> {
    const all = new Map<string, string[]>();
    this.#request().forEach((name, value) => {
      const values = all.get(name);
      if (values === undefined) all.set(name, [value]);
      else values.push(value);
    });
    return all;
  }

  readBody(limitBytes: number, done: (result: BodyResult) => void): void {
    const declared = this.#request().getHeader('content-length');
    if (declared !== '' && Number(declared) > limitBytes) {
      done('too_large');
      return;
    }
    const body = declared === '' ? new GrowingBody(limitBytes) : new GrowingBody(limitBytes, Number(declared));
    let ended = false;
    this.#res.onData((chunk, isLast) => {
      if (this.#over || ended) return;
      const fits = body.add(chunk);
      ended = isLast || !fits;
      this.#bodyEnded = isLast;
      if (!fits) done('too_large');
      else if (isLast) done(body.bytes());
    });
  }

  answer(status: number, headers: Headers, body: Buffer | string): void {
    if (this.#over) return;
    this.#end();
    const res = this.#res;
    // A body that was not read to its end would be taken for the next request.
    const close = this.#close() || !this.#bodyEnded;
    res.cork(() => {
      res.writeStatus(`${status} ${REASONS[status] ?? ''}`);
      for (const [name, value] of headers) res.writeHeader(name, value);
      res.end(body, close);
    });
  }

  #request(): UwsRequest {
    if (this.#req === null) throw new Error('headers of a request are gone when its handler has returned');
    return this.#req;
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#finished(this);
  }
}

/** Copies chunks, which are detached after their callback. Exactly one allocation when the length is known. */
class GrowingBody {
  readonly #limit: number;
  #buffer: Buffer;
  #length = 0;

  constructor(limitBytes: number, declaredBytes = 0) {
    this.#limit = limitBytes;
    this.#buffer = Buffer.allocUnsafeSlow(declaredBytes);
  }

  add(chunk: ArrayBuffer): boolean {
    const end = this.#length + chunk.byteLength;
    if (end > this.#limit) return false;
    if (end > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(this.#limit, Math.max(end, 2 * this.#buffer.length, 16_384)));
      this.#buffer.copy(grown, 0, 0, this.#length);
      this.#buffer = grown;
    }
    this.#buffer.set(new Uint8Array(chunk), this.#length);
    this.#length = end;
    return true;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}

/** Reason phrases (RFC 9110, 15) of the statuses that receivers answer. */
const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  204: 'No Content',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};
