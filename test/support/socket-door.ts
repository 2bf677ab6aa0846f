/**
 * A TCP listener on 127.0.0.1 that hands its sockets to a server. The server stays while the door opens and closes, so a
 * test can take a destination down and bring it back on the same port.
 */
import { createServer, type Server, type Socket } from 'node:net';

export class SocketDoor {
  /** 0 until first up. */
  port = 0;
  /** Sockets accepted so far. */
  accepted = 0;
  onSocket: (socket: Socket) => void = (socket) => socket.destroy();
  /** Open sockets with their number, by the client's port. */
  readonly #open = new Map<number, { readonly socket: Socket; readonly number: number }>();
  #server: Server | null = null;

  async up(): Promise<void> {
    const server = createServer({ noDelay: true }, (socket) => {
      const clientPort = socket.remotePort ?? 0;
      const number = ++this.accepted;
      this.#open.set(clientPort, { socket, number });
      socket.on('error', () => socket.destroy()); // a client that goes away is what these tests are about
      socket.once('close', () => {
        if (this.#open.get(clientPort)?.socket === socket) this.#open.delete(clientPort);
      });
      this.onSocket(socket);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('not a TCP address');
    this.port = address.port;
    this.#server = server;
  }

  async down(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    this.dropConnections();
    await closed;
  }

  dropConnections(): void {
    for (const { socket } of this.#open.values()) socket.resetAndDestroy();
  }

  /** Number of the connection from that client port; 0 if it is gone. */
  numberOf(clientPort: number): number {
    return this.#open.get(clientPort)?.number ?? 0;
  }
  reset(clientPort: number): void {
    this.#open.get(clientPort)?.socket.resetAndDestroy();
  }
}
