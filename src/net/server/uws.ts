/**
 * The HTTP server on uWebSockets.js: the fast door, where that package is installed. It is an optional peer dependency: its
 * binaries are not on the npm registry and need glibc 2.38.
 *
 * Rules of the package that this file keeps: a request object lives until its handler returns; a chunk's ArrayBuffer is
 * detached after its callback; an exchange without an onAborted handler must not be answered later; an aborted response must
 * not be touched; late answers are corked; `end` writes its body to HEAD too. Ending a worker thread with open sockets aborts
 * the process, so `stop` closes the app.
 *
 * TLS listeners use the other door: this one can neither reload certificates nor take them from memory. Of the timeouts only
 * its own exists: it closes a connection after about 30 s without a request, or with one that comes at less than 16 KB/s.
 * HTTP/1.0, trailers and more than 95 or so headers are refused by the package; of a repeated header, `header` tells the first.
 */
import { setImmediate } from 'node:timers/promises';
import { errorText, MillraceError } from '#shared/errors.ts';
import type { BodyResult, Headers, HttpExchange, HttpServer, HttpServerOptions } from './http.ts';
import { RequestBody } from './request-body.ts';
import { bindError, claim, hostPort, whereOf } from './listen.ts';
import { decodedPath } from './path.ts';

/** The package's own bound of 4 KiB is small for tokens and cookies that proxies add. */
const MAX_HEADER_BYTES = 64 * 1024;

/** Options of `listen` without the flag below: LIBUS_LISTEN_DEFAULT. */
const SHARED_PORT = 0;

/** The part of the package that is used here. */
export interface UwsModule {
  /** Without it two processes can bind the same port and share its connections. */
  readonly LIBUS_LISTEN_EXCLUSIVE_PORT: number;
  App(): UwsApp;
  us_listen_socket_close(socket: object): void;
  us_socket_local_port(socket: object): number;
}
export interface UwsApp {
  any(pattern: string, handler: (res: UwsResponse, req: UwsRequest) => void): UwsApp;
  listen(host: string, port: number, options: number, done: (socket: object | false) => void): UwsApp;
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
  endWithoutBody(reportedLength: number, closeConnection: boolean): UwsResponse;
}

/** The package, or the reason why it cannot be used. */
export async function loadUws(): Promise<UwsModule | string> {
  const name = 'uWebSockets.js';
  // Read by the package while it is loaded.
  process.env.UWS_HTTP_MAX_HEADERS_SIZE ??= String(MAX_HEADER_BYTES);
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
  /** Of those who wait for the last answer. */
  readonly #drained = new Set<() => void>();

  constructor(uws: UwsModule, options: HttpServerOptions) {
    this.#uws = uws;
    this.#options = options;
  }

  async start(): Promise<string> {
    const { address, who, handler } = this.#options;
    if (address.kind === 'unix') throw new MillraceError('listen', `${who}: unix sockets need the node driver`);
    // The package tells no reason when it cannot bind, and takes whatever a name's first address is: binding with node:net for a
    // moment gives the errors, and the choice among addresses, of the other door.
    const at = await claim(address, who);
    const { share } = address;
    const app = this.#uws.App();
    this.#app = app;
    app.any('/*', (res, req) => {
      const exchange = new UwsExchange(
        res,
        req,
        (done) => this.#done(done),
        () => this.#stopping || !this.#options.keepAlives,
        this.#options,
      );
      this.#inFlight.add(exchange);
      handler(exchange);
      exchange.handlerReturned();
    });
    return new Promise((resolve, reject) => {
      const port = share === undefined ? address.port : at.port;
      const options = share === undefined ? this.#uws.LIBUS_LISTEN_EXCLUSIVE_PORT : SHARED_PORT;
      app.listen(at.host, port, options, (socket) => {
        if (socket === false) {
          reject(bindError(new Error('uWebSockets.js says no reason'), hostPort(at.host, port), who));
          return;
        }
        this.#listening = socket;
        share?.bound(whereOf(address), at);
        resolve(hostPort(at.host, this.#uws.us_socket_local_port(socket)));
      });
    });
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#stopping = true;
    if (this.#listening !== null) {
      const { address } = this.#options;
      this.#uws.us_listen_socket_close(this.#listening);
      address.share?.released(whereOf(address));
    }
    this.#listening = null;
    if (this.#inFlight.size > 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.#options.clock.after(deadlineMs, () => drained());
        const drained = (): void => {
          cancel();
          this.#drained.delete(drained);
          resolve();
        };
        this.#drained.add(drained);
      });
    }
    // The last answer may have been given inside a callback of the package, which sends it when that returns.
    await setImmediate();
    this.#app?.close();
    this.#app = null;
  }

  #done(exchange: UwsExchange): void {
    this.#inFlight.delete(exchange);
    if (this.#inFlight.size === 0) for (const drained of this.#drained) drained();
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
  /** Content-Length as it was sent. */
  readonly #declared: string;
  #over = false;
  #bodyEnded: boolean;
  #body: RequestBody | null = null;
  readonly #options: HttpServerOptions;

  constructor(
    res: UwsResponse,
    req: UwsRequest,
    finished: (exchange: UwsExchange) => void,
    close: () => boolean,
    options: HttpServerOptions,
  ) {
    this.#options = options;
    this.#res = res;
    this.#req = req;
    this.#finished = finished;
    this.#close = close;
    this.method = req.getCaseSensitiveMethod();
    this.path = decodedPath(req.getUrl());
    this.#declared = req.getHeader('content-length');
    this.#bodyEnded = this.#declared === '0' || (this.#declared === '' && req.getHeader('transfer-encoding') === '');
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
    const declared = this.#declared;
    // The package looks at the length after its handler: it answers 400 to such a request, which is aborted then.
    if (!/^\d*$/.test(declared)) return;
    if (declared !== '' && Number(declared) > limitBytes) {
      done('too_large');
      return;
    }
    const { memory, clock } = this.#options;
    let ended = false;
    const end = (result: BodyResult): void => {
      ended = true;
      done(result);
      body.release();
    };
    const declaredBytes = declared === '' ? -1 : Number(declared);
    const body = new RequestBody(
      memory,
      limitBytes,
      declaredBytes,
      () => clock.monotonicMs(),
      () => end('no_memory'),
    );
    this.#body = body;
    this.#res.onData((chunk, isLast) => {
      if (this.#over || ended) return;
      const shortage = body.add(new Uint8Array(chunk));
      this.#bodyEnded = isLast;
      if (shortage !== null) end(shortage);
      else if (isLast) end(body.bytes());
    });
  }

  answer(status: number, headers: Headers, body: Buffer | string): void {
    if (this.#over) return;
    this.#end();
    const res = this.#res;
    const close = this.#close();
    // The package reads on what is left of a body and throws it away. It closes at once: a client that is still sending would
    // see its connection reset instead of the answer, so that client is told to close.
    const closeNow = close && this.#bodyEnded;
    res.cork(() => {
      res.writeStatus(`${status} ${REASONS[status] ?? ''}`);
      for (const [name, value] of headers) res.writeHeader(name, value);
      if (close && !closeNow) res.writeHeader('Connection', 'close');
      if (this.method === 'HEAD') res.endWithoutBody(Buffer.byteLength(body), closeNow);
      else res.end(body, closeNow);
    });
  }

  #request(): UwsRequest {
    if (this.#req === null) throw new Error('headers of a request are gone when its handler has returned');
    return this.#req;
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#body?.release();
    this.#finished(this);
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
