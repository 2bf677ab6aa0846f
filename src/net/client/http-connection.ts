/**
 * undici's Client, which is one connection at a time, made to tell each request the socket that it is written to. Nothing
 * else in undici says so, and only the socket knows when the last byte has left (`http-exchange.ts`).
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Agent, Client, Pool, type buildConnector, type Dispatcher } from 'undici';
import { Exchange } from './http-exchange.ts';

type Connect = buildConnector.connector;

class HttpConnection extends Client {
  readonly #slot: { socket: Socket | null };

  constructor(origin: string | URL, options: Client.Options, connect: Connect) {
    const slot: { socket: Socket | null } = { socket: null };
    super(origin, {
      ...options,
      connect: (target, done) =>
        connect(target, (...[error, socket]) => {
          // Over HTTP/2 several requests share the socket, and the session writes past its queue.
          slot.socket = error === null && !isHttp2(socket) ? socket : null;
          if (error === null) done(null, socket);
          else done(error, null);
        }),
    });
    this.#slot = slot;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (handler instanceof Exchange) handler.connectionSocket = () => this.#slot.socket;
    return super.dispatch(options, handler);
  }
}

const isHttp2 = (socket: Socket | TLSSocket): boolean => 'alpnProtocol' in socket && socket.alpnProtocol === 'h2';

/** An Agent whose connections are made by `connect` and know their socket. */
export function directAgent(options: Agent.Options, connect: Connect): Agent {
  return new Agent({
    ...options,
    factory: (origin, poolOptions: Pool.Options) =>
      new Pool(origin, {
        ...poolOptions,
        factory: (url, clientOptions: Client.Options) => new HttpConnection(url, clientOptions, connect),
      }),
  });
}
