/**
 * An HTTP/2 server for tests that look at frames and headers rather than gRPC calls: what a gRPC library would never send
 * (resets, GOAWAY in between, missing trailers, odd statuses) and the request exactly as it came.
 */
import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';

export interface RawCall {
  readonly headers: IncomingHttpHeaders;
  /** The DATA bytes of the request: 5-byte prefix and message. */
  readonly body: Buffer;
  readonly stream: ServerHttp2Stream;
  readonly session: NonNullable<ServerHttp2Stream['session']>;
}

/** Called when the request has come whole. */
export type RawHandler = (call: RawCall) => void;

export interface RawGrpcServer {
  readonly endpoint: string;
  readonly port: number;
  readonly calls: readonly RawCall[];
  /** Connections accepted so far. */
  readonly connections: number;
  handler: RawHandler;
  close(): Promise<void>;
}

export async function startRawGrpcServer(
  handler: RawHandler = answerOk,
  host = '127.0.0.1',
  port = 0,
): Promise<RawGrpcServer> {
  const calls: RawCall[] = [];
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  let connections = 0;
  const server: Http2Server = createServer();
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => session.destroy()); // the client hung up
    session.once('close', () => sessions.delete(session));
  });
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => stream.destroy());
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const session = stream.session;
      if (session === undefined) return;
      const call = { headers, body: Buffer.concat(chunks), stream, session };
      calls.push(call);
      result.handler(call);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const address = server.address() as AddressInfo;
  const result: RawGrpcServer = {
    endpoint: `${host}:${address.port}`,
    port: address.port,
    calls,
    get connections() {
      return connections;
    },
    handler,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of sessions) session.destroy();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return result;
}

/** HEADERS, one message, trailers. */
export function answer(
  call: RawCall,
  status: number,
  options: {
    readonly message?: Buffer;
    readonly compressed?: boolean;
    readonly trailers?: Record<string, string>;
    readonly headers?: Record<string, string>;
  } = {},
): void {
  const { stream } = call;
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...options.headers }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status), ...options.trailers }));
  if (options.message === undefined) stream.end();
  else {
    const prefix = Buffer.alloc(5);
    prefix[0] = options.compressed === true ? 1 : 0;
    prefix.writeUInt32BE(options.message.length, 1);
    stream.end(Buffer.concat([prefix, options.message]));
  }
}

export function answerOk(call: RawCall): void {
  answer(call, 0, { message: Buffer.alloc(0) });
}
