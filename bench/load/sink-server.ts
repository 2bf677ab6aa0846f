/**
 * The black hole: one port of 127.0.0.1 that takes OTLP over gRPC (HTTP/2 with prior knowledge) and over HTTP/1.1 and says
 * yes to everything. It speaks just enough of both for the clients of this benchmark, so that it takes as little as possible
 * of the machine that the system under test runs on.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Connection, TakeMessage } from './sink-connection.ts';
import { Http1Connection } from './sink-http1.ts';
import { Http2Connection } from './sink-http2.ts';

export interface SinkServer {
  readonly port: number;
  close(): Promise<void>;
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
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
