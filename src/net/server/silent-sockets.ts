/**
 * The raw connections of a listener, below TLS and HTTP: those on which nothing was ever sent, or whose handshake never ended,
 * are known to nobody above and would hold up a graceful stop.
 */
import type { Server, Socket } from 'node:net';

export class SilentSockets {
  readonly #sockets = new Set<Socket>();

  /** Before it listens. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** Ends connections that have sent nothing. */
  destroySilent(): void {
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
  }

  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
