/**
 * The black hole: one port of 127.0.0.1 that takes OTLP over gRPC (HTTP/2 with prior knowledge) and over HTTP/1.1 and says
 * yes to everything. It speaks just enough of both for the clients of this benchmark, so that it takes as little as possible
 * of the machine that the system under test runs on.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Connection, TakeMessage } from './connection.ts';
import { Http1Connection } from './http1.ts';
import { Http2Connection } from './http2.ts';

export interface SinkServer {
  readonly port: number;
  /** Nobody listens any more, and connections are cut. */
  close(): Promise<void>;
  /** Listens again, on the same port. */
  reopen(): Promise<void>;
}

/** `onBroken` hears of connections that were ended because of what came over them. */
export async function serveSink(take: TakeMessage, onBroken: (reason: Error) => void): Promise<SinkServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.once('error', () => socket.destroy()); // the peer went away: its own business
    let connection: Connection | null = null;
    let early: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      try {
        if (connection !== null) return connection.receive(chunk);
        early = early.length === 0 ? chunk : Buffer.concat([early, chunk]);
        if (early.length < 3) return;
        // "PRI * HTTP/2.0" or "POST /v1/traces HTTP/1.1"
        connection =
          early.toString('latin1', 0, 3) === 'PRI'
            ? new Http2Connection(socket, take)
            : new Http1Connection(socket, take);
        connection.receive(early);
      } catch (failure) {
        socket.destroy();
        onBroken(failure as Error);
      }
    });
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    reopen: () => listen(port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
