/**
 * uWebSockets.js as its users meet it, over node:http: what it forbids throws here. A request object dies with its handler,
 * a chunk's memory is detached after its callback, a response that was aborted or ended must not be touched, one that is
 * answered later needs an onAborted handler and a cork, HEAD gets no body. What it does otherwise is the same: closing cuts a
 * sender off, a port is shared unless it is asked for alone, headers are bounded by the environment.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { UwsApp, UwsModule, UwsRequest, UwsResponse } from '#net/server/uws.ts';

const EXCLUSIVE = 1;

class StubRequest implements UwsRequest {
  readonly #req: IncomingMessage;
  dead = false;
  constructor(req: IncomingMessage) {
    this.#req = req;
  }
  #live(): IncomingMessage {
    if (this.dead) throw new Error('uWS.HttpRequest must not be accessed after its handler has returned');
    return this.#req;
  }
  getCaseSensitiveMethod(): string {
    return this.#live().method as string;
  }
  getUrl(): string {
    return (this.#live().url as string).split('?')[0];
  }
  getHeader(name: string): string {
    const raw = this.#live().rawHeaders;
    for (let i = 0; i < raw.length; i += 2) if (raw[i].toLowerCase() === name) return raw[i + 1];
    return '';
  }
  forEach(each: (name: string, value: string) => void): void {
    const raw = this.#live().rawHeaders;
    for (let i = 0; i < raw.length; i += 2) each(raw[i].toLowerCase(), raw[i + 1]);
  }
}

class StubResponse implements UwsResponse {
  readonly #res: ServerResponse;
  readonly #req: IncomingMessage;
  #aborted: (() => void) | null = null;
  #over = false;
  #corked = false;
  #status = '200 OK';
  readonly #headers: [string, string][] = [];
  /** Calls made while the handler runs are corked by the library. */
  inHandler = true;

  constructor(req: IncomingMessage, res: ServerResponse) {
    this.#req = req;
    this.#res = res;
    res.on('close', () => {
      if (this.#over) return;
      this.#over = true;
      this.#aborted?.();
    });
  }

  get safe(): boolean {
    return this.#over || this.#aborted !== null;
  }

  #live(): void {
    if (this.#over) throw new Error('uWS.HttpResponse must not be accessed after onAborted or after it was answered');
  }

  onAborted(handler: () => void): UwsResponse {
    this.#live();
    this.#aborted = handler;
    return this;
  }

  onData(handler: (chunk: ArrayBuffer, isLast: boolean) => void): UwsResponse {
    this.#live();
    const give = (bytes: Uint8Array, isLast: boolean): void => {
      if (this.#over) return;
      const chunk = new ArrayBuffer(bytes.length);
      new Uint8Array(chunk).set(bytes);
      handler(chunk, isLast);
      structuredClone(chunk, { transfer: [chunk] });
    };
    this.#req.on('data', (bytes: Buffer) => give(bytes, false));
    this.#req.on('end', () => give(new Uint8Array(0), true));
    return this;
  }

  cork(write: () => void): UwsResponse {
    this.#live();
    this.#corked = true;
    write();
    this.#corked = false;
    return this;
  }

  writeStatus(status: string): UwsResponse {
    this.#live();
    this.#status = status;
    return this;
  }

  writeHeader(name: string, value: string): UwsResponse {
    this.#live();
    this.#headers.push([name, value]);
    return this;
  }

  end(body: Uint8Array | string, closeConnection: boolean): UwsResponse {
    if (this.#req.method === 'HEAD') throw new Error('end() writes a body, which HEAD must not get');
    return this.#finish(body, Buffer.byteLength(body), closeConnection);
  }

  endWithoutBody(reportedLength: number, closeConnection: boolean): UwsResponse {
    return this.#finish('', reportedLength, closeConnection);
  }

  #finish(body: Uint8Array | string, length: number, closeConnection: boolean): UwsResponse {
    this.#live();
    if (!this.inHandler && !this.#corked) throw new Error('a late answer must be corked');
    this.#over = true;
    const [code, ...reason] = this.#status.split(' ');
    if (closeConnection) this.#res.shouldKeepAlive = false;
    for (const [name, value] of this.#headers) this.#res.appendHeader(name, value);
    this.#res.setHeader('Content-Length', length);
    this.#res.writeHead(Number(code), reason.join(' '));
    const { socket } = this.#req;
    this.#res.end(body, () => {
      if (closeConnection) socket.destroy();
    });
    this.#req.resume();
    return this;
  }
}

class StubApp implements UwsApp {
  readonly server: Server = createServer({ maxHeaderSize: Number(process.env.UWS_HTTP_MAX_HEADERS_SIZE ?? 4096) });
  any(_pattern: string, handler: (res: UwsResponse, req: UwsRequest) => void): UwsApp {
    this.server.on('request', (req, res) => {
      const response = new StubResponse(req, res);
      const request = new StubRequest(req);
      handler(response, request);
      request.dead = true;
      response.inHandler = false;
      if (!response.safe) throw new Error('a request that is answered later needs an onAborted handler');
    });
    return this;
  }
  listen(host: string, port: number, options: number, done: (socket: object | false) => void): UwsApp {
    this.server.once('error', () => done(false));
    this.server.listen({ port, host, reusePort: options !== EXCLUSIVE }, () => done(this));
    return this;
  }
  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

export const uwsStub: UwsModule = {
  LIBUS_LISTEN_EXCLUSIVE_PORT: EXCLUSIVE,
  App: () => new StubApp(),
  us_listen_socket_close: (socket) => void (socket as StubApp).server.close(),
  us_socket_local_port: (socket) => ((socket as StubApp).server.address() as AddressInfo).port,
};
